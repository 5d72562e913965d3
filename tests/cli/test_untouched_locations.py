"""Locations that no thread accesses have initial writes, which models that are not shipped may look at, as in herd7."""

import pytest

FLAGS = 'include "cos.cat" flag ~empty [IW] as one flag ~empty (IW * IW) \\ id as two'


@pytest.mark.parametrize(
    ("initial", "parameters", "flags"),
    [("", "int *x", {"one"}), ("", "int *x, int *y", {"one", "two"}), ("y=1;", "int *x", {"one", "two"})],
)
def test_untouched_locations_have_initial_writes(litmus, tmp_path, initial, parameters, flags):
    path, cat = tmp_path / "T.litmus", tmp_path / "my.cat"
    path.write_text(f"C T\n{{ {initial} }}\nP0({parameters}) {{ smp_mb(); }}\nexists (true)\n")
    cat.write_text(FLAGS)
    out = litmus("run", "--format", "herd", "--target", "lkmm", "--model", str(cat), str(path)).out
    assert {line.removeprefix("Flag ") for line in out.splitlines() if line.startswith("Flag ")} == flags
