"""What a thread's variables, memory and the results of primitives are known to be before anything runs."""

from collections.abc import Mapping

from litmus.arch.catalogue import recipes
from litmus.arch.inference import Inference
from litmus.arch.page_flag import as_bit_operation
from litmus.arch.recipe import NOW, WAS
from litmus.dataclass import dataclass
from litmus.export.interval import NUMBER, Interval, Place, join
from litmus.program.syntax import Call, Expression, Static
from litmus.program.types import Type

RESULTS = frozenset({WAS, NOW})
"""The results of recipes that are what the location held or holds."""


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known of the variables of the thread called ``thread`` and of memory before anything runs."""

    thread: int
    inference: Inference
    intervals: Mapping[Place, Interval]

    def variable(self, name: str) -> tuple[Type | None, Interval | None]:
        """Return the type of a variable and the values that it may have."""
        return self.inference.locals.get(name), self.intervals.get((self.thread, name))

    def content(self, address: Expression) -> tuple[Type | None, Interval | None]:
        """Return the type of what is in memory at an address, and the values that it may have."""
        type_ = self.inference.pointee(address)
        if isinstance(address, Static):
            return type_, self.intervals.get(address.address)
        alike = [place.address for place in self.inference.program.locations if place.type == type_]
        return type_, join(self.intervals.get(place) for place in alike) if alike else NUMBER

    def result(self, call: Call) -> tuple[Type | None, Interval | None]:
        """Return the type of what a primitive returns, and the values that it may have."""
        type_ = self.inference.of(call)
        operation = as_bit_operation(call, self.inference.program) or call
        recipe = recipes()[operation.name]
        if recipe.result not in RESULTS or "ptr" not in recipe.parameters:
            return type_, NUMBER
        return type_, self.content(operation.arguments[recipe.parameters.index("ptr")])[1]
