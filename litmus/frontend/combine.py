"""A herd file's parts, whatever its language, as one Program."""

from collections.abc import Mapping

from litmus.errors import LitmusError, UnknownNameError, did_you_mean
from litmus.frontend.condition import Final
from litmus.frontend.sections import Sections
from litmus.program.program import Assertion, Dialect, Location, Program, Thread
from litmus.source import Span


def combine(
    sections: Sections,
    dialect: Dialect,
    locations: tuple[Location, ...],
    threads: tuple[Thread, ...],
    final: Final,
    model: str,
    doubts: tuple[LitmusError, ...] = (),
) -> Program:
    """Return the Program of a herd file from its parts."""
    assertion = Assertion(final.quantifier, sections.name, final.condition, span=final.span)
    return Program(
        name=sections.name,
        dialect=dialect,
        locations=locations,
        threads=threads,
        assertions=(assertion,),
        filter=final.filter,
        observed=final.observed,
        views=final.views,
        models=(model,),
        doc=sections.doc,
        info=sections.info,
        result=sections.result,
        result_span=sections.result_span,
        span=sections.program,
        doubts=doubts,
    )


def known_location(name: str, locations: Mapping[str, Location], span: Span) -> str:
    """Return ``name``, or raise where the test has no such location."""
    if name not in locations:
        raise UnknownNameError(f"the test has no location '{name}'", span, hint=did_you_mean(name, locations))
    return name
