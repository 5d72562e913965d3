"""Programs as text of the DSL, such that parsing the text gives the same program."""

import re
from collections.abc import Iterable, Iterator

from litmus.errors import UnsupportedError
from litmus.program.program import DEFAULT_MODELS, Assertion, Location, Program, Thread
from litmus.program.remark import NONE, Remarks
from litmus.program.spelling import Spelling, declaration
from litmus.program.term import Address, Value
from litmus.program.types import TYPES, Field, Struct, Type

_FLAGS = "flags"
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"})
_BITOPS = {"pre-6.0": "pre_6_0"}
_INDENT = "    "


def print_program(program: Program, remarks: Remarks = NONE) -> str:
    """Return ``program`` as a file of the DSL that holds it alone, with comments.

    Raises:
        UnsupportedError: where it says what the DSL cannot, as assembly.
    """
    closing = (*remarks.end, *_assertions(program))
    parts = [_header(program), remarks.head, _shared(program), *_threads(program, remarks), closing]
    return "\n".join("\n".join(part) + "\n" for part in map(list, parts) if part)


def _quoted(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'


def _header(program: Program) -> Iterator[str]:
    yield f"litmus {_quoted(program.name)}" + (f" / {program.variant}" if program.variant else "")
    if program.doc is not None:
        yield f"doc {_quoted(program.doc)};"
    if program.source is not None:
        yield f"source {_quoted(program.source)};"
    if program.models != DEFAULT_MODELS:
        yield f"models {_models(program.models)};"
    if program.unroll is not None:
        yield f"unroll {program.unroll};"
    reading = _BITOPS.get(dict(program.info).get("bitops", ""))
    if reading:
        yield f"bitops {reading};"


def _models(models: tuple[str, ...]) -> str:
    return ", ".join(model if model.isidentifier() else _quoted(model) for model in models)


# -------------------------------------------------------------------------------------------------------- shared state
def _shared(program: Program) -> Iterator[str]:
    spelling = Spelling(program)
    values = {location.address: location.initial for location in program.locations}
    whole = {_struct_of(program, address) for address in _beyond_flags(program)}
    for struct in program.structs:
        yield from _struct(struct, struct.name in whole)
    symbols: dict[str, list[Location]] = {}
    for location in program.locations:
        symbols.setdefault(location.address.symbol, []).append(location)
    objects = _Objects(program, spelling, values)
    for symbol, locations in symbols.items():
        yield objects.declared(symbol, locations)


def _beyond_flags(program: Program) -> Iterator[Address]:
    """Yield the words of flags in which bits are set that no flag names."""
    for location in program.locations:
        if location.bits and isinstance(location.initial, int):
            named = sum(1 << bit for _, bit in location.bits)
            if location.initial & ~named:
                yield location.address


def _struct_of(program: Program, address: Address) -> str | None:
    return dict(program.objects).get(address.symbol)


def _struct(struct: Struct, explicit: bool) -> Iterator[str]:
    yield f"struct {struct.name} {{"
    for member in struct.fields:
        is_word = member.name == _FLAGS and bool(struct.flags)
        if not is_word or explicit or member.type != TYPES["unsigned long"]:
            count = f"[{member.count}]" if member.count else ""
            yield f"{_INDENT}{declaration(member.type, member.name)}{count};"
        if is_word:
            yield f"{_INDENT}page_flag {', '.join(struct.flags)};"
    yield "};"


class _Objects:
    """Writes the declarations of shared objects with what they hold at the start."""

    def __init__(self, program: Program, spelling: Spelling, values: dict[Address, Value]) -> None:
        self._structs = {struct.name: struct for struct in program.structs}
        self._objects = dict(program.objects)
        self._spelling = spelling
        self._values = values

    def declared(self, symbol: str, locations: list[Location]) -> str:
        """Return the declaration of the object that ``locations`` make up."""
        indices = [int(m[1]) for location in locations if (m := re.match(rf"{symbol}\[(\d+)\]", location.name))]
        count = max(indices) + 1 if indices else 0
        struct = self._objects.get(symbol)
        layout = self._structs[struct] if struct else None
        type_ = Type(f"struct {struct}", layout.size, signed=False) if layout else locations[0].type
        text = self._initialiser(Address(symbol), type_, count)
        dimension = f"[{count}]" if count else ""
        return f"{declaration(type_, symbol)}{dimension}{f' = {text}' if text else ''};"

    def _initialiser(self, address: Address, type_: Type, count: int) -> str:
        """Return the initial value of an object, nothing where it is zero."""
        if count:
            places = [Address(address.symbol, address.offset + i * type_.size) for i in range(count)]
            texts = [self._initialiser(place, type_, 0) for place in places]
            zero = "{}" if self._layout(type_) else "0"
            return f"{{ {', '.join(text or zero for text in texts)} }}" if any(texts) else ""
        layout = self._layout(type_)
        if layout is None:
            value = self._values[address]
            return self._spelling.term(value) if value != 0 else ""
        parts = [part for member in layout.fields for part in self._members(address, member, layout)]
        return f"{{ {', '.join(parts)} }}" if parts else ""

    def _layout(self, type_: Type) -> Struct | None:
        return None if type_.pointer else self._structs.get(type_.name.removeprefix("struct "))

    def _members(self, address: Address, member: Field, layout: Struct) -> Iterator[str]:
        place = Address(address.symbol, address.offset + member.offset)
        if member.name == _FLAGS and layout.flags:
            yield from self._flags(place, layout)
        elif text := self._initialiser(place, member.type, member.count):
            yield f".{member.name} = {text}"

    def _flags(self, word: Address, layout: Struct) -> Iterator[str]:
        value = self._values[word]
        if not isinstance(value, int):
            raise UnsupportedError("a word of page flags cannot hold an address")
        if value >> len(layout.flags):
            yield f".{_FLAGS} = {value}"
        else:
            yield from (f".{flag} = 1" for bit, flag in enumerate(layout.flags) if value >> bit & 1)


# ------------------------------------------------------------------------------------------------------------- threads
def _threads(program: Program, remarks: Remarks) -> Iterator[Iterator[str]]:
    spelling = Spelling(program, remarks)
    for number, thread in enumerate(program.threads):
        yield _thread(thread, spelling, remarks.threads.get(number, ()), remarks.last.get(number, ()))


def _thread(thread: Thread, spelling: Spelling, before: Iterable[str], last: Iterable[str]) -> Iterator[str]:
    yield from before
    yield f"thread {thread.name}{f' on {thread.cpu}' if thread.cpu else ''} {{"
    yield from spelling.block(thread.body, 1)
    yield from (_INDENT + line for line in last)
    yield "}"


# ---------------------------------------------------------------------------------------------------------- assertions
def _assertions(program: Program) -> Iterator[str]:
    spelling = Spelling(program)
    if program.filter is not None:
        yield f"filter {spelling.term(program.filter)};"
    if program.observed:
        yield f"locations {', '.join(spelling.term(term) for term in program.observed)};"
    for assertion in program.assertions:
        yield _assertion(assertion, spelling)


def _assertion(assertion: Assertion, spelling: Spelling) -> str:
    condition = assertion.reserved or spelling.term(assertion.condition)
    told = "" if assertion.reserved == assertion.name else f": {condition}"
    on = "" if assertion.models is None else f" on {_models(assertion.models)}"
    return f"{assertion.quantifier} {assertion.name}{told}{on};"
