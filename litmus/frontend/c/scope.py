"""What names mean in a thread: parameters are addresses of shared locations, everything else is the thread's own."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from litmus.dataclass import dataclass, field, replace
from litmus.errors import LitmusError, ParseError, UnknownNameError, UnsupportedError, did_you_mean
from litmus.frontend.faults import Faults
from litmus.program.c11 import ORDERS
from litmus.program.primitive import PRIMITIVES, Parameter
from litmus.program.syntax import Cast, Constant, Element, Expression, Local, Static
from litmus.program.term import Address
from litmus.program.types import TYPES, Type
from litmus.source import Span

Signature: TypeAlias = Callable[[str], Sequence[Parameter]]
"""From a primitive's name to what its arguments are."""


def kernel_signature(name: str) -> Sequence[Parameter]:
    """Return what the arguments of the kernel primitive called ``name`` are; all are values where there is none."""
    primitive = PRIMITIVES.get(name)
    return primitive.parameters if primitive else ()


CONSTANTS = {"NULL": 0, "true": 1, "false": 0, **ORDERS}


@dataclass(slots=True)
class Scope:
    """The names of one thread. ``shared`` are the types of all locations of the test, ``parameters`` those that the
    thread can reach; reads of names that nothing has declared are checked when the thread has been read."""

    section: Span
    shared: Mapping[str, Type]
    parameters: frozenset[str]
    signature: Signature
    faults: Faults
    locals: dict[str, Type | None] = field(default_factory=dict)
    open_blocks: list[set[str]] = field(default_factory=list)
    unresolved: dict[str, Span] = field(default_factory=dict)
    undeclared: dict[str, Span] = field(default_factory=dict)
    """Variables that are assigned and never declared, where that happens first."""
    written: set[str] = field(default_factory=set)
    waiting: bool = False
    """Whether ``VAL`` stands for what a ``smp_cond_load_…`` reads."""

    def declare(self, name: str, kind: Type, span: Span) -> None:
        """Note a declared variable.

        Raises:
            ParseError: when the block already has it.
            UnsupportedError: when it would hide another variable.
        """
        if name in self.open_blocks[-1]:
            raise ParseError(f"'{name}' is declared twice", span)
        if name in self.parameters or any(name in names for names in self.open_blocks):
            raise UnsupportedError(f"the declaration of '{name}' hides another '{name}'", span)
        self.open_blocks[-1].add(name)
        self.locals[name] = kind

    def assigned(self, name: str, span: Span) -> Local:
        """Return the variable called ``name`` as a target, which declares it where nothing else does."""
        if name in self.parameters and name not in self.locals:
            raise LitmusError(f"'{name}' is the address of a location and cannot be assigned: write '*{name}'", span)
        if name not in self.locals:
            self.locals[name] = None
            self.undeclared[name] = span
        self.written.add(name)
        return Local(name, span)

    def resolve(self, name: str, span: Span) -> Expression:
        """Return what ``name`` stands for as a value."""
        if name in self.locals:
            return Local(name, span)
        if name in self.parameters:
            return Static(Address(name), span)
        if name in CONSTANTS:
            return Constant(CONSTANTS[name], span)
        self.unresolved.setdefault(name, span)
        return Local(name, span)

    def finish(self, thread: str) -> None:
        """Tell of the names that were read but belong to nothing, and of the variables that no declaration gives."""
        for name, span in self.unresolved.items():
            if name not in self.locals:
                self.faults.add(self.unknown(name, span))
        if self.undeclared:
            names = [f"'{name}'" for name in self.undeclared]
            listed = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
            place = next(iter(self.undeclared.values()))
            self.faults.doubt(f"{thread} assigns {listed} without a declaration", place)

    def unknown(self, name: str, span: Span) -> UnknownNameError:
        """Return the error that reading a name is which belongs to nothing."""
        if name in self.shared:
            return UnknownNameError(f"'{name}' is not among the parameters of this thread", span)
        hint = did_you_mean(name, [*self.locals, *self.parameters, *ORDERS])
        return UnknownNameError(f"'{name}' is neither a parameter nor a variable of this thread", span, hint=hint)

    def pointee_size(self, pointer: Expression) -> int | None:
        """Return the size of what ``pointer`` points to, None where it is no pointer as far as types tell."""
        match pointer:
            case Static(Address(symbol)) if symbol in self.shared:
                return self.shared[symbol].size
            case Element(size=size):
                return size
            case Local(name):
                return _pointee_size(self.locals.get(name))
            case Cast(kind):
                return _pointee_size(kind)
        return None

    def pointee(self, pointer: Expression) -> Type | None:
        """Return the type of what ``pointer`` points to, None where types do not tell."""
        match pointer:
            case Static(Address(symbol)):
                return self.shared.get(symbol)
            case Element(base=base):
                return self.pointee(base)
            case Local(name):
                return _pointee(self.locals.get(name))
            case Cast(kind):
                return _pointee(kind)
        return None


def _pointee(kind: Type | None) -> Type | None:
    if kind is None or not kind.pointer:
        return None
    return replace(kind, pointer=kind.pointer - 1) if kind.pointer > 1 else TYPES.get(kind.name)


def _pointee_size(kind: Type | None) -> int | None:
    if kind is None or not kind.pointer:
        return None
    if kind.pointer > 1:
        return 8
    return TYPES[kind.name].size if kind.name in TYPES else 1
