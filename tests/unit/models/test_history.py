"""Each change in the history of the Linux-kernel model has a test that the release decides; docs/models.md lists them.

The answers were compared with herd7 7.58 on the kernel's own files of the releases named here.
"""

import re
from itertools import pairwise
from pathlib import Path

import pytest

from litmus.cat.history import History, Release, parse_release, read_history, select
from litmus.errors import ProgramErrors, UsageError
from litmus.frontend.dispatch import parse
from litmus.resources import model_source
from litmus.source import Source
from litmus.suite.evaluation import Settings, evaluate

DOCS = Path(__file__).parents[3] / "docs"
EXAMPLES = DOCS / "examples" / "history"

ANSWERS = {
    "v4.18-spin_is_locked": [("v4.17", "error"), ("v4.18", "Sometimes 1 11"), ("v6.17", "Sometimes 1 11")],
    "v4.20-release-acquire": [("v4.17", "Never 0 3"), ("v4.19", "Never 0 3"), ("v4.20", "Sometimes 1 3")],
    "v4.20-unlock-lock": [("v4.17", "Sometimes 1 3"), ("v4.19", "Sometimes 1 3"), ("v4.20", "Never 0 3")],
    "v5.1-after-unlock-lock": [
        ("v5.0", "error"), ("v5.1", "Never 0 3"), ("v5.16", "Never 0 3"), ("v6.3", "Never 0 3"), ("v6.4", "Never 0 3"),
    ],
    "v5.2-srcu": [("v5.1", "error"), ("v5.2", "Never 0 3"), ("v6.3", "Never 0 3"), ("v6.4", "Never 0 3")],
    "v5.3-data-race": [
        ("v4.17", "Sometimes 1 2"), ("v5.2", "Sometimes 1 2"), ("v5.3", "Sometimes 1 2 data-race"),
    ],
    "v5.5-read-before-write": [
        ("v5.2", "Sometimes 1 3"), ("v5.3", "Sometimes 1 3 data-race"), ("v5.4", "Sometimes 1 3 data-race"),
        ("v5.5", "Sometimes 1 3"),
    ],
    "v5.17-two-locks": [("v4.17", "Sometimes 1 3"), ("v5.16", "Sometimes 1 3"), ("v5.17", "Never 0 3")],
    "v6.3-carried-dependency": [
        ("v4.17", "Never 0 2"), ("v5.2", "Never 0 2"), ("v5.3", "Sometimes 1 2"), ("v6.2", "Sometimes 1 2"),
        ("v6.3", "Never 0 2"),
    ],
    "v6.3-rmw-sequence": [("v6.2", "Sometimes 1 9"), ("v6.3", "Never 0 9")],
    "v6.3-rmw-sequence-race": [
        ("v5.2", "Sometimes 2 5"), ("v6.2", "Sometimes 2 5 data-race"), ("v6.3", "Sometimes 1 5"),
    ],
    "v6.4-after-srcu-read-unlock": [("v6.3", "error"), ("v6.4", "Never 0 3")],
    "v6.4-overlapping-srcu": [
        ("v5.2", "Never 0 3 srcu-bad-nesting"), ("v6.3", "Never 0 3 srcu-bad-nesting"), ("v6.4", "Sometimes 1 3"),
    ],
    "v6.11-own-unlock": [("v4.18", "Never 0 0"), ("v6.10", "Never 0 0"), ("v6.11", "Always 1 0")],
}  # fmt: skip


def answer(name: str, model: str) -> str:
    path = EXAMPLES / f"{name}.litmus"
    (program,) = parse(Source(path.name, path.read_text(encoding="utf-8")))
    try:
        result = evaluate(program, model, Settings())
    except ProgramErrors as errors:
        return "error" if all("does not have" in error.message for error in errors.errors) else errors.render()
    (tally,) = result.tallies
    return " ".join([tally.observation, str(tally.positive), str(tally.negative), *sorted(result.flags)])


