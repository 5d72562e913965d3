"""cat and bell text to syntax: files and statements. Expressions are in `cat.parse_expression`."""

from collections.abc import Callable
from difflib import get_close_matches

from litmus.cat.ast import Expression, Name, Pattern
from litmus.cat.lexer import KEYWORDS, Kind, tokenize
from litmus.cat.parse_expression import (
    bindings,
    parse_annotations,
    parse_base,
    parse_expression,
    parse_simple,
    parse_variant,
)
from litmus.cat.statement import (
    Call,
    CheckOf,
    Debug,
    Enumeration,
    File,
    ForAll,
    IfVariant,
    Include,
    Instructions,
    Let,
    MatchStatement,
    ProcedureOf,
    Show,
    ShowAs,
    Statement,
    Unshow,
    WithFrom,
)
from litmus.cat.tokens import Cursor, parameters, wildcard_or_name
from litmus.errors import ParseError
from litmus.relation.model import Check, Effect
from litmus.source import Source, Span

_CHECKS = tuple(check.value for check in Check)
_EFFECTS = {"flag": Effect.FLAG, "undefined_unless": Effect.UNDEFINED, "assert": Effect.ASSERT}
_TEST_STARTS = ("~", *_CHECKS, *_EFFECTS)


def parse_cat(source: Source) -> File:
    """Parse a cat or bell file.

    Raises:
        ParseError: at the first token that does not fit, or that is nested too deeply.
    """
    cursor = Cursor(tokenize(source))
    try:
        return _file(source, cursor)
    except RecursionError:
        raise ParseError("brackets or operators are nested too deeply", cursor.token.span) from None


def _file(source: Source, cursor: Cursor) -> File:
    architecture, title = _identity(cursor)
    catdep = cursor.accept("catdep") is not None
    statements: list[Statement] = []
    while cursor.token.kind is not Kind.END:
        statements.append(_statement(cursor))
    return File(source, architecture, title, catdep, tuple(statements))


def _identity(cursor: Cursor) -> tuple[str | None, str | None]:
    """What a file may start with: ``NAME``, ``"title"``, or an architecture and one of these."""
    if cursor.on(Kind.NAME) and get_close_matches(cursor.token.text, KEYWORDS, 1, 0.8):
        cursor.fail("a title or a statement", known=tuple(KEYWORDS))
    words: list[str] = []
    while cursor.token.kind in (Kind.NAME, Kind.STRING) and len(words) < 2:
        token = cursor.advance()
        words.append(token.text)
        if token.kind is Kind.STRING:
            break
    if len(words) == 2:
        return words[0], words[1]
    return None, words[0] if words else None


def _statements(cursor: Cursor, *ends: str) -> tuple[Statement, ...]:
    found: list[Statement] = []
    while not cursor.at(*ends):
        found.append(_statement(cursor))
    return tuple(found)


def _statement(cursor: Cursor) -> Statement:
    if cursor.at(*_TEST_STARTS):
        return _test(cursor)
    parsers: dict[str, Callable[[Cursor, Span], Statement]] = {
        "let": _let,
        "match": _match,
        "show": _show,
        "unshow": _unshow,
        "include": _include,
        "procedure": _procedure,
        "call": _call,
        "debug": _debug,
        "forall": _forall,
        "with": _with,
        "if": _if,
        "enum": _enumeration,
        "instructions": _instructions,
        "default": _instructions,
    }
    token = cursor.token
    if token.kind is not Kind.KEYWORD or token.text not in parsers:
        cursor.fail("a statement", known=tuple(KEYWORDS))
    return parsers[cursor.advance().text](cursor, token.span)


def _let(cursor: Cursor, start: Span) -> Statement:
    recursive = cursor.accept("rec") is not None
    found = bindings(cursor)
    condition: CheckOf | None = None
    if recursive and cursor.accept("when"):
        condition = _test(cursor)
    span = cursor.since(start)
    cursor.accept("in")
    return Let(span, found, recursive, condition)


