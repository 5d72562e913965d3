"""Paths of threads that recur: where only the origins of instructions differ, only they differ in the paths.

What an exploration asks of the test around the thread is which locations addresses belong to. That is written down with
the paths that it found, so that they serve again where the answers are the same.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

from litmus.dataclass import dataclass, replace
from litmus.event.path import Path, Resolve, Target
from litmus.program.instruction import Instruction, Label, Origin, Recurring
from litmus.program.term import Address, Term

Explore: TypeAlias = Callable[[Resolve], list[Path]]
"""Explores a thread with what resolves its addresses."""

MOST = 8
"""How many explorations of one thread's code are remembered."""

_Asked: TypeAlias = tuple[tuple[Address, Sequence[Target]], ...]


@dataclass(frozen=True, slots=True)
class _Explored:
    """The paths of ``code``, with the targets of the addresses that were asked for."""

    code: tuple[Instruction, ...]
    asked: _Asked
    paths: Sequence[Path]

    def holds(self, resolve: Resolve) -> bool:
        """Whether the addresses have these targets here."""
        return all(resolve(address, {}) == targets for address, targets in self.asked)

    def placed(self, code: tuple[Instruction, ...]) -> list[Path]:
        """Return the paths of code that differs from this one in origins alone."""
        steps = {id(old): new for old, new in zip(self.code, code, strict=True)}
        origins = {
            id(old.origin): new.origin
            for old, new in zip(self.code, code, strict=True)
            if not isinstance(old, Label) and not isinstance(new, Label)
        }
        return [_placed(path, steps, origins) for path in self.paths]


def _placed(path: Path, steps: Mapping[int, Instruction], origins: Mapping[int, Origin]) -> Path:
    return replace(
        path,
        events=tuple([replace(event, origin=origins[id(event.origin)]) for event in path.events]),
        trace=tuple([replace(step, instruction=steps[id(step.instruction)]) for step in path.trace]),
    )


def remembered(code: Sequence[Instruction], given: Hashable, resolve: Resolve, explore: Explore) -> list[Path]:
    """Return what ``explore`` finds with ``resolve``, from memory where that is known. ``given`` is all that it depends
    on besides the code and its addresses."""
    if not isinstance(code, Recurring):
        return explore(resolve)
    known = _known(code.mold, given)
    for explored in known:
        if explored.holds(resolve):
            return explored.placed(code)
    asked: dict[Address, Sequence[Target]] = {}
    constant = True

    def noting(term: Term, locations: Mapping[int, str]) -> Sequence[Target]:
        nonlocal constant
        targets = resolve(term, locations)
        if isinstance(term, Address):
            asked[term] = targets
        else:
            constant = False
        return targets

    paths = explore(noting)
    if constant and len(known) < MOST and _belong(paths, code):
        known.append(_Explored(code, tuple(asked.items()), paths))
    return paths


def _belong(paths: Iterable[Path], code: Sequence[Instruction]) -> bool:
    """Whether all that has an origin has that of an instruction of the code."""
    origins = {id(i.origin) for i in code if not isinstance(i, Label)}
    return all(path.wait is None and all(id(e.origin) in origins for e in path.events) for path in paths)


@lru_cache(maxsize=1024)
def _known(_mold: object, _given: Hashable) -> list[_Explored]:
    """Return the one list of what is known of a thread's code."""
    return []