@pytest.mark.parametrize(
    ("name", "release", "expected"),
    [(name, release, expected) for name, rows in ANSWERS.items() for release, expected in rows],
)
def test_release_decides(name: str, release: str, expected: str) -> None:
    assert answer(name, f"lkmm@{release}") == expected


@pytest.mark.parametrize("name", ANSWERS)
def test_the_newest_release_is_the_model_without_a_version(name: str) -> None:
    assert answer(name, "lkmm") == answer(name, "lkmm@v6.17") == ANSWERS[name][-1][1]


def test_every_example_has_answers_and_a_row_in_the_documentation() -> None:
    assert {path.stem for path in EXAMPLES.iterdir()} == set(ANSWERS)
    documented = set(re.findall(r"\bv\d+\.\d+-[\w-]+\b", (DOCS / "models.md").read_text(encoding="utf-8")))
    assert documented == set(ANSWERS)


def lkmm() -> History:
    history = read_history(model_source("lkmm.cat").text)
    assert history is not None
    return history


def test_every_change_has_an_example_that_tells_the_releases_apart() -> None:
    for change in {*lkmm().changes, *lkmm().since.values()}:
        rows = [row for name, row in ANSWERS.items() if name.startswith(f"{change}-")]
        assert any(
            before[1] != after[1] and after[0] == str(change) for row in rows for before, after in pairwise(row)
        ), change


def test_the_model_asks_for_no_variant_that_its_history_does_not_list() -> None:
    asked = set(re.findall(r'if "before-(v[\d.]+)"', model_source("lkmm.cat").text))
    assert asked == {str(change) for change in lkmm().changes}


def test_variants_are_those_of_later_changes() -> None:
    history = History(Release(4, 17), Release(6, 17), (Release(4, 20), Release(5, 3), Release(5, 17)))
    assert history.variants(Release(4, 17)) == ("before-v4.20", "before-v5.3", "before-v5.17")
    assert history.variants(Release(5, 3)) == ("before-v5.17",)
    assert history.variants(Release(6, 17)) == ()


@pytest.mark.parametrize(
    ("text", "release"),
    [
        ("v4.17", Release(4, 17)), ("v4.20", Release(4, 20)), ("v6.12", Release(6, 12)), ("v4.21", None),
        ("v5.20", None), ("5.4", None), ("v5", None), ("v5.4.1", None), ("v6.x", None), ("", None), ("v5.4 ", None),
    ],
)  # fmt: skip
def test_releases(text: str, release: Release | None) -> None:
    assert parse_release(text) == release


def test_names_without_a_version_and_paths_are_left_alone() -> None:
    for name in ("lkmm", "x86", "models/a@v1.cat", "a@v5.4.cat", "./a@b/c"):
        assert select(name).path == name
        assert select(name).variants == ()


LATER = (
    "error: whether 'lkmm' changed after v6.17 is not known: there is no answer for {} "
    "(lkmm@v6.17 is the newest known; --conf runs the files that a kernel brings)"
)


def test_every_change_is_told_in_a_line() -> None:
    history = read_history(model_source("lkmm.cat").text)
    assert history is not None
    assert history.news.keys() == {*history.changes, *history.since.values()}
    assert all(len(line) < 110 for line in history.news.values())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("lkmm@v4.16", "error: 'v4.16' has no 'lkmm', which v4.17 brought (lkmm@v4.17 to lkmm@v6.17 are known)"),
        ("lkmm@v6.18", LATER.format("v6.18")),
        ("lkmm@v7.0", LATER.format("v7.0")),
        ("lkmm@v5.20", "error: 'v5.20' is not a release of Linux (lkmm@v4.17 to lkmm@v6.17 are known)"),
        ("lkmm@newest", "error: 'newest' is not a release of Linux (lkmm@v4.17 to lkmm@v6.17 are known)"),
        ("x86@v5.4", "error: the model 'x86' has no history: 'x86@v5.4' asks for a version of it (use 'x86')"),
        ("lkm@v5.4", "error: unknown model 'lkm' (did you mean 'lkmm'?)"),
    ],
)
def test_wrong_versions(name: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        select(name)
    assert caught.value.render() == message
