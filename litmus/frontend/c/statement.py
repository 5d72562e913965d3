"""C statements of a thread's body."""

import re
from collections.abc import Iterator
from typing import TypeAlias

from litmus.dataclass import replace
from litmus.errors import ParseError
from litmus.frontend.c.expression import address, bare, cast_type, read
from litmus.frontend.c.scope import Scope
from litmus.frontend.grammar import Branch, Node, extent, first_token, span_of
from litmus.frontend.tree import Token
from litmus.program.syntax import (
    Access,
    Assignment,
    Binary,
    Block,
    Constant,
    Declare,
    Evaluate,
    Expression,
    Goto,
    If,
    Leave,
    Local,
    Loop,
    Statement,
)
from litmus.source import Span

Statements: TypeAlias = tuple[Statement, ...]
_PARENTHESIS = re.compile(r"[()]")


def read_block(node: Node, scope: Scope) -> Statements:
    """Return the statements of ``{ … }``."""
    scope.open_blocks.append(set())
    body = tuple(statement for child in node.children for statement in _kept(child, scope))
    scope.open_blocks.pop()
    return body


def _kept(node: Branch, scope: Scope) -> Statements:
    """Return the statements; where one is wrong, tell of that and go on as if what it assigns were known."""
    depth = len(scope.open_blocks)
    with scope.faults.kept():
        return _statement(node, scope)
    del scope.open_blocks[depth:]
    scope.faults.lose(_assigned(node))
    return ()


def _assigned(node: Branch) -> Iterator[str]:
    assert not isinstance(node, Token)
    for child in node.children if node.data in ("assign", "declaration") else ():
        inner = bare(child)
        if isinstance(inner, Token) and inner.type == "NAME":
            yield str(inner)
        elif not isinstance(inner, Token) and inner.data == "declarator":
            yield from (str(part) for part in inner.children if isinstance(part, Token) and part.type == "NAME")


def _body(node: Branch, scope: Scope) -> Statements:
    """Return the statements under an ``if`` or a loop, whether in braces or not."""
    if not isinstance(node, Token) and node.data == "block":
        return read_block(node, scope)
    return _statement(node, scope)


def _statement(node: Branch, scope: Scope) -> Statements:
    assert not isinstance(node, Token)
    match node.data:
        case "block":
            return (Block(read_block(node, scope), span=extent(node, scope.section)),)
        case "declaration":
            return _declaration(node, scope)
        case "if":
            return (_if(node, scope),)
        case "while" | "do":
            return (_loop(node, scope),)
        case "for":
            return _for(node, scope)
        case "leave":
            span = _shown(node, scope)
            return (Leave(str(node.children[0]), span=span, text=_line(span)),)
        case "goto":
            span = _shown(node, scope)
            return (Goto(str(node.children[1]), span=span, text=_line(span)),)
        case "labelled" | "label_at_end":
            return _labelled(node, scope)
        case "empty":
            return ()
    return (_simple(node, scope),)


def _simple(node: Branch, scope: Scope) -> Statement:
    assert not isinstance(node, Token)
    span = _shown(node, scope)
    match node.data:
        case "evaluate":
            return Evaluate(read(node.children[0], scope), span=span, text=_line(span))
        case "assign":
            value = read(node.children[1], scope)
            return Assignment(_target(node.children[0], scope), value, span=span, text=_line(span))
        case "update":
            left, operator, right = node.children
            return _update(node, left, str(operator)[:-1], read(right, scope), scope)
    step = next(str(c) for c in node.children if isinstance(c, Token) and c.type == "STEP")
    operand = next(c for c in node.children if not (isinstance(c, Token) and c.type == "STEP"))
    return _update(node, operand, step[0], Constant(1), scope)


def _update(node: Node, target: Branch, operator: str, right: Expression, scope: Scope) -> Statement:
    left = read(target, scope)
    value = Binary(operator, left, right, left.span)
    span = _shown(node, scope)
    return Assignment(_target(target, scope), value, span=span, text=_line(span))


