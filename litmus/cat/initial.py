"""The names that a model finds defined: primitive sets and relations, and what follows from them.

They follow the initial environment of herd7 (herd/machModelChecker.ml). Static ones come from the event structure;
``rf`` and ``co`` are the engine's variables; the rest is derived here.
"""

from collections.abc import Callable, Iterable, Mapping

from litmus.cat.operate import Operators
from litmus.cat.template import ANY_CASE, static_value
from litmus.cat.value import EventSet, Relation, Value
from litmus.relation.graph import Graph
from litmus.relation.model import Basis
from litmus.relation.node import Node, Sort


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SETS = _words("R W M F B IW Rreg Wreg DATA")
"""Sets of events that every event structure has."""

KERNEL_TAGS = _words(
    """Once Acquire Release Noreturn Mb Rmb Wmb Barrier Rcu-lock Rcu-unlock Sync-rcu Srcu-lock Srcu-unlock Sync-srcu
    Before-atomic After-atomic After-spinlock After-unlock-lock After-srcu-read-unlock"""
)
"""Tags that the kernel's macros give, in any case: 'ONCE too makes Once. A bell file declares its own instead."""

TAGS = KERNEL_TAGS | _words(
    """LKR LKW UL LF RL RU Plain RMW
    A Q L X NT NoRet
    DMB.ISH DMB.ISHLD DMB.ISHST DMB.SY DMB.LD DMB.ST DSB.ISH DSB.ISHLD DSB.ISHST DSB.SY DSB.LD DSB.ST ISB
    DMB.OSH DMB.OSHLD DMB.OSHST DMB.NSH DMB.NSHLD DMB.NSHST DSB.OSH DSB.OSHLD DSB.OSHST DSB.NSH DSB.NSHLD DSB.NSHST
    SYNC LWSYNC EIEIO ISYNC MFENCE SFENCE LFENCE
    Fence.rw.rw Fence.rw.w Fence.rw.r Fence.r.rw Fence.r.r Fence.r.w Fence.w.w Fence.w.r Fence.w.rw Fence.tso Fence.i
    Acq Rel AcqRel ACQ REL ACQ_REL RLX CON SC LK LS"""
)
"""Tags that an event of some program can carry: where no event does, the set is empty."""

RELATIONS = _words("po addr data ctrl pick-addr pick-data pick-ctrl rmw amo lxsx loc int ext")
"""Relations that every event structure has."""

ABSENT_SETS = _words(
    """NExp SPEC SPURIOUS PRED T PA PTE D-PTE I-PTE PTEV PTEINV PTEAF0 PTEDB0 PTEMemAttr PTEXS AF DB MMU D-MMU I-MMU
    Translation AccessFlag Permission TagCheck FAULT FAULT-RD FAULT-WR EXC-ENTRY EXC-RET SVC TLBI TLBInXS TLBIIS
    IC.IALLUIS IC.IALLU IC.IVAU DC.CVAU Instr Restricted-CMODX GCS CutOff DMB DSB Sc"""
)
"""Sets of herd7 that are empty here: faults, page tables, caches, tags of memory."""

ABSENT_RELATIONS = _words("iico_order inv-domain inv-scope same-tag-loc PTEtoPA po-va-loc tst success depend")
"""Relations of herd7 that are empty here, for the same reasons."""


_ACCESSES = ("R", "W", "M")
LOCK_READS = ("LKR", "LF", "RL", "RU")
LOCK_WRITES = ("LKW", "UL")
_SRCU = ("Srcu-lock", "Srcu-unlock", "Sync-srcu")
_LOCKS = (*LOCK_READS, *LOCK_WRITES)


