"""Compare our answers with recorded ones, and tell known differences from new ones.

    conformance.py DATA_FOLDER [options of DATA_FOLDER/compare.py]

Runs the comparison that comes with the data and passes its output on. A disagreement that `known-differences.txt` lists
(docs/models.md gives the reasons) is not counted; any other, or a test without an answer, makes the exit status 1.
"""

import re
import subprocess
import sys
from pathlib import Path

KNOWN = Path(__file__).with_name("known-differences.txt")
DISAGREEMENT = re.compile(r"^(?P<arch>\w+) (?P<file>\S+\.litmus): (?P<why>.*)$")
SUMMARY = re.compile(r"^agreement (\d+)/(\d+)$")


def known() -> frozenset[str]:
    """Return the tests, as ``arch file``, in which we differ on purpose."""
    lines = KNOWN.read_text(encoding="utf-8").splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def main(folder: str, *options: str) -> int:
    """Run the comparison; return the exit status."""
    command = [sys.executable, str(Path(folder) / "compare.py"), "--verbose", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as comparison:
        assert comparison.stdout is not None
        new, old, total = _read(comparison.stdout.read().splitlines())
    print(f"{len(old)} known differences, {len(new)} new ones in {total} tests")
    return 1 if new or not total else 0


def _read(lines: list[str]) -> tuple[list[str], list[str], int]:
    expected = known()
    new: list[str] = []
    old: list[str] = []
    total = 0
    for line in lines:
        if found := DISAGREEMENT.match(line):
            is_known = f"{found['arch']} {found['file']}" in expected and found["why"] != "no answer"
            (old if is_known else new).append(line)
            print(("known: " if is_known else "NEW: ") + line)
        else:
            print(line)
        if summary := SUMMARY.match(line):
            total = int(summary[2])
    return new, old, total


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
