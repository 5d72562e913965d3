"""What files for other tools have in common: names, quantifiers, and the templates that they are rendered from."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from litmus import __version__
from litmus.dataclass import dataclass
from litmus.export.identifier import name_of_test
from litmus.program.program import Assertion, Program, Quantifier

QUANTIFIERS = {
    Quantifier.FORBID: "exists",
    Quantifier.ALLOW: "exists",
    Quantifier.EXISTS: "exists",
    Quantifier.REQUIRE: "forall",
}


WRITTEN = "Written by litmuskit"
"""What is in the comment of every file."""


class Lower(StrEnum):
    """What becomes of what a target cannot say: an error, or an equivalent that the file states."""

    NOTHING = "nothing"
    EQUAL = "equal"
    BITS = "bits"
    """The same, and bits of a word that bit operations are about are locations of their own, which is weaker."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A file to write: its name, and its text."""

    file: str
    text: str


def stem_of(program: Program, assertion: Assertion) -> str:
    """Return the name of a test with one of its assertions, that of its file too: ``test+variant.assertion``. The name
    that a file gives its test is a word to herd7, and a part of what litmus7 and klitmus7 write."""
    name = name_of_test(program.title)
    if assertion.name:
        return f"{name}.{name_of_test(assertion.name)}"
    several = len(program.assertions) > 1
    return f"{name}.{program.assertions.index(assertion) + 1}" if several else name


def written_by(program: Program, assertion: Assertion) -> str:
    """Return what a file says of how it came to be."""
    return f"{WRITTEN} {__version__} from {origin_of(program, assertion)}; do not edit."


def origin_of(program: Program, assertion: Assertion) -> str:
    """Return where a file comes from."""
    file = program.span.source.name if program.span else "a program"
    variant = f", variant {program.variant}" if program.variant else ""
    return f"{file}, test {program.name}{variant}, {assertion.quantifier} {assertion.name}".rstrip()


def render(template: str, fields: Mapping[str, object]) -> str:
    """Return the text of a template."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(fields)
