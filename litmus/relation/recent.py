"""Results that are kept because they may be asked for again, a bounded number of them."""

from collections.abc import Hashable
from typing import Generic, TypeVar

from litmus.dataclass import dataclass, field

Kept = TypeVar("Kept")


@dataclass(slots=True)
class Recent(Generic[Kept]):
    """The ``most`` results that were used last, by what they were computed from."""

    most: int
    _results: dict[Hashable, Kept] = field(default_factory=dict)

    def get(self, key: Hashable) -> Kept | None:
        """Return the result for ``key`` if it is still there; it is the one used last then."""
        found = self._results.pop(key, None)
        if found is not None:
            self._results[key] = found
        return found

    def keep(self, key: Hashable, result: Kept) -> None:
        """Keep a result; where there are too many, the one that was not used for longest goes."""
        self._results[key] = result
        if len(self._results) > self.most:
            del self._results[next(iter(self._results))]
