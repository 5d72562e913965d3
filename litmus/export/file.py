"""What files for other tools have in common: names, quantifiers, and the templates that they are rendered from."""

from collections.abc import Mapping
from pathlib import Path

from litmus.dataclass import dataclass
from litmus.program.program import Assertion, Program, Quantifier

QUANTIFIERS = {
    Quantifier.FORBID: "exists",
    Quantifier.ALLOW: "exists",
    Quantifier.EXISTS: "exists",
    Quantifier.REQUIRE: "forall",
}


@dataclass(frozen=True, slots=True)
class Exported:
    """A file to write: its name, and its text."""

    file: str
    text: str


def title_of(program: Program, assertion: Assertion) -> str:
    """Return the title of a test with one of its assertions, which is named where there are several."""
    several = sum(not a.reserved for a in program.assertions) > 1
    return f"{program.title}/{assertion.name}" if several and assertion.name else program.title


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
