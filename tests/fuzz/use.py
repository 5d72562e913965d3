"""What is done with a test that was read: it is printed, compiled, exported, converted, and run under both engines."""

from collections.abc import Callable, Iterator
from functools import partial
from random import Random

from litmus.arch.compile import ASSEMBLY, TARGETS, CompileOptions, compile_for
from litmus.deadline import OutOfTime
from litmus.engine.base import Ask, EngineName, Result, Verdict
from litmus.errors import LitmusError, ProgramErrors, UnsupportedError
from litmus.export.assembly.export import TARGETS as MACHINES
from litmus.export.assembly.export import export_assembly
from litmus.export.dsl import as_dsl
from litmus.export.herd import export
from litmus.frontend.dispatch import parse
from litmus.program.printer import print_program
from litmus.program.program import Dialect, Program
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate
from litmus.suite.selection import OWN_MODEL

EVALUATED = 0.05
"""How many of the sound tests are run under a model."""
SHORT = 0.5
"""The seconds that a run may take."""

Wrong = tuple[str, str]
"""What went wrong: one word, and the message."""


def uses(program: Program, random: Random, judged: Callable[[LitmusError], Wrong | None]) -> Iterator[Wrong]:
    """Yield what goes wrong with a sound test; ``judged`` says what is wrong with an error, if anything."""
    own = program.dialect in ASSEMBLY
    target = ASSEMBLY[program.dialect][0] if own else random.choice(TARGETS)
    model = OWN_MODEL.get(program.dialect, target)
    actions: list[Callable[[], Wrong | None]] = [partial(_compiled, program, target)]
    if program.dialect is Dialect.DSL:
        actions.append(partial(_printed, program))
    if random.random() < EVALUATED:
        actions.append(partial(_run, program, model))
    if program.assertions:
        actions.append(partial(_exported, program))
        if not own:
            actions.append(partial(_assembled, program, random.choice(tuple(MACHINES)), random.random() < 0.5))
    if program.dialect is Dialect.C:
        actions.append(partial(_converted, program))
    for action in actions:
        try:
            wrong = action()
        except LitmusError as error:
            wrong = judged(error)
        except OutOfTime:
            wrong = None
        if wrong is not None:
            yield wrong


def _compiled(program: Program, target: str) -> None:
    compile_for(program, target)


def _printed(program: Program) -> Wrong | None:
    """What is printed reads back as the same test. What cannot be printed is an error of its own."""
    try:
        text = print_program(program)
    except LitmusError:
        return None
    try:
        again = parse(Source("printed.lit", text))
    except LitmusError as error:
        return "not read back", f"{text}\n{error.render()}"
    return None if again == (program,) else ("read back as another", text)


def _exported(program: Program) -> None:
    export(program, program.assertions[0])


def _assembled(program: Program, machine: str, retry: bool) -> Wrong | None:
    """What is exported as assembly is assembly, though there may be more in it than our frontend takes."""
    compiled = compile_for(program, machine, options=CompileOptions())
    text = export_assembly(compiled, program.assertions[0], retry=retry).text
    try:
        (again,) = parse(Source("exported.litmus", text))
        compile_for(again, machine)
    except LitmusError as error:
        several = error.errors if isinstance(error, ProgramErrors) else (error,)
        if all(isinstance(each, UnsupportedError) for each in several):
            return None
        return "export not read back", f"{text}\n{error.render()}"
    return None


def _converted(program: Program) -> Wrong | None:
    """What is converted is our language."""
    text = as_dsl(program)
    try:
        parse(Source("converted.lit", text))
    except LitmusError as error:
        return "conversion not read back", f"{text}\n{error.render()}"
    return None


def _run(program: Program, model: str) -> Wrong | None:
    """Both engines answer the same, where both do."""
    explicit = evaluate(program, model, Settings(seconds=SHORT, engine=EngineName.EXPLICIT))
    try:
        solved = evaluate(program, model, Settings(seconds=SHORT, ask=Ask.STATES, engine=EngineName.SAT))
    except LitmusError as error:
        if "the SAT engine cannot answer" in error.message:
            return None
        raise
    if explicit.out_of_time or solved.out_of_time or _answers(explicit) == _answers(solved):
        return None
    return "engines differ", f"{model}\n{_answers(explicit)}\n{_answers(solved)}"


def _answers(result: Result) -> tuple[list[Verdict], frozenset[object], frozenset[str], bool]:
    verdicts = [tally.verdict for tally in result.tallies]
    return verdicts, frozenset(result.states), frozenset(result.flags), result.deadlock
