"""What the user wrote: statements and expressions of the portable (kernel C) language, and assembly lines.

Names are resolved by the frontend: a shared location is an :class:`Static` address or an :class:`Access` to one, a
thread's own variable is a :class:`Local`. Kernel primitives stay calls by their kernel names; `arch.compile` gives them
meaning. Spans and display texts never take part in equality, so ``parse(print(p)) == p`` can be stated.
"""

from typing import TypeAlias

from litmus.dataclass import dataclass, field
from litmus.program.term import Address
from litmus.program.types import Type
from litmus.source import Span


@dataclass(frozen=True, slots=True)
class Constant:
    """An integer."""

    value: int
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Local:
    """A variable of the thread itself."""

    name: str
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Static:
    """The address of a shared location, known before the program runs (``&x``, ``&page->f``, ``page``)."""

    address: Address
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Access:
    """A plain access to the memory at ``address``: a read as an expression, a write as the target of an assignment."""

    address: "Expression"
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Member:
    """The address of the field called ``name``, ``offset`` bytes into the struct that ``base`` points to."""

    base: "Expression"
    name: str
    offset: int
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Element:
    """The address of element ``index`` (elements are ``size`` bytes) of the array that starts at ``base``."""

    base: "Expression"
    index: "Expression"
    size: int
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """``operator`` is one of ``- ~ !``."""

    operator: str
    operand: "Expression"
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """A C binary operator; ``&&`` and ``||`` short-circuit."""

    operator: str
    left: "Expression"
    right: "Expression"
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Conditional:
    """``condition ? positive : negative``."""

    condition: "Expression"
    positive: "Expression"
    negative: "Expression"
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Cast:
    """A conversion to an integer or pointer type."""

    type: Type
    operand: "Expression"
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A kernel primitive by its kernel name. Location arguments are addresses, as the kernel macro's lvalues would be:
    ``READ_ONCE(x)`` and ``smp_load_acquire(&x)`` both have ``Static(x)`` as argument."""

    name: str
    arguments: tuple["Expression", ...]
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Placeholder:
    """``VAL`` in the condition of ``smp_cond_load_acquire(ptr, condition)``."""

    span: Span | None = field(default=None, compare=False, repr=False)


Expression: TypeAlias = (
    Constant | Local | Static | Access | Member | Element | Unary | Binary | Conditional | Cast | Call | Placeholder
)


@dataclass(frozen=True, slots=True)
class Assignment:
    """``target = value;``. Compound forms (``+=``, ``++``) are already expanded; ``declares`` is the type where the
    statement also declares its target."""

    target: Local | Access
    value: Expression
    declares: Type | None = None
    label: str | None = None
    span: Span | None = field(default=None, compare=False, repr=False)
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Evaluate:
    """``value;`` for its effect."""

    value: Expression
    label: str | None = None
    span: Span | None = field(default=None, compare=False, repr=False)
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Declare:
    """``int r;``"""

    name: str
    type: Type
    label: str | None = None
    span: Span | None = field(default=None, compare=False, repr=False)
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class If:
    """``if (condition) { then } else { otherwise }``."""

    condition: Expression
    then: tuple["Statement", ...]
    otherwise: tuple["Statement", ...] = ()
    label: str | None = None
    span: Span | None = field(default=None, compare=False, repr=False)
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop that tests ``condition`` before each turn (or after it: ``test_first`` False); ``step`` runs after the
    body of each turn and is where ``continue`` goes (``for``)."""

    condition: Expression
    body: tuple["Statement", ...]
    test_first: bool = True
    step: tuple["Statement", ...] = ()
    label: str | None = None
    span: Span | None = field(default=None, compare=False, repr=False)
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Leave:
    """``break;``, ``continue;`` or ``return;`` as ``how`` says."""

    how: str
    label: str | None = None
    span: Span | None = field(default=None, compare=False, repr=False)
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Goto:
    """``goto target;`` where ``target`` is a statement's label or a :class:`Block` label."""

    target: str
    label: str | None = None
    span: Span | None = field(default=None, compare=False, repr=False)
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Block:
    """A block, or with ``inlined`` the body of that function at a call (``return`` leaves only the block)."""

    body: tuple["Statement", ...]
    inlined: str | None = None
    label: str | None = None
    span: Span | None = field(default=None, compare=False, repr=False)
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Await:
    """``await (condition);``: a spin loop that ends when ``condition`` reads true (``how`` = ``await``); or ``assume``,
    ``BUG_ON``, ``WARN_ON`` as ``how`` says."""

    condition: Expression
    how: str = "await"
    label: str | None = None
    span: Span | None = field(default=None, compare=False, repr=False)
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Assembly:
    """One line of assembly: a label definition (``mnemonic`` empty) or an instruction with its operands as parsed by
    the dialect's frontend. Operand forms belong to the dialect: see `arch.<dialect>`."""

    mnemonic: str
    operands: tuple["AssemblyOperand", ...] = ()
    label: str | None = None
    span: Span | None = field(default=None, compare=False, repr=False)
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class AsmRegister:
    """A machine register by its name as written (``W0``, ``X1``, ``r3``, ``EAX``, ``x5``)."""

    name: str


@dataclass(frozen=True, slots=True)
class AsmImmediate:
    """An immediate."""

    value: int


@dataclass(frozen=True, slots=True)
class AsmSymbol:
    """A label, a location by name, or a keyword operand (``ISH``, ``rw``, ``SXTW``)."""

    name: str


@dataclass(frozen=True, slots=True)
class AsmMemory:
    """A memory operand: a base (register or, on x86, symbol) and what is added to it, in order as written."""

    base: "AsmRegister | AsmSymbol"
    parts: tuple["AsmRegister | AsmImmediate | AsmSymbol", ...] = ()


AssemblyOperand: TypeAlias = AsmRegister | AsmImmediate | AsmSymbol | AsmMemory

Statement: TypeAlias = Assignment | Evaluate | Declare | If | Loop | Leave | Goto | Block | Await | Assembly
