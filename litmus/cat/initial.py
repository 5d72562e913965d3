"""The names that a model finds defined: primitive sets and relations, and what follows from them.

They follow the initial environment of herd7 (herd/machModelChecker.ml). Static ones come from the event structure;
``rf`` and ``co`` are the engine's variables; the rest is derived here.
"""

from collections.abc import Callable, Iterable, Mapping

from litmus.cat.operate import Operators
from litmus.cat.value import EventSet, Relation, Value
from litmus.relation.graph import Graph, Node, Sort
from litmus.relation.model import Basis


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SETS = _words("R W M F B IW")
"""Sets of events that every event structure has."""

TAGS = _words(
    """Once Acquire Release Noreturn Mb Rmb Wmb Barrier Rcu-lock Rcu-unlock Sync-rcu Srcu-lock Srcu-unlock Sync-srcu
    Before-atomic After-atomic After-spinlock After-unlock-lock After-srcu-read-unlock LKR LKW UL LF RL RU Plain RMW
    A Q L X NoRet DMB.ISH DMB.ISHLD DMB.ISHST DMB.SY DMB.LD DMB.ST DSB.ISH DSB.ISHLD DSB.ISHST DSB.SY DSB.LD DSB.ST ISB
    SYNC LWSYNC EIEIO ISYNC MFENCE SFENCE LFENCE
    Fence.rw.rw Fence.rw.w Fence.rw.r Fence.r.rw Fence.r.r Fence.r.w Fence.w.w Fence.w.r Fence.w.rw Fence.tso Fence.i
    Acq Rel AcqRel"""
)
"""Tags that an event of some program can carry: where no event does, the set is empty."""

RELATIONS = _words("po addr data ctrl rmw amo lxsx loc int ext")
"""Relations that every event structure has."""

ABSENT_SETS = _words(
    """NExp SPEC SPURIOUS PRED T PA PTE D-PTE I-PTE PTEV PTEINV PTEAF0 PTEDB0 PTEMemAttr PTEXS AF DB MMU D-MMU I-MMU
    Translation AccessFlag Permission TagCheck FAULT FAULT-RD FAULT-WR EXC-ENTRY EXC-RET SVC TLBI TLBInXS TLBIIS
    IC.IALLUIS IC.IALLU IC.IVAU DC.CVAU Instr Restricted-CMODX GCS CutOff DMB.OSH DMB.OSHLD DMB.OSHST DMB.NSH DMB.NSHLD
    DMB.NSHST DSB.OSH DSB.OSHLD DSB.OSHST DSB.NSH DSB.NSHLD DSB.NSHST DMB DSB Sc LK LS ACQ REL ACQ_REL RLX CON SC NA"""
)
"""Sets of herd7 that are empty here: faults, page tables, caches, tags of memory, C11 orders."""

ABSENT_RELATIONS = _words("iico_order inv-domain inv-scope same-tag-loc PTEtoPA po-va-loc tst success depend")
"""Relations of herd7 that are empty here, for the same reasons."""


