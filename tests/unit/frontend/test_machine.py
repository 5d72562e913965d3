"""Our parser does what Lark's does by the same tables: the same trees, the same errors."""

from pathlib import Path
from typing import Any

import lark
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lark.exceptions import UnexpectedCharacters, UnexpectedInput

from litmus import store
from litmus.frontend.analysis import lark_of
from litmus.frontend.machine import Machine, Unexpected
from litmus.frontend.sections import split
from litmus.frontend.table import END, load_table
from litmus.frontend.tree import Token, Tree
from litmus.resources import grammar_text
from litmus.source import Source

ROOT = Path(__file__).parents[3]
HERD = (("herd.lark",), ("init", "final"))
PROGRAM = ("program",)
C = (("c.lark",), PROGRAM)
ASSEMBLY = {
    "AArch64": (("asm/rows.lark", "asm/aarch64.lark"), PROGRAM),
    "PPC": (("asm/rows.lark", "asm/ppc.lark"), PROGRAM),
    "RISCV": (("asm/rows.lark", "asm/riscv.lark"), PROGRAM),
    "X86": (("asm/rows.lark", "asm/x86.lark"), PROGRAM),
    "X86_64": (("asm/rows.lark", "asm/x86_64.lark"), PROGRAM),
}
Grammar = tuple[tuple[str, ...], tuple[str, ...]]
_made: dict[Grammar, tuple[lark.Lark, Machine]] = {}


def both(grammar: Grammar) -> tuple[lark.Lark, Machine]:
    if grammar not in _made:
        files, starts = grammar
        texts = tuple((name, grammar_text(name)) for name in files)
        machine = Machine(load_table(files, starts, placeholders=False))
        _made[grammar] = lark_of(texts, starts, placeholders=False), machine
    return _made[grammar]


def of_lark(parser: lark.Lark, start: str, text: str) -> Any:
    try:
        return _plain(parser.parse(text, start=start))
    except UnexpectedCharacters as error:
        return error.pos_in_stream, None, frozenset(error.allowed or ())
    except UnexpectedInput as error:
        token: Any = error.token  # type: ignore[attr-defined]
        at = None if token.type == END else token.start_pos
        return at, token.type, frozenset(error.accepts or error.expected)  # type: ignore[attr-defined]


def of_ours(machine: Machine, start: str, text: str) -> Any:
    try:
        return _plain(machine.parse(text, start))
    except Unexpected as error:
        kind = None if error.token is None else error.token.type
        return None if kind == END else error.position, kind, error.expected


def _plain(item: Any) -> Any:
    if isinstance(item, (Tree, lark.Tree)):
        return str(item.data), [_plain(child) for child in item.children]
    assert isinstance(item, (Token, lark.Token))
    return item.type, str(item), item.start_pos, item.end_pos


def parts_of(path: Path) -> list[tuple[Grammar, str, str]]:
    sections = split(Source(path.name, path.read_text()))
    program = C if sections.arch == "C" else ASSEMBLY[sections.arch]
    code = sections.program.text if sections.arch == "C" else sections.program_text
    return [(HERD, "init", sections.init_text), (HERD, "final", sections.final_text), (program, "program", code)]


FILES = sorted((ROOT / "docs/examples").rglob("*.litmus")) + sorted((ROOT / "generated").rglob("*.litmus"))
PARTS = [part for path in FILES[:60] for part in parts_of(path)] + [
    (ASSEMBLY["AArch64"], "program", " P0 | P1 ;\n MOV W0,#1 | LDR W0,[X3] ;\n STR W0,[X1,X2,SXTW] | DMB ISH ;\n"),
    (ASSEMBLY["PPC"], "program", " P0 ;\n li r1,1 ;\n stw r1,0(r2) ;\n lwsync ;\n beq L0 ;\n L0: ;\n"),
    (ASSEMBLY["RISCV"], "program", " P0 ;\n ori x5,x0,1 ;\n amoadd.w.aq x6,x5,(x7) ;\n fence rw,w ;\n"),
    (ASSEMBLY["X86"], "program", " P0 ;\n MOV [x],$1 ;\n XCHG [y],EAX ;\n MFENCE ;\n"),
]


def test_there_is_something_to_parse():
    assert len(PARTS) > 100


