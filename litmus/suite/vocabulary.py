"""Which primitives a release of a model describes."""

from litmus.cat.history import select
from litmus.errors import ProgramErrors, UnsupportedError
from litmus.program.c11 import calls
from litmus.program.program import Program


def require_vocabulary(program: Program, model: str) -> None:
    """Reject a program that calls primitives whose ordering ``model`` (``lkmm@v5.0``) does not describe yet.

    Raises:
        ProgramErrors: with one error for each such call.
    """
    missing = select(model).missing
    errors = [
        UnsupportedError(f"the model '{model}' does not have '{call.name}'", call.span, hint=f"since {since}")
        for thread in (program.threads if missing else ())
        for call in calls(thread.body)
        if (since := missing.get(call.name)) is not None
    ]
    if errors:
        raise ProgramErrors(errors)