class Initial:
    """Finds initial names in a graph.

    ``tags`` are the tags that events can carry beyond `TAGS`, ``aliases`` the sets that a bell file names after tags
    which are known under a name that differs in case. ``empty`` names are taken to be empty. ``unresolved`` collects
    the names that were looked for in vain.
    """

    def __init__(
        self,
        operators: Operators,
        basis: Basis,
        *,
        tags: frozenset[str],
        aliases: Mapping[str, str],
        empty: frozenset[str] = frozenset(),
        coherence: int | None = None,
    ) -> None:
        self.operators = operators
        self.basis = basis
        self.tags = tags
        self.aliases = aliases
        self.empty = empty
        self.coherence = coherence
        self.unresolved: set[str] = set()
        self._found: dict[str, Value] = {}
        self._derived: Mapping[str, Callable[[Graph], Value]] = {
            "rf": lambda graph: self._variable("rf", basis.reads_from),
            "co": lambda graph: self._variable("co", coherence),
            "coi": lambda graph: Relation(graph.intersection(self._relation("co"), self._relation("int"))),
            "coe": lambda graph: Relation(graph.intersection(self._relation("co"), self._relation("ext"))),
            "fr": self._from_reads,
            "fri": lambda graph: Relation(graph.intersection(self._relation("fr"), self._relation("int"))),
            "fre": lambda graph: Relation(graph.intersection(self._relation("fr"), self._relation("ext"))),
            "FW": self._final_writes,
            "Exp": lambda graph: EventSet(self._set("M")),
            "EXEC": lambda graph: EventSet(self._set("M")),
            "BCC": lambda graph: EventSet(self._set("B")),
            "EX": self._exclusives,
            "AMO": lambda graph: EventSet(self._atomic_instructions(graph)),
            "sm": lambda graph: Relation(graph.identity(self._set("M"))),
            "si": lambda graph: Relation(graph.identity(self._set("M"))),
            "partial_po": lambda graph: Relation(self._relation("po")),
        }

    def find(self, name: str) -> Value | None:
        """Return what the name denotes, None where it is not known."""
        found = self._found.get(name)
        if found is None:
            found = self._find(self.aliases.get(name, name))
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
            *self.aliases,
        ]

    def _find(self, name: str) -> Value | None:
        graph = self.operators.graph
        if name == "id":
            return Relation(graph.identity(graph.everything()))
        if name in self.basis.relations or name in RELATIONS:
            return Relation(self._static(name, Sort.RELATION, self.basis.relations))
        if name in self.basis.sets:
            return EventSet(self._static(name, Sort.SET, self.basis.sets))
        if name in self._derived:
            return self._derived[name](graph)
        if name in SETS or name in TAGS or name in self.tags:
            return EventSet(self._static(name, Sort.SET, self.basis.sets))
        if name in ABSENT_SETS:
            return EventSet(graph.empty(Sort.SET))
        if name in ABSENT_RELATIONS:
            return Relation(graph.empty(Sort.RELATION))
        return None

    def _static(self, name: str, sort: Sort, values: Mapping[str, int]) -> Node:
        graph = self.operators.graph
        if name in self.empty:
            return graph.empty(sort)
        if graph.universe is None:
            return graph.variable(name, sort)
        return graph.constant(values.get(name, 0), sort)

    def _variable(self, name: str, value: int | None) -> Value:
        graph = self.operators.graph
        if value is None or graph.universe is None:
            return Relation(graph.variable(name, Sort.RELATION))
        return Relation(graph.constant(value, Sort.RELATION))

    def _relation(self, name: str) -> Node:
        value = self.find(name)
        assert isinstance(value, Relation)
        return value.node

    def _set(self, name: str) -> Node:
        value = self.find(name)
        assert isinstance(value, EventSet)
        return value.node

    def _from_reads(self, graph: Graph) -> Value:
        composed = graph.sequence(graph.inverse(self._relation("rf")), self._relation("co"))
        return Relation(graph.difference(composed, graph.identity(graph.everything())))

    def _final_writes(self, graph: Graph) -> Value:
        """The last writes; none at locations of locks, whose final value herd7 does not look at."""
        if self.basis.final_writes is not None and graph.universe is not None:
            return EventSet(graph.constant(self.basis.final_writes, Sort.SET))
        locks = self._union(("LKR", "LKW", "UL", "LF", "RL", "RU"))
        beside = graph.codomain(graph.sequence(graph.identity(locks), self._relation("loc")))
        last = graph.difference(self._set("W"), graph.domain(self._relation("co")))
        return EventSet(graph.difference(last, beside))

    def _exclusives(self, graph: Graph) -> Value:
        """Accesses of exclusives, paired or not: what carries X and is no atomic instruction's."""
        return EventSet(graph.difference(self._set("X"), self._atomic_instructions(graph)))

    def _atomic_instructions(self, graph: Graph) -> Node:
        atomic = self._relation("amo")
        return graph.union(graph.domain(atomic), graph.codomain(atomic))

    def _union(self, names: Iterable[str]) -> Node:
        node = self.operators.graph.empty(Sort.SET)
        for name in names:
            node = self.operators.graph.union(node, self._set(name))
        return node
