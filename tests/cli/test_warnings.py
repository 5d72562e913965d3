"""Warnings: what has a meaning here, but no kernel compiler would take."""

import pytest

UNDECLARED = "C a\n\n{}\n\nP0(int *x)\n{\n\tr0 = READ_ONCE(*x);\n\tr1 = r0;\n}\n\nforall (0:r0=0)\n"
OUTSIDE = (
    "C b\n\n{}\n\nP0(int *x)\n{\n\tWRITE_ONCE(*x, 1);\n}\n\nP1(int *x)\n{\n\tint r0 = READ_ONCE(*x);\n"
    "\tint r1 = READ_ONCE(*(x + r0));\n}\n\nexists (1:r0=1)\n"
)


@pytest.fixture
def undeclared(tmp_path):
    path = tmp_path / "a.litmus"
    path.write_text(UNDECLARED)
    return path


@pytest.mark.parametrize("command", ["run", "check", "graph"])
def test_a_warning_has_a_place_and_changes_no_status(litmus, undeclared, command):
    ran = litmus(command, undeclared)
    assert ran.status == 0
    assert ran.err.splitlines() == [
        f"{undeclared}:7:2: warning: P0 assigns 'r0' and 'r1' without a declaration",
        "  \tr0 = READ_ONCE(*x);",
        "  \t^^",
    ]


@pytest.mark.parametrize("command", ["run", "check"])
def test_warnings_are_errors_where_that_is_asked_for(litmus, undeclared, command):
    ran = litmus(command, "--strict", undeclared)
    assert ran.status == 2
    assert f"{undeclared}:7:2: error: P0 assigns" in ran.err
    assert "0:r0=0" not in ran.out


def test_an_incomplete_answer_in_the_format_of_herd_says_why(litmus, tmp_path):
    path = tmp_path / "b.litmus"
    path.write_text(OUTSIDE)
    ran = litmus("run", "--format", "herd", path)
    assert ran.status == 3
    assert "b: warning: incomplete: an access outside every object is reachable" in ran.err


@pytest.mark.parametrize(
    ("annotation", "out", "summary"),
    [
        ("Maybe", "open  Result  expected Maybe  found Sometimes", "0 hold, 0 fail, 0 unknown, 1 expected nothing"),
        ("Sometimes", "ok  Result  expected Sometimes  found Sometimes", "1 hold, 0 fail, 0 unknown"),
    ],
)
def test_what_an_annotation_is_worth(litmus, tmp_path, annotation, out, summary):
    path = tmp_path / "c.litmus"
    path.write_text(
        f"X86 c\n(* Result: {annotation} *)\n{{ x=0; y=0; }}\n P0         | P1         ;\n MOV [x],$1 | MOV [y],$1 ;\n"
        " MOV EAX,[y] | MOV EAX,[x] ;\nexists (0:EAX=0 /\\ 1:EAX=0)\n"
    )
    ran = litmus("check", path)
    assert ran.status == 0
    assert out in ran.out
    assert summary in ran.out
