"""Which primitives a release of a model describes."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from litmus.cat.history import select
from litmus.errors import ProgramErrors, UnsupportedError
from litmus.program.program import Program
from litmus.program.syntax import Call
from litmus.source import Span


def require_vocabulary(program: Program, model: str) -> None:
    """Reject a program that calls primitives whose ordering ``model`` (``lkmm@v5.0``) does not describe yet.

    Raises:
        ProgramErrors: with one error for each such call.
    """
    missing = select(model).missing
    errors = [
        UnsupportedError(f"the model '{model}' does not have '{call.name}'", call.span, hint=f"since {since}")
        for thread in (program.threads if missing else ())
        for call in _calls(thread.body)
        if (since := missing.get(call.name)) is not None
    ]
    if errors:
        raise ProgramErrors(errors)


def _calls(node: object) -> Iterator[Call]:
    """Yield every call in a syntax node, however deep."""
    if isinstance(node, Call):
        yield node
    if isinstance(node, tuple):
        for part in node:
            yield from _calls(part)
    elif is_dataclass(node) and not isinstance(node, Span):
        for part in fields(node):
            yield from _calls(getattr(node, part.name))
