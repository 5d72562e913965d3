"""A herd file in C as a Program: threads as functions whose parameters are the shared locations they use."""

import re
from functools import lru_cache
from typing import TypeAlias

from litmus.dataclass import dataclass, replace
from litmus.errors import LitmusError, ParseError, UnknownNameError, UnsupportedError, did_you_mean
from litmus.frontend.c.expression import cast_type
from litmus.frontend.c.guard import doubt_plain, same_values
from litmus.frontend.c.scope import Scope, Signature, kernel_signature
from litmus.frontend.c.statement import Statements, read_block
from litmus.frontend.combine import combine, known_location
from litmus.frontend.condition import Final, Observables, parse_final
from litmus.frontend.faults import Faults, parse_on
from litmus.frontend.grammar import Node, extent, grammar, parse
from litmus.frontend.initial import Initial, converted, mentioned, parse_initial, reject_threads
from litmus.frontend.machine import Machine
from litmus.frontend.sections import Sections
from litmus.frontend.tree import Token
from litmus.program.c11 import first_c11_call, first_kernel_call
from litmus.program.program import Dialect, Location, Program, Thread
from litmus.program.term import Address, FinalLocation, FinalRegister, Term, leaves
from litmus.program.types import Type
from litmus.source import Source, Span


@dataclass(frozen=True, slots=True)
class _Parameter:
    """``text`` is its type as written, ``type`` that of the location it points to."""

    name: str
    text: str
    type: Type
    span: Span


def read_c(sections: Sections, signature: Signature = kernel_signature) -> Program:
    """Return the test that the sections of a C file describe. ``signature`` tells what the arguments of a call are."""
    faults = Faults()
    initial = parse_initial(sections.init, sections.init_text, faults)
    nodes = _by_threads(sections) or _as_a_whole(sections, faults)
    with faults.kept():
        reject_threads(initial.registers, len(nodes))
    heads = [_parameters(node, section, faults) for node, section in nodes]
    locations = _locations(initial, heads, faults)
    shared = {location.address.symbol: location.type for location in locations.values()}
    scopes = [
        Scope(section, shared, frozenset(p.name for p in head), signature, faults)
        for (_, section), head in zip(nodes, heads, strict=True)
    ]
    for register in initial.registers:
        if register.thread < len(scopes):
            scopes[register.thread].locals[register.name] = register.type
            scopes[register.thread].written.add(register.name)
    bodies = [
        _thread_body(node, scope, index) for index, ((node, _), scope) in enumerate(zip(nodes, scopes, strict=True))
    ]
    final = parse_final(sections.final, sections.final_text, _observables(initial, locations, scopes), faults)
    _doubt_unassigned(final, scopes, faults)
    doubts = faults.conclude()
    threads = tuple(
        _thread(index, body, scope, head, initial, final)
        for index, (body, scope, head) in enumerate(zip(bodies, scopes, heads, strict=True))
    )
    program = combine(sections, Dialect.C, tuple(locations.values()), threads, final, "lkmm", doubts)
    _require_one_language(program)
    return program


_Threads: TypeAlias = list[tuple[Node, Span]]
"""The syntax trees of threads, each with the section that its words are counted from."""

_LONGEST = 4000
"""Characters of a thread that is worth remembering."""


_CLOSING = re.compile(r"\n\}")


def _parser() -> Machine:
    return grammar(("c.lark",), ("program",))


def _as_a_whole(sections: Sections, faults: Faults) -> _Threads:
    """Return the threads; raise everything found so far where there are none to go on with."""
    tree = parse_on(_parser(), "program", sections.program, sections.program_text, ";{}", faults)
    if tree is None:
        faults.conclude()
        return []
    return [(node, sections.program) for node in tree.children if not isinstance(node, Token)]


def _by_threads(sections: Sections) -> _Threads | None:
    """Return the threads, each parsed on its own: many tests have the same. None where one is wrong or very long, or
    where they cannot be told apart by their closing braces, each at the start of a line."""
    text, section, start = sections.program_text, sections.program, 0
    found: _Threads = []
    for closing in _CLOSING.finditer(text):
        words = text[start : closing.end()].lstrip()
        nodes = _threads(words) if len(words) < _LONGEST and not _in_comment(words) else None
        if nodes is None:
            return None
        place = Span(section.source, section.start + closing.end() - len(words), section.end)
        found += [(node, place) for node in nodes]
        start = closing.end()
    return None if text[start:].strip() else found


def _in_comment(text: str) -> bool:
    """Whether a comment that begins in ``text`` goes on behind it."""
    return text.rfind("/*") > text.rfind("*/")


@lru_cache(maxsize=512)
def _threads(text: str) -> tuple[Node, ...] | None:
    """Return the trees of the threads in ``text``, None where that is an error. Nobody changes them."""
    try:
        tree = parse(_parser(), "program", Source("", text).span(0, len(text)))
    except ParseError:
        return None
    return tuple(node for node in tree.children if not isinstance(node, Token))


def _doubt_unassigned(final: Final, scopes: list[Scope], faults: Faults) -> None:
    """Where a condition looks at what nothing assigns, C would see anything, and herd7 sees 0."""
    for leaf in dict.fromkeys(leaves(final.condition)):
        if isinstance(leaf, FinalRegister) and leaf.thread < len(scopes):
            scope = scopes[leaf.thread]
            if leaf.register not in scope.written and leaf.register not in faults.lost:
                name = f"{leaf.thread}:{leaf.register}"
                faults.doubt(f"'{name}' is looked at but never assigned: it is 0", final.span)


