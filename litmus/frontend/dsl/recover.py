"""An LALR parser that reports an error, repairs or skips, and goes on: yacc's method.

The grammar has a terminal ERROR where an item, a field, an edit or a statement may stand. After an error the innermost
such place is looked for on the parse stack, and what follows is skipped up to the next `;` or brace. A single missing
`;`, `)` or `}` is put in instead, so that nothing is lost.
"""

import re
from collections.abc import Iterator, Sequence

from litmus.errors import ParseError
from litmus.frontend.dsl.expected import Words, expectation, is_misspelt_type, misspelt_type
from litmus.frontend.machine import Stack
from litmus.frontend.table import END
from litmus.frontend.tree import Token, Tree
from litmus.source import Source

_INSERTIONS = (
    ("SEMICOLON",),
    ("RPAR",),
    ("RPAR", "SEMICOLON"),
    ("RSQB",),
    ("RBRACE",),
    ("SEMICOLON", "RBRACE"),
    ("RBRACE", "RBRACE"),
)
_STARTERS = frozenset({"LITMUS", "THREAD", "VARIANT", "CLAIM", "DEFINE", "FUNCTION"})
_OPERANDS = frozenset({"NAME", "NUMBER", "STRING", "RPAR", "RSQB", "LABEL", "HERD_REGISTER"})


_NOT_BLANK = re.compile(r"\S")


