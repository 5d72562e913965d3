"""``litmus models``."""


def test_models_and_releases_are_listed(litmus):
    done = litmus("models")
    lines = done.out.splitlines()
    assert done.status == 0
    assert [line.split()[0] for line in lines[:6]] == ["armv8", "lkmm", "power", "riscv", "sc", "x86"]
    assert lines[1].endswith("tools/memory-model/Documentation/explanation.txt")
    releases = [line.split("  ")[0] for line in lines if line.startswith("lkmm@")]
    assert releases[0] == "lkmm@v4.17"
    assert releases[-1] == "lkmm@v6.17"
    assert "lkmm@v5.3   plain accesses are told from marked ones, and data races found" in lines
