"""One test and its variants: items to Programs."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial

from litmus.arch.final_condition import FinalConditions, final_conditions
from litmus.dataclass import dataclass, field
from litmus.errors import LitmusError
from litmus.frontend.dsl.body import Body
from litmus.frontend.dsl.claim import Claims, model_name
from litmus.frontend.dsl.condition import Conditions, Observed
from litmus.frontend.dsl.declare import Declarations
from litmus.frontend.dsl.edit import Edits
from litmus.frontend.dsl.label import labels_in
from litmus.frontend.dsl.node import Node
from litmus.frontend.dsl.number import NAMED, small
from litmus.frontend.dsl.report import Report
from litmus.frontend.dsl.types import type_of
from litmus.frontend.dsl.world import Macro, World
from litmus.program.primitive import PRIMITIVES
from litmus.program.program import DEFAULT_MODELS, Assertion, Dialect, Program, Quantifier, Thread
from litmus.program.syntax import Await, Block, If, Loop, Statement
from litmus.program.term import Term, apply
from litmus.program.types import Type
from litmus.source import Span

_BITOPS = {"pre_6_0": "pre-6.0", "current": None}
_MOST_INSTANCES = 64
_MOST_TURNS = 1000


@dataclass(frozen=True, slots=True)
class TestItems:
    """The items from one `litmus "name"` to the next, and the reusable items of included files."""

    __test__ = False

    title: Node
    items: tuple[Node, ...]
    included: tuple[Node, ...]
    words: frozenset[str]
    _found: dict[tuple[str, ...], tuple[Node, ...]] = field(default_factory=dict, init=False, compare=False)

    def of(self, *kinds: str) -> tuple[Node, ...]:
        """Return the items of these kinds. Every variant asks again: the answer is kept."""
        if kinds not in self._found:
            self._found[kinds] = tuple(item for item in self.items if item.kind in kinds)
        return self._found[kinds]


def programs(test: TestItems, report: Report) -> Iterator[Program]:
    """Yield the test and each of its variants; what is wrong is reported."""
    yield _Building(test, None, report).program()
    seen: dict[str, Span] = {}
    for variant in test.of("variant"):
        report.variant = None
        name = variant.parts[0]
        if name.word in seen:
            report.wrong(f"variant '{name.word}' is already there", name.span, f"on line {seen[name.word].line}")
        seen[name.word] = name.span
        report.variant = name.word
        yield _Building(test, variant, report).program()
    report.variant = None


class _Building:
    """Builds one Program: the test (``variant`` None) or one variant of it."""

    def __init__(self, test: TestItems, variant: Node | None, report: Report) -> None:
        self._test = test
        self._variant = variant
        self._own = variant.parts[1:] if variant else ()
        self._report = report
        self._world = World(words=test.words)

    def program(self) -> Program:
        """Return the Program."""
        declarations = self._declare()
        nodes = self._threads()
        edits = Edits(self._labels(nodes), self._report)
        edits.read(self._own)
        threads, observed = self._lowered(nodes, edits)
        edits.complain()
        declarations.refresh()
        models = self._models()
        conditions = Conditions(self._world, self._report, observed, types=self._final_types(threads))
        own = [node for node in self._own if node.kind == "assertion"]
        assertions = Claims(conditions, models, self._report).assertions(self._test.of("assertion"), own)
        return Program(
            name=_string(self._test.title.parts[0]),
            dialect=Dialect.DSL,
            locations=tuple(self._world.locations.values()),
            threads=threads,
            assertions=(*assertions, *_implied(assertions, threads)),
            filter=self._filter(conditions),
            observed=self._observed(conditions),
            models=models,
            variant=self._variant_name(),
            doc=self._text("doc"),
            source=self._text("origin"),
            unroll=self._unroll(),
            info=self._info(),
            structs=tuple(self._world.structs.values()),
            objects=self._objects(),
            span=self._variant.span if self._variant else self._test.title.span,
        )

    def _final_types(self, threads: tuple[Thread, ...]) -> Callable[[], FinalConditions]:
        locations = tuple(self._world.locations.values())
        return cache(lambda: final_conditions(Program("", Dialect.DSL, locations, threads)))

    def _variant_name(self) -> str | None:
        """Return the name of the variant being built, or the one that `litmus "test" / variant` gives."""
        if self._variant is not None:
            return self._variant.parts[0].word
        return next((part.word for part in self._test.title.parts if part.kind == "NAME"), None)

    def _objects(self) -> tuple[tuple[str, str], ...]:
        described = ((shared.name, self._world.struct_of(shared.type)) for shared in self._world.objects.values())
        return tuple((name, layout.name) for name, layout in described if layout)

    # ------------------------------------------------------------------------------------------------- declarations
    def _declare(self) -> Declarations:
        declarations = Declarations(self._world, self._report)
        structs = [item for item in self._test.included if item.kind == "struct"]
        for node in (*structs, *self._test.of("struct")):
            declarations.announce(node)
        for node in (*structs, *self._test.of("struct")):
            declarations.struct(node)
        for node in self._test.of("struct", "shared"):
            declarations.objects(node)
        reusable = ("define", "function")
        for node in (*(item for item in self._test.included if item.kind in reusable), *self._test.of(*reusable)):
            self._reusable(node)
        declarations.finish()
        for node in self._own:
            if node.kind == "init":
                self._attempt(partial(declarations.init, *node.parts))
        return declarations

    def _attempt(self, action: Callable[[], object]) -> None:
        try:
            action()
        except LitmusError as error:
            self._report.add(error)

    def _reusable(self, node: Node) -> None:
        name, parameters, body = node.parts
        world = self._world
        if name.word in world.defines or name.word in world.functions:
            self._report.wrong(f"'{name.word}' is already defined", name.span)
        elif name.word in PRIMITIVES and name.word not in world.helpers():
            self._report.wrong(f"'{name.word}' is a kernel primitive", name.span)
        elif name.word in world.objects or name.word in NAMED or name.word in world.helpers():
            self._report.wrong(f"'{name.word}' means something else already", name.span)
        else:
            table = world.defines if node.kind == "define" else world.functions
            self._attempt(lambda: table.update({name.word: self._macro(name, parameters, body)}))

    def _macro(self, name: Node, parameters: Node, body: Node) -> Macro:
        found: dict[str, Type | None] = {}
        for parameter in parameters.parts:
            if not parameter.present:
                continue
            *typed, word = parameter.parts
            if word.word in found:
                self._report.wrong(f"'{word.word}' is already a parameter", word.span)
            found[word.word] = type_of(self._world, typed[0], typed[1]) if typed and typed[0].present else None
        return Macro(name.word, tuple(found.items()), body, name.span)

    # ------------------------------------------------------------------------------------------------------- threads
    def _threads(self) -> list[Node]:
        """Return the thread items, those that a variant adds or drops considered."""
        nodes = list(self._test.of("thread"))
        for node in self._own:
            if node.kind == "add":
                nodes.append(node.parts[0])
            elif node.kind == "drop_thread":
                name = node.parts[0].parts[0]
                left = [n for n in nodes if n.parts[0].word != name.word]
                if len(left) == len(nodes):
                    self._report.unknown("thread", name.word, name.span, [n.parts[0].word for n in nodes])
                nodes = left
        return nodes

    def _labels(self, nodes: Iterable[Node]) -> Mapping[str, frozenset[str]]:
        bodies = {n.parts[0].word: n.parts[-1] for n in nodes}
        bodies |= {name: macro.body for name, macro in self._world.functions.items()}
        return {name: frozenset(label for label, _ in labels_in(body)) for name, body in bodies.items()}

    def _lowered(self, nodes: list[Node], edits: Edits) -> tuple[tuple[Thread, ...], list[Observed]]:
        threads: list[Thread] = []
        observed = []
        seen: dict[str, Span] = {}
        for node in nodes:
            name, span = _thread_name(node), node.parts[0].span
            if name in seen or name in self._world.objects:
                what = f"thread on line {seen[name].line}" if name in seen else "shared object"
                self._report.wrong(f"'{name}' is already the name of a {what}", span)
            seen[name] = span
            for thread, registers in self._instances(node, edits):
                threads.append(thread)
                observed.append(Observed(thread.name, registers))
        if not threads and "thread" not in self._report.lost:
            self._report.wrong("a test needs at least one thread", self._test.title.span)
        return tuple(threads), observed

    def _instances(self, node: Node, edits: Edits) -> Iterator[tuple[Thread, frozenset[str]]]:
        name, _, count, cpu, block = node.parts
        if not count.present:
            yield self._thread(Body(self._world, self._report, _thread_name(node), edits), cpu, block)
            return
        number = 1
        try:
            number = small(count.parts[0], "the number of instances", _MOST_INSTANCES)
        except LitmusError as error:
            self._report.add(error)
        for this in range(number):
            body = Body(self._world, self._report, f"{name.word}.{this}", edits, this)
            yield self._thread(body, cpu, block)

    def _thread(self, body: Body, cpu: Node, block: Node) -> tuple[Thread, frozenset[str]]:
        statements = body.lower(block)
        types = dict(body.registers.declared)
        thread = Thread(body.thread, statements, types=types, cpu=cpu.word or None, span=block.span)
        return thread, frozenset(body.registers.assigned)

    # -------------------------------------------------------------------------------------------------------- header
    def _header(self, kind: str) -> list[Node]:
        """Return the header items of a kind that count: the variant's own, else the test's."""
        own = [node for node in self._own if node.kind == kind]
        found = own or list(self._test.of(kind))
        if len(found) > 1:
            self._report.wrong(f"this is said twice, first on line {found[0].span.line}", found[1].span)
        return found[:1]

    def _models(self) -> tuple[str, ...]:
        for node in self._header("models"):
            return tuple(dict.fromkeys(model_name(part, self._report) for part in node.parts))
        return DEFAULT_MODELS

    def _text(self, kind: str) -> str | None:
        for node in self._header(kind):
            return " ".join(_string(part) for part in node.parts)
        return None

    def _unroll(self) -> int | None:
        for node in self._header("unroll"):
            try:
                return small(node.parts[0], "the bound", _MOST_TURNS)
            except LitmusError as error:
                self._report.add(error)
        return None

    def _info(self) -> tuple[tuple[str, str], ...]:
        for node in self._header("bitops"):
            word = node.parts[0]
            if word.word not in _BITOPS:
                self._report.unknown("reading of the bit operations", word.word, word.span, _BITOPS)
            reading = _BITOPS.get(word.word)
            return (("bitops", reading),) if reading else ()
        return ()

    # ---------------------------------------------------------------------------------------------------- conditions
    def _terms(self, kind: str, conditions: Conditions) -> Iterator[Term]:
        for node in (*self._test.of(kind), *(n for n in self._own if n.kind == kind)):
            for part in node.parts:
                try:
                    yield conditions.term(part)
                except LitmusError as error:
                    self._report.add(error)

    def _filter(self, conditions: Conditions) -> Term | None:
        found: Term | None = None
        for term in self._terms("filter", conditions):
            found = term if found is None else apply("&&", found, term)
        return found

    def _observed(self, conditions: Conditions) -> tuple[Term, ...]:
        return tuple(self._terms("locations", conditions))


def _implied(assertions: tuple[Assertion, ...], threads: tuple[Thread, ...]) -> Iterator[Assertion]:
    """BUG_ON implies `forbid bug`, unless the test says something of bugs itself."""
    if any(a.reserved == "bug" for a in assertions):
        return
    for thread in threads:
        bug = next((s for s in _all(thread.body) if isinstance(s, Await) and s.how == "BUG_ON"), None)
        if bug is not None:
            yield Assertion(Quantifier.FORBID, "bug", 1, "bug", span=bug.span)
            return


def _all(statements: Iterable[Statement]) -> Iterator[Statement]:
    for statement in statements:
        yield statement
        match statement:
            case If(_, then, otherwise):
                yield from _all((*then, *otherwise))
            case Loop(_, body, _, step):
                yield from _all((*body, *step))
            case Block(body):
                yield from _all(body)


def _thread_name(node: Node) -> str:
    """Return the name of a thread item: `NAME`, or `NAME.2` for one instance written out."""
    name, copy, *_ = node.parts
    return f"{name.word}.{copy.parts[0].word}" if copy.present else name.word


def _string(node: Node) -> str:
    """Return what a string literal says."""
    return re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[1]), node.word[1:-1])