class Initial:
    """Finds initial names in a graph.

    ``tags`` are the tags that events can carry beyond `TAGS`, ``bell_sets`` the sets that a bell file names after its
    tags. ``empty`` names are taken to be empty. ``unresolved`` collects the names that were looked for in vain, the
    absent ones among them: a later basis may have them.
    """

    def __init__(
        self,
        operators: Operators,
        basis: Basis,
        *,
        tags: frozenset[str],
        bell_sets: frozenset[str],
        empty: frozenset[str] = frozenset(),
        coherence: int | None = None,
    ) -> None:
        self.operators = operators
        self.basis = basis
        self.tags = tags
        self.bell_sets = bell_sets
        self.empty = empty
        self.coherence = coherence
        self.unresolved: set[str] = set()
        self._found: dict[str, Value] = {}
        self._derived: Mapping[str, Callable[[Graph], Value]] = {
            "rf": lambda graph: self._variable("rf", basis.reads_from),
            "co": lambda graph: self._variable("co", coherence),
            "coi": lambda graph: Relation(graph.intersection(self.relation("co"), self.relation("int"))),
            "coe": lambda graph: Relation(graph.intersection(self.relation("co"), self.relation("ext"))),
            "fr": self._from_reads,
            "fri": lambda graph: Relation(graph.intersection(self.relation("fr"), self.relation("int"))),
            "fre": lambda graph: Relation(graph.intersection(self.relation("fr"), self.relation("ext"))),
            "FW": self._final_writes,
            "R": lambda graph: self._without_locks("R"),
            "W": lambda graph: self._without_locks("W"),
            "M": lambda graph: self._without_locks("M"),
            "Exp": lambda graph: EventSet(self._set("M")),
            "EXEC": lambda graph: EventSet(self._set("M")),
            "BCC": lambda graph: EventSet(self._set("B")),
            "EX": self._exclusives,
            "NA": lambda graph: EventSet(graph.complement(self._set("A"))),
            "AMO": lambda graph: EventSet(self._atomic_instructions(graph)),
            "sm": self._same_access,
            "si": self._same_access,
            "same-low-order-bits": lambda graph: Relation(graph.cartesian(self._set("M"), self._set("M"))),
            "ADDR": lambda graph: EventSet(graph.difference(self._set("Rreg"), self._set("DATA"))),
            "NDATA": lambda graph: EventSet(graph.complement(self._set("DATA"))),
            "partial_po": lambda graph: Relation(self.relation("po")),
        }

    def find(self, name: str) -> Value | None:
        """Return what the name denotes, None where it is not known."""
        found = self._found.get(name)
        if found is None:
            found = self._find(name)
            if found is None:
                self.unresolved.add(name)
                return None
            self._found[name] = found
        return found

    def known(self) -> list[str]:
        """Return all names there are."""
        return [
            "id",
            *self._derived,
            *SETS,
            *TAGS,
            *self.tags,
            *RELATIONS,
            *self.basis.sets,
            *self.basis.relations,
            *self.bell_sets,
        ]

    def _find(self, name: str) -> Value | None:
        graph = self.operators.graph
        if name == "id":
            return Relation(graph.identity(graph.everything()))
        if name in self.basis.relations or name in RELATIONS:
            return Relation(self._static(name, Sort.RELATION))
        if name in _ACCESSES:
            return self._derived[name](graph)
        if name in self.bell_sets or (not self.bell_sets and name in KERNEL_TAGS):
            return EventSet(self._static(ANY_CASE + name.casefold(), Sort.SET))
        if name in self.basis.sets:
            return EventSet(self._static(name, Sort.SET))
        if name in self._derived:
            return self._derived[name](graph)
        if name in SETS or name in TAGS or name in self.tags:
            return EventSet(self._static(name, Sort.SET))
        if name in ABSENT_SETS:
            self.unresolved.add(name)
            return EventSet(graph.empty(Sort.SET))
        if name in ABSENT_RELATIONS:
            self.unresolved.add(name)
            return Relation(graph.empty(Sort.RELATION))
        return None

    def _static(self, name: str, sort: Sort) -> Node:
        graph = self.operators.graph
        if name in self.empty:
            return graph.empty(sort)
        if graph.universe is None:
            return graph.variable(name, sort)
        return graph.constant(static_value(self.basis, name), sort)

    def _variable(self, name: str, value: int | None) -> Value:
        graph = self.operators.graph
        if value is None or graph.universe is None:
            return Relation(graph.variable(name, Sort.RELATION))
        return Relation(graph.constant(value, Sort.RELATION))

    def relation(self, name: str) -> Node:
        """Return the node of an initial relation."""
        value = self.find(name)
        assert isinstance(value, Relation)
        return value.node

    def _set(self, name: str) -> Node:
        value = self.find(name)
        assert isinstance(value, EventSet)
        return value.node

    def _from_reads(self, graph: Graph) -> Value:
        composed = graph.sequence(graph.inverse(self.relation("rf")), self.relation("co"))
        return Relation(graph.difference(composed, graph.identity(graph.everything())))

    def _final_writes(self, graph: Graph) -> Value:
        """The last writes; none at locations of locks and SRCU structures, whose final value nobody can ask for."""
        synchronisation = graph.identity(self.union((*_LOCKS, *_SRCU)))
        beside = graph.codomain(graph.sequence(synchronisation, self.relation("loc")))
        if self.basis.final_writes is not None and graph.universe is not None:
            last = graph.constant(self.basis.final_writes, Sort.SET)
        else:
            last = graph.difference(self._set("W"), graph.domain(self.relation("co")))
        return EventSet(graph.difference(last, beside))

    def _without_locks(self, name: str) -> Value:
        """Operations on locks are no accesses until a model says so, as the kernel's lock.cat does."""
        node = self.operators.graph.difference(self._static(name, Sort.SET), self.union(_LOCKS))
        return EventSet(node)

    def _same_access(self, graph: Graph) -> Value:
        """Each access and itself, and the events that one access has where accesses are divided."""
        return Relation(graph.union(graph.identity(self._set("M")), self._static("same-access", Sort.RELATION)))

    def _exclusives(self, graph: Graph) -> Value:
        """Accesses of exclusives, paired or not: what carries X and is no atomic instruction's."""
        return EventSet(graph.difference(self._set("X"), self._atomic_instructions(graph)))

    def _atomic_instructions(self, graph: Graph) -> Node:
        atomic = self.relation("amo")
        return graph.union(graph.domain(atomic), graph.codomain(atomic))

    def union(self, names: Iterable[str]) -> Node:
        """Return the node of the union of initial sets."""
        node = self.operators.graph.empty(Sort.SET)
        for name in names:
            node = self.operators.graph.union(node, self._set(name))
        return node
