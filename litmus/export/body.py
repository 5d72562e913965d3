"""The body of a thread in herd's C.

herd's C is smaller than ours (herdtools7, lib/CParser.mly and linux-kernel.def): it has no ``&& || ! ~ ?: << >> %``,
and evaluates operands in no order, so that each access to memory is a statement here. Its loops are only unrolled:
they are refused.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from litmus.errors import UnsupportedError
from litmus.export.identifier import RESERVED
from litmus.export.primitive import Rendering, rendering
from litmus.program.syntax import (
    Access,
    Assignment,
    Await,
    Binary,
    Block,
    Call,
    Cast,
    Conditional,
    Constant,
    Declare,
    Element,
    Evaluate,
    Expression,
    Goto,
    If,
    Leave,
    Local,
    Loop,
    Member,
    Statement,
    Static,
    Unary,
)
from litmus.program.term import Address
from litmus.source import Span

PLAIN_OPERATORS = frozenset("+ - * / & | ^ == != < > <= >=".split())
COMPARISONS = frozenset("== != < > <= >=".split())


@dataclass(slots=True)
class Body:
    """Writes one thread. ``names`` are the parameters by address, ``locals`` the identifiers of the thread's variables.

    ``used`` collects the addresses that the thread mentions, ``temporaries`` the variables it needs beside its own with
    their initial values, ``kept`` those that have to be non-zero at the end (``filter``), and ``notes`` what is written
    otherwise than in the source.
    """

    names: Mapping[Address, str]
    locals: Mapping[str, str]
    taken: set[str]
    lines: list[str] = field(default_factory=list)
    used: set[Address] = field(default_factory=set)
    temporaries: dict[str, int] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    _depth: int = 1
    _branches: int = 0

    def write(self, statements: Sequence[Statement]) -> None:
        """Write ``statements``, the last of which may be a return.

        Raises:
            UnsupportedError: at what herd's C cannot say.
        """
        match statements:
            case (*rest, Leave("return")):
                self._block(rest)
            case _:
                self._block(statements)

    def _block(self, statements: Sequence[Statement]) -> None:
        for index, statement in enumerate(statements):
            start = len(self.lines)
            if isinstance(statement, Await) and statement.how == "await":
                self._await(statement, statements[index + 1 :])
                self._label(start, statement)
                return
            self._statement(statement)
            self._label(start, statement)

    def _label(self, line: int, statement: Statement) -> None:
        label = statement.label
        if label and line < len(self.lines) and label not in RESERVED:
            self.lines[line] += f" /* [{label}] */"

    def _statement(self, statement: Statement) -> None:
        match statement:
            case Assignment(Local(name), value):
                self._assign(self._local(name, statement.span), value)
            case Assignment(Access(address), value):
                right = self._value(value)
                self._line(f"{self._content(address)} = {right};")
            case Evaluate(value):
                self._effect(value)
            case Declare():
                pass
            case If(condition, then, otherwise):
                self._if(condition, then, otherwise)
            case Block(body):
                self.write(body)
            case Await(condition, "assume"):
                self._assume(condition)
            case Loop() | Goto() | Leave() | Await():
                raise UnsupportedError(f"herd's C has no equal of this: {_kind(statement)}", statement.span)
            case _:
                raise UnsupportedError("assembly cannot be exported as C", statement.span)

    def _line(self, text: str) -> None:
        self.lines.append("\t" * self._depth + text)

    @contextmanager
    def _indented(self) -> Iterator[None]:
        self._depth += 1
        yield
        self._depth -= 1

    # ----------------------------------------------------------------------------------------------------- statements
    def _assign(self, target: str, value: Expression) -> None:
        match value:
            case Call():
                self._line(f"{target} = {self._call(value, needed=True)};")
            case Access(address):
                self._line(f"{target} = {self._content(address)};")
            case _:
                self._line(f"{target} = {self._value(value)};")

    def _effect(self, value: Expression) -> None:
        match value:
            case Call():
                self._line(f"{self._call(value, needed=False)};")
            case Access(address):
                self._line(f"{self.temporary('unused')} = {self._content(address)};")
            case _:
                self._value(value)

    def _if(self, condition: Expression, then: Sequence[Statement], otherwise: Sequence[Statement]) -> None:
        """Short-circuit operators become nested ifs, which have the same control dependencies."""
        match condition:
            case Unary("!", operand):
                if not then and not otherwise:
                    self._effect(operand)
                else:
                    self._if(operand, otherwise, then)
            case Binary("&&", left, right):
                self.notes["&&"] = "a && b as nested if"
                self._if(left, (If(right, tuple(then), tuple(otherwise), span=condition.span),), otherwise)
            case Binary("||", left, right):
                self.notes["||"] = "a || b as nested if"
                self._if(left, then, (If(right, tuple(then), tuple(otherwise), span=condition.span),))
            case _:
                self._simple_if(condition, then, otherwise)

    def _simple_if(self, condition: Expression, then: Sequence[Statement], otherwise: Sequence[Statement]) -> None:
        text = self._value(condition)
        if not then and not otherwise:
            return
        if not then:
            text, then, otherwise = f"{_tight(text)} == 0", otherwise, ()
        self._line(f"if ({text}) {{")
        self._inside(then)
        if otherwise:
            self._line("} else {")
            self._inside(otherwise)
        self._line("}")

    def _inside(self, statements: Sequence[Statement]) -> None:
        start = len(self.lines)
        self._branches += 1
        with self._indented():
            self._block(statements)
            if len(self.lines) == start:
                self._line(f"{self.temporary('unused')} = 0;")
        self._branches -= 1

    def _assume(self, condition: Expression) -> None:
        """An execution in which this is false does not count: what `filter` says of the end of the test."""
        kept = self.temporary("assumed", 1)
        self._line(f"{kept} = {self._value(condition)};")
        self.kept.append(kept)
        self.notes["assume"] = "assume(c) as a condition on a register that filters executions"

    def _await(self, statement: Await, rest: Sequence[Statement]) -> None:
        """Only the turn that finds the condition true is seen: what follows depends on it, executions without it do not
        count."""
        if self._branches:
            raise UnsupportedError("herd's C has no equal of an await inside another statement", statement.span)
        held = self.temporary("awaited")
        self._line(f"{held} = {self._awaited(statement.condition)};")
        self.kept.append(held)
        self.notes["await"] = "await(c) as its last turn, with what follows in an if, in executions that pass it"
        if rest:
            self._line(f"if ({held}) {{")
            with self._indented():
                self._block(rest)
            self._line("}")

    def _awaited(self, condition: Expression) -> str:
        match condition:
            case Unary("!", Call("test_and_set_bit_lock", arguments, span)):
                known = rendering(Call("lock_page", arguments, span))
                self.notes["test_and_set_bit_lock"] = f"a bit lock that is taken as {known.name}(1 << n, w)"
                taken = self.temporary("t")
                self._line(f"{taken} = {self._text(known)};")
                return f"({taken} & {known.mask}) == 0"
            case _:
                return self._value(condition)

    # ---------------------------------------------------------------------------------------------------- expressions
    def _value(self, expression: Expression) -> str:
        """Return a pure expression; accesses that it makes are written first, each into a variable of its own."""
        match expression:
            case Constant(value):
                return str(value)
            case Local(name):
                return self._local(name, expression.span)
            case Static(address):
                return self._name(address, expression.span)
            case Access() | Call():
                held = self.temporary("t")
                self._assign(held, expression)
                return held
            case Unary() | Binary():
                return self._operation(expression)
            case Cast(_, operand):
                return self._cast(expression, operand)
            case Member() | Element():
                return self._pointer(expression)
            case Conditional():
                raise UnsupportedError("herd's C has no conditional expression (?:)", expression.span)
            case _:
                raise UnsupportedError("herd's C has no equal of this expression", expression.span)

    def _operation(self, expression: Unary | Binary) -> str:
        match expression:
            case Unary("-", Constant(value)):
                return str(-value)
            case Unary("-", operand):
                return f"0 - {_tight(self._value(operand))}"
            case Unary("~", operand):
                return f"{_tight(self._value(operand))} ^ -1"
            case Unary("!", operand):
                return f"{_tight(self._value(operand))} == 0"
            case Binary("<<", Constant(value), Constant(bits)):
                return str(value << bits)
            case Binary("<<", left, Constant(bits)):
                return f"{_tight(self._value(left))} * {1 << bits}"
            case Binary("&", Binary(">>", left, Constant(bits)), Constant(mask)) if mask >= 0:
                self.notes[">>"] = "a >> n & m as (a & (m << n)) / (1 << n)"
                return f"({_tight(self._value(left))} & {mask << bits}) / {1 << bits}"
            case Binary(("&&" | "||") as operator, left, right) if pure(right):
                both = (self._truth(left), self._truth(right))
                self.notes[f"{operator} value"] = f"a {operator} b as (a != 0) {operator[0]} (b != 0)"
                return f"{both[0]} {operator[0]} {both[1]}"
            case Binary(operator, left, right) if operator in PLAIN_OPERATORS:
                first = _tight(self._value(left))
                return f"{first} {operator} {_tight(self._value(right))}"
        raise UnsupportedError(f"herd's C has no operator '{expression.operator}' here", expression.span)

    def _truth(self, expression: Expression) -> str:
        text = self._value(expression)
        match expression:
            case Binary(operator) if operator in COMPARISONS:
                return _tight(text)
            case _:
                return f"({_tight(text)} != 0)"

    def _cast(self, cast: Cast, operand: Expression) -> str:
        if cast.type.pointer or cast.type.size >= 8:
            return self._value(operand)
        raise UnsupportedError(f"herd's C ignores a cast to {cast.type}, which may change the value", cast.span)

    # ------------------------------------------------------------------------------------------------------ addresses
    def _content(self, address: Expression) -> str:
        """Return the lvalue at ``address``: ``*x``."""
        return f"*{self._pointer(address)}"

    def _pointer(self, address: Expression) -> str:
        match address:
            case Static(where):
                return self._name(where, address.span)
            case Local(name):
                return self._local(name, address.span)
            case Member(base, _, 0):
                return self._pointer(base)
            case Member(base, name):
                raise UnsupportedError(f"herd's C has no field '{name}' behind a pointer variable", address.span)
            case Element():
                raise UnsupportedError("herd's C has no element of an array chosen at run time", address.span)
            case Access() | Call():
                return self._value(address)
            case _:
                raise UnsupportedError("herd's C has no such address", address.span)

    def _name(self, address: Address, span: Span | None) -> str:
        if address not in self.names:
            raise UnsupportedError(f"nothing declared is at {address.symbol}+{address.offset}", span)
        self.used.add(address)
        return self.names[address]

    def _local(self, name: str, span: Span | None) -> str:
        if name not in self.locals:
            raise UnsupportedError(f"'{name}' is not a variable of the thread", span)
        return self.locals[name]

    def compute(self, value: Expression) -> str:
        """Return a new variable that holds ``value`` at the end of the thread."""
        held = self.temporary("c")
        self._assign(held, value)
        return held

    def temporary(self, stem: str, initial: int = 0) -> str:
        """Return a new variable."""
        number = 0
        while (name := f"{stem}{number}") in self.taken:
            number += 1
        self.taken.add(name)
        self.temporaries[name] = initial
        return name

    # ---------------------------------------------------------------------------------------------------------- calls
    def _call(self, call: Call, *, needed: bool) -> str:
        """Return the call as herd writes it; what goes before it is written first."""
        known = rendering(call)
        if known.note:
            self.notes[call.name] = known.note
        if known.operator:
            return self._plain_bit(known, self._pointer(known.arguments[0]))
        text = self._text(known)
        if known.keeps:
            return self._lock(known, text, needed)
        if not needed:
            return f"{self.temporary('unused')} = {text}" if known.value else text
        if known.mask is None:
            return text
        held = self.temporary("t")
        self._line(f"{held} = {text};")
        return f"({held} & {known.mask}) != 0"

    def _text(self, known: Rendering) -> str:
        arguments = [self._argument(known, index, argument) for index, argument in enumerate(known.arguments)]
        return f"{known.name}({', '.join(arguments)})"

    def _lock(self, known: Rendering, text: str, needed: bool) -> str:
        """A bit lock that is taken: executions in which the bit was set before do not count."""
        held, kept = self.temporary("t"), self.temporary("locked", 1)
        self._line(f"{held} = {text};")
        self.kept.append(kept)
        return f"{kept} = ({held} & {known.mask}) == 0"

    def _plain_bit(self, known: Rendering, word: str) -> str:
        held = self.temporary("t")
        self._line(f"{held} = *{word};")
        assert known.mask is not None
        operand = -known.mask - 1 if known.operator == "&" else known.mask
        return f"*{word} = {held} {known.operator} {operand}"

    def _argument(self, known: Rendering, index: int, argument: Expression) -> str:
        if index in known.lvalues:
            return self._content(argument)
        if index in known.addresses:
            return self._pointer(argument)
        return self._value(argument)


def pure(expression: Expression) -> bool:
    """Whether evaluating ``expression`` touches no memory."""
    match expression:
        case Constant() | Local() | Static():
            return True
        case Unary(_, operand) | Cast(_, operand):
            return pure(operand)
        case Binary(_, left, right):
            return pure(left) and pure(right)
        case _:
            return False


def _tight(text: str) -> str:
    simple = text.lstrip("-").replace("_", "a").isalnum()
    return text if simple else f"({text})"


def _kind(statement: Statement) -> str:
    match statement:
        case Loop():
            return "a loop"
        case Goto():
            return "a goto"
        case Leave(how):
            return f"'{how}' before the end"
        case Await(_, how):
            return how
        case _:
            return type(statement).__name__
