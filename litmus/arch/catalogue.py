"""Every kernel primitive that programs can call, by name."""

from functools import cache
from types import MappingProxyType

from litmus.arch.atomic_recipes import atomic_recipes
from litmus.arch.bit_recipes import bit_recipes
from litmus.arch.plain_recipes import plain_recipes
from litmus.arch.recipe import Recipes


@cache
def recipes() -> Recipes:
    """Return the recipe of every primitive, by its kernel name."""
    return MappingProxyType(plain_recipes() | atomic_recipes() | bit_recipes())


def primitive_names() -> frozenset[str]:
    """Return the names that may be called, page-flag accessors aside (these depend on the flags that are declared)."""
    return frozenset(recipes())
