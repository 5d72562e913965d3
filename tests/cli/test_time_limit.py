"""--timeout bounds a test under a model whole: what is not finished is unknown, in every command and format."""

import json
import time

import pytest

READS = "\n".join(f"    r{i} = READ_ONCE(x);" for i in range(1000))
BRANCHES = "\n".join(f"    r{i} = READ_ONCE(x); if (r{i}) WRITE_ONCE(y, {i});" for i in range(30))
LONG = {
    "specialising": READS,
    "exploring paths": BRANCHES,
}

COMMANDS = [
    ("run",),
    ("run", "--format", "herd"),
    ("run", "--format", "json"),
    ("check",),
    ("check", "--format", "json"),
    ("check", "-j", "2"),
]


@pytest.fixture(params=sorted(LONG))
def long_test(request, tmp_path):
    path = tmp_path / "long.lit"
    threads = f"thread A {{\n{LONG[request.param]}\n}}\nthread B {{ WRITE_ONCE(x, 1); }}\n"
    path.write_text(f'litmus "long"\nmodels lkmm;\nint x, y;\n{threads}forbid seven: A.r0 == 7;\n')
    return path


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_stage_outlasts_the_limit(litmus, long_test, command):
    started = time.monotonic()
    ran = litmus(*command, "--timeout", "0.2", long_test)
    assert time.monotonic() - started < 20
    assert ran.status == 3
    assert "Ok" not in ran.out
    if "json" in command:
        assert json.loads(ran.out)
    else:
        assert "time limit of 0.2 s reached" in ran.out + ran.err


def test_the_limit_is_for_each_test_anew(litmus, long_test, tmp_path):
    short = tmp_path / "short.lit"
    short.write_text('litmus "short"\nmodels sc;\nint x;\nthread A { WRITE_ONCE(x, 1); }\nforbid two: x == 2;\n')
    ran = litmus("check", "--timeout", "0.5", long_test, short)
    assert ran.status == 3
    assert ran.out.endswith("1 hold, 0 fail, 1 unknown\n")


def test_more_events_than_are_computed_with_is_an_error(litmus, tmp_path):
    path = tmp_path / "huge.litmus"
    fences = "\n".join(" DMB SY ;" for _ in range(4100))
    path.write_text(f"AArch64 huge\n{{ 0:X1=x; }}\n P0 ;\n{fences}\nexists (x=0)\n")
    ran = litmus("run", path)
    assert ran.status == 2
    assert "huge.litmus:4100:2: error: an execution performs more than 4096 events up to here" in ran.err
