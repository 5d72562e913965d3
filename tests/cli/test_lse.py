"""--lse: arm64's updates as one instruction, of which that without a result reads nothing that a DMB LD orders."""

from pathlib import Path

TEST = """litmus "MP+wmb+inc-rmb"
models armv8;
int x; atomic_t y;
thread A { WRITE_ONCE(x, 1); smp_wmb(); atomic_set(&y, 1); }
thread B { atomic_inc(&y); smp_rmb(); r = READ_ONCE(x); }
forbid stale: y == 2 && B.r == 0;
"""


def test_an_update_without_a_result(litmus, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("t.lit").write_text(TEST)
    assert litmus("check", "t.lit").status == 0
    assert litmus("check", "--lse", "t.lit").status == 1
    Path("t.lit").write_text(TEST.replace("atomic_inc(&y)", "s = atomic_fetch_inc_relaxed(&y)"))
    assert litmus("check", "--lse", "t.lit").status == 0
