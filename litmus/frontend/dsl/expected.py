"""What the grammar expected, said in the words of the language."""

from collections.abc import Mapping, Sequence

from litmus.dataclass import dataclass
from litmus.errors import did_you_mean
from litmus.frontend.tree import Token

_OPERATORS = frozenset(
    "IMPLIES OR AND BIT_OR BIT_XOR AMPERSAND EQUALITY COMPARISON SHIFT SIGN STAR DIVIDE HERD_EQUAL QMARK "
    "LSQB DOT ARROW UPDATE STEP EQUAL".split()
)
_EXPRESSION = frozenset("NAME NUMBER STRING HERD_REGISTER LSQB LPAR SIGN NOT AMPERSAND STAR STEP".split())
_STATEMENT = _EXPRESSION | frozenset(
    "LABEL IF WHILE DO FOR BREAK CONTINUE GOTO RETURN INLINE WAIT LBRACE SEMICOLON TYPE_WORD STRUCT".split()
)
_ITEM = frozenset(
    "LITMUS MODELS DOC SOURCE UNROLL INCLUDE BITOPS STRUCT TYPE_WORD DEFINE FUNCTION THREAD CLAIM FILTER LOCATIONS "
    "VARIANT SEMICOLON".split()
)
_EDIT = frozenset(
    "DROP REPLACE BEFORE AFTER SWAP ADD INIT CLAIM FILTER LOCATIONS MODELS DOC UNROLL BITOPS SEMICOLON".split()
)
_FIELD = frozenset({"TYPE_WORD", "STRUCT", "PAGE_FLAG"})
_GROUPS = (
    (_ITEM, "the start of a declaration, thread, assertion or variant"),
    (_EDIT, "an edit (drop, replace, before, after, swap, add, init) or an assertion"),
    (_STATEMENT, "a statement"),
    (_FIELD, "a field (a type or page_flag)"),
    (frozenset({"NAME", "NUMBER", "LPAR", "AMPERSAND"}), "an expression"),
    (frozenset({"TYPE_WORD", "STRUCT"}), "a type"),
)
_MEMBERS = {"an expression": _EXPRESSION}
_NAMES = {
    "NAME": "a name",
    "NUMBER": "a number",
    "STRING": "a string in double quotes",
    "LABEL": "a label in brackets",
    "VERSIONED": "a model with its version",
    "CLAIM": "'forbid', 'allow' or 'require'",
    "WAIT": "'await', 'assume', 'BUG_ON' or 'WARN_ON'",
}
_CLAIMS = ("forbid", "allow", "require", "exists")
_WAITS = ("await", "assume", "BUG_ON", "WARN_ON")


@dataclass(frozen=True, slots=True)
class Words:
    """The fixed words of the language: the ``spelling`` of each fixed terminal, those that are names elsewhere
    (``soft``), and the words that types are made of."""

    spelling: Mapping[str, str]
    soft: frozenset[str]
    types: frozenset[str]

    def completions(self, acceptable: set[str]) -> list[str]:
        """Return the words that may stand where ``acceptable`` terminals may."""
        words = [self.spelling[kind] for kind in sorted(acceptable) if kind in self.soft and kind in self.spelling]
        words += _CLAIMS if "CLAIM" in acceptable else ()
        words += _WAITS if "WAIT" in acceptable else ()
        words += sorted(self.types) if "TYPE_WORD" in acceptable else ()
        return words

    def missing(self, kinds: Sequence[str], token: Token) -> str:
        """Return the message for words that are missing before ``token``."""
        return f"expected '{''.join(self.spelling[kind] for kind in kinds)}' before {_shown(token)}"


def is_misspelt_type(token: Token, previous: Token, missing: Sequence[str]) -> bool:
    """Whether two names stand side by side: the first should have been a type."""
    both_names = token.type == "NAME" and previous.type == "NAME"
    return both_names and (not missing or missing[0] == "SEMICOLON") and token.line == previous.line


def misspelt_type(words: Words, name: Token) -> tuple[str, str | None]:
    """Return the message for a name in the place of a type, and a hint."""
    known = [*words.types, *words.completions(set(words.spelling))]
    return f"unknown type '{name}'", did_you_mean(str(name), known)


def expectation(words: Words, acceptable: set[str], token: Token, previous: Token | None) -> tuple[str, str | None]:
    """Return the message for ``token`` where only ``acceptable`` terminals fit, and a hint."""
    left = acceptable - {"LPAR"} if previous is not None and previous.type == "NAME" else acceptable
    message = f"expected {_listed(_described(words, left))}, found {_shown(token)}"
    return message, _nearest(words, acceptable, token)


def _shown(token: Token) -> str:
    if token.type == "$END":
        return "the end of the file"
    text = " ".join(token.split())
    return f"'{text if len(text) <= 30 else text[:27] + '...'}'"


def _nearest(words: Words, acceptable: set[str], token: Token) -> str | None:
    return did_you_mean(str(token), words.completions(acceptable)) if token.type == "NAME" else None


def _described(words: Words, acceptable: set[str]) -> list[str]:
    left = acceptable - _OPERATORS if {"EQUALITY", "SIGN", "AND"} <= acceptable else set(acceptable)
    left.discard("ERROR")
    left.discard("BROKEN")
    result = []
    for group, name in _GROUPS:
        if group <= left:
            result.append(name)
            left -= _MEMBERS.get(name, group)
    return result + [_name(words, kind) for kind in sorted(left)]


def _name(words: Words, kind: str) -> str:
    if kind == "$END":
        return "the end of the file"
    return _NAMES.get(kind) or f"'{words.spelling.get(kind, kind.lower())}'"


def _listed(alternatives: list[str]) -> str:
    if len(alternatives) < 2:
        return "".join(alternatives) or "nothing more"
    return ", ".join(alternatives[:-1]) + " or " + alternatives[-1]
