"""docs/primitives.md is what the compiler's tables say."""

from pathlib import Path

import pytest

from litmus.arch.catalogue import recipes
from litmus.arch.lowering import load_lowering
from litmus.report.mnemonic import code_of
from litmus.report.primitives import primitives_page

PAGE = Path(__file__).parents[3] / "docs" / "primitives.md"


def test_the_page_is_up_to_date(request: pytest.FixtureRequest) -> None:
    """`pytest --promote` writes it anew."""
    text = primitives_page()
    if request.config.getoption("--promote"):
        PAGE.write_text(text, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == text


def test_every_primitive_is_there_or_as_one_that_is() -> None:
    shown = primitives_page()
    for name in recipes():
        plain = name.removeprefix("raw_").replace("atomic64_", "atomic_").replace("atomic_long_", "atomic_")
        for suffix in ("_irqsave", "_irqrestore", "_irq", "_bh"):
            plain = plain.removesuffix(suffix)
        assert f"`{plain}`" in shown


@pytest.mark.parametrize(
    ("table", "row", "code"),
    [
        ("armv8", "op.full", "`{ ldxr; op; stlxr }; dmb ish`"),
        ("armv8", "cmpxchg.acquire", "`{ ldaxr; cmp; stxr }`, *fails:* `ldaxr`"),
        ("armv8-lse", "op.full", "`ld‹op›al`"),
        ("armv8-lse", "op.noreturn", "`st‹op›`"),
        ("armv8-lse", "cmpxchg.full", "`casal`, *fails:* its read, acquire"),
        ("power", "op.full", "`sync; { lwarx; op; stwcx. }; sync`"),
        ("power", "load.acquire", "`ld; lwsync`"),
        ("power", "cmpxchg.full", "`sync; { lwarx; cmpw; stwcx. }; sync`, *fails:* `sync; lwarx`"),
        ("riscv", "op.full", "`amo‹op›.aqrl`"),
        ("riscv", "cmpxchg.full", "`{ lr; cmp; sc.rl }; fence rw,rw`, *fails:* `lr`"),
        ("riscv", "bit.lock", "`amo‹op›.aq`"),
        ("riscv", "fence.smp_wmb", "`fence w,w`"),
        ("x86", "store.mb", "`lock ‹op›`"),
        ("x86", "cmpxchg.full", "`lock cmpxchg`, *fails:* the same, with the old value"),
        ("x86", "fence.smp_wmb", ""),
    ],
)
def test_code(table: str, row: str, code: str) -> None:
    section, _, name = row.partition(".")
    assert code_of(section, load_lowering(table).row(section, name), table, section == "cmpxchg") == code
