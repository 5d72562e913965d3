"""The text of a grammar to the tables that it becomes. Lark analyses it; only this module knows lark."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from lark import Lark
from lark.lexer import PatternRE, TerminalDef

from litmus.resources import folder

Plain: TypeAlias = Any
"""Tuples, sets and dictionaries of numbers and words, as `frontend.table.load_table` reads them."""


def lark_of(texts: tuple[tuple[str, str], ...], starts: tuple[str, ...], placeholders: bool) -> Lark:
    """Return Lark's own parser of a grammar; files that others import are read by it, and not part of the grammar."""
    imported = {name for _, text in texts for name, _ in texts if f"%import .{name.removesuffix('.lark')} " in text}
    text = "\n".join(text for name, text in texts if name not in imported)
    return Lark(
        text, parser="lalr", start=list(starts), maybe_placeholders=placeholders, import_paths=[str(folder("grammar"))]
    )


def plain_table(texts: tuple[tuple[str, str], ...], starts: tuple[str, ...], placeholders: bool) -> Plain:
    """Return the tables of a grammar."""
    lark = lark_of(texts, starts, placeholders)
    parser: Any = lark.parser
    table = parser.parser.parser.parse_table
    terminals = {str(t.name): t for t in lark.terminals}
    numbers = {state: number for number, state in enumerate(table.states)}
    rules = {rule: number for number, rule in enumerate(lark.rules)}
    states = tuple(dict(_actions(actions, numbers, rules)) for actions in table.states.values())
    always = frozenset(map(str, lark.ignore_tokens))
    sets: dict[frozenset[str], int] = {frozenset(terminals): 0}
    of = tuple(sets.setdefault(frozenset(terminals) & {*always, *actions}, len(sets)) for actions in states)
    return (
        {name: (_text(t), isinstance(t.pattern, PatternRE)) for name, t in terminals.items()},
        always,
        tuple(_shape(rule, placeholders) for rule in lark.rules),
        states,
        {str(name): (numbers[state], numbers[table.end_states[name]]) for name, state in table.start_states.items()},
        tuple(_vocabulary([terminals[name] for name in kinds]) for kinds in sets),
        of,
    )


def _text(terminal: TerminalDef) -> str:
    pattern = terminal.pattern
    if isinstance(pattern, PatternRE):
        return str(pattern.to_regexp())
    assert not pattern.flags, f"{terminal.name}: words in any case are not provided for"
    return str(pattern.value)


def _actions(
    actions: Mapping[str, Any], numbers: Mapping[Any, int], rules: Mapping[Any, int]
) -> Iterator[tuple[str, int]]:
    for kind, (action, target) in actions.items():
        yield str(kind), numbers[target] if str(action) == "Shift" else ~rules[target]


def _shape(rule: Any, placeholders: bool) -> Plain:
    options = rule.options
    absent = _absent(options.empty_indices if placeholders else (), len(rule.expansion))
    kept, waiting = [], 0
    for i, symbol in enumerate(rule.expansion):
        waiting += absent[i]
        if options.keep_all_tokens or not (symbol.is_term and symbol.filter_out):
            kept.append((i, not symbol.is_term and symbol.name.startswith("_"), waiting))
            waiting = 0
    waiting += absent[-1]
    whole = len(kept) == len(rule.expansion) and not waiting and not any(apart or before for _, apart, before in kept)
    name = rule.alias or options.template_source or rule.origin.name
    single = bool(options.expand1) and not rule.alias
    return str(rule.origin.name), len(rule.expansion), str(name), single, tuple(kept), waiting, whole


def _absent(marks: Iterable[bool], size: int) -> list[int]:
    """Return how many parts are absent before each symbol of an expansion, and behind the last."""
    counts = [0]
    for mark in marks:
        if mark:
            counts[-1] += 1
        else:
            counts.append(0)
    return counts + [0] * (size + 1 - len(counts))


def _vocabulary(terminals: list[TerminalDef]) -> Plain:
    """Of several kinds of words that fit, that of the highest priority is meant, then that which can be longest. A word
    that a pattern fits as a whole is looked for by the pattern, so that ``whileX`` is one name."""
    terminals.sort(key=lambda t: (-t.priority, -t.pattern.max_width, -len(t.pattern.value), t.name))
    fixed = [t for t in terminals if not isinstance(t.pattern, PatternRE)]
    words: dict[str, dict[str, str]] = {}
    for terminal in terminals:
        if isinstance(terminal.pattern, PatternRE):
            pattern = re.compile(terminal.pattern.to_regexp())
            same = [t for t in fixed if t.priority == terminal.priority]
            fitting = {str(t.pattern.value): str(t.name) for t in same if _fits(pattern, t.pattern.value)}
            words |= {str(terminal.name): fitting} if fitting else {}
    inside = {name for fitting in words.values() for name in fitting.values()}
    return tuple(str(t.name) for t in terminals if t.name not in inside), words


def _fits(pattern: re.Pattern[str], word: str) -> bool:
    found = pattern.match(word)
    return found is not None and found.end() == len(word)