def test_the_same_trees():
    for grammar, start, text in PARTS:
        parser, machine = both(grammar)
        expected = of_lark(parser, start, text)
        assert isinstance(expected[0], str)
        assert of_ours(machine, start, text) == expected


@given(st.sampled_from(PARTS), st.data())
def test_the_same_trees_or_errors_of_broken_texts(part: tuple[Grammar, str, str], data: st.DataObject):
    grammar, start, text = part
    at = data.draw(st.integers(0, len(text)))
    left_out = data.draw(st.integers(0, 3))
    put_in = data.draw(st.sampled_from(["", ";", "}", "(", "x", "@", "1", "if", "exists", " ", "$", "\n", "/*", '"']))
    broken = text[:at] + put_in + text[at + left_out :]
    parser, machine = both(grammar)
    assert of_ours(machine, start, broken) == of_lark(parser, start, broken)


@pytest.fixture(scope="module")
def ours() -> tuple[lark.Lark, Machine]:
    files = ("dsl.lark", "common.lark")
    texts = tuple((name, grammar_text(name)) for name in files)
    parser = lark.Lark(
        texts[0][1], parser="lalr", lexer="basic", start="file", propagate_positions=True, maybe_placeholders=True,
        import_paths=[str(ROOT / "grammar")],
    )  # fmt: skip
    return parser, Machine(load_table(files, ("file",), placeholders=True))


@pytest.mark.parametrize("path", sorted((ROOT / "docs/examples").rglob("*.lit")), ids=lambda path: path.stem)
def test_the_same_words_of_our_own_language(path: Path, ours: tuple[lark.Lark, Machine]):
    parser, machine = ours
    text = path.read_text()
    expected = [(t.type, str(t), t.start_pos, t.end_pos, t.line) for t in parser.lex(text)]
    assert [(t.type, str(t), t.start_pos, t.end_pos, t.line) for t in machine.words(text)] == expected


def test_places_include_words_that_are_left_out(ours: tuple[lark.Lark, Machine]):
    text = 'litmus "a"\n  int x = (1 + 2) ;\nthread P { WRITE_ONCE(x, 1); }\n'
    parser, machine = ours

    def places(tree: Any) -> Any:
        if isinstance(tree, lark.Tree):
            own = (None, None) if tree.meta.empty else (tree.meta.start_pos, tree.meta.end_pos)
            return str(tree.data), own, [places(child) for child in tree.children]
        if isinstance(tree, Tree):
            return tree.data, (tree.start, tree.end), [places(child) for child in tree.children]
        return None if tree is None else str(tree)

    # The kinds of words that only `dsl.recover` tells apart have to be told here, too.
    typed = [t.update(type="TYPE_WORD") if t == "int" else t for t in parser.lex(text)]
    state = parser.parse_interactive("")
    for token in typed:
        state.feed_token(token)
    from litmus.frontend.machine import Stack

    stack = Stack(machine.table, "file")
    words = [t.retyped("TYPE_WORD") if t == "int" else t for t in machine.words(text)]
    assert all(stack.take(token) for token in words)
    assert stack.take(Token(END, "", len(text), len(text)))
    assert places(stack.parts[0]) == places(state.feed_eof())


INIT = "{ x=1; int y[2]; 0:r1=x }"


def test_a_damaged_table_is_made_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("LITMUS_CACHE", str(tmp_path))
    expected = _plain(Machine(load_table(*HERD, placeholders=False)).parse(INIT[1:-1], "init"))
    (entry,) = (tmp_path / f"v{store.FORMAT}").iterdir()
    whole = len(entry.read_bytes())
    entry.write_bytes(entry.read_bytes()[:-7])
    assert _plain(Machine(load_table(*HERD, placeholders=False)).parse(INIT[1:-1], "init")) == expected
    assert len(entry.read_bytes()) == whole
    monkeypatch.setattr(store, "get", lambda key: b"i\x01\x00\x00\x00")
    assert _plain(Machine(load_table(*HERD, placeholders=False)).parse(INIT[1:-1], "init")) == expected


def test_a_grammar_that_changes_is_analysed_anew(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("LITMUS_CACHE", str(tmp_path))
    first = load_table(*HERD, placeholders=False)
    changed = grammar_text("herd.lark").replace('"locations"', '"places"')
    monkeypatch.setattr("litmus.frontend.table.grammar_text", lambda name: changed)
    assert load_table(*HERD, placeholders=False).patterns != first.patterns
