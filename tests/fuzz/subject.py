"""What is done with an input, and what must not come of it."""

import resource
import signal
import tempfile
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import FrameType

from inputs import Input
from use import uses

from litmus.deadline import OutOfTime
from litmus.errors import LitmusError, ProgramErrors
from litmus.frontend.dispatch import parse
from litmus.program.program import Program
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate
from litmus.suite.files import read_source
from litmus.suite.selection import ModelOptions

SECONDS = 20
"""The processor time that an input may take; reading one takes a hundredth of a second."""
MEMORY = 1 << 31
"""The bytes of address space that the process may have."""

MESSAGE = """litmus "MP" int x, y, z; thread P { WRITE_ONCE(x, 1); smp_wmb(); if (xchg(&z, 1)) WRITE_ONCE(y, 1); }
thread Q { r = smp_load_acquire(&y); rcu_read_lock(); s = READ_ONCE(x); rcu_read_unlock(); } allow seen: Q.r && !Q.s;"""
"""What models are tried on."""


class Hang(BaseException):
    """An input took too long. No `except Exception` may swallow it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What went wrong: one word, and the traceback or the message."""

    what: str
    detail: str


@contextmanager
def _limited() -> Iterator[None]:
    def expire(_: int, __: FrameType | None) -> None:
        raise Hang

    before = signal.signal(signal.SIGPROF, expire)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def limit_memory() -> None:
    """Let allocations beyond the limit fail from here on, in all of the process."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, hard))


def judge(given: Input, random: Random) -> tuple[bool, Finding | None]:
    """Return whether the input was sound, and what went wrong with it, if anything."""
    try:
        with _limited(), tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "fuzz" + given.suffix)
            path.write_bytes(given.data)
            return True, _use(read_source(path), random)
    except OutOfTime:
        return True, None
    except LitmusError as error:
        return False, _error(error)
    except Hang:
        return False, Finding("hang", traceback.format_exc())
    except MemoryError:
        return False, Finding("memory", traceback.format_exc())
    except Exception:
        return False, Finding("traceback", traceback.format_exc())


def _error(error: LitmusError) -> Finding | None:
    """An error has a place in a text, and can be shown."""
    several = error.errors if isinstance(error, ProgramErrors) else (error,)
    text = error.render()
    without = [each.message for each in several if each.span is None]
    if without or not text:
        return Finding("no place", f"{without}\n{text}")
    return None


def _use(source: Source, random: Random) -> Finding | None:
    if source.name.endswith(".cat"):
        return _use_model(source)
    for program in parse(source):
        finding = _use_program(program, random)
        if finding is not None:
            return finding
    return None


def _use_model(source: Source) -> Finding | None:
    """A model is interpreted only when a test is run under it."""
    (program,) = parse(Source("sb.lit", MESSAGE))
    evaluate(program, source.name, Settings(ModelOptions(target="lkmm"), seconds=0.5))
    return None


def _use_program(program: Program, random: Random) -> Finding | None:
    return next((Finding(*wrong) for wrong in uses(program, random, _wrong)), None)


def _wrong(error: LitmusError) -> tuple[str, str] | None:
    finding = _error(error)
    return None if finding is None else (finding.what, finding.detail)
