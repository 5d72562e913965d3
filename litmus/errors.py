"""The errors that the package raises for bad input. Each carries the place it speaks of."""

from collections.abc import Iterable

from litmus.source import Span


class LitmusError(Exception):
    """Anything wrong with what the user gave. ``span`` is the place, where there is one."""

    def __init__(self, message: str, span: Span | None = None, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.hint = hint

    def render(self, gravity: str = "error") -> str:
        """Return ``file:line:column: error: message`` followed by the line with a caret, and the hint. ``gravity`` is
        what stands for ``error``."""
        hint = f" ({self.hint})" if self.hint else ""
        if self.span is None:
            return f"{gravity}: {self.message}{hint}"
        return f"{self.span.location()}: {gravity}: {self.message}{hint}\n{self.span.caret()}"


class UsageError(LitmusError):
    """A command line, file or directory that cannot be used."""


class ParseError(LitmusError):
    """Text that is not in the language."""


class UnknownNameError(LitmusError):
    """A name that nothing defines."""


class UnsupportedError(LitmusError):
    """A construct that is understood but that the target (a model, an exporter, a bound) cannot express."""


class ModelError(LitmusError):
    """A memory model that does not make sense: a type error, a failed assertion, a missing file."""


MOST_SHOWN = 100
"""The errors of one text that are shown; how many more there are is said."""


class ProgramErrors(LitmusError):
    """Several errors found in one pass over the same text, all of them."""

    def __init__(self, errors: Iterable[LitmusError]) -> None:
        self.errors = tuple(errors)
        first = self.errors[0]
        super().__init__(first.message, first.span, hint=first.hint)

    def render(self, gravity: str = "error") -> str:
        """Return the errors, one below the other; of very many the first, and the number of the others."""
        shown = [error.render(gravity) for error in self.errors[:MOST_SHOWN]]
        more = len(self.errors) - len(shown)
        if more:
            shown.append(f"and {more} more error{'' if more == 1 else 's'}, not shown")
        return "\n".join(shown)


def did_you_mean(name: str, known: Iterable[str]) -> str | None:
    """Return ``did you mean 'x'?`` for the nearest known name, or None when nothing is near."""
    from difflib import get_close_matches

    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"did you mean '{near[0]}'?" if near else None
