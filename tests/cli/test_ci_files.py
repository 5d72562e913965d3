"""What other people's CI takes from this repository runs: the scripts of the action, the hook, the template for GitLab.

What installs the package takes its time, and packages from an index: it is skipped where there is none."""

import os
import re
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parents[2]
TEST = 'litmus "t"\nmodels sc;\nint x = 0;\nthread P { WRITE_ONCE(x, 1); }\nrequire one: x == %d;\n'
NO_INDEX = ("No matching distribution", "Could not fetch", "Connection", "ConnectTimeout", "Temporary failure")
"""What pip says where there is no index."""


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "good.lit").write_text(TEST % 1)
    (tmp_path / "bad.lit").write_text(TEST % 2)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return tmp_path


def program(path):
    """Write a script that is our command."""
    path.parent.mkdir(parents=True)
    path.write_text(f'#!/bin/sh\nexec {sys.executable} -m litmus "$@"\n')
    path.chmod(0o755)


def step(name):
    """The script of a step of the action."""
    script = dedent((ROOT / "action.yml").read_text().split(f"- name: {name}")[1].split("run: |\n")[1])
    script = re.split(r"(?m)^(?=- )", script)[0]
    assert "${{" not in script  # nothing that is said in a workflow becomes part of the script
    return script


def shell(script, **said):
    environment = {**os.environ, **{name: str(value) for name, value in said.items()}}
    return subprocess.run(["bash", "-e", "-c", script], env=environment, capture_output=True, text=True)


@pytest.mark.parametrize(("paths", "status"), [("good.lit", 0), ("good.lit bad.lit", 1), ("$(touch harm)", 2)])
def test_the_script_of_the_action(project, paths, status):
    program(project / "runner/litmus-venv/bin/litmus")
    said = {"RUNNER_TEMP": project / "runner", "LITMUS_PATHS": paths, "LITMUS_ARGUMENTS": "--timeout 60"}
    run = shell(step("Check"), **said)
    assert run.returncode == status
    assert run.stdout.count("::error file=bad.lit,line=5") == (status == 1)
    assert not (project / "harm").exists()


def test_the_action_installs_what_it_runs(project, monkeypatch):
    """Both steps, one after the other, with nothing of this checkout but by installing it."""
    monkeypatch.delenv("PYTHONPATH")
    said = {
        "ACTION_PATH": ROOT, "RUNNER_TEMP": project, "LITMUS_PATHS": "good.lit bad.lit",
        "LITMUS_ARGUMENTS": "--output sarif=out.sarif", "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }  # fmt: skip
    installed = shell(step("Install"), **said)
    if any(words in installed.stderr for words in NO_INDEX):
        pytest.skip("there is no index of packages here")
    assert installed.returncode == 0, installed.stderr
    run = shell(step("Check"), **said)
    assert run.returncode == 1
    assert "::error file=bad.lit,line=5" in run.stdout
    assert (project / "out.sarif").is_file()
    assert shell("$RUNNER_TEMP/litmus-venv/bin/litmus --version", **said).stdout.startswith("litmus")


def test_the_hook(project):
    hooks = (ROOT / ".pre-commit-hooks.yaml").read_text()
    (entry,) = re.findall(r"^  entry: litmus (.*)$", hooks, re.MULTILINE)
    (files,) = re.findall(r"^  files: (.*)$", hooks, re.MULTILINE)
    assert [bool(re.search(files, name)) for name in ("a/b.lit", "b.litmus", "b.literal")] == [True, True, False]
    command = [sys.executable, "-m", "litmus", *entry.split()]
    assert subprocess.run([*command, "good.lit"]).returncode == 0
    assert subprocess.run([*command, "good.lit", "bad.lit"]).returncode == 1


def test_the_hook_goes_by_the_settings(project):
    (project / "litmus.toml").write_text('baseline = "known.json"\n')
    command = [sys.executable, "-m", "litmus", "check", "bad.lit"]
    assert subprocess.run([*command, "--update"]).returncode == 0
    (entry,) = re.findall(r"^  entry: litmus (.*)$", (ROOT / ".pre-commit-hooks.yaml").read_text(), re.MULTILINE)
    assert subprocess.run([sys.executable, "-m", "litmus", *entry.split(), "bad.lit"]).returncode == 0


def test_pre_commit_runs_the_hook(project, monkeypatch):
    """As its users run it: it installs the repository and gives it the files of a commit."""
    pytest.importorskip("pre_commit")
    if not (ROOT / ".git").exists():
        pytest.skip("not in a repository")
    monkeypatch.delenv("PYTHONPATH")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(project / "home"))
    for command in ("git init -q .", "git add good.lit"):
        subprocess.run(command.split(), check=True)
    (project / ".git/info/exclude").write_text("home\n")
    tried = [sys.executable, "-m", "pre_commit", "try-repo", str(ROOT), "litmus-check", "--verbose", "--all-files"]
    run = subprocess.run(tried, capture_output=True, text=True)
    if any(words in run.stdout for words in NO_INDEX):
        pytest.skip("there is no index of packages here")
    assert run.returncode == 0, run.stdout
    assert "1 expectation: 1 hold" in run.stdout
    subprocess.run(["git", "add", "bad.lit"], check=True)
    run = subprocess.run(tried, capture_output=True, text=True)
    assert run.returncode == 1
    assert "FAIL  one" in run.stdout


def template(heading):
    """The first block of code below a heading of the documentation."""
    text = (ROOT / "docs/ci.md").read_text()
    return text[text.index(heading) :].split("```yaml\n")[1].split("```")[0]


@pytest.mark.parametrize(("tests", "status"), [(("good.lit",), 0), (("good.lit", "bad.lit"), 1)])
def test_the_template_for_gitlab(project, monkeypatch, tests, status):
    text = template("GitLab:")
    install, *script = re.findall(r"^    - (.*)$", text.split("  script:\n")[1].split("  artifacts:")[0], re.MULTILINE)
    metadata = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert install == f"pip install {metadata['name']}"
    (project / "tests/litmus").mkdir(parents=True)
    for name in tests:
        (project / name).rename(project / "tests/litmus" / name)
    program(project / "bin/litmus")
    (kept,) = re.findall(r"LITMUS_CACHE: \$CI_PROJECT_DIR/(.*)", text)
    assert f"paths: [{kept}]" in text
    said = {"PATH": f"{project / 'bin'}:{os.environ['PATH']}", "LITMUS_CACHE": project / kept}
    run = shell("\n".join(script), **said)
    assert run.returncode == status
    assert (project / kept).is_dir()
    (report,) = re.findall(r"      junit: (.*)", text)
    root = ET.parse(report).getroot()
    assert (root.get("tests"), root.get("failures")) == (str(len(tests)), str(status))
    assert "  artifacts:\n    when: always\n" in text


def test_the_template_for_pre_commit():
    (hook,) = re.findall(r"- id: (\S+)", template("pre-commit checks"))
    assert f"- id: {hook}\n" in (ROOT / ".pre-commit-hooks.yaml").read_text()


def test_the_templates_for_github_have_inputs_of_the_action():
    inputs = re.findall(r"^  ([a-z-]+):\n    description", (ROOT / "action.yml").read_text(), re.MULTILINE)
    for heading in ("GitHub: the repository", "For code scanning"):
        given = template(heading).split("litmuskit@v1")[1].split("- uses:")[0]
        assert set(re.findall(r"^    ([a-z-]+):", given, re.MULTILINE)) <= set(inputs)
