"""Page-flag accessors (``SetPageDirty(page)``) as operations on a bit of the page's flags word."""

from litmus.arch.bit_recipes import PAGE_FLAGS, PAGE_LOCK
from litmus.errors import UnknownNameError
from litmus.program.program import Program
from litmus.program.syntax import Call, Constant, Expression, Member
from litmus.source import Span


def as_bit_operation(call: Call, program: Program) -> Call | None:
    """Return the bit operation that a call of a page-flag accessor or of the page lock is, or None.

    Raises:
        UnknownNameError: where no object, or objects that disagree, have the flag.
    """
    meaning = _meaning(call.name, program)
    if meaning is None or len(call.arguments) != 1:
        return None
    operation, flag = meaning
    offset, number = _place(flag, program, call)
    page = call.arguments[0]
    word: Expression = Member(page, "flags", offset, page.span) if offset else page
    return Call(operation, (Constant(number), word), call.span)


def name_span(call: Call) -> Span | None:
    """Return the span of the name that is called."""
    span = call.span
    if span is None or not span.text.startswith(call.name):
        return span
    return span.source.span(span.start, span.start + len(call.name))


def _meaning(name: str, program: Program) -> tuple[str, str] | None:
    """Return the bit operation and the flag that a name means."""
    if name in PAGE_LOCK:
        return PAGE_LOCK[name], "Locked"
    flags = {flag for location in program.locations for flag, _ in location.bits}
    for prefix, operation in PAGE_FLAGS.items():
        if name.startswith(prefix) and name.removeprefix(prefix) in flags:
            return operation, name.removeprefix(prefix)
    return None


def _place(flag: str, program: Program, call: Call) -> tuple[int, int]:
    """Return the offset in its object of the word that holds a flag, and the number of the flag's bit."""
    words = [(loc.address.offset, dict(loc.bits)) for loc in program.locations]
    places = {(offset, bits[flag]) for offset, bits in words if flag in bits}
    if len(places) == 1:
        return places.pop()
    problem = "objects disagree on where they have" if places else "no object has"
    raise UnknownNameError(f"'{call.name}': {problem} the page flag '{flag}'", name_span(call))
