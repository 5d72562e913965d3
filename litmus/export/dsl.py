"""A test in herd's C as a test in our own language.

What is written is read back and compared with the original (`export.equivalence`): it has the same code and asks the
same of it, or there is an error. So nothing here is trusted to know how the two languages differ.
"""

from collections.abc import Iterator, Mapping

from litmus.arch.compile import compile_for
from litmus.arch.statement import walk
from litmus.dataclass import replace
from litmus.engine.final import readable
from litmus.errors import LitmusError, UnsupportedError
from litmus.export.dsl_claim import claims, printed, unseen
from litmus.export.dsl_name import renaming
from litmus.export.dsl_pointer import with_pointers
from litmus.export.dsl_remark import remarks
from litmus.export.dsl_thread import translated, wanted
from litmus.export.equivalence import Renaming, difference
from litmus.frontend.dsl.parse import parse
from litmus.program.c11 import calls, first_c11_call
from litmus.program.printer import print_program
from litmus.program.program import Dialect, Location, Program
from litmus.program.syntax import Static
from litmus.program.term import Address, Term
from litmus.program.types import TYPES
from litmus.source import Source, Span

_TEXT = "what was converted"


def as_dsl(program: Program) -> str:
    """Return a test in herd's C, written in our own language.

    Raises:
        LitmusError: where it is wrong, or says what the language cannot.
    """
    _require_kernel_c(program)
    compile_for(program, "lkmm")
    asked = replace(program, assertions=claims(program))
    names = renaming(program)
    try:
        return _written(with_pointers(asked), asked, names)
    except UnsupportedError:
        return _written(asked, asked, names)


def _written(program: Program, asked: Program, names: Renaming) -> str:
    """Return ``program`` as text, which is to be the same test as ``asked``."""
    said = _translated(program, names)
    text = print_program(said, remarks(asked, names))
    _require_same(asked, _read(text, said), names)
    return text


def _require_kernel_c(program: Program) -> None:
    if program.dialect is Dialect.DSL:
        raise UnsupportedError("this test is in our own language already", program.span)
    if program.dialect is not Dialect.C:
        message = f"{program.dialect} assembly has no form in our own language: only tests in C have"
        raise UnsupportedError(message, _heading(program))
    atomic = first_c11_call(program)
    if atomic is not None:
        message = f"'{atomic.name}' is an operation of C11: our own language has the Linux kernel's primitives"
        raise UnsupportedError(message, atomic.span)


def _heading(program: Program) -> Span | None:
    """Return the place of the word that a herd file begins with."""
    if program.span is None:
        return None
    source = program.span.source
    start = source.text.find(program.dialect)
    return source.span(start, start + len(program.dialect))


def _translated(program: Program, names: Renaming) -> Program:
    guarded = dict(_guarded(program))
    meaning = readable(program)

    def told(condition: Term) -> Term:
        return names.term(printed(meaning(condition)))

    locations = tuple(_location(location, guarded, names) for location in program.locations)
    typed = replace(program, locations=tuple(_typed(location, guarded) for location in program.locations))
    return replace(
        program,
        dialect=Dialect.DSL,
        locations=tuple(sorted(locations, key=_rank)),
        threads=tuple(translated(typed, number, names) for number in range(len(program.threads))),
        assertions=tuple(replace(a, condition=told(a.condition)) for a in program.assertions),
        filter=None if program.filter is None else told(program.filter),
        observed=tuple(names.term(term) for term in (*program.observed, *unseen(program))),
        models=("lkmm",),
        info=(),
        result=None,
    )


def _rank(location: Location) -> int:
    """What holds an address stands below what it is the address of, as C wants it."""
    return isinstance(location.initial, Address) + location.type.pointer


def _guarded(program: Program) -> Iterator[tuple[Address, tuple[str, ...]]]:
    """Yield the locations that some primitive takes for a lock or a counter, with the types that it takes."""
    for thread in program.threads:
        for call in calls(thread.body):
            for argument in call.arguments:
                if isinstance(argument, Static) and (types := wanted(call.name)):
                    yield argument.address, types


def _typed(location: Location, guarded: Mapping[Address, tuple[str, ...]]) -> Location:
    """Return a location as the lock or counter that it is used as. Herd's C lets any ``int`` be one."""
    wanted = guarded.get(location.address, (location.type.name,))
    return location if location.type.name in wanted else replace(location, type=TYPES[wanted[0]])


def _location(location: Location, guarded: Mapping[Address, tuple[str, ...]], names: Renaming) -> Location:
    initial = names.term(location.initial)
    assert isinstance(initial, int | Address)
    name, address = names.location(location.name), names.address(location.address)
    return replace(_typed(location, guarded), name=name, address=address, initial=initial)


def _read(text: str, program: Program) -> Program:
    """Return the test that ``text``, which says what ``program`` says, is."""
    try:
        (read,) = parse(Source(_TEXT, text))
    except LitmusError:
        raise _unsaid(program) from None
    return read


def _unsaid(program: Program) -> UnsupportedError:
    """Return the error that our own language cannot say what ``program`` says, at its place in the herd file."""
    text = print_program(program)
    try:
        parse(Source(_TEXT, text))
    except LitmusError as error:
        place = _place(error.span.line, text, program) if error.span else None
        message = f"our own language cannot say this: {error.message}"
        return UnsupportedError(message, place or program.span, hint=error.hint)
    return UnsupportedError("the comments of this test cannot be kept", program.span)


def _place(line: int, text: str, program: Program) -> Span | None:
    """Return the place of the statement that is on a line: each statement begins one, in the order of the text."""
    above = text.splitlines()[:line]
    numbers = [number for number, words in enumerate(above) if words.startswith("thread ")]
    if not numbers or len(numbers) > len(program.threads):
        return None
    begun = [words for words in above[numbers[-1] + 1 :] if not words.lstrip().startswith("}")]
    statements = list(walk(program.threads[len(numbers) - 1].body))
    return statements[len(begun) - 1].span if 0 < len(begun) <= len(statements) else None


def _require_same(asked: Program, read: Program, names: Renaming) -> None:
    found = difference(asked, read, names)
    if found is not None:
        raise UnsupportedError(f"{found.what} may mean something else in our own language", found.span)
