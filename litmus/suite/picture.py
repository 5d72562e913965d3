"""Executions to look at: timelines and event graphs."""

import re
from collections.abc import Iterator

from litmus.dataclass import dataclass, replace
from litmus.engine.base import Execution, Keep, Result
from litmus.errors import LitmusError, UnsupportedError
from litmus.explanation.timeline import timeline, timelines
from litmus.program.program import Program
from litmus.report.naming import naming
from litmus.report.timeline import told
from litmus.suite.answer import Answer, failure
from litmus.suite.command import completeness, results
from litmus.suite.evaluation import Settings, evaluate, structures


def run_timelines(program: Program, settings: Settings) -> Iterator[Answer]:
    """Every kind of execution as columns of steps. A `suite.answer.Command`."""
    for result in results(program, settings):
        if isinstance(result, LitmusError):
            yield failure(result)
        else:
            lines = [*told(result, timelines(result.samples)), "", ""]
            yield Answer("\n".join(lines), status=completeness(result))


@dataclass(frozen=True, slots=True)
class Picture:
    """The event graph of one test under one model, with the rf, co and fr of one execution where there is one."""

    name: str
    dot: str
    svg: str


def picture(program: Program, model: str, settings: Settings) -> Picture:
    """Draw an execution that shows an assertion's condition, rather one that sequential consistency lacks; else any.

    Raises:
        LitmusError: as `evaluate`.
    """
    from litmus.event.graph import event_graph
    from litmus.report.dot import dot
    from litmus.report.svg import svg

    result = evaluate(program, model, replace(settings, keep=Keep.ONE_PER_STATE))
    chosen = _telling(result)
    title = f"{program.title} under {model}"
    if chosen is None:
        structure = next(structures(program, model, settings), None)
        if structure is None:
            raise UnsupportedError(f"'{program.title}' has no path to its end to draw", program.span)
        graph, subtitle = event_graph(structure), "no execution is allowed: events without rf and co"
    else:
        graph = event_graph(chosen.structure, chosen.reads_from, chosen.coherence, chosen.values)
        subtitle = naming(program).state(chosen.state)
    name = re.sub(r"[^\w.+-]+", "_", f"{program.title}@{model}".replace("@", "."))
    return Picture(name, dot(graph, program, f"{title}: {subtitle}"), svg(graph, program, title, subtitle))


def _telling(result: Result) -> Execution | None:
    witnesses = [tally.witness for tally in result.tallies if tally.witness is not None]
    return min(witnesses or result.samples, key=lambda execution: timeline(execution).sequential, default=None)
