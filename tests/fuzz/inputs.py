"""The inputs of the fuzzer: sentences of the grammars, and examples with something changed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from mutation import mutate
from sentences import Sentences

from litmus.frontend.analysis import lark_of
from litmus.program.primitive import PRIMITIVES, Guard, Parameter, Primitive, Yield, counters
from litmus.resources import grammar_text

ROOT = Path(__file__).parents[2]

PREAMBLE = """litmus "f"
int x = 1, y; u8 small; int *p = &x; int arr[3] = {1, 2}; atomic_t a; atomic64_t b; atomic_long_t c; refcount_t ref;
spinlock_t l; rwlock_t rw; struct mutex m; struct srcu_struct ss; long word;
struct node { int v; struct node *next; } n = {1, &o}, o; struct node *head = n;
struct page { atomic_t count; page_flag Pin, Locked; } page, other; struct page *cur = page;
define d(e) = e + 1;
function f(e) { [F1] WRITE_ONCE(x, e); return e; }
thread A { [L1] r = READ_ONCE(x); [L2] WRITE_ONCE(y, 1); }
"""
NAMES = (
    *"x y small p arr a b c ref l rw m ss word n o head page other cur r q v next count flags Pin T A f d e".split(),
    *"this PG_Pin PagePin SetPagePin TestClearPagePin lock_page trylock_page true NULL VAL source on lkmm sc".split(),
    *"x86 all counter data_race bug deadlock L1 L2 F1".split(),
)
NUMBERS = ("0", "1", "2", "3", "7", "31", "64", "0xff", "2147483648", "1UL", "4294967295U", "0777", "08", "1x")
STRINGS = ('"a"', '"lkmm@v5.4"', '"x.lit"', '"\\n"', '""')
SIGNS = {
    "UPDATE": "+= -= *= /= %= |= &= ^= <<= >>=",
    "STEP": "++ --",
    "OR": "|| \\/",
    "AND": "&& /\\",
    "EQUALITY": "== !=",
    "COMPARISON": "<= >= < >",
    "SHIFT": "<< >>",
    "SIGN": "+ -",
    "NOT": "! ~",
    "DIVIDE": "/ %",
    "CLAIM": "forbid allow require exists",
    "WAIT": "await assume BUG_ON WARN_ON",
    "LABEL": "[L1] [L2] [L3] [on]",
    "HERD_REGISTER": "0:r 1:r 9:r",
    "HERD_EQUAL": "=",
    "TYPE_WORD": "int unsigned long u8 s16 bool atomic_t const char spinlock_t void",
    "ERROR": "$ # \\",
    "VERSIONED": "lkmm@v5.4 lkmm@v9.9 x86@1",
}
WORDS: Mapping[str, Sequence[str]] = {
    **{terminal: text.split() for terminal, text in SIGNS.items()},
    "NAME": NAMES,
    "NUMBER": NUMBERS,
    "STRING": STRINGS,
    "BROKEN": ('"a', "/* a"),
}
PLACES: Mapping[str, Sequence[str]] = {
    Guard.DATA: ("&x", "&y", "&small", "p", "&arr[r]", "&n->v", "&word", "&a.counter"),
    Guard.SPINLOCK: ("&l",),
    Guard.RWLOCK: ("&rw",),
    Guard.MUTEX: ("&m",),
    Guard.SRCU: ("&ss",),
    "atomic_t": ("&a", "&page->count", "&cur->count", "&ref.refs", "(atomic_t *)&x", "(atomic_t *)p"),
    "atomic64_t": ("&b", "&c", "(atomic64_t *)&word"),
    "atomic_long_t": ("&b", "&c", "(atomic_long_t *)&page->flags"),
    "refcount_t": ("&ref", "(refcount_t *)&a"),
}
VALUES = ("0", "1", "r", "r + 1", "READ_ONCE(y)", "(u8)r", "f(1)", "d(r)", "r && y", "r ? x : 2")
ODD_VALUES = ("x", "p", "VAL", "-1", "r / 0", "x++", "&x", "63", "1 << r", "n", "atomic_read(&a)", "smp_mb()")
TARGETS = ("r", "q", "x", "small", "*p", "arr[r]", "n->v", "word")

C_WORDS: Mapping[str, Sequence[str]] = {
    "NAME": ("x", "y", "r0", "r1", "P0", "READ_ONCE", "WRITE_ONCE", "smp_mb", "atomic_inc", "spin_lock", "L", "xchg"),
    "NUMBER": ("0", "1", "2", "0x10", "-1", "4294967296"),
    "TYPE": ("int", "volatile", "unsigned", "long", "atomic_t", "spinlock_t"),
}


@dataclass(frozen=True, slots=True)
class Input:
    """What to read: ``kind`` says how it came about; its suffix says which frontend it is for."""

    kind: str
    suffix: str
    data: bytes


VALUED = tuple(p for p in PRIMITIVES.values() if p.result is not Yield.NOTHING)
EFFECTS = tuple(p for p in PRIMITIVES.values() if p.result is Yield.NOTHING)


def call(random: Random, primitives: Sequence[Primitive] = VALUED) -> str:
    """Return a call of a primitive with arguments that fit more often than not."""
    primitive = random.choice(primitives)
    arguments = [_argument(primitive, parameter, random) for parameter in primitive.parameters]
    if random.random() < 0.05:
        arguments = arguments[1:]
    return f"{primitive.name}({', '.join(arguments)})"


def _argument(primitive: Primitive, parameter: Parameter, random: Random) -> str:
    held = (*counters(primitive.name), primitive.guard)[0]
    wanted = held if random.random() < 0.95 else random.choice(list(PLACES))
    match parameter:
        case Parameter.ADDRESS:
            return random.choice(PLACES[wanted])
        case Parameter.LVALUE:
            return random.choice(
                ("x", "y", "*p", "arr[r]", "n->v", "head->next->v", "small", "page->count.counter", "p")
            )
        case Parameter.CONDITION:
            return random.choice(("VAL", "VAL == 1", "!VAL", "VAL == READ_ONCE(y)", "r"))
        case Parameter.LOCAL:
            return random.choice(("&r", "&r", "&r", "r", "&x"))
    return random.choice(VALUES if random.random() < 0.9 else ODD_VALUES)


def statement(random: Random) -> str:
    """Return a statement that means something more often than not."""
    value = call(random) if random.random() < 0.7 else random.choice(VALUES)
    match random.randrange(12):
        case 0:
            return f"if ({value}) {{ {statement(random)} }} else {{ {statement(random)} }}"
        case 1:
            return f"{random.choice(('while', 'await'))} ({value});"
        case 2:
            return f"do {{ {statement(random)} }} while ({value});"
        case 3 | 4 | 5 | 6:
            return f"{call(random, EFFECTS)};"
        case _:
            return f"{random.choice(TARGETS)} {random.choice(('=', '=', '=', '+=', '^=', '<<='))} {value};"


@cache
def _dsl() -> Sentences:
    texts = tuple((name, grammar_text(name)) for name in ("dsl.lark", "common.lark"))
    return Sentences(lark_of(texts, ("file",), placeholders=True), WORDS, {"postfix": call, "statement": statement})


@cache
def _c() -> Sentences:
    parser = lark_of((("c.lark", grammar_text("c.lark")),), ("program",), placeholders=False)
    words = {t.name: C_WORDS.get(t.name, ("0", "x", "+")) for t in parser.terminals if t.pattern.type == "re"}
    return Sentences(parser, words)


def sentence_lit(random: Random) -> Input:
    """A test in our own language: declarations that are sound, and sentences of the grammar."""
    sentences = _dsl()
    items = [sentences.sentence("item", random) for _ in range(random.choice((0, 0, 1, 2)))]
    body = [sentences.sentence("statement", random) for _ in range(random.randrange(1, 5))]
    edits = [sentences.sentence("edit", random) for _ in range(random.choice((0, 0, 0, 1)))]
    opened, closed = random.choice((("", ""), ("do {", "} while (0);"), ("while (r != 1) {", "}")))
    thread = f"thread T {{ r = 0; q = 0; {opened}\n " + "\n ".join(body) + f" {closed} }}"
    variant = "variant v { " + "\n ".join(edits) + " }" if edits else ""
    text = "\n".join((PREAMBLE + thread, *items, variant, "allow seen: T.r == 1 && x;"))
    return Input("sentence", ".lit", text.encode())


def sentence_c(random: Random) -> Input:
    """A herd test in C."""
    body = " ".join(_c().sentence("statement", random) for _ in range(random.randrange(1, 5)))
    text = f"C t\n{{ x=1; }}\nP0(int *x, int *y, spinlock_t *l)\n{{\n int r0; int r1; {body}\n}}\nexists (0:r0=1)"
    return Input("sentence", ".litmus", text.encode())


def _texts(folders: Sequence[str], pattern: str) -> tuple[str, ...]:
    files = (path for folder in folders for path in sorted((ROOT / folder).rglob(pattern)))
    return tuple(path.read_text(encoding="utf-8") for path in files if path.stat().st_size < 6000)


@cache
def snippets() -> tuple[str, ...]:
    """Return the short tests of the reference."""
    text = (ROOT / "docs" / "dsl.md").read_text(encoding="utf-8")
    return tuple(block for block in re.findall(r"^```c\n(.*?)^```", text, re.MULTILINE | re.DOTALL))


@cache
def corpus(suffix: str) -> tuple[str, ...]:
    """Return the examples of a format: those of the documents and of the tests."""
    match suffix:
        case ".lit":
            return _texts(("docs/examples", "tests/golden"), "*.lit")
        case ".litmus":
            return _texts(("generated", "tests/golden", "tests/corpus"), "*.litmus")
        case _:
            return _texts(("models",), "*.cat")


def mutant(suffix: str, random: Random) -> Input:
    """An example with something changed."""
    texts = snippets() if suffix == ".lit" and random.random() < 0.7 else corpus(suffix)
    return Input("mutation", suffix, mutate(random.choice(texts), texts, random))


def inputs(seed: int, first: int = 0) -> Iterator[tuple[int, Input]]:
    """Yield numbered inputs without end. A seed and a number give the same input again."""
    number = first
    while True:
        random = Random(f"{seed}/{number}")
        yield number, _input(random)
        number += 1


def _input(random: Random) -> Input:
    match random.randrange(20):
        case 0 | 1 | 2 | 3 | 4:
            return sentence_lit(random)
        case 5 | 6 | 7 | 8:
            return sentence_c(random)
        case 9 | 10 | 11 | 12:
            return mutant(".lit", random)
        case 13 | 14 | 15 | 16 | 17:
            return mutant(".litmus", random)
        case _:
            return mutant(".cat", random)
