"""Nothing heavy is imported before it is needed."""

import subprocess
import sys

import pytest

HEAVY = ("lark", "networkx", "jinja2", "rich", "pysat")


def imported(*arguments):
    code = (
        "import sys\nfrom litmus.cli.main import status_of\n"
        f"status = status_of({list(arguments)!r})\n"
        "print('imported', *sorted(sys.modules))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.splitlines()[-1].split()[1:])


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), ("run", "--help"), ("models",)])
def test_commands_that_read_no_test(arguments):
    assert imported(*arguments).isdisjoint(HEAVY)


def test_version_imports_no_stage():
    stages = {"litmus.engine", "litmus.frontend", "litmus.cat", "litmus.suite", "litmus.report"}
    assert imported("--version").isdisjoint(stages)


def test_plain_check_needs_no_networkx_and_no_jinja2(tmp_path):
    path = tmp_path / "a.lit"
    path.write_text('litmus "a"\nint x = 0;\nthread P { WRITE_ONCE(x, 1); }\nrequire one: x == 1;\n')
    assert imported("check", str(path)).isdisjoint({"networkx", "jinja2", "rich", "pysat"})
