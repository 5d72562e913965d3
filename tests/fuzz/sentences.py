"""Random sentences of a Lark grammar: what the grammar allows, whether or not it means anything."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from lark import Lark
from lark.grammar import NonTerminal, Rule
from lark.lexer import PatternStr

Hook = Callable[[Random], str]

_SHORTEST = 0.6
"""How often the shortest way is taken where nothing forces it: expressions have twelve levels of operators."""

_HOOKED = 0.7


@dataclass(slots=True)
class Sentences:
    """Sentences of ``grammar``; ``words`` are the texts of the terminals that are no fixed words. ``hooks`` stand in
    for a nonterminal, most of the time."""

    grammar: Lark
    words: Mapping[str, Sequence[str]]
    hooks: Mapping[str, Hook] = field(default_factory=dict)
    deepest: int = 40
    _rules: dict[str, list[Rule]] = field(init=False)
    _shortest: dict[str, list[Rule]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        rules: defaultdict[str, list[Rule]] = defaultdict(list)
        for rule in self.grammar.rules:
            rules[_name(rule.origin)].append(rule)
        self._rules = dict(rules)
        self._measure()

    def _measure(self) -> None:
        """Find the rules of each nonterminal that need the fewest levels to end."""
        height: dict[str, int] = {}
        while len(height) < len(self._rules):
            for name, rules in self._rules.items():
                ends = [r for r in rules if all(s.is_term or _name(s) in height for s in r.expansion)]
                if name not in height and ends:
                    needed = [max((height.get(_name(s), 0) for s in rule.expansion), default=0) for rule in ends]
                    height[name] = 1 + min(needed)
                    self._shortest[name] = [r for r, n in zip(ends, needed, strict=True) if n == min(needed)]

    def sentence(self, start: str, random: Random) -> str:
        """Return a sentence that ``start`` derives."""
        return " ".join(self._words(start, random, 0))

    def _words(self, name: str, random: Random, depth: int) -> Iterator[str]:
        if name in self.hooks and random.random() < _HOOKED:
            yield self.hooks[name](random)
            return
        short = depth > self.deepest or random.random() < _SHORTEST
        rule = random.choice(self._shortest[name] if short else self._rules[name])
        for symbol in rule.expansion:
            if symbol.is_term:
                yield self._text(symbol.name, random)
            else:
                yield from self._words(_name(symbol), random, depth + 1)

    def _text(self, terminal: str, random: Random) -> str:
        if terminal in self.words:
            return random.choice(self.words[terminal])
        pattern = self.grammar.get_terminal(terminal).pattern
        assert isinstance(pattern, PatternStr), f"no words for {terminal}"
        return pattern.value


def _name(symbol: NonTerminal) -> str:
    return str(getattr(symbol.name, "value", symbol.name))
