"""What generated/ holds is what the export writes today."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from litmus.cli.main import main

ROOT = Path(__file__).parents[2]
SOURCES = ("docs/examples/gup/protocol.lit", "docs/examples/gup/barriers.lit")


def test_generated_files_are_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    arguments = ["export", *SOURCES, "--to", "herd", "--arch", "lkmm", "-o", str(tmp_path)]
    CliRunner().invoke(main, arguments, catch_exceptions=False, standalone_mode=False)
    written = {path.name: path.read_text() for path in tmp_path.glob("*.litmus")}
    kept = {path.name: path.read_text() for path in (ROOT / "generated").glob("*.litmus")}
    assert written
    assert written == kept
