"""Of a file that was cut off anywhere, what is left is an error with a place, or something complete that says the same.

What cannot be seen is a cut between two complete constructs; it must never turn into another meaning or a pass.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litmus.cat.parse import parse_cat
from litmus.cat.statement import File
from litmus.errors import LitmusError
from litmus.frontend.dispatch import parse
from litmus.frontend.macros import parse_macros
from litmus.program.program import Program
from litmus.source import Source
from litmus.suite.command import check_text
from litmus.suite.configuration import configured
from litmus.suite.evaluation import Settings
from litmus.suite.running import answers
from litmus.suite.selection import ModelOptions
from litmus.suite.status import Status

TESTS = {
    "t.lit": (
        'litmus "t"\nmodels sc, x86;\nstruct s { int a; atomic_t b = 1; } o;\nint y = 2;\n'
        "function f(v) { return v + 1; }\n"
        "thread A { [L1] WRITE_ONCE(o.a, f(1)); [L2] smp_wmb(); atomic_inc(&o.b); }\n"
        "thread B { int r = READ_ONCE(o.a); if (r) { r = atomic_read(&o.b); } else r = y; }\n"
        "forbid old: B.r == 2 && o.b == 12 on sc; /* note */\nallow new: B.r == 2;\n"
        "variant v { drop L2; after L1 { WRITE_ONCE(y, 12); } allow odd: y == 12; }\n"
    ),
    "C.litmus": (
        'C t\n"doc"\nKey=1\n(* Result: Sometimes *)\n{ int *p = &x; a[2]={1,2}; }\n\n'
        "P0(int *x, int **p, int *a)\n{\n\tint r0 = READ_ONCE(*x); // c\n\tif (r0 && a[1]) { WRITE_ONCE(*x, -r0); }\n"
        "\telse do { r0 = smp_load_acquire(*p) == x; } while (r0);\n}\n\n"
        "P1(int *x)\n{\n\tWRITE_ONCE(*x, 12);\n\tsmp_mb();\n}\n\n"
        "locations [x; 0:r0]\nexists (x=12 /\\ not (0:r0=x \\/ p!=x))\n"
    ),
    "AArch64.litmus": (
        "AArch64 t\n(* a (* nested *) one *)\n{ 0:X1=x; uint64_t 0:X2=-1; 1:X3=x; }\n P0 | P1 ;\n LDR W0,[X1] | L: ;\n"
        " CBNZ W0,M | DMB ISH ; (* c *)\n M: | LDADDAL W1,WZR,[X3] ;\n~exists (x=10 /\\ 0:X0=12)\n"
    ),
    "X86.litmus": (
        "X86 t\n{ x=1; }\n P0 | P1 ;\n MOV [x],$12 | MOV EAX,[x] ;\n JNE L | MFENCE ;\n L: | ;\n"
        "locations [x;]\nforall (x=12 \\/ 1:EAX=1)\n"
    ),
    "PPC.litmus": (
        "PPC t\n{ 0:r2=x; }\n P0 ;\n lwz r1,0(r2) ;\n cmpwi cr1,r1,0 ;\n beq cr1,L ;\n L: stwcx. r1,0,r2 ;\n"
        "exists (x=1 /\\ 0:r1=0)\n"
    ),
    "RISCV.litmus": (
        "RISCV t\n{ 0:x6=x; }\n P0 ;\n amoadd.w.aq.rl x5,x7,(x6) ;\n fence rw,w ;\n bne x5,x0,L ;\n L: ;\n"
        "filter (x=0)\nexists (0:x5=0)\n"
    ),
}  # fmt: skip

CAT = (
    '"a model"\n(* of ours *)\ninclude "cos.cat"\nlet fence = po & (_ * F) ; po\nlet rec hb = rf | (hb ; fence)\n'
    'and other = hb^-1\nlet f(r, s) = r \\ (s ; r)\nif "mine"\nacyclic hb as one\nelse\nempty f(rf, co) as two\nend\n'
    "flag ~empty rmw as three\nprocedure check(r) =\nirreflexive r as four\nend\ncall check(hb)\n"
)
BELL = (
    "enum Accesses = 'once || 'release || 'acquire\ninstructions R[{'once,'acquire}]\n"
    "instructions W[{'once,'release}]\nenum Barriers = 'wmb || 'rmb\ninstructions F[Barriers]\n"
)
DEF = (
    "READ_ONCE(X) __load{once}(X)\nWRITE_ONCE(X,V) { __store{once}(X,V); }\nsmp_mb() { __fence{mb}; }\n"
    "xchg(X,V) __xchg{mb}(X,V)\natomic_add(V,X) { __atomic_op(X,+,V); }\n"
)
CFG = "# of ours\nunroll 12\nmodel k.cat\nbell k.bell\nvariant lkmmv2,warn\ngraph columns\nedgeattr hb,color,indigo\n"


def located(read: Callable[[], object]) -> object | None:
    """Return what ``read`` returns, or None where it ends in an error, which must have a place."""
    problem = None
    try:
        return read()
    except LitmusError as error:
        problem = error
    assert problem.span is not None
    assert problem.render().count("^") > 0
    return None


def programs(name: str, text: str) -> tuple[Program, ...] | None:
    found = located(lambda: parse(Source(name, text)))
    return found if isinstance(found, tuple) else None


@pytest.mark.parametrize("name", TESTS)
@given(data=st.data())
def test_tests(name: str, data: st.DataObject) -> None:
    text = TESTS[name]
    whole = {program.title: program for program in parse(Source(name, text))}
    cut = data.draw(st.integers(0, len(text)))
    for program in programs(name, text[:cut]) or ():
        full = whole[program.title]
        pairs = zip(program.threads, full.threads, strict=False)
        assert all(thread.body == was.body[: len(thread.body)] for thread, was in pairs)
        assert program.assertions == full.assertions[: len(program.assertions)] or program.unconditional
        assert program.threads == full.threads or not program.assertions or program.unconditional


@pytest.mark.parametrize("name", [name for name in TESTS if name.endswith(".litmus")])
@given(data=st.data())
def test_a_test_that_lost_its_condition_never_passes(name: str, data: st.DataObject) -> None:
    """``~exists`` and ``Result:`` pass where the whole condition is there, and nothing else does."""
    text = TESTS[name]
    end = text.rindex(")")
    cut = data.draw(st.integers(1, end))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_text(text[:cut])
        found = list(answers((path,), check_text, Settings()))
    assert {answer.status for answer in found} == {Status.ERROR}


def statements(text: str, name: str = "t.cat") -> tuple[str, ...]:
    found = located(lambda: parse_cat(Source(name, text)))
    return tuple(s.span.text for s in found.statements) if isinstance(found, File) else ()


@pytest.mark.parametrize(("name", "text"), [("t.cat", CAT), ("t.bell", BELL)])
@given(data=st.data())
def test_models(name: str, text: str, data: st.DataObject) -> None:
    """The last statement may have been longer; those before it are what they were."""
    whole = statements(text, name)
    found = statements(text[: data.draw(st.integers(0, len(text)))], name)
    assert len(whole) > 4
    assert found[:-1] == whole[: max(len(found) - 1, 0)]


@given(st.integers(0, len(DEF)))
def test_macros(cut: int) -> None:
    whole = parse_macros(Source("t.def", DEF)).macros
    found = located(lambda: parse_macros(Source("t.def", DEF[:cut])).macros)
    names = list(found) if isinstance(found, dict) else []
    assert names == list(whole)[: len(names)]
    assert isinstance(found, dict | None)
    assert all(found[name] == whole[name] for name in names[:-1] if found)


@given(st.integers(1, len(CFG)))
def test_configurations(cut: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("k.cat", "k.bell"):
            Path(folder, name).write_text("x")
        path = Path(folder, "k.cfg")
        path.write_text(CFG[:cut])
        found = located(lambda: configured(Settings(ModelOptions(configuration=str(path)))))
    assert found is None or isinstance(found, Settings)
