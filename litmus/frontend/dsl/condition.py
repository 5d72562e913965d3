"""Conditions over final states, and constant expressions, as terms."""

from collections.abc import Callable, Mapping, Sequence

from litmus.arch.final_condition import FinalConditions, folded, literal
from litmus.arch.inference import SHIFTS
from litmus.dataclass import dataclass, field
from litmus.errors import ParseError, UnsupportedError
from litmus.frontend.dsl.node import Node
from litmus.frontend.dsl.number import NAMED, literal_type, number
from litmus.frontend.dsl.place import unknown_field
from litmus.frontend.dsl.report import Report, unknown_name
from litmus.frontend.dsl.types import scalar_of
from litmus.frontend.dsl.world import FLAGS, Macro, World, is_counter
from litmus.program.literal import typed_literal
from litmus.program.program import Location
from litmus.program.term import Address, Apply, FinalLocation, FinalRegister, Term, UndefinedOperation, apply
from litmus.program.types import COUNTERS, TYPES, Struct, Type
from litmus.source import Span

_SIGNS = {"/\\": "&&", "\\/": "||", "=": "=="}
_BOOLEAN = frozenset({"==", "!=", "<", "<=", ">", ">=", "&&", "||", "=>", "!"})
_WORD = range(64)
_NEEDED = dict.fromkeys("/%", "a constant other than 0") | dict.fromkeys(("<<", ">>"), "a constant from 0 to 63")
_READS = ("atomic_read", "atomic64_read", "atomic_long_read", "refcount_read", "READ_ONCE")
_INITIALISERS = ("ATOMIC_INIT", "ATOMIC64_INIT", "ATOMIC_LONG_INIT", "REFCOUNT_INIT")
UNKNOWN: Term = 0
"""What stands for a part about which an error was reported."""


@dataclass(frozen=True, slots=True)
class Observed:
    """A thread as conditions see it: its name and the registers that it assigns."""

    name: str
    registers: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Place:
    """An object or a part of one, by address; ``type`` and ``count`` as of :class:`Shared`."""

    address: Address
    type: Type
    count: int = 0