class Recovery:
    """One pass over the tokens of a text."""

    def __init__(self, source: Source, tokens: Sequence[Token], stack: Stack, words: Words) -> None:
        self.source = source
        self.tokens = tokens
        self.errors: list[ParseError] = []
        self.lost: set[str] = set()
        self._stack = stack
        self._words = words
        self._index = 0
        self._failed_at = -1
        self._opened: list[Token] = []
        self._matched = 0

    def run(self) -> Tree:
        """Return the tree of the whole text; what could not be read is an ERROR word in it."""
        while self._index < len(self.tokens):
            token = self.tokens[self._index]
            reading = next((r for r in self._readings(token) if self._accepts(*(t.type for t in r))), None)
            if reading:
                self._feed(*reading)
                self._index += 1
            elif token.type in ("ERROR", "BROKEN"):
                self._unreadable(token)
            else:
                self._mend(token)
        return self._finish()

    # ------------------------------------------------------------------------------------------------- reading words
    def _readings(self, token: Token) -> Iterator[tuple[Token, ...]]:
        """Yield what ``token`` may be taken for, the likeliest first."""
        match token.type:
            case "ERROR" | "BROKEN":
                return
            case "NAME" if token in self._words.types:
                yield (_retyped(token, "TYPE_WORD"),)
            case "EQUAL":
                yield (token,)
                yield (_retyped(token, "HERD_EQUAL"),)
            case "LABEL":
                yield (token,)
                if not self._is_forgotten_label(token):
                    yield _pieces(token, ("LSQB", "NAME", "RSQB"))
            case "HERD_REGISTER":
                yield _pieces(token, ("NUMBER", "COLON", "NAME"))
                yield (token,)
            case kind if kind in self._words.soft and not self._starts_item(self._index):
                name = _retyped(token, "NAME")
                yield from ((name,), (token,)) if self._is_name_here(token) else ((token,), (name,))
            case _:
                yield (token,)

    def _is_name_here(self, word: Token) -> bool:
        """Whether the next token fits a name, but not the word of the grammar that ``word`` may be as well."""
        following = self.tokens[self._index + 1].type if self._index + 1 < len(self.tokens) else END
        return self._accepts("NAME", following) and not self._accepts(word.type, following)

    def _is_forgotten_label(self, token: Token) -> bool:
        """A bracketed name that begins a line after an operand is a label after a forgotten `;`, not an index."""
        previous = self._previous()
        return previous is not None and previous.type in _OPERANDS and self._begins_line(token)

    def _begins_line(self, token: Token) -> bool:
        start = _start(token)
        line = start - self.source.position(start)[1] + 1
        return not _NOT_BLANK.search(self.source.text, line, start)

    def _starts_item(self, index: int) -> bool:
        """Whether the word at ``index`` begins an item for certain: two names never stand side by side elsewhere."""
        if self.tokens[index].type not in _STARTERS or index + 1 >= len(self.tokens):
            return False
        if [token.type for token in self.tokens[max(index - 2, 0) : index]] == ["STRING", "DIVIDE"]:
            return False  # the name of a variant, after that of its test
        if index and self.tokens[index - 1].type == "STRUCT":
            return False  # the name of a struct
        following = self.tokens[index + 1].type
        return following in ("NAME", "STRING") or (following in self._words.soft and following != "ON")

    # --------------------------------------------------------------------------------------------------- parse table
    def _accepts(self, *kinds: str) -> bool:
        """Whether the parser can shift these terminals from where it is."""
        return self._stack.accepts(*kinds)

    def _feed(self, *tokens: Token) -> None:
        for token in tokens:
            fits = self._stack.take(token)
            assert fits, "what is fed was accepted"

    # -------------------------------------------------------------------------------------------------------- mending
    def _previous(self) -> Token | None:
        return self.tokens[self._index - 1] if self._index else None

    def _report(self, message: str, start: int, end: int, hint: str | None = None) -> None:
        self.errors.append(ParseError(message, self.source.span(start, end), hint=hint))

    def _unreadable(self, token: Token) -> None:
        """Report characters that are no word; an open string is taken as closed, an open comment ends the text."""
        self._index += 1
        if token.startswith('"'):
            self._report("the string is not closed on its line", _start(token), _end(token))
            if self._accepts("STRING"):
                self._feed(token.retyped("STRING", token + '"'))
        elif token.startswith("/*"):
            self._report("the comment is not closed", _start(token), _start(token) + 2)
            self._failed_at = len(self.tokens)
        else:
            self._report(f"unexpected character {str(token)!r}", _start(token), _end(token))
            self._failed_at = self._index

    def _mend(self, token: Token) -> None:
        """Report that ``token`` does not fit; then insert what is missing or skip what is in the way."""
        again = self._failed_at == self._index
        missing = next((i for i in _INSERTIONS if not again and self._insertable(i, token)), ())
        if not again:
            self._report_unexpected(token, missing)
        self._failed_at = self._index
        if missing:
            self._feed(*(token.retyped(kind, "") for kind in missing))
        else:
            self._skip(token, at_least_one=again)

    def _insertable(self, insertion: Sequence[str], token: Token) -> bool:
        return any(self._accepts(*insertion, *(t.type for t in reading)) for reading in self._readings(token))

    def _report_unexpected(self, token: Token, missing: Sequence[str] = ()) -> None:
        """Say what is wrong at ``token``; a `;` or `)` that is ``missing`` belongs to the line before."""
        previous = self._previous()
        if (
            previous is not None
            and self._begins_statement(self._index - 1)
            and is_misspelt_type(token, previous, missing)
        ):
            text, hint = misspelt_type(self._words, previous)
            self.lost.add(str(previous))
            self._report(text, _start(previous), _end(previous), hint)
            return
        if missing:
            text, hint = self._words.missing(missing, token), None
        else:
            text, hint = expectation(self._words, set(self._stack.acceptable()), token, previous)
        if "RBRACE" in missing or token.type == END:
            hint = self._open_brace() or hint
        of_line_before = token.type == END or (missing and "RBRACE" not in missing)
        if previous is not None and of_line_before and self._begins_line(token):
            self._report(text, _end(previous) - 1, _end(previous), hint)
        else:
            self._report(text, _start(token), _end(token), hint)

    def _begins_statement(self, index: int) -> bool:
        return index == 0 or self.tokens[index - 1].type in ("SEMICOLON", "LBRACE", "RBRACE", "LABEL")

    def _open_brace(self) -> str | None:
        """Return where the innermost brace that is still open stands."""
        while self._matched < self._index:
            token = self.tokens[self._matched]
            if token.type == "LBRACE":
                self._opened.append(token)
            elif token.type == "RBRACE" and self._opened:
                self._opened.pop()
            self._matched += 1
        if not self._opened:
            return None
        return f"the '{{' on line {self.source.position(_start(self._opened[-1]))[0]} is not closed"

    def _skip(self, token: Token, *, at_least_one: bool) -> None:
        """Put ERROR in the place of the innermost item or statement, and drop what follows up to its end."""
        begin = self._unwind(("ERROR",), token)
        self._feed(token.retyped("ERROR", ""))
        depth = 0
        while self._index < len(self.tokens) and (at_least_one or depth > 0 or not self._resumable()):
            at_least_one = False
            kind = self.tokens[self._index].type
            depth += {"LBRACE": 1, "RBRACE": -1}.get(kind, 0)
            self._index += 1
            if depth <= 0 and kind in ("SEMICOLON", "RBRACE"):
                break
        self._lose(begin, self._index)

    def _resumable(self) -> bool:
        token = self.tokens[self._index]
        if token.type == "RBRACE":
            return self._accepts("RBRACE")
        if token.type == "LABEL":
            return self._begins_line(token) and self._accepts("LABEL")
        return self._starts_item(self._index)

    def _unwind(self, wanted: Sequence[str], token: Token) -> int:
        """Pop the parse stack until ``wanted`` fits; return the offset of the first character that is given up."""
        begin = _start(token)
        while not self._accepts(*wanted):
            self._stack.states.pop()
            value = self._stack.parts.pop()
            begin = min(begin, _first(value, begin))
        return begin

    def _lose(self, begin: int, index: int) -> None:
        """Note the names in what is given up: what they declared is not unknown, only lost."""
        while index > 0 and _start(token := self.tokens[index - 1]) >= begin:
            index -= 1
            if token.type in _NAMES:
                self.lost.add(str(token).strip("[] \t"))

    def _finish(self) -> Tree:
        end = len(self.source.text)
        token = Token(END, "", end, end)
        if not self._accepts(END):
            if self._failed_at < len(self.tokens):
                self._report_unexpected(token)
            begin = self._unwind(("ERROR", END), token)
            self._feed(token.retyped("ERROR", ""))
            self._lose(begin, len(self.tokens))
        self._feed(token)
        (tree,) = self._stack.parts
        assert isinstance(tree, Tree)
        return tree


_NAMES = frozenset({"NAME", "LABEL", "LITMUS", "THREAD"})


def _start(token: Token) -> int:
    return token.start_pos


def _end(token: Token) -> int:
    return token.end_pos


def _first(value: object, default: int) -> int:
    """Return where the text of a value on the parse stack begins; an empty construct has no place."""
    if isinstance(value, Token):
        return _start(value)
    return value.start if isinstance(value, Tree) and value.start is not None else default


def _retyped(token: Token, kind: str) -> Token:
    return token.retyped(kind)


def _pieces(token: Token, kinds: tuple[str, ...]) -> tuple[Token, ...]:
    """Return ``[name]`` or ``0:name`` as the three words that it is made of."""
    found = re.finditer(r"\w+|[^\w\s]", token)
    return tuple(_part(token, kind, m) for kind, m in zip(kinds, found, strict=True))


def _part(token: Token, kind: str, match: re.Match[str]) -> Token:
    start = _start(token)
    return Token(kind, match.group(), start + match.start(), start + match.end())
