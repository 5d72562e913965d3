"""Texts are read piece by piece, and pieces remembered. That changes nothing: programs, places and errors are those of
reading each text as a whole, whatever was read before."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from litmus.dataclass import fields, is_dataclass
from litmus.errors import LitmusError
from litmus.frontend.dispatch import parse
from litmus.source import Source, Span

HEADS = {
    "X86": 'X86 t\n"doc"\n',
    "AArch64": "AArch64 t\n",
    "RISCV": "RISCV t\n",
    "PPC": "PPC t\n",
    "C": "C t\n",
}
INITS = [
    "",
    " 0:X1=x; 0:x6=x;\n 0:r2=x; ",
    "x=1; y=0x10; ",
    "int x = 1 ; ; int a[2]={1,2}; 0:EAX=1;",
    "(* x=2; *) x=1;",
    "x=;",
    "x=1; y",
]
CELLS = [
    *("MOV [x],$1", "MOV EAX,[y]", "LOCK XADD [x],EAX", "JNE L", "L: MOV EAX,$2", "LDR W0,[X1]", "STR W0,[X1,W2,SXTW]"),
    *("sw x5,0(x6)", "fence rw,w", "lwz r1,0(r2)", "stwcx. r1,0,r2", "L:", "L :", "", "", "MOV 1", "X1]", "P0", "MOV"),
    *("MOV [1],$1", "nosuch", "MOV EAX", "(* | *) MFENCE", "A: B: MFENCE", "JMP .+8"),
]
BODIES = [
    "{\n WRITE_ONCE(*x, 1);\n int r0 = READ_ONCE(*y);\n}\n",
    "{\n int r0 = READ_ONCE(*x);\n if (r0) {\n  *y = r0 + 1;\n }\n}\n",
    "{\n int r0 = 1; /* a\n} */ *x = r0;\n}\n",
    "{\n int r0 = 1 /* a;\n} *// b\n}\n",
    "{\n {} r0 = nosuch;\n}\n",
    "{\n WRITE_ONCE(*x, 1)\n}\n",
    "{\n WRITE_ONCE(x, 1);\n int x;\n}\n",
    "{ } // }\n}\n",
]
ATOMS = [
    *("x=1", "0:X0=1", "1:EAX=2", "0:x5=0", "y=-1", "0:r1 = 0x10", "P0:r0=1", "[x]=1", "x=y", "x!=1", "0:r0<>2"),
    "a={1,2}",
    *("true", "true=1", "not=1", "x.y=1", "x[0]=1", "0:r9=1", "9:r1=1", "nosuch=1", "x=1=1", "x=99999999999999999999"),
    *("0 : X0 = 1", "x (* c *) = 1", "0:X0", "x=1a", "&x=1", "x=\0", "\0"),
]
SIGNS = [" /\\ ", " \\/ ", "/\\", "\\/", " => ", "\n /\\\n "]


def shown(value: object) -> object:
    """Return ``value`` with all that it consists of, places and texts too, which equality leaves aside."""
    match value:
        case Span(source, start, end):
            return source.name, start, end
        case LitmusError():
            return type(value), value.render()
        case tuple() | list():
            return [shown(item) for item in value]
        case dict():
            return {key: shown(item) for key, item in value.items()}
    return [type(value), *(shown(getattr(value, f.name)) for f in fields(value))] if is_dataclass(value) else value


def read(text: str) -> object:
    try:
        return shown(parse(Source("t.litmus", text)))
    except LitmusError as error:
        return shown(error)


@contextmanager
def nothing_remembered() -> Iterator[None]:
    with (
        patch("litmus.frontend.assembly._by_cells", return_value=None),
        patch("litmus.frontend.initial._by_items", return_value=None),
        patch("litmus.frontend.condition.outline_of", return_value=None),
        patch("litmus.frontend.c.read._by_threads", return_value=None),
    ):
        yield


@st.composite
def tables(draw: st.DrawFn) -> str:
    count = draw(st.integers(1, 3))
    rows = draw(st.lists(st.lists(st.sampled_from(CELLS), min_size=count, max_size=count), max_size=4))
    heads = [f"P{i}" for i in range(count)]
    return "".join(draw(st.sampled_from([" {} ;\n", "{};"])).format(" | ".join(row)) for row in [heads, *rows])


@st.composite
def functions(draw: st.DrawFn) -> str:
    bodies = draw(st.lists(st.sampled_from(BODIES), min_size=1, max_size=3))
    return "\n".join(f"P{i}(int *x, int *y)\n{body}" for i, body in enumerate(bodies))


@st.composite
def conditions(draw: st.DrawFn, deep: int = 2) -> str:
    if not deep or draw(st.booleans()):
        return draw(st.sampled_from(ATOMS))
    sign = draw(st.sampled_from(SIGNS))
    joined = sign.join(draw(st.lists(conditions(deep - 1), min_size=1, max_size=3)))
    return draw(st.sampled_from(["({})", "{}", "not ({})"])).format(joined)


@st.composite
def texts(draw: st.DrawFn) -> str:
    dialect = draw(st.sampled_from(sorted(HEADS)))
    threads = draw(functions() if dialect == "C" else tables())
    asked = draw(st.sampled_from(["exists ({})", "~exists ({})", "forall {}", "filter ({0}) exists ({0})", "({})", ""]))
    listed = draw(st.sampled_from(["", "locations [x; 0:X0;]\n"]))
    init = draw(st.sampled_from(INITS))
    return f"{HEADS[dialect]}{{{init}}}\n{threads}\n{listed}{asked.format(draw(conditions()))}\n"


@given(st.lists(texts(), min_size=1, max_size=3), st.data())
def test_pieces_change_nothing(found: list[str], data: st.DataObject) -> None:
    last = found[-1]
    start = data.draw(st.integers(0, len(last)))
    put = data.draw(st.sampled_from(["", "", " ", ";", "|", ")", "}", "(*", "*)", "/*", "\n", "x", "1"]))
    for text in (*found, last[:start] + put + last[start + data.draw(st.integers(0, 2)) :]):
        once, again = read(text), read(text)
        with nothing_remembered():
            assert once == again == read(text)


@pytest.mark.parametrize("atom", ATOMS)
@pytest.mark.parametrize("asked", ["exists ({})", "exists (x=0 /\\ {} /\\ ({} \\/ x=2))", "forall {}", "exists not {}"])
def test_atoms(atom: str, asked: str) -> None:
    text = f"AArch64 t\n{{ 0:X1=x; x=1; y=1; int a[2]; }}\n P0 ;\n LDR W0,[X1] ;\n{asked.format(atom, atom)}\n"
    once = read(text)
    with nothing_remembered():
        assert once == read(text)


@pytest.mark.parametrize("depth", range(190, 210))
def test_depth(depth: int) -> None:
    text = f"AArch64 t\n{{ x=1; }}\n P0 ;\n NOP ;\nexists {'(not ' * depth}x=1{')' * depth}\n"
    once = read(text)
    with nothing_remembered():
        assert once == read(text)


def test_many_tests_are_not_remembered_for_ever() -> None:
    from litmus.frontend.assembly import _pieces
    from litmus.frontend.c.read import _threads
    from litmus.frontend.initial import _item
    from litmus.frontend.outline import _outline, atom_of

    for remembered in (_pieces, _threads, _item, _outline, atom_of):
        size = remembered.cache_info().maxsize
        assert size is not None
        assert size <= 4096
