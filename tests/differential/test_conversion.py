"""A sample of the recorded C tests, converted, has the states and counts of the original."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from conversion import compared, files


def test_recorded_tests(conformance: Path) -> None:
    fared = {path.name: compared(path, 10) for path in files(conformance / "lkmm" / "tests", 60)}
    assert {name: how for name, how in fared.items() if how not in ("same", "not finished")} == {}
    assert sum(how == "same" for how in fared.values()) > 50
