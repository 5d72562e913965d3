"""Shared by all tests: hypothesis profiles, golden files, and the folder of conformance data."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

collect_ignore_glob = ["*.lit", "*.litmus"]
"""Data of tests, which the plugin that is installed shall not take for tests."""

GOLDEN = Path(__file__).parent / "golden"

settings.register_profile("dev", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "ci", max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--promote", action="store_true", help="rewrite golden files from the present output")


@pytest.fixture(scope="session", autouse=True)
def own_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What is kept between runs is kept apart from the user's, and begins empty."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LITMUS_CACHE", str(tmp_path_factory.mktemp("store")))
        yield


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """``golden(name, text)`` asserts that tests/golden/name holds exactly ``text``; with --promote it writes it."""
    promote = request.config.getoption("--promote")

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if promote:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.is_file(), f"no golden file {name}; run pytest --promote and look at the diff"
        assert text == path.read_text(encoding="utf-8")

    return compare


@pytest.fixture(scope="session")
def conformance() -> Path:
    """The folder with recorded answers of other tools; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("LITMUS_CONFORMANCE", Path(__file__).parents[2] / "shared" / "conformance"))
    if not folder.is_dir():
        pytest.skip("conformance data is not here")
    return folder
