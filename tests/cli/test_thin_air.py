"""Under models that allow values out of thin air, whoever reads such a value has the same as those it came from."""

TEST = """RISCV T
{ 0:x28=x; 1:x28=x; }
 P0           | P1           ;
 lw x5,0(x28) | lw x5,0(x28) ;
              | sw x5,0(x28) ;
locations [0:x5; 1:x5; x;]
exists (true)
"""


def test_a_reader_outside_the_circle_reads_what_is_in_it(litmus, tmp_path):
    path, cat = tmp_path / "T.litmus", tmp_path / "my.cat"
    path.write_text(TEST)
    cat.write_text('include "cos.cat" empty 0 as anything')
    out = litmus("run", "--format", "herd", "--model", cat, path).out
    states = [line.split("; ") for line in out.splitlines() if "[x]=S" in line]
    assert len(states) == 2
    for first, second, last in states:
        value = second.removeprefix("1:x5=")
        assert last == f"[x]={value};"
        assert first in ("0:x5=0", f"0:x5={value}")