def _target(node: Branch, scope: Scope) -> Local | Access:
    inner = bare(node)
    span = extent(inner, scope.section)
    if isinstance(inner, Token) and inner.type == "NAME":
        return scope.assigned(str(inner), span)
    if isinstance(inner, Token) or inner.data not in ("unary", "index"):
        raise ParseError("only a variable or a location in memory can be assigned", span)
    return Access(address(inner, scope), span)


def _declaration(node: Node, scope: Scope) -> Statements:
    kind, *declarators = node.children
    assert not isinstance(kind, Token)
    return tuple(_declare(kind, declarator, scope) for declarator in declarators if not isinstance(declarator, Token))


def _declare(kind_node: Node, node: Node, scope: Scope) -> Statement:
    stars = [c for c in node.children if isinstance(c, Token) and c.type == "STAR"]
    name = node.children[len(stars)]
    initial = node.children[len(stars) + 1 :]
    span = extent(node, scope.section)
    kind = cast_type(kind_node, scope.section, len(stars))
    if kind is None:
        raise ParseError("a variable cannot be void", span)
    scope.declare(str(name), kind, span)
    shown = extent(kind_node, scope.section).to(_shown(node, scope))
    if not initial:
        return Declare(str(name), kind, span=shown, text=_line(shown))
    value = read(initial[0], scope)
    scope.written.add(str(name))
    return Assignment(Local(str(name), span), value, declares=kind, span=shown, text=_line(shown))


def _if(node: Node, scope: Scope) -> If:
    _, condition, then, *otherwise = node.children
    test = read(condition, scope)
    head = _head(node, scope)
    branches = _body(then, scope), _body(otherwise[0], scope) if otherwise else ()
    return If(test, *branches, span=head, text=_line(head))


def _loop(node: Node, scope: Scope) -> Loop:
    if node.data == "while":
        _, condition, body = node.children
        head = _head(node, scope)
        return Loop(read(condition, scope), _body(body, scope), span=head, text=_line(head))
    _, body, last, condition = node.children
    inside = _body(body, scope)
    foot = span_of(first_token(last), scope.section).to(extent(condition, scope.section))
    return Loop(read(condition, scope), inside, test_first=False, span=foot, text=_line(foot))


def _for(node: Node, scope: Scope) -> Statements:
    scope.open_blocks.append(set())
    _, *parts, body = node.children
    first: Statements = ()
    condition: Expression = Constant(1)
    steps: list[Branch] = []
    for part in parts:
        assert not isinstance(part, Token)
        match part.data:
            case "declaration":
                first = _declaration(part, scope)
            case "simply":
                first = (_simple(part.children[0], scope),)
            case "condition":
                condition = read(part.children[0], scope)
            case "step":
                steps = part.children
    inside = _body(body, scope)
    step = tuple(_simple(child, scope) for child in steps)
    scope.open_blocks.pop()
    head = _head(node, scope)
    return (*first, Loop(condition, inside, step=step, span=head, text=_line(head)))


def _labelled(node: Node, scope: Scope) -> Statements:
    name = str(node.children[0])
    statements = _statement(node.children[1], scope) if len(node.children) > 1 else ()
    if not statements or statements[0].label is not None:
        return (Block(statements, label=name, span=extent(node, scope.section)),)
    return (replace(statements[0], label=name), *statements[1:])


def _shown(node: Node, scope: Scope) -> Span:
    """Return the place of a simple statement: up to its semicolon, as closing brackets leave no token."""
    span = extent(node, scope.section)
    text = span.source.text
    end = text.find(";", span.end)
    return span if end < 0 else Span(span.source, span.start, span.start + len(text[span.start : end].rstrip()))


def _head(node: Node, scope: Scope) -> Span:
    """Return the place of ``if (…)``: from the keyword to the parenthesis that closes its condition."""
    start = span_of(first_token(node), scope.section)
    depth = 0
    for parenthesis in _PARENTHESIS.finditer(start.source.text, start.end):
        depth += 1 if parenthesis.group() == "(" else -1
        if depth == 0:
            return Span(start.source, start.start, parenthesis.end())
    return start


def _line(span: Span) -> str:
    return " ".join(span.text.split())
