"""Collects what is wrong with a file, so that one run can tell all of it."""

from collections.abc import Iterable, Sequence

from litmus.errors import LitmusError, ParseError, ProgramErrors, UnknownNameError, did_you_mean
from litmus.source import Span

COMPARED = 200_000
"""The names that are compared in search of the nearest ones. Unknown names beyond that have no hint, so that the work
does not grow with the square of their number."""


class Report:
    """The errors found so far, each once. Names that were lost to an earlier error are not unknown."""

    def __init__(self) -> None:
        self._errors: dict[tuple[str, int, str], LitmusError] = {}
        self.lost: set[str] = set()
        """Names whose declaration may be in what an earlier error covers."""
        self.variant: str | None = None
        """The variant being built: what only it gets wrong is said to be its fault."""
        self.compared = 0
        """How many names were compared with an unknown one so far."""
        self._nearest: dict[tuple[str, Sequence[str]], str | None] = {}

    def add(self, error: LitmusError) -> None:
        """Keep ``error``, unless the same was said of the same place before (variants repeat their test)."""
        if isinstance(error, UnknownNameError) and error.span is not None and error.span.text in self.lost:
            return
        place = (error.span.source.name, error.span.start) if error.span else ("", 0)
        key = (*place, error.message)
        if key in self._errors:
            return
        if isinstance(error, _Unknown):
            error.hint = self._hint(error)
        if self.variant is not None:
            error.message += f" in variant '{self.variant}'"
        self._errors[key] = error

    @property
    def found(self) -> bool:
        """Whether anything is wrong so far."""
        return bool(self._errors)

    def lose(self, names: Iterable[str]) -> None:
        """Note names that an error covers."""
        self.lost.update(names)

    def wrong(self, message: str, span: Span, hint: str | None = None) -> None:
        """Report something that is not in the language."""
        self.add(ParseError(message, span, hint=hint))

    def unknown(self, kind: str, name: str, span: Span, known: Iterable[str], where: str = "") -> None:
        """Report a name that nothing defines, with the nearest one that something does."""
        if name not in self.lost:
            self.add(unknown_name(kind, name, span, known, where))

    def _hint(self, error: "_Unknown") -> str | None:
        """Return the nearest name, looked for once: variants say again what is wrong with their test."""
        question = (error.name, error.known)
        if question not in self._nearest and self.compared < COMPARED:
            self.compared += len(error.known)
            self._nearest[question] = did_you_mean(*question)
        error.known = ()
        return self._nearest.get(question)

    def conclude(self) -> None:
        """Raise everything in the order of the text, if there is anything."""
        if self._errors:
            raise ProgramErrors(error for _, error in sorted(self._errors.items(), key=lambda item: item[0]))


class _Unknown(UnknownNameError):
    """An unknown name whose nearest known one is looked for when the error is kept."""

    def __init__(self, message: str, span: Span, name: str, known: Iterable[str]) -> None:
        super().__init__(message, span)
        self.name = name
        self.known = tuple(known)


def unknown_name(kind: str, name: str, span: Span, known: Iterable[str], where: str = "") -> UnknownNameError:
    """Return the error for a name that nothing defines. A `Report` that takes it adds the nearest known one as hint."""
    return _Unknown(f"unknown {kind} '{name}'{where}", span, name, known)
