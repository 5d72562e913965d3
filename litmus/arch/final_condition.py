"""Conditions of the DSL with the conversions that C makes: integer promotions and the usual arithmetic conversions.

A condition is kept as it was written. What it says of final values is told here, by the rules that the expressions of
threads are compiled by; addresses are no numbers, and nothing converts them.
"""

from collections.abc import Iterator

from litmus.arch.emitter import Value
from litmus.arch.inference import COMPARISONS, SHIFTS, constant_type, local_types, operation_type
from litmus.arch.ranges import POINTER_SIZE, Types, common, convert, promoted
from litmus.dataclass import dataclass, field
from litmus.program.literal import typed_literal
from litmus.program.program import Program
from litmus.program.term import Address, Apply, FinalLocation, FinalRegister, Leaf, Register, Term, apply, substitute
from litmus.program.types import INT, TYPES, Type

TRUTHS = COMPARISONS | {"&&", "||", "=>", "!"}
_ADDRESS = Type("void", POINTER_SIZE, signed=False, pointer=1)


@dataclass(slots=True)
class FinalConditions:
    """Tells what conditions over final values of known ``types`` (by the names that `_known` gives) say."""

    types: Types = field(default_factory=dict)
    _leaves: dict[Leaf, Term] = field(default_factory=dict)

    def meaning(self, term: Term) -> Term:
        """Return a term whose exact value is what C computes.

        Raises:
            UndefinedOperation: where an operator has no meaning on the addresses that it is applied to.
        """
        return substitute(self.value(term).term, self._leaves.get)

    def value(self, term: Term) -> Value:
        """Return the value of a term, where registers stand for what is final, and its type."""
        literal = typed_literal(term)
        if literal is not None:
            return Value(*literal)
        match term:
            case int():
                return Value(term, constant_type(term))
            case Apply(operator, operands) if operator in TRUTHS:
                return Value(self._truth(operator, *operands), INT)
            case Apply("ite", (condition, positive, negative)):
                one, other = self.value(positive), self.value(negative)
                type_ = common(one.type, other.type)
                chosen = (self.value(condition).term, self._operand(one, type_), self._operand(other, type_))
                return Value(apply("ite", *chosen), type_)
            case Apply(operator, (operand,)):
                return self._unary(operator, self.value(operand))
            case Apply(operator, (left, right)):
                return self._binary(operator, self.value(left), self.value(right))
        return self._leaf(term)

    def _leaf(self, term: Term) -> Value:
        match term:
            case FinalRegister() | FinalLocation():
                register = Register(_name(term))
                self._leaves[register] = term
                return Value(register, self.types.get(register.name))
        return Value(term, _ADDRESS)

    def _truth(self, operator: str, *operands: Term) -> Term:
        values = [self.value(operand) for operand in operands]
        if operator not in COMPARISONS:
            return apply(operator, *(value.term for value in values))
        type_ = common(*(value.type for value in values))
        return apply(operator, *(self._operand(value, type_) for value in values))

    def _unary(self, operator: str, operand: Value) -> Value:
        if operator in TYPES:
            return Value(convert(operand.term, TYPES[operator], self.types), TYPES[operator])
        type_ = promoted(operand.type)
        return Value(convert(apply(operator, operand.term), type_, self.types), type_)

    def _binary(self, operator: str, left: Value, right: Value) -> Value:
        type_ = operation_type(operator, left.type, right.type)
        other = right.term if operator in SHIFTS else self._operand(right, type_)
        return Value(convert(apply(operator, self._operand(left, type_), other), type_, self.types), type_)

    def _operand(self, value: Value, type_: Type) -> Term:
        """What has no known type may be an address, and is taken as it is where numbers may be negative."""
        return value.term if value.type is None and type_.signed else convert(value.term, type_, self.types)


def final_conditions(program: Program) -> FinalConditions:
    """Return what tells the meaning of a program's conditions."""
    return FinalConditions(dict(_types(program)))


def _types(program: Program) -> Iterator[tuple[str, Type | None]]:
    for location in program.locations:
        yield _name(FinalLocation(location.name)), location.type
    for number, thread in enumerate(program.threads):
        for name, type_ in local_types(program, thread).items():
            yield _name(FinalRegister(number, name)), type_


def _name(term: FinalRegister | FinalLocation) -> str:
    return f"{term.thread}:{term.register}" if isinstance(term, FinalRegister) else f"[{term.name}]"


def literal(value: int, type_: Type) -> Term:
    """Return the constant of a type; one of less than an ``int`` is promoted wherever it is used."""
    own = constant_type(value)
    same = type_.size < INT.size or (own.size, own.signed) == (type_.size, type_.signed)
    return value if same else Apply(f"{'s' if type_.signed else 'u'}{8 * type_.size}", (value,))


def folded(operator: str, *operands: Term) -> Term:
    """Return ``operator(operands)`` as it is written, but for what is constant, which is computed as C does.

    Raises:
        UndefinedOperation: on addresses for which the operator has no meaning.
    """
    term = Apply(operator, operands)
    if all(isinstance(o, int | Address) or typed_literal(o) for o in operands):
        value = FinalConditions().value(term)
        known = isinstance(value.term, int) and value.type is not None and not value.type.pointer
        return literal(value.term, value.type) if known else value.term  # type: ignore[arg-type]
    return apply(operator, *operands) if operator in TRUTHS else term
