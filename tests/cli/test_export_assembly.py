"""`litmus export --arch`: assembly for herd7."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from litmus.cli.group import main

TEXT = """\
litmus "mp"
int x; int y;
thread A { WRITE_ONCE(x, 1); smp_wmb(); WRITE_ONCE(y, 1); }
thread B { r = READ_ONCE(y); smp_rmb(); s = READ_ONCE(x); }
forbid stale: B.r == 1 && B.s == 0;
"""


def export(folder: Path, *arguments: str) -> tuple[int, str]:
    (folder / "mp.lit").write_text(TEXT)
    result = CliRunner().invoke(main, ["export", str(folder / "mp.lit"), "-o", str(folder / "out"), *arguments])
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("given", "folder", "dialect"),
    [
        ("armv8", "armv8", "AArch64"),
        ("aarch64", "armv8", "AArch64"),
        ("x86_64", "x86", "X86_64"),
        ("ppc", "power", "PPC"),
        ("riscv", "riscv", "RISCV"),
    ],
)
def test_a_file_goes_into_the_folder_of_its_architecture(tmp_path: Path, given: str, folder: str, dialect: str) -> None:
    status, output = export(tmp_path, "--arch", given)
    assert status == 0, output
    (file,) = (tmp_path / "out" / folder).iterdir()
    text = file.read_text()
    assert text.startswith(f"{dialect} mp")
    assert "Result: Never" in text
    assert "test mp, forbid stale" in text
    assert CliRunner().invoke(main, ["check", str(file)]).exit_code == 0


def test_an_unknown_architecture_is_named(tmp_path: Path) -> None:
    status, output = export(tmp_path, "--arch", "mips")
    assert status == 2
    assert "mips" in output
