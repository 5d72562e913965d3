"""What is wrong with a herd file, collected so that one run can tell all of it, and what is only doubtful."""

import re
from collections.abc import Iterable

from litmus.dataclass import dataclass, field
from litmus.errors import LitmusError, ParseError, ProgramErrors, UnknownNameError
from litmus.frontend.grammar import Node, parse
from litmus.frontend.machine import Machine
from litmus.source import Span

_WORD = re.compile(r"[A-Za-z_]\w*")
_BRACE = re.compile(r"[{}]")
MOST = 20
"""Errors of syntax after which a text is not worth reading on."""


@dataclass(slots=True)
class Faults:
    """The errors and the doubts found so far. Names that were ``lost`` to an earlier error are not unknown."""

    errors: list[LitmusError] = field(default_factory=list)
    doubts: list[LitmusError] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)

    def kept(self) -> "Kept":
        """Return a context that keeps an error which is raised inside, and goes on after it."""
        return Kept(self)

    def add(self, error: LitmusError) -> None:
        """Keep ``error``, unless it is about a name that an earlier one made unknown."""
        words = _WORD.findall(error.span.text) if error.span is not None else []
        if not isinstance(error, UnknownNameError) or self.lost.isdisjoint(words):
            self.errors.append(error)

    def doubt(self, message: str, span: Span | None, hint: str | None = None) -> None:
        """Note what a C compiler or the kernel would not take, though it has a meaning here."""
        self.doubts.append(LitmusError(message, span, hint=hint))

    def lose(self, names: Iterable[str]) -> None:
        """Note names whose declaration may be in what an error covers."""
        self.lost.update(names)

    def conclude(self) -> tuple[LitmusError, ...]:
        """Return the doubts in the order of the text; raise the errors in that order, if there are any."""
        if self.errors:
            errors = sorted({error.render(): error for error in self.errors}.values(), key=_place)
            raise errors[0] if len(errors) == 1 else ProgramErrors(errors)
        return tuple(sorted(self.doubts, key=_place))


@dataclass(frozen=True, slots=True)
class Kept:
    """The context of `Faults.kept`."""

    faults: Faults

    def __enter__(self) -> None:
        """Nothing happens before an error does."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        """Take an error of the text, and no other."""
        if isinstance(error, LitmusError):
            self.faults.add(error)
        return isinstance(error, LitmusError)


def _place(error: LitmusError) -> int:
    return error.span.start if error.span is not None else 0


def parse_on(parser: Machine, start: str, section: Span, text: str, ends: str, faults: Faults) -> Node | None:
    """Parse ``text`` as `grammar.parse` does. Where it does not fit, keep the error and go on without the piece around
    it, up to the characters ``ends`` on either side; return None where no reading on makes sense."""
    lines: set[int] = set()
    for _ in range(MOST):
        try:
            return parse(parser, start, section, text)
        except ParseError as error:
            # What is wrong further on in the same line is mostly the same mistake.
            line = error.span.line if error.span is not None else 0
            if line not in lines:
                faults.add(error)
            lines.add(line)
            mended = _without(text, error.span, section, ends, faults)
            if mended is None or mended == text:
                return None
            text = mended
    return None


def _without(text: str, span: Span | None, section: Span, ends: str, faults: Faults) -> str | None:
    """Return ``text`` with blanks in place of what is around ``span``, None where that is not inside of braces (of a
    text that has any) or at the end."""
    if span is None:
        return None
    place = span.start - section.start
    if place >= len(text.rstrip()) - 1 or ("{" in ends and _depth(text[:place]) == 0):
        return None
    marks = f"[{re.escape(ends)}]"
    start = max((m.end() for m in re.finditer(marks, text[:place])), default=0)
    stop = re.compile(marks).search(text, place)
    end = stop.start() if stop else len(text)
    if start >= end:
        return None
    faults.lose(_WORD.findall(text[start:end]))
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]


def _depth(text: str) -> int:
    return sum(1 if brace == "{" else -1 for brace in _BRACE.findall(text))
