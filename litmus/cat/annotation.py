"""What bell files declare of the tags that instructions can carry."""

from collections.abc import Mapping

from litmus.dataclass import dataclass, field

AnnotationList = tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class Annotations:
    """The declarations of a model and its bell file."""

    enumerations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    instructions: Mapping[str, tuple[AnnotationList, ...]] = field(default_factory=dict)
    """For each kind of instruction, the alternatives that were declared: a set of tags for each place."""
    defaults: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def tags(self) -> frozenset[str]:
        """The tags that instructions can carry."""
        return frozenset(t for alternatives in self.instructions.values() for a in alternatives for s in a for t in s)

    @property
    def sets(self) -> frozenset[str]:
        """The sets of events that the tags make."""
        return frozenset(instruction_set_name(tag) for tag in self.tags)


def instruction_set_name(tag: str) -> str:
    """Return the name of the set of events that carry a tag: ``'once`` makes ``Once`` (lib/BellName.ml)."""
    return tag[:1].upper() + tag[1:]
