"""What a model describes: which primitives a release of it has, whether it speaks of accesses in pieces."""

from litmus.cat.history import select
from litmus.errors import ProgramErrors, UnsupportedError
from litmus.program.c11 import calls
from litmus.program.program import Program
from litmus.suite.opening import open_model
from litmus.suite.selection import ModelOptions, heading


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


def require_accesses_in_pieces(program: Program, model: str, options: ModelOptions) -> None:
    """Reject a program in which accesses overlap in part where ``model`` does not look at which events are of one
    access: to it, an access would be as many as it has pieces.

    Raises:
        UnsupportedError: at the name of the test.
    """
    if open_model(model, options).vocabulary().isdisjoint(("si", "sm")):
        message = f"accesses of '{program.title}' overlap in part, of which the model '{model}' says nothing"
        raise UnsupportedError(message, heading(program), hint="it does not use the relation 'si' (or 'sm')")