@dataclass(slots=True)
class Conditions:
    """Lowers conditions of one test (or variant). ``threads`` None: only constants are meant."""

    world: World
    report: Report
    threads: Sequence[Observed] | None
    bindings: Mapping[str, Term] = field(default_factory=dict)
    types: Callable[[], FinalConditions] = FinalConditions
    """Gives the types of what is observed."""

    def term(self, node: Node) -> Term:
        """Return the term that a condition stands for.

        Raises:
            LitmusError: where it has no meaning.
        """
        try:
            term = self._term(node)
            if self.threads is not None and not self.report.found:
                self.types().meaning(term)
            return term
        except UndefinedOperation as error:
            raise ParseError(f"'{error}' has no meaning on addresses", node.span) from None

    def _term(self, node: Node) -> Term:
        match node:
            case Node("group", (inner,)):
                return self._term(inner)
            case Node("number", (word,)):
                return literal(number(word), literal_type(word))
            case Node("name", (word,)):
                return self._name(word)
            case Node("unary", (sign, operand)):
                return self._unary(sign.word, operand, node)
            case Node("binary", (left, sign, right)):
                return self._binary(left, sign.word, right, node)
            case Node("conditional", parts):
                return folded("ite", *(self._term(part) for part in parts))
            case Node("cast", (written, stars, operand)):
                return _cast(self._term(operand), scalar_of(self.world, written, stars))
            case Node("herd_register", (word,)):
                return self._herd_register(word)
            case Node("herd_location", (inner,)):
                return self._term(inner)
            case Node("member", (base, *_)) if self._thread_of(base) is not None:
                return self._register(base, node.parts[-1])
            case Node("member" | "index"):
                return self._content(self._place(node), node.span)
            case Node("call", (name, *arguments)):
                return self._call(name, [a for a in arguments if a.present], node)
        raise ParseError(f"'{node.text}' has no meaning in a condition", node.span)

    # -------------------------------------------------------------------------------------------------------- names
    def _name(self, word: Node) -> Term:
        name = word.word
        if name in self.bindings:
            return self.bindings[name]
        if name in self.world.objects:
            shared = self.world.objects[name]
            return self._content(_Place(shared.address, shared.type, shared.count), word.span)
        if name in self.world.defines and not self.world.defines[name].parameters:
            return self._expanded(self.world.defines[name], [], word)
        known = NAMED.get(name, self.world.bit_number(name))
        if known is not None:
            return known
        assigning = [t.name for t in self.threads or () if name in t.registers]
        if assigning:
            hint = f"did you mean '{assigning[0]}.{name}'?"
            raise ParseError(f"'{name}' is a register: say of which thread", word.span, hint=hint)
        thread = next((t for t in self.threads or () if name in (t.name, t.name.split(".")[0])), None)
        if thread is not None:
            hint = f"write {thread.name}.{min(thread.registers, default='register')}"
            raise ParseError(f"'{name}' is a thread: say which of its registers", word.span, hint=hint)
        self.report.unknown("name", name, word.span, [*self.world.objects, *(t.name for t in self.threads or ())])
        return UNKNOWN

    def _thread_of(self, base: Node) -> str | None:
        """Return the name of the thread that ``base`` names (`T` or `T.0`), or None."""
        match base:
            case Node("name", (word,)):
                name = word.word
            case Node("instance", (Node("name", (word,)), digits)):
                name = f"{word.word}.{digits.word}"
            case _:
                return None
        known = any(t.name == name or t.name.split(".")[0] == name for t in self.threads or ())
        return name if known or (base.kind == "instance") or (name not in self.world.objects) else None

    def _register(self, base: Node, word: Node) -> Term:
        name = self._thread_of(base)
        threads = list(self.threads or ())
        if self.threads is None:
            raise ParseError("a constant is needed here, not a register", base.span)
        for index, thread in enumerate(threads):
            if thread.name == name:
                return self._known(index, thread, word)
        if any(t.name.startswith(f"{name}.") for t in threads):
            count = sum(t.name.startswith(f"{name}.") for t in threads)
            hint = f"write {name}.0.{word.word} … {name}.{count - 1}.{word.word}"
            raise ParseError(f"'{name}' has {count} instances", base.span, hint=hint)
        self.report.unknown("thread", name or "", base.span, [t.name for t in threads] + list(self.world.objects))
        return UNKNOWN

    def _known(self, index: int, thread: Observed, word: Node) -> Term:
        if word.word not in thread.registers:
            where = f": thread '{thread.name}' never assigns it"
            self.report.unknown("register", word.word, word.span, thread.registers, where)
            return UNKNOWN
        return FinalRegister(index, word.word)

    def _herd_register(self, word: Node) -> Term:
        digits, _, name = word.word.partition(":")
        threads = list(self.threads or ())
        if int(digits) >= len(threads):
            raise ParseError(f"there is no thread {int(digits)}: they are numbered from 0", word.span)
        return self._known(int(digits), threads[int(digits)], Node("NAME", (), word.span, name))

    # ------------------------------------------------------------------------------------------------------- places
    def _place(self, node: Node) -> _Place:
        match node:
            case Node("group" | "herd_location", (inner,)):
                return self._place(inner)
            case Node("name", (word,)):
                return self._object(word)
            case Node("member", (base, *_, name)):
                return self._field(self._place(base), base, name)
            case Node("index", (base, index)):
                return self._element(self._place(base), base, index)
        raise UnsupportedError(f"'{node.text}' is not a fixed location", node.span)

    def _object(self, word: Node) -> _Place:
        bound = self.bindings.get(word.word)
        if isinstance(bound, Address) and bound.symbol in self.world.objects:
            shared = self.world.objects[bound.symbol]
            return _Place(bound, shared.type)
        if word.word not in self.world.objects:
            raise unknown_name("shared location", word.word, word.span, self.world.objects)
        shared = self.world.objects[word.word]
        return _Place(shared.address, shared.type, shared.count)

    def _field(self, place: _Place, base: Node, name: Node) -> _Place:
        layout = self.world.struct_of(place.type)
        if is_counter(place.type) and not place.count and name.word == COUNTERS[place.type.name][0]:
            return _Place(place.address, TYPES[COUNTERS[place.type.name][1]])
        if layout is None or place.count:
            what = "a pointer: what it points to may change" if place.type.pointer else f"of type {place.type}"
            raise UnsupportedError(f"'{base.text}' is {what}, not a struct", base.span)
        found = self.world.member(layout, name.word)
        if found is None:
            flag = name.word in layout.flags
            hint = f"write Page{name.word}({base.text})" if flag else None
            if hint:
                raise ParseError(f"'{name.word}' is a page flag", name.span, hint=hint)
            raise unknown_field(layout, name)
        return _Place(_moved(place.address, found.offset), found.type, found.count)

    def _element(self, place: _Place, base: Node, index: Node) -> _Place:
        position = without_type(self._term(index))
        if not place.count:
            raise ParseError(f"'{base.text}' is not an array", base.span)
        if not isinstance(position, int) or not 0 <= position < place.count:
            raise ParseError(f"the index must be a constant from 0 to {place.count - 1}", index.span)
        return _Place(_moved(place.address, position * place.type.size), place.type)

    def _content(self, place: _Place, span: Span) -> Term:
        if place.count or self.world.struct_of(place.type):
            return place.address
        if self.threads is None:
            hint = f"did you mean '&{span.text}'?"
            raise ParseError(f"a constant is needed here, not what '{span.text}' holds", span, hint=hint)
        return FinalLocation(self.world.locations[place.address].name)

    # ---------------------------------------------------------------------------------------------------- operators
    def _unary(self, sign: str, operand: Node, node: Node) -> Term:
        match sign:
            case "&":
                return self._place(operand).address
            case "*":
                raise UnsupportedError("a condition cannot follow pointers", node.span)
        inner = self._term(operand)
        if sign == "~" and is_boolean(inner):
            return apply("!", inner)
        if sign == "+":
            return folded("+", 0, inner)
        return folded({"-": "neg"}.get(sign, sign), inner)

    def _binary(self, left: Node, sign: str, right: Node, node: Node) -> Term:
        if sign == "=" and left.kind == "unary" and left.parts[0].word == "~":
            raise ParseError("'~' before '=' may be read in two ways", node.span, hint="write ~(a = b)")
        one, other = self._term(left), self._term(right)
        if sign in _NEEDED:
            known = without_type(other)
            if not (isinstance(known, int) and (known != 0 if sign in "/%" else known in _WORD)):
                where = "an initial value" if self.threads is None else "a condition"
                raise ParseError(f"'{sign}' in {where} needs {_NEEDED[sign]}", right.span)
            self._require_meaning(sign, one, other, right)
        return folded(_SIGNS.get(sign, sign), one, other)

    def _require_meaning(self, sign: str, one: Term, other: Term, right: Node) -> None:
        """Refuse what C leaves undefined: a shift by all the bits there are, and the least number divided by -1."""
        if self.report.found:
            return
        number_, types = without_type(other), self.types()
        type_ = types.value(Apply(sign, (one, other))).type
        assert isinstance(number_, int)
        if type_ is None or type_.pointer:
            return
        if sign in SHIFTS and number_ >= 8 * type_.size:
            message = f"undefined in C: a shift of {8 * type_.size} bits by {number_}"
            raise ParseError(message, right.span, hint="a constant has 64 bits as 1UL")
        if sign in "/%" and number_ == -1 and type_.signed and self.threads is not None:
            raise ParseError(f"'{sign}' by -1 in a condition may overflow", right.span, hint="write the negation")

    # -------------------------------------------------------------------------------------------------------- calls
    def _call(self, name: Node, arguments: list[Node], node: Node) -> Term:
        helper = self.world.helpers().get(name.word)
        if name.word == "not" and len(arguments) == 1:
            return apply("!", self._term(arguments[0]))
        if name.word in _INITIALISERS and len(arguments) == 1:
            return self._term(arguments[0])
        if name.word in self.world.defines:
            return self._expanded(self.world.defines[name.word], arguments, node)
        if helper is not None and helper[0] == "test_bit" and len(arguments) == 1:
            return self._flag(helper[1], arguments[0])
        if name.word == "test_bit" and len(arguments) == 2:
            return self._test_bit(*arguments)
        if name.word in _READS and len(arguments) == 1:
            read = name.word == "READ_ONCE"
            return self._term(arguments[0]) if read else FinalLocation(self._location(arguments[0]).name)
        return self._refused(name, arguments)

    def _test_bit(self, number_: Node, word: Node) -> Term:
        """Return a bit of the location whose address ``word`` is; there must be one of that number."""
        location = self._location(word)
        position, bits = without_type(self._term(number_)), 1 if location.type.is_bool else 8 * location.type.size
        if not isinstance(position, int) or position not in range(bits):
            what = f"a constant from 0 to {bits - 1}" if bits > 1 else "0"
            raise ParseError(f"the number of a bit of '{location.name}' must be {what}", number_.span)
        return _bit(FinalLocation(location.name), position)

    def _refused(self, name: Node, arguments: list[Node]) -> Term:
        known = [n for n, (primitive, _) in self.world.helpers().items() if primitive == "test_bit"]
        known += [*self.world.defines, *_READS, "test_bit"]
        if name.word in known:
            raise ParseError(f"{name.word}() does not take {len(arguments)} arguments here", name.span)
        self.report.unknown("function of final values", name.word, name.span, known)
        return UNKNOWN

    def _expanded(self, macro: Macro, arguments: list[Node], node: Node) -> Term:
        wanted = len(macro.parameters)
        if len(arguments) != wanted:
            raise ParseError(f"{macro.name}() takes {wanted} arguments, {len(arguments)} given", node.span)
        values = {name: self._term(a) for (name, _), a in zip(macro.parameters, arguments, strict=True)}
        return Conditions(self.world, self.report, self.threads, values, self.types)._term(macro.body)

    def _location(self, node: Node) -> Location:
        """Return the location that the address ``node`` is of."""
        address = self._term(node)
        if not isinstance(address, Address) or address not in self.world.locations:
            raise ParseError(f"'{node.text}' is not the address of a location", node.span)
        return self.world.locations[address]

    def _flag(self, flag: str, node: Node) -> Term:
        location, layout = self.flags_word(node, flag)
        return _bit(FinalLocation(self.world.locations[location].name), layout.flags.index(flag))

    def flags_word(self, node: Node, flag: str) -> tuple[Address, Struct]:
        """Return the address of the word that holds ``flag`` of the object ``node``, and the object's layout.

        Raises:
            ParseError: where it is not an object with that flag.
        """
        place = self._place(node)
        layout = self.world.struct_of(place.type)
        if layout is None or place.count or flag not in layout.flags:
            raise ParseError(f"'{node.text}' has no page flag '{flag}'", node.span)
        word = self.world.member(layout, FLAGS)
        assert word is not None
        return _moved(place.address, word.offset), layout

    def address(self, node: Node) -> tuple[Address, Type, int]:
        """Return where the object ``node`` is, its type, and its number of elements (0: no array).

        Raises:
            LitmusError: where it is none.
        """
        place = self._place(node)
        return place.address, place.type, place.count


def _moved(address: Address, offset: int) -> Address:
    return Address(address.symbol, address.offset + offset)


def without_type(term: Term) -> Term:
    """Return a constant without its type."""
    literal_ = typed_literal(term)
    return term if literal_ is None else literal_[0]


def _cast(term: Term, type_: Type) -> Term:
    """Return the conversion of a term to a type; addresses are what they are."""
    if type_.is_bool:
        return folded("!=", term, 0)
    return term if type_.pointer else folded(f"{'s' if type_.signed else 'u'}{8 * type_.size}", term)


def _bit(word: Term, position: Term) -> Term:
    return apply("&", apply(">>", word, position), 1)


def is_boolean(term: Term) -> bool:
    """Whether a term is a truth value, so that herd's `~` negates it."""
    return isinstance(term, Apply) and term.operator in _BOOLEAN
