"""LDP, LDPSW and STP: two accesses of one instruction. Outcomes and counts were compared with herd7 7.58."""

import pytest

from litmus.arch.compile import compile_for
from litmus.cat.load import load_model
from litmus.engine.base import Result
from litmus.engine.judge import check
from litmus.errors import LitmusError
from litmus.event.unfold import unfold
from litmus.frontend.dispatch import parse
from litmus.program.term import FinalRegister
from litmus.source import Source


def _result(text: str) -> Result:
    (program,) = parse(Source("t.litmus", text))
    compiled = compile_for(program, "armv8")
    return check(program, unfold(program, compiled.threads, "armv8", 2), load_model("armv8"))


def _ends(initial: str, lines: str, locations: str) -> dict[str, object]:
    rows = "\n".join(f" {line} ;" for line in lines.split(";"))
    result = _result(f"AArch64 t\n{{ {initial} }}\n P0 ;\n{rows}\nlocations [{locations}]\nforall (true)")
    (state,) = result.states
    return {of.register if isinstance(of, FinalRegister) else of.name: value for of, value in state}  # type: ignore[union-attr]


WORDS = "int x[2]={1,-1}; 0:X1=x;"
LONGS = "int64_t x[4]={1,2,3,4}; 0:X1=x; 0:X5=7; 0:X6=-1;"


@pytest.mark.parametrize(
    ("initial", "lines", "expected"),
    [
        (WORDS + " int64_t 0:X3;", "LDP W2,W3,[X1]", {"X2": 1, "X3": 0xFFFFFFFF}),
        (WORDS + " int64_t 0:X3;", "LDPSW X2,X3,[X1]", {"X2": 1, "X3": -1}),
        (LONGS, "LDP X2,X3,[X1,#8]", {"X2": 2, "X3": 3}),
        (LONGS, "LDP X1,X2,[X1]", {"X1": 1, "X2": 2}),
        (LONGS, "LDP X2,X1,[X1]", {"X1": 2, "X2": 1}),
        (LONGS, "LDP X2,X3,[X1],#16;LDP X4,X7,[X1]", {"X2": 1, "X3": 2, "X4": 3, "X7": 4}),
        (LONGS, "LDP X2,X3,[X1,#16]!;LDP X4,X7,[X1,#-16]", {"X2": 3, "X3": 4, "X4": 1, "X7": 2}),
        (LONGS, "LDP XZR,X3,[X1]", {"X3": 2}),
        (LONGS, "STP X5,X6,[X1],#16;STP X6,XZR,[X1]", {"x[0]": 7, "x[1]": -1, "x[2]": -1, "x[3]": 0}),
        (LONGS, "STP X5,X6,[X1,#16]!", {"x[0]": 1, "x[1]": 2, "x[2]": 7, "x[3]": -1}),
    ],
)
def test_values(initial: str, lines: str, expected: dict[str, int]) -> None:
    listed = "; ".join(name if name.startswith("x") else f"0:{name}" for name in expected)
    assert _ends(initial, lines, listed) == expected


HEADER = "AArch64 t\n{ int64_t x[2]; int64_t z; 0:X1=x; 1:X1=x; 0:X6=z; 1:X6=z; 0:X2=1; 0:X3=2; }\n P0 | P1 ;\n"


def _counts(rows: str, condition: str) -> tuple[int, int]:
    (tally,) = _result(f"{HEADER}{rows}\nexists ({condition})").tallies
    return tally.positive, tally.negative


def test_nothing_orders_the_two_accesses() -> None:
    rows = " STP X2,X3,[X1] | LDP X4,X5,[X1] ;"
    assert _counts(rows, "1:X4=1 /\\ 1:X5=0") == (1, 3)
    assert _counts(rows, "1:X4=0 /\\ 1:X5=2") == (1, 3)


@pytest.mark.parametrize(("source", "positive"), [("X5", 0), ("X4", 1)])
def test_dependencies_start_from_the_register_they_use(source: str, positive: int) -> None:
    rows = f" STR X2,[X6] | LDP X4,X5,[X1] ;\n DMB SY | EOR X7,{source},{source} ;\n STP X2,X3,[X1] | LDR X8,[X6,X7] ;"
    assert _counts(rows, "1:X5=2 /\\ 1:X8=0")[0] == positive


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("LDP X2,X2,[X1]", "loads two values into one register"),
        ("LDP X1,X2,[X1],#16", "loads into the register that it updates"),
        ("LDP W2,X3,[X1]", "mixes registers"),
        ("LDXP X2,X2,[X1]", "loads two values into one register"),
        ("STXP W4,X2,W3,[X1]", "mixes registers"),
        ("STXP W4,X2,[X1]", "takes 4 operands"),
        ("CASP X2,X3,X4,W5,[X1]", "mixes registers"),
        ("CASP X2,X4,X6,X7,[X1]", "an even register and the next one"),
        ("CASP X3,X4,X6,X7,[X1]", "an even register and the next one"),
        ("LDIAPP X2,X3,[X1]", "ordered pairs are not"),
    ],
)
def test_what_is_not_a_pair_of_plain_accesses_is_an_error(line: str, message: str) -> None:
    with pytest.raises(LitmusError, match=message):
        _ends(LONGS, line, "x[0]")
