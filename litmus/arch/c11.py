"""Operations of C11 as events that carry what herd7's C11 models ask for (herd/CAction.ml): the order of each atomic
access or fence (``RLX CON ACQ REL ACQ_REL SC``), and ``A`` on the accesses. Plain accesses carry nothing, whatever the
type of the location: herd7 does not make an access to an ``atomic_int`` atomic.

An order that C does not allow on an operation (a load that releases) is taken as it is, as by herd7.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from litmus.arch.emitter import Emitter, Value
from litmus.arch.lowering import Lowering, Row
from litmus.arch.ranges import convert
from litmus.errors import ParseError, UnknownNameError, UnsupportedError, did_you_mean
from litmus.program.c11 import OPERATIONS, ORDERS, Kind, Operation, nodes
from litmus.program.instruction import Load, Store, Tags
from litmus.program.syntax import Access, Assignment, Binary, Call, Constant, Element, Expression, Statement
from litmus.program.types import Type

TAGS = ("RLX", "CON", "ACQ", "REL", "ACQ_REL", "SC")
"""The tag of each memory order, by its number."""
SEQ_CST = TAGS.index("SC")
ATOMIC = "A"


def plain_lowering() -> Lowering:
    """Return how plain accesses are lowered: without tags. Kernel primitives have no rows."""
    rows = {f"{section}.plain": Row("ISO C 7.17, herd/CAction.ml") for section in ("load", "store")}
    return Lowering("c11", rows)


@dataclass(frozen=True, slots=True)
class C11Operations:
    """Appends what calls of C11 operations do to ``emitter``."""

    emitter: Emitter

    def call(self, call: Call, arguments: Sequence[Value]) -> Value | None:
        """Append an operation, given its evaluated arguments, and return its value, if it has one.

        Raises:
            LitmusError: where it is no operation of C11, has wrong arguments, or is not supported.
        """
        operation = OPERATIONS.get(call.name)
        if operation is None:
            hint = did_you_mean(call.name, OPERATIONS)
            raise UnknownNameError(f"'{call.name}' is not an atomic operation of C11", call.span, hint=hint)
        _require_supported(call, operation)
        _check_count(call, operation)
        tag = TAGS[_order(call) if operation.explicit else SEQ_CST]
        return self._perform(operation.kind, tag, arguments)

    def _perform(self, kind: Kind, tag: str, arguments: Sequence[Value]) -> Value | None:
        emitter, access = self.emitter, frozenset({ATOMIC, tag})
        match kind:
            case Kind.LOAD:
                return self._load(arguments[0], access)
            case Kind.STORE:
                value = convert(arguments[1].term, _content(arguments[0]), emitter.types)
                emitter.add(Store(arguments[0].term, value, access, emitter.origin))
            case _:
                emitter.fences((tag,))
        return None

    def _load(self, pointer: Value, tags: Tags) -> Value:
        type_ = _content(pointer)
        target = self.emitter.register(type_)
        self.emitter.add(Load(target.name, pointer.term, tags, self.emitter.origin))
        return Value(target, type_)


def require_sequenced(statements: Sequence[Statement]) -> None:
    """Reject operands that C leaves unsequenced where two of them access memory: here all of po is in sequence.

    Raises:
        UnsupportedError: at the first expression of this kind.
    """
    for node in nodes(statements):
        match node:
            case Assignment(target=Access(address), value=value):
                parts: tuple[Expression, ...] = (address, value)
            case Binary(operator, left, right) if operator not in ("&&", "||"):
                parts = (left, right)
            case Element(base, index):
                parts = (base, index)
            case Call(_, arguments):
                parts = arguments
            case _:
                continue
        if sum(map(accesses_memory, parts)) > 1:
            message = "several accesses to memory in one expression, which C does not sequence, are not supported"
            raise UnsupportedError(message, node.span, hint="give each a statement of its own")


def accesses_memory(expression: Expression) -> bool:
    """Whether evaluating an expression reads or writes memory."""
    return any(isinstance(node, Access | Call) for node in nodes(expression))


def _require_supported(call: Call, operation: Operation) -> None:
    if operation.kind is Kind.UPDATE:
        message = f"'{call.name}' is not supported: for C11 models an update is one event that reads and writes"
        raise UnsupportedError(message, call.span)
    if operation.kind is Kind.MUTEX:
        raise UnsupportedError(f"'{call.name}' is not supported: mutexes of C11 are not modelled", call.span)


def _check_count(call: Call, operation: Operation) -> None:
    names = (*operation.parameters, *(("order",) if operation.explicit else ()))
    if len(call.arguments) != len(names):
        plural = "" if len(names) == 1 else "s"
        message = f"'{call.name}' takes {len(names)} argument{plural} ({', '.join(names)}), not {len(call.arguments)}"
        raise ParseError(message, call.span)


def _order(call: Call) -> int:
    match call.arguments[-1]:
        case Constant(number) if 0 <= number < len(TAGS):
            return number
    message = f"the last argument of '{call.name}' must be a memory order: one of {', '.join(ORDERS)}"
    raise ParseError(message, call.arguments[-1].span or call.span)


def _content(pointer: Value) -> Type | None:
    """Return the type of what the location holds."""
    found = pointer.type
    return None if found is None else Type(found.name, found.size, found.signed, max(found.pointer - 1, 0))
