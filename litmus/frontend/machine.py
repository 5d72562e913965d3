"""Parses texts by the tables of a grammar: an LALR(1) parser whose every state looks for its own kinds of words."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from litmus.frontend.table import END, Shape, Table, Vocabulary
from litmus.frontend.tree import Part, Token, Tree

Candidate: TypeAlias = tuple[str, str, Callable[[str, int], re.Match[str] | None] | None]
"""A kind of word, and its text, or what finds it by its pattern."""


class Unexpected(Exception):
    """Raised where a text does not go on as the grammar has it: at a ``token``, or where no word is recognised.

    ``expected`` are the kinds of words that the text could go on with.
    """

    def __init__(self, position: int, token: Token | None, expected: frozenset[str]) -> None:
        super().__init__(position)
        self.position, self.token, self.expected = position, token, expected


class Stack:
    """Where the parser is: the states that it went through, and what it made so far."""

    __slots__ = ("last", "parts", "states", "table")

    def __init__(self, table: Table, start: str) -> None:
        first, self.last = table.starts[start]
        self.table = table
        self.states = [first]
        self.parts: list[Part] = []

    def take(self, token: Token) -> bool:
        """Shift a word, after the reductions that it makes necessary; return whether it fits. What is reduced already
        stays so. At the end of the text the only part left is the tree of it."""
        kind, states, parts = token.type, self.states, self.parts
        actions, shapes = self.table.states, self.table.shapes
        while True:
            action = actions[states[-1]].get(kind)
            if action is None:
                return False
            if action >= 0:
                states.append(action)
                parts.append(token)
                return True
            shape = shapes[~action]
            if shape.passes:
                states[-1] = actions[states[-2]][shape.origin]
            else:
                taken: list[Part] = []
                if shape.size:
                    taken = parts[-shape.size :]
                    del states[-shape.size :], parts[-shape.size :]
                parts.append(_reduced(shape, taken))
                states.append(actions[states[-1]][shape.origin])
            if kind == END and states[-1] == self.last:
                return True

    def accepts(self, *kinds: str) -> bool:
        """Whether words of these kinds can follow. Nothing changes by asking."""
        trial = _Trial(self.states)
        return all(self._try(trial, kind) for kind in kinds)

    def _try(self, trial: "_Trial", kind: str) -> bool:
        actions, shapes = self.table.states, self.table.shapes
        while True:
            action = actions[trial.top].get(kind)
            if action is None:
                return False
            if action >= 0:
                trial.push(action)
                return True
            shape = shapes[~action]
            trial.pop(shape.size)
            trial.push(actions[trial.top][shape.origin])
            if kind == END and trial.top == self.last:
                return True

    def acceptable(self) -> frozenset[str]:
        """Return the kinds of words that can follow."""
        return frozenset(kind for kind in self.table.states[self.states[-1]] if kind.isupper() and self.accepts(kind))


class _Trial:
    """A stack of the parser's states on trial. The parser's own is not touched, nor copied: it may be deep."""

    __slots__ = ("_below", "_depth", "_pushed")

    def __init__(self, below: Sequence[int]) -> None:
        self._below = below
        self._depth = len(below)
        self._pushed: list[int] = []

    @property
    def top(self) -> int:
        return self._pushed[-1] if self._pushed else self._below[self._depth - 1]

    def push(self, state: int) -> None:
        self._pushed.append(state)

    def pop(self, number: int) -> None:
        kept = max(len(self._pushed) - number, 0)
        self._depth -= number - (len(self._pushed) - kept)
        del self._pushed[kept:]


class Machine:
    """The parser of one grammar."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._finders: dict[str, Callable[[str, int], re.Match[str] | None]] = {}
        self._candidates: list[dict[str, tuple[Candidate, ...]]] = [{} for _ in table.vocabularies]

    def parse(self, text: str, start: str) -> Tree:
        """Return the tree of ``text``, which is all of what the rule ``start`` describes.

        Raises:
            Unexpected: where it is not.
        """
        stack = Stack(self.table, start)
        position = 0
        while True:
            token = self._next(text, position, stack)
            if not stack.take(token):
                raise Unexpected(token.start_pos, token, stack.acceptable() or self._expected(stack))
            if token.type == END:
                break
            position = token.end_pos
        (tree,) = stack.parts
        assert isinstance(tree, Tree)
        return tree

    def words(self, text: str) -> Iterator[Token]:
        """Yield the words of ``text``, wherever in the grammar they could stand.

        Raises:
            Unexpected: where there is none.
        """
        position, line = 0, 1
        while (token := self._scan(0, text, position)) is not None:
            token.line = line = line + text.count("\n", position, token.start_pos)
            line += token.count("\n")
            position = token.end_pos
            yield token

    def spelling(self) -> dict[str, str]:
        """Return the kinds of words that are always written the same way, with their texts."""
        return {kind: text for kind, (text, is_pattern) in self.table.patterns.items() if not is_pattern}

    def _next(self, text: str, position: int, stack: Stack) -> Token:
        try:
            token = self._scan(self.table.vocabulary_of[stack.states[-1]], text, position)
        except Unexpected as error:
            raise self._anywhere(text, error, stack) from None
        return Token(END, "", position, position) if token is None else token

    def _anywhere(self, text: str, error: Unexpected, stack: Stack) -> Unexpected:
        """Return the error for what is no word here: where it is one elsewhere, it is the word that is unexpected."""
        try:
            token = self._scan(0, text, error.position)
        except Unexpected:
            return error
        if token is None:
            return error
        return Unexpected(token.start_pos, token, stack.acceptable() or error.expected)

    def _expected(self, stack: Stack) -> frozenset[str]:
        return frozenset(kind for kind in self.table.states[stack.states[-1]] if kind.isupper())

    def _scan(self, number: int, text: str, position: int) -> Token | None:
        """Return the next word of a vocabulary, None at the end of the text.

        Raises:
            Unexpected: where there is none.
        """
        known, ignored, size = self._candidates[number], self.table.ignored, len(text)
        while position < size:
            first = text[position]
            for kind, fixed, find in known.get(first) or self._known(number, first):
                if find is None:
                    end = position + len(fixed) if text.startswith(fixed, position) else None
                else:
                    found = find(text, position)
                    end = found and found.end()
                if end is None:
                    continue
                if kind not in ignored:
                    word = text[position:end]
                    others = self.table.vocabularies[number].words.get(kind)
                    return Token(kind if others is None else others.get(word, kind), word, position, end)
                position = end
                break
            else:
                raise Unexpected(position, None, self._kinds(self.table.vocabularies[number]))
        return None

    def _kinds(self, vocabulary: Vocabulary) -> frozenset[str]:
        return (frozenset(vocabulary.kinds) - self.table.ignored) or frozenset({"<END-OF-FILE>"})

    def _known(self, number: int, first: str) -> tuple[Candidate, ...]:
        """Return the kinds of words that may begin with a character."""
        kinds = self.table.vocabularies[number].kinds
        found = self._candidates[number][first] = tuple(c for kind in kinds if (c := self._candidate(kind, first)))
        return found

    def _candidate(self, kind: str, first: str) -> Candidate | None:
        text, is_pattern = self.table.patterns[kind]
        if not is_pattern:
            return (kind, text, None) if text[0] == first else None
        find = self._finders.get(kind)
        if find is None:
            find = self._finders[kind] = re.compile(text).match
        return kind, "", find


def _reduced(shape: Shape, parts: list[Part]) -> Part:
    """Return what a rule makes of its parts."""
    kept: list[Any] = parts
    if not shape.whole:
        kept = []
        for index, apart, before in shape.kept:
            kept += [None] * before
            part = parts[index]
            if not apart:
                kept.append(part)
            elif isinstance(part, Tree):
                # The list is not copied where it is the first: for each item of a long one that takes squared time.
                kept = kept + part.children if kept else part.children
        kept += [None] * shape.absent
    made = kept[0] if shape.single and len(kept) == 1 else Tree(shape.name, kept)
    if isinstance(made, Tree):
        _place(made, parts)
    return made


def _place(tree: Tree, parts: list[Part]) -> None:
    """Note where a tree is that a rule made of these parts."""
    for part in parts:
        start = None if part is None else part.outer_start if isinstance(part, Tree) else part.start_pos
        if start is not None:
            if tree.start is None:
                tree.start = start
            tree.outer_start = start
            break
    for part in reversed(parts):
        end = None if part is None else part.outer_end if isinstance(part, Tree) else part.end_pos
        if end is not None:
            if tree.end is None:
                tree.end = end
            tree.outer_end = end
            break