def _test(cursor: Cursor) -> CheckOf:
    start = cursor.token.span
    word = cursor.accept(*_EFFECTS)
    effect = _EFFECTS[word.text] if word else Effect.REQUIRE
    negated = cursor.accept("~") is not None
    check = cursor.accept(*_CHECKS) or cursor.fail("'acyclic', 'irreflexive' or 'empty'", known=_CHECKS)
    operand = parse_expression(cursor)
    name = cursor.name() if cursor.accept("as") else None
    return CheckOf(cursor.since(start), effect, Check(check.text), negated, operand, name)


def _match(cursor: Cursor, start: Span) -> Statement:
    subject = parse_expression(cursor)
    cursor.expect("with")
    cursor.accept("||")
    clauses: list[tuple[str, tuple[Statement, ...]]] = []
    default: tuple[Statement, ...] | None = None
    while default is None:
        tag = None if cursor.accept("_") else cursor.take(Kind.TAG).text
        cursor.expect("->")
        body = _statements(cursor, "||", "end")
        if tag is None:
            default = body
        else:
            clauses.append((tag, body))
            if not cursor.accept("||"):
                break
    cursor.expect("end")
    return MatchStatement(cursor.since(start), subject, tuple(clauses), default)


def _show(cursor: Cursor, start: Span) -> Statement:
    operand = parse_base(cursor)
    if cursor.accept("as"):
        name = cursor.name()
        return ShowAs(cursor.since(start), operand, name)
    if not isinstance(operand, Name):
        cursor.fail("'as' and a name for what is shown")
    found = [operand.name]
    while cursor.accept(","):
        found.append(cursor.name())
    return Show(cursor.since(start), tuple(found))


def _unshow(cursor: Cursor, start: Span) -> Statement:
    found = [cursor.name()]
    while cursor.accept(","):
        found.append(cursor.name())
    return Unshow(cursor.since(start), tuple(found))


def _include(cursor: Cursor, start: Span) -> Statement:
    path = cursor.take(Kind.STRING).text
    return Include(cursor.since(start), path)


def _procedure(cursor: Cursor, start: Span) -> Statement:
    recursive = cursor.accept("rec") is not None
    name = cursor.name()
    parameter = parameters(cursor) if cursor.at("(") else Pattern((wildcard_or_name(cursor),))
    cursor.expect("=")
    body = _statements(cursor, "end")
    cursor.expect("end")
    return ProcedureOf(cursor.since(start), name, parameter, body, recursive)


def _call(cursor: Cursor, start: Span) -> Statement:
    procedure = cursor.name()
    argument: Expression = parse_simple(cursor)
    name = cursor.name() if cursor.accept("as") else None
    return Call(cursor.since(start), procedure, argument, name)


def _debug(cursor: Cursor, start: Span) -> Statement:
    operand = parse_expression(cursor)
    return Debug(cursor.since(start), operand)


def _forall(cursor: Cursor, start: Span) -> Statement:
    variable = cursor.name()
    cursor.expect("in")
    domain = parse_expression(cursor)
    cursor.expect("do")
    body = _statements(cursor, "end")
    cursor.expect("end")
    return ForAll(cursor.since(start), variable, domain, body)


def _with(cursor: Cursor, start: Span) -> Statement:
    variable = cursor.name()
    cursor.expect("from")
    domain = parse_expression(cursor)
    return WithFrom(cursor.since(start), variable, domain)


def _if(cursor: Cursor, start: Span) -> Statement:
    condition = parse_variant(cursor)
    positive = _statements(cursor, "else", "end")
    negative = _statements(cursor, "end") if cursor.accept("else") else ()
    cursor.expect("end")
    return IfVariant(cursor.since(start), condition, positive, negative)


def _enumeration(cursor: Cursor, start: Span) -> Statement:
    name = cursor.name()
    cursor.expect("=")
    cursor.accept("||")
    tags = [cursor.take(Kind.TAG).text]
    while cursor.accept("||"):
        tags.append(cursor.take(Kind.TAG).text)
    return Enumeration(cursor.since(start), name, tuple(tags))


def _instructions(cursor: Cursor, start: Span) -> Statement:
    kind = cursor.name()
    annotations = parse_annotations(cursor)
    return Instructions(cursor.since(start), kind, annotations, start.text == "default")
