"""The command ``litmus``, and what becomes of an error that reaches the top."""

import gc
import os
import sys
from io import TextIOWrapper
from typing import NoReturn

from litmus import __version__


def entry() -> NoReturn:
    """Run the command line and exit."""
    _keep_code()
    # Nearly everything that is made is freed as soon as nothing refers to it. By default the search for cycles that
    # nothing refers to goes through all new objects seven hundred at a time, which is a tenth of a short run.
    gc.set_threshold(_OBJECTS)
    # Names of files need not be text, and terminals need not have all characters.
    if isinstance(sys.stdout, TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")
    status = status_of(sys.argv[1:])
    # The last search, of all objects when the interpreter ends, is another tenth, for memory that is given back anyway.
    gc.freeze()
    sys.exit(status)


def _keep_code() -> None:
    """Where Python was told not to write compiled modules beside their sources (as in most containers), and nobody
    did (as pip does for what it installs), keep them with what else is kept: to compile a hundred modules takes longer
    than all the rest of a short run."""
    if not sys.dont_write_bytecode or sys.pycache_prefix is not None:
        return
    from importlib.util import cache_from_source

    if not os.path.exists(cache_from_source(__file__)):  # noqa: PTH110 - pathlib is slower to import than all of this
        from litmus.store import code_folder

        folder = code_folder()
        if folder is not None:
            sys.pycache_prefix, sys.dont_write_bytecode = str(folder), False


_OBJECTS = 50_000
"""How many objects are made before cycles are looked for: some ten megabytes."""


def status_of(arguments: list[str]) -> int:
    """Run the command with ``arguments`` and return the exit status. Errors are one message on standard error."""
    if arguments == ["--version"] and _said_version():
        return 0
    import click

    from litmus.cli.ending import ReaderGone
    from litmus.cli.group import main
    from litmus.errors import LitmusError

    try:
        result = main.main(arguments, prog_name="litmus", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return 2
    except LitmusError as error:
        click.echo(error.render(), err=True)
        return 2
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return _INTERRUPTED
    except (ReaderGone, BrokenPipeError):
        _discard_output()
        return _PIPE_CLOSED
    except OSError as error:
        _discard_output()
        click.echo(f"error: {error.strerror or error}", err=True)
        return 2
    return result if isinstance(result, int) else 0


def _said_version() -> bool:
    """Print the version; what keeps that from working is told by whoever is asked next."""
    try:
        sys.stdout.write(f"litmus {__version__}\n")
        sys.stdout.flush()
    except OSError:
        return False
    return True


_INTERRUPTED, _PIPE_CLOSED = 128 + 2, 128 + 13
"""As a shell reports processes that end by SIGINT and SIGPIPE."""


def _discard_output() -> None:
    """Keep Python from complaining about what is still in its buffer when it exits."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
