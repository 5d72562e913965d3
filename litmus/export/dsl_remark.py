"""The comments of a herd file in C, for the places in a test of our own language that they belong to."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from litmus.arch.statement import walk
from litmus.dataclass import dataclass, field
from litmus.export.equivalence import Renaming
from litmus.program.program import Program
from litmus.program.remark import NONE, Remarks
from litmus.program.syntax import Loop, Statement
from litmus.source import Span

_MARK = re.compile(r"\(\*|\*\)")
_OUTSIDE = re.compile(r"(?P<herd>\(\*)|(?P<open>\{)|(?P<close>\})")
_INSIDE = re.compile(
    r"(?P<line>//[^\n]*)|(?P<block>/\*.*?\*/)|\"[^\"\n]*\"|(?P<herd>\(\*)|(?P<open>[{(\[])|(?P<close>[})\]])"
    r"|(?P<thread>\bP\d+\s*\()",
    re.DOTALL,
)
_STAR = re.compile(r"^[ \t]*\*(?!\*)[ \t]?|^[ \t]+(?=\*\*)")


@dataclass(frozen=True, slots=True)
class _Comment:
    """A comment at an offset, as its lines; ``depth`` counts the brackets that are open there."""

    start: int
    end: int
    lines: tuple[str, ...]
    depth: int


def remarks(program: Program, names: Renaming) -> Remarks:
    """Return the comments of the file that ``program`` was read from, and as more of them its lines ``key=value``, and
    what is called otherwise in our own language."""
    if program.span is None:
        return NONE
    found = _Found(program.span, program)
    head = [*found.before_threads(), *_info(program), *_renamed(program, names)]
    return Remarks(
        head=tuple(line for index, part in enumerate(head) for line in ((), ("",))[index > 0] + part),
        threads=found.threads,
        before=found.before,
        behind=found.behind,
        last=found.last,
        end=tuple(line for comment in found.after for line in _written(comment.lines)),
    )


def _info(program: Program) -> Iterator[tuple[str, ...]]:
    if program.info:
        yield _written([f"{key}={value}" for key, value in program.info])


def _renamed(program: Program, names: Renaming) -> Iterator[tuple[str, ...]]:
    told = [f"{new} is {old}" for old, new in names.symbols.items()]
    for thread, changed in zip(program.threads, names.locals, strict=True):
        told += [f"{thread.name}.{new} is {thread.name}'s {old}" for old, new in changed.items()]
    if told:
        yield _written([f"Renamed: {told[0]}.", *(f"         {one}." for one in told[1:])])


def _written(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the lines of a comment in our own language."""
    lines = [line.replace("*/", "* /") for line in lines]
    if len(lines) == 1:
        return (f"/* {lines[0]} */",)
    return ("/*", *(f" * {line}".rstrip() for line in lines), " */")


# ------------------------------------------------------------------------------------------------------------ finding
def _comments(text: str, start: int, end: int, pattern: re.Pattern[str], heads: list[int]) -> Iterator[_Comment]:
    """Yield the comments between two offsets; ``heads`` collects where threads begin."""
    position, depth = start, 0
    while (part := pattern.search(text, position, end)) is not None:
        position, kind = part.end(), part.lastgroup
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
        elif kind == "thread":
            heads += [part.start()] if depth == 0 else []
            depth += 1
        elif kind == "herd" and (depth == 0 or pattern is _OUTSIDE):
            position = _end(text, part.start(), end)
            yield _Comment(part.start(), position, _lines(text[part.end() : position].removesuffix("*)")), depth)
        elif kind == "herd":
            position, depth = part.start() + 1, depth + 1
        elif kind in ("line", "block"):
            inner = part.group()[2:].removesuffix("*/" if kind == "block" else "")
            yield _Comment(part.start(), part.end(), _lines(inner), depth)


def _end(text: str, start: int, end: int) -> int:
    depth = 0
    for mark in _MARK.finditer(text, start, end):
        depth += 1 if mark.group() == "(*" else -1
        if depth == 0:
            return mark.end()
    return end


def _lines(text: str) -> tuple[str, ...]:
    """Return the lines of a comment without what decorates them."""
    first, *rest = text.expandtabs().splitlines() or [""]
    lines = [first.strip(), *_outdented([_STAR.sub("", line).rstrip() for line in rest])]
    while lines and not lines[-1].strip(" *"):
        lines.pop()
    while lines and not lines[0].strip(" *"):
        lines.pop(0)
    return tuple(lines)


def _outdented(lines: list[str]) -> list[str]:
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return [line[margin:] for line in lines]


# ------------------------------------------------------------------------------------------------------------ placing
@dataclass(slots=True)
class _Found:
    section: Span
    program: Program
    threads: dict[int, tuple[str, ...]] = field(default_factory=dict)
    before: dict[int, tuple[str, ...]] = field(default_factory=dict)
    behind: dict[int, str] = field(default_factory=dict)
    last: dict[int, tuple[str, ...]] = field(default_factory=dict)
    after: list[_Comment] = field(default_factory=list)
    _heads: list[int] = field(default_factory=list)
    _starts: list[list[Span]] = field(default_factory=list)

    def __post_init__(self) -> None:
        text, section = self.section.source.text, self.section
        inside = [c for c in _comments(text, section.start, section.end, _INSIDE, self._heads) if c.lines]
        self._starts = [_places(thread.body) for thread in self.program.threads]
        for comment in inside:
            self._place(comment)
        self.after += [c for c in _comments(text, section.end, len(text), _OUTSIDE, []) if c.lines]

    def before_threads(self) -> list[tuple[str, ...]]:
        """Return the comments of the header and the initial state."""
        text = self.section.source.text
        return [_written(c.lines) for c in _comments(text, 0, self.section.start, _OUTSIDE, []) if c.lines]

    def _place(self, comment: _Comment) -> None:
        """Put a comment where it belongs: before the thread or statement that follows, behind one on the same line."""
        number = bisect_right(self._heads, comment.start) - (1 if comment.depth else 0)
        if comment.depth == 0:
            if number < len(self._starts):
                _add(self.threads, number, comment)
            else:
                self.after.append(comment)
            return
        spans = self._starts[number]
        following = next((span for span in spans if span.start > comment.start), None)
        beside = next((span for span in reversed(spans) if span.end <= comment.start), None)
        ends = following is None or "\n" in following.source.text[comment.end : following.start]
        if ends and beside is not None and len(comment.lines) == 1 and self._same_line(beside, comment):
            self.behind.setdefault(beside.start, *_written(comment.lines))
        elif following is not None:
            _add(self.before, following.start, comment)
        else:
            _add(self.last, number, comment)

    def _same_line(self, span: Span, comment: _Comment) -> bool:
        return "\n" not in span.source.text[span.end : comment.start] and span.start not in self.behind


def _places(body: Iterable[Statement]) -> list[Span]:
    """Return the places of the statements that have a line of their own."""
    everything = list(walk(tuple(body)))
    steps = {id(step) for loop in everything if isinstance(loop, Loop) for step in loop.step}
    spans = (statement.span for statement in everything if id(statement) not in steps)
    return sorted((span for span in spans if span is not None), key=lambda span: (span.start, span.end))


def _add(table: dict[int, tuple[str, ...]], key: int, comment: _Comment) -> None:
    table[key] = (*table.get(key, ()), *_written(comment.lines))