def _require_one_language(program: Program) -> None:
    """No model knows both the kernel's primitives and the operations of C11."""
    atomic, kernel = first_c11_call(program), first_kernel_call(program)
    if atomic is not None and kernel is not None:
        message = f"'{kernel.name}' is a primitive of the Linux kernel, in a test that uses C11's '{atomic.name}'"
        raise UnsupportedError(message, kernel.span, hint="a test uses one or the other")


def _parameters(node: Node, section: Span, faults: Faults) -> tuple[_Parameter, ...]:
    found: dict[str, _Parameter] = {}
    for child in node.children:
        if not isinstance(child, Token) and child.data == "parameter":
            try:
                parameter = _parameter(child, section)
                if parameter.name in found:
                    raise ParseError(f"there are two parameters '{parameter.name}'", parameter.span)
                found[parameter.name] = parameter
            except LitmusError as error:
                faults.add(error)
                faults.lose(str(word) for word in child.children if isinstance(word, Token) and word.type == "NAME")
    return tuple(found.values())


def _parameter(node: Node, section: Span) -> _Parameter:
    kind, *rest = node.children
    assert not isinstance(kind, Token)
    stars = sum(1 for c in rest if isinstance(c, Token) and c.type == "STAR")
    name = str(next(c for c in rest if isinstance(c, Token) and c.type == "NAME"))
    stars += sum(1 for c in rest if not isinstance(c, Token))
    span = extent(node, section)
    if not stars:
        raise UnsupportedError(f"the parameter '{name}' must be a pointer to a shared location", span)
    pointee = cast_type(kind, section, stars - 1)
    if pointee is None:
        raise ParseError("a location cannot be void", span)
    text = span.text[: -len(name)] if not span.text.endswith("]") else span.text
    return _Parameter(name, " ".join(text.split()), pointee, span)


def _locations(initial: Initial, heads: list[tuple[_Parameter, ...]], faults: Faults) -> dict[str, Location]:
    """Return all locations: what the initial state declares, then the parameters, then what is only mentioned."""
    locations = dict(initial.locations)
    said: dict[str, Type] = {}
    for parameter in (p for head in heads for p in head):
        name = parameter.name
        if name in said:
            _require_same(parameter, said[name], "in a thread above", faults)
        elif name in initial.arrays:
            _require_same(parameter, initial.arrays[name], "in the initial state", faults)
        elif name in initial.locations and name not in initial.untyped:
            _require_same(parameter, initial.locations[name].type, "in the initial state", faults)
        said.setdefault(name, parameter.type)
        if name in initial.arrays:
            continue
        if name not in locations:
            locations[name] = Location(name, Address(name), parameter.type, span=parameter.span)
        elif name in initial.untyped:
            locations[name] = replace(locations[name], type=parameter.type)
            initial.untyped.discard(name)
    values = [r.value for r in initial.registers] + [location.initial for location in locations.values()]
    for location in mentioned(values, locations, initial.arrays):
        locations[location.name] = location
    return {name: converted(location) for name, location in locations.items()}


def _require_same(parameter: _Parameter, other: Type, where: str, faults: Faults) -> None:
    """A location has one type in C. Two that hold the same values make no difference here; nor do a pointer and another
    type, as an address is an address."""
    if (parameter.type.name, parameter.type.pointer) == (other.name, other.pointer):
        return
    message = f"'{parameter.name}' is of type {other} {where}, and {parameter.type} here"
    if same_values(parameter.type, other) or (other.pointer and where.endswith("state")):
        faults.doubt(message, parameter.span)
    else:
        faults.add(ParseError(message, parameter.span))


def _thread_body(node: Node, scope: Scope, index: int) -> Statements:
    name = next(c for c in node.children if isinstance(c, Token) and c.type == "NAME")
    if name != f"P{index}":
        scope.faults.add(ParseError(f"expected thread P{index}, not '{name}'", extent(name, scope.section)))
    block = node.children[-1]
    assert not isinstance(block, Token)
    body = read_block(block, scope)
    scope.finish(str(name))
    doubt_plain(body, scope)
    return body


def _thread(
    index: int, body: Statements, scope: Scope, head: tuple[_Parameter, ...], initial: Initial, final: Final
) -> Thread:
    types = {name: kind for name, kind in scope.locals.items() if kind is not None}
    types |= {t.register: kind for t, kind in final.types if isinstance(t, FinalRegister) and t.thread == index}
    registers = {r.name: r.value for r in initial.registers if r.thread == index and r.value is not None}
    return Thread(f"P{index}", body, registers, types, parameters=tuple((p.text, p.name) for p in head))


def _observables(initial: Initial, locations: dict[str, Location], scopes: list[Scope]) -> Observables:
    symbols = {location.address.symbol: location for location in locations.values()}

    def listed(thread: int, name: str, span: Span) -> FinalRegister:
        if thread >= len(scopes):
            raise UnknownNameError(f"there is no thread P{thread}: the program has {len(scopes)}", span)
        return FinalRegister(thread, name)

    def register(thread: int, name: str, span: Span) -> FinalRegister:
        found = listed(thread, name, span)
        known = scopes[thread].locals
        if name not in known:
            raise UnknownNameError(f"P{thread} has no variable '{name}'", span, hint=did_you_mean(name, known))
        return found

    def location(name: str, span: Span) -> Term:
        return FinalLocation(known_location(name, locations, span))

    def address(value: Address, span: Span) -> Address:
        known_location(value.symbol, symbols, span)
        return value

    def elements(name: str) -> tuple[str, ...]:
        known = (place.name for place in locations.values() if place.address.symbol == name)
        return tuple(known) if name in initial.arrays else ()

    return Observables(register, listed, location, address, initial.arrays, elements)
