"""Timelines as text: one column a thread, as in a kernel mail."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest
from textwrap import wrap

from litmus.engine.base import Result
from litmus.engine.final import readable
from litmus.explanation.step import Effect, Step
from litmus.explanation.timeline import Timeline
from litmus.program.program import Location, Program, Thread
from litmus.program.term import FinalLocation, Leaf, Term, Value, holds, substitute
from litmus.report.naming import naming
from litmus.report.record import Moment, place

WIDTH = 44
"""The widest that a column gets; longer lines are folded."""


def told(result: Result, timelines: Sequence[Timeline]) -> Iterator[str]:
    """Yield the lines of all timelines of one result."""
    names = naming(result.program)
    kinds = f"{len(timelines)} kind{'' if len(timelines) == 1 else 's'} of execution"
    yield f"{result.program.title} under {result.model}: {kinds}"
    initial = [
        f"{name} = {value}"
        for location in result.program.locations
        for name, value in names.held(FinalLocation(location.name), location.initial)
    ]
    if initial:
        yield f"initially {', '.join(initial)}"
    for number, timeline in enumerate(timelines, 1):
        yield ""
        yield from _timeline(result, timeline, number)
    yield from (f"incomplete: {reason}" for reason in result.unknown)
    yield from (f"inexact: {reason}" for reason in result.inexact)


def moments(result: Result, timeline: Timeline) -> Iterator[Moment]:
    """Yield the steps of a timeline one by one, each with its place."""
    program, events = result.program, timeline.execution.structure.events
    for step in timeline.steps:
        effects = ", ".join(_effect(program, effect) for effect in step.effects)
        text = step.text.strip().rstrip(";") + (f" ({effects})" if effects else "")
        yield Moment(program.threads[step.thread].name, text, place(events[step.events[0]].origin.span))


def _timeline(result: Result, timeline: Timeline, number: int) -> Iterator[str]:
    program = result.program
    names = naming(program)
    yield f"[T{number}]{_manner(timeline)}"
    heads = [_head(thread, index) for index, thread in enumerate(program.threads)]
    cells = [(step.thread, _cell(program, step)) for step in timeline.steps]
    widths = [
        max([len(head), *(len(line) for thread, lines in cells if thread == index for line in lines)])
        for index, head in enumerate(heads)
    ]
    yield _line(heads, widths, " | ")
    yield "-+-".join("-" * width for width in widths)
    for thread, lines in cells:
        for line in lines:
            yield _line([line if index == thread else "" for index in range(len(heads))], widths, " | ")
    yield f"ends with {names.state(timeline.state) or 'nothing observed'}{_claims(result, timeline)}"


def _manner(timeline: Timeline) -> str:
    same = f" ({timeline.represents} executions)" if timeline.represents > 1 else ""
    if not timeline.coherent:
        return same + " no order of the steps explains the values; shown in program order"
    if timeline.sequential:
        return same
    early = [f"[{step.label}] ahead of {_labels(step.ahead_of)}" for step in timeline.steps if step.ahead_of]
    return f"{same} not sequentially consistent: {', '.join(early)}"


def _labels(labels: Sequence[str]) -> str:
    return " and ".join(f"[{label}]" for label in dict.fromkeys(labels))


def _head(thread: Thread, index: int) -> str:
    called = f"{thread.name}()" if re.fullmatch(r"[a-z_][a-z0-9_]*", thread.name) else thread.name
    return f"{called} on {thread.cpu or f'CPU{index}'}"


def _line(cells: Sequence[str], widths: Sequence[int], gap: str) -> str:
    return gap.join(f"{cell:<{width}}" for cell, width in zip_longest(cells, widths, fillvalue="")).rstrip()


def _cell(program: Program, step: Step) -> list[str]:
    """The statement with its label, then what it reads and writes."""
    label = f"[{step.label}] "
    indent = " " * len(label)
    lines = wrap(label + step.text.strip().rstrip(";"), WIDTH, subsequent_indent=indent, break_long_words=False)
    effects = [_effect(program, effect) for effect in step.effects]
    effects += [f"{register} = {naming(program).value(value)}" for register, value in step.registers]
    if effects:
        shown = ", ".join(effects)
        lines += wrap(shown, WIDTH, initial_indent=indent, subsequent_indent=indent, break_long_words=False)
    if step.ahead_of:
        lines.append(f"{indent}^ ahead of {_labels(step.ahead_of)}")
    return lines


def _effect(program: Program, effect: Effect) -> str:
    names = naming(program)
    location = next((known for known in program.locations if known.name == effect.location), None)
    if location is not None and location.bits:
        return _flags(location, effect)
    name = effect.location.rsplit("->", 1)[-1]
    return _change(name, names.value, effect)


def _change(name: str, shown: Callable[[Value], str], effect: Effect) -> str:
    """Return ``x is 0`` for a read, ``x = 1`` for a write, ``x: 0 -> 1`` for both."""
    match effect.before, effect.after:
        case None, None:
            return name
        case None, after if after is not None:
            return f"{name} = {shown(after)}"
        case before, None if before is not None:
            return f"{name} is {shown(before)}"
        case before, after if before is not None and after is not None:
            return f"{name}: {shown(before)} -> {shown(after)}"
    raise AssertionError(effect)


def _flags(location: Location, effect: Effect) -> str:
    """A word of page flags, flag by flag: those that change, else all."""
    bits = [Effect(name, _bit(effect.before, bit), _bit(effect.after, bit)) for name, bit in location.bits]
    changed = [] if effect.before is None else [bit for bit in bits if bit.after not in (None, bit.before)]
    return ", ".join(_change(bit.location, str, bit) for bit in changed or bits)


def _bit(word: Value | None, number: int) -> int | None:
    return word >> number & 1 if isinstance(word, int) else None


def _claims(result: Result, timeline: Timeline) -> str:
    """The names of the assertions whose condition holds in the final state."""
    state: dict[Term, Value] = dict(timeline.state)

    def lookup(leaf: Leaf) -> Term | None:
        return state.get(leaf)

    met, meaning = [], readable(result.program)
    for tally in result.tallies:
        value = None if tally.assertion.reserved else substitute(meaning(tally.assertion.condition), lookup)
        if isinstance(value, Value) and holds(value):
            met.append(f"{tally.assertion.quantifier} {tally.assertion.name}".strip())
    return f"   <-- {', '.join(met)}" if met else ""
