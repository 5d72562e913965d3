"""The text of a `.lit` file to Programs. docs/dsl.md describes the language."""

from collections.abc import Callable, Iterator, Sequence

from litmus.errors import LitmusError, ParseError
from litmus.frontend.dsl.build import TestItems, programs
from litmus.frontend.dsl.node import Node
from litmus.frontend.dsl.read import Reading, read
from litmus.frontend.dsl.report import Report
from litmus.program.program import Program
from litmus.source import Source, Span

ReadInclude = Callable[[str], Source]
_REUSABLE = ("struct", "define", "function")


def parse(source: Source, read_include: ReadInclude | None = None) -> tuple[Program, ...]:
    """Return every test of ``source``, each followed by its variants.

    ``read_include`` gives the text of the file that an `include` names.

    Raises:
        ProgramErrors: with every error that was found, in the order of the text.
    """
    report = Report()
    try:
        found = _parse(source, read_include, report)
    except RecursionError:
        report.add(ParseError("the text is nested too deeply", source.span(0, 0)))
        found = ()
    report.conclude()
    return found


def _parse(source: Source, read_include: ReadInclude | None, report: Report) -> tuple[Program, ...]:
    reading = _read(source, report)
    tests = list(_tests(reading, _Includes(read_include, report), report))
    if not tests and not reading.errors:
        report.add(ParseError("there is no test here", source.span(0, 0), hint='a test begins with `litmus "name"`'))
    return tuple(program for test in tests for program in programs(test, report))


def _read(source: Source, report: Report) -> Reading:
    reading = read(source)
    for error in reading.errors:
        report.add(error)
    report.lose(reading.lost)
    return reading


def _tests(reading: Reading, includes: "_Includes", report: Report) -> Iterator[TestItems]:
    words = frozenset(node.word for node in reading.file.walk() if node.kind == "NAME")
    seen: dict[str, Span] = {}
    for title, items in _groups(reading.file.parts, report):
        name = " / ".join(part.word for part in title.parts if part.kind in ("STRING", "NAME"))
        if name in seen:
            report.wrong("a test of this name is already in the file", title.span, f"on line {seen[name].line}")
        seen[name] = title.span
        included = [item for include in items if include.kind == "include" for item in includes.of(include)]
        yield TestItems(title, tuple(items), tuple(included), words | includes.words)


def _groups(items: Sequence[Node], report: Report) -> Iterator[tuple[Node, list[Node]]]:
    """Yield each title with the items up to the next. Items without a title are an error, and checked all the same."""
    title: Node | None = None
    group: list[Node] = []
    for item in items:
        if item.kind == "title":
            if title is not None:
                yield title, group
            title, group = item, []
        elif item.kind not in ("skipped", "empty"):
            title = title or _untitled(item, report)
            group.append(item)
    if title is not None:
        yield title, group


def _untitled(item: Node, report: Report) -> Node:
    """Report an item before the first title, and return a title for it."""
    if "litmus" not in report.lost:
        report.wrong('a test begins with `litmus "name"`', item.span)
    return Node("title", (Node("STRING", (), item.span, '""'),), item.span)


class _Includes:
    """Reads included files, each once, and those that they include."""

    def __init__(self, read_include: ReadInclude | None, report: Report) -> None:
        self._read_include = read_include
        self._report = report
        self._open: list[str] = []
        self.words: frozenset[str] = frozenset()

    def of(self, include: Node) -> tuple[Node, ...]:
        """Return the structs, defines and functions that an `include` brings in."""
        word = include.parts[0]
        name = word.word[1:-1]
        if name in self._open:
            self._report.wrong(f"'{name}' includes itself", word.span)
            return ()
        source = self._source(name, word.span)
        if source is None:
            return ()
        reading = _read(source, self._report)
        self.words |= {node.word for node in reading.file.walk() if node.kind == "NAME"}
        self._open.append(name)
        inner = [item for part in reading.file.parts if part.kind == "include" for item in self.of(part)]
        self._open.pop()
        return (*inner, *(item for item in reading.file.parts if item.kind in _REUSABLE))

    def _source(self, name: str, span: Span) -> Source | None:
        if self._read_include is None:
            self._report.wrong("no file can be included here", span)
            return None
        try:
            return self._read_include(name)
        except LitmusError as error:
            if error.span is not None:
                self._report.add(error)
            else:
                self._report.wrong(f"cannot include '{name}': {error.message}", span, error.hint)
        except (OSError, UnicodeError) as error:
            self._report.wrong(f"cannot include '{name}': {error}", span)
        return None
