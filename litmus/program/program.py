"""A litmus test: shared locations, threads, and what is asserted about final states."""

from collections.abc import Mapping
from enum import StrEnum

from litmus.dataclass import dataclass, field
from litmus.errors import LitmusError
from litmus.program.syntax import Statement
from litmus.program.term import Address, Term
from litmus.program.types import INT, Struct, Type
from litmus.source import Span


class Dialect(StrEnum):
    """The language that the threads are written in; assembly dialects are named as herd names them."""

    DSL = "dsl"
    C = "C"
    AARCH64 = "AArch64"
    PPC = "PPC"
    RISCV = "RISCV"
    X86 = "X86"
    X86_64 = "X86_64"


class Quantifier(StrEnum):
    """What an assertion claims of the final states that satisfy its condition."""

    FORBID = "forbid"  # no execution ends so (herd: ~exists)
    ALLOW = "allow"  # at least one does (`allow` in the DSL; a herd `exists` is a question, kept as EXISTS)
    REQUIRE = "require"  # every one does (herd: forall)
    EXISTS = "exists"


@dataclass(frozen=True, slots=True)
class Location:
    """A shared location. ``name`` is how states print it; ``address`` how code reaches it."""

    name: str
    address: Address
    type: Type = INT
    initial: int | Address = 0
    declared: bool = field(default=True, compare=False)
    """False for a location that a litmus file only mentions."""
    typed: bool = field(default=True, compare=False)
    """False where a litmus file gives no type: what accesses it then says how many bytes there are."""
    bits: tuple[tuple[str, int], ...] = ()
    """The page flags that share this word, each with its bit number."""
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Thread:
    """A thread. ``registers`` are initial values (assembly); ``types`` the declared types of its locals."""

    name: str
    body: tuple[Statement, ...]
    registers: Mapping[str, int | Address] = field(default_factory=dict)
    types: Mapping[str, Type] = field(default_factory=dict)
    cpu: str | None = None
    parameters: tuple[tuple[str, str], ...] = ()
    """Herd C: (type, name) of each parameter, as written."""
    span: Span | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Assertion:
    """A claim about final states. ``reserved`` names a condition that is not over values (``data_race``, ``deadlock``,
    ``bug``, ``unroll_bound_reached``); else ``condition`` holds. ``models`` None means every model of the test."""

    quantifier: Quantifier
    name: str
    condition: Term
    reserved: str | None = None
    models: tuple[str, ...] | None = None
    span: Span | None = field(default=None, compare=False, repr=False)


DEFAULT_MODELS = ("lkmm", "x86", "armv8", "power", "riscv")


@dataclass(frozen=True, slots=True)
class ArrayView:
    """An array that a herd file looks at as a whole; ``apart`` are the elements that it also names one by one."""

    name: str
    elements: tuple[str, ...]
    apart: frozenset[str]


@dataclass(frozen=True, slots=True)
class Program:
    """One litmus test, one variant of it at most (``variant`` is then its name and the edits are applied)."""

    name: str
    dialect: Dialect
    locations: tuple[Location, ...]
    threads: tuple[Thread, ...]
    assertions: tuple[Assertion, ...] = ()
    filter: Term | None = None
    observed: tuple[Term, ...] = ()
    """What `locations` lists beside what the conditions mention: FinalRegister and FinalLocation terms."""
    views: tuple[ArrayView, ...] = ()
    """The arrays that are shown as a whole."""
    models: tuple[str, ...] = DEFAULT_MODELS
    variant: str | None = None
    doc: str | None = None
    source: str | None = None
    unroll: int | None = None
    info: tuple[tuple[str, str], ...] = ()
    """Key=value lines of a herd file."""
    result: str | None = None
    """Annotation `Result:` of a herd file (Never, Sometimes, Always, DEADLOCK, Maybe), and DATARACE if it has it."""
    result_span: Span | None = field(default=None, compare=False, repr=False)
    structs: tuple[Struct, ...] = ()
    """The layouts that the DSL file declares."""
    objects: tuple[tuple[str, str], ...] = ()
    """Each shared symbol that is a struct or an array of structs, with the name of its layout."""
    span: Span | None = field(default=None, compare=False, repr=False)
    doubts: tuple[LitmusError, ...] = field(default=(), compare=False, repr=False)
    """What has a meaning here, but no C compiler or kernel would take, in the order of the text: warnings."""

    @property
    def title(self) -> str:
        """``name`` or ``name/variant``."""
        return f"{self.name}/{self.variant}" if self.variant else self.name

    @property
    def unconditional(self) -> bool:
        """Whether this is a herd file without a condition: as in herd7 it asks ``forall (true)``, which cannot fail."""
        if self.dialect is Dialect.DSL or len(self.assertions) != 1:
            return False
        (asked,) = self.assertions
        return (asked.quantifier, asked.condition) == (Quantifier.REQUIRE, 1)
