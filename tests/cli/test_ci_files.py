"""What other people's CI takes from this repository runs: the script of the action, and the hook."""

import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parents[2]
TEST = 'litmus "t"\nmodels sc;\nint x = 0;\nthread P { WRITE_ONCE(x, 1); }\nrequire one: x == %d;\n'


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "good.lit").write_text(TEST % 1)
    (tmp_path / "bad.lit").write_text(TEST % 2)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


@pytest.mark.parametrize(("paths", "status"), [("good.lit", 0), ("good.lit bad.lit", 1), ("$(touch harm)", 2)])
def test_the_script_of_the_action(project, paths, status):
    program = project / "runner/litmus-venv/bin/litmus"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m litmus "$@"\n')
    program.chmod(0o755)
    step = (ROOT / "action.yml").read_text().split("- name: Check")[1]
    script = dedent(step.split("run: |\n")[1])
    assert "${{" not in script  # nothing that is said in a workflow becomes part of the script
    said = {"RUNNER_TEMP": str(project / "runner"), "LITMUS_PATHS": paths, "LITMUS_ARGUMENTS": "--timeout 60"}
    run = subprocess.run(["bash", "-e", "-c", script], env={**os.environ, **said}, capture_output=True, text=True)
    assert run.returncode == status
    assert run.stdout.count("::error file=bad.lit,line=5") == (status == 1)
    assert not (project / "harm").exists()


def test_the_hook(project):
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text()
    (entry,) = re.findall(r"^  entry: litmus (.*)$", hooks, re.MULTILINE)
    (files,) = re.findall(r"^  files: (.*)$", hooks, re.MULTILINE)
    assert [bool(re.search(files, name)) for name in ("a/b.lit", "b.litmus", "b.literal")] == [True, True, False]
    command = [sys.executable, "-m", "litmus", *entry.split()]
    assert subprocess.run([*command, "good.lit"]).returncode == 0
    assert subprocess.run([*command, "good.lit", "bad.lit"]).returncode == 1
