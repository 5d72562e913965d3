"""How a run may end that is nobody's error."""


class ReaderGone(Exception):
    """Whoever read our output (``head``, a pager) has had enough."""
