"""The filter of a test as part of the control path, where that says the same: then candidates are dropped early."""

from litmus.dataclass import replace
from litmus.engine.candidate import Candidates
from litmus.engine.goals import stops
from litmus.event.structure import EventStructure
from litmus.program.term import WRAPS, Address, Apply, FinalRegister, Leaf, ReadValue, Term, substitute

_PLAIN = frozenset({"==", "!=", "&&", "||", "!", "=>", *WRAPS})
"""Operators that have a meaning for all values but those that come out of thin air."""


def filtered(structure: EventStructure, term: Term | None) -> EventStructure:
    """Return a structure whose executions are those of ``structure`` that pass a filter; itself where the filter is
    not about values that were read, and compared, alone. Executions that stop before their end pass every filter."""
    if term is None or stops(structure.marks) or not _plain(structure, term):
        return structure
    from litmus.engine.sat.choice import may_be_circular

    if may_be_circular(Candidates(structure)):
        return structure

    def held(leaf: Leaf) -> Term | None:
        return structure.final.get((leaf.thread, leaf.register), 0) if isinstance(leaf, FinalRegister) else None

    return replace(structure, constraints=(*structure.constraints, substitute(term, held)))


def _plain(structure: EventStructure, term: Term) -> bool:
    if isinstance(term, Apply):
        return term.operator in _PLAIN and all(_plain(structure, operand) for operand in term.operands)
    if isinstance(term, FinalRegister):
        return isinstance(structure.final.get((term.thread, term.register), 0), (int, ReadValue))
    return isinstance(term, int) and not isinstance(term, Address)
