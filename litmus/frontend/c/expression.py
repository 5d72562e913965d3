"""C expressions: a flat list of operands and operators becomes a tree by C's precedences, and names are resolved."""

from itertools import chain, repeat
from typing import cast

from litmus.errors import ParseError, UnsupportedError
from litmus.frontend.c.guard import require_type
from litmus.frontend.c.scope import Scope
from litmus.frontend.grammar import Branch, Node, extent, span_of
from litmus.frontend.initial import QUALIFIERS, named_type
from litmus.frontend.tree import Token
from litmus.program.primitive import Parameter
from litmus.program.syntax import (
    Access,
    Binary,
    Call,
    Cast,
    Conditional,
    Constant,
    Element,
    Expression,
    Local,
    Placeholder,
    Static,
    Unary,
)
from litmus.program.types import Type
from litmus.source import Span

_PRECEDENCE = {
    "*": 10,
    "/": 10,
    "%": 10,
    "+": 9,
    "-": 9,
    "<<": 8,
    ">>": 8,
    "<": 7,
    "<=": 7,
    ">": 7,
    ">=": 7,
    "==": 6,
    "!=": 6,
    "&": 5,
    "^": 4,
    "|": 3,
    "&&": 2,
    "||": 1,
}


def read(node: Branch, scope: Scope) -> Expression:
    """Return the value that the syntax below ``node`` computes."""
    return _without_pointer_cast(_raw(node, scope))


def _without_pointer_cast(expression: Expression) -> Expression:
    """Addresses carry no type: what a cast to a pointer changes is only the size that arithmetic counts in."""
    while isinstance(expression, Cast) and expression.type.pointer:
        expression = expression.operand
    return expression


def _raw(node: Branch, scope: Scope) -> Expression:
    if isinstance(node, Token):
        return _word(node, scope)
    match node.data:
        case "expression":
            return _grouped(node.children, scope)
        case "conditional":
            *flat, positive, negative = node.children
            condition = _without_pointer_cast(_grouped(flat, scope))
            return Conditional(condition, read(positive, scope), read(negative, scope), extent(node, scope.section))
        case "group":
            return _raw(node.children[0], scope)
        case "unary":
            return _unary(node, scope)
        case "cast":
            return _cast(node, scope)
        case "call":
            return _call(node, scope)
        case _:
            return Access(_element(node, scope), extent(node, scope.section))


def _word(token: Token, scope: Scope) -> Expression:
    span = span_of(token, scope.section)
    if token.type == "NUMBER":
        return Constant(literal(token), span)
    if token == "VAL" and scope.waiting:
        return Placeholder(span)
    return scope.resolve(str(token), span)


def literal(text: str) -> int:
    """Return the value of a C integer literal: decimal, hexadecimal or octal, with suffixes."""
    digits = text.rstrip("uUlL")
    if digits[:2] in ("0x", "0X"):
        return int(digits, 16)
    return int(digits, 8 if digits.startswith("0") else 10)


def _grouped(children: list[Branch], scope: Scope) -> Expression:
    if len(children) == 1:
        return _raw(children[0], scope)
    return _climb(list(children), scope, 1)


def _climb(rest: list[Branch], scope: Scope, least: int) -> Expression:
    """Precedence climbing over the alternating operands and operators in ``rest``, which it consumes."""
    left = _raw(rest.pop(0), scope)
    while rest and (precedence := _PRECEDENCE[str(rest[0])]) >= least:
        operator = str(rest.pop(0))
        left = _binary(operator, left, _climb(rest, scope, precedence + 1), scope)
    return left


def _binary(operator: str, left: Expression, right: Expression, scope: Scope) -> Expression:
    span = _joined(left, right)
    if operator in ("+", "-"):
        if (size := scope.pointee_size(left)) and not scope.pointee_size(right):
            index = Unary("-", right, right.span) if operator == "-" else right
            return Element(_without_pointer_cast(left), _without_pointer_cast(index), size, span)
        if operator == "+" and (size := scope.pointee_size(right)):
            return Element(_without_pointer_cast(right), left, size, span)
    return Binary(operator, _without_pointer_cast(left), _without_pointer_cast(right), span)


def _joined(left: Expression, right: Expression) -> Span | None:
    return left.span.to(right.span) if left.span and right.span else None


def _unary(node: Node, scope: Scope) -> Expression:
    operator, operand = str(node.children[0]), node.children[1]
    span = extent(node, scope.section)
    match operator:
        case "*":
            return Access(read(operand, scope), span)
        case "&":
            return _address_of(operand, scope, span)
        case "+":
            return read(operand, scope)
    value = read(operand, scope)
    if operator == "-" and isinstance(value, Constant):
        return Constant(-value.value, span)
    return Unary(operator, value, span)


def _address_of(node: Branch, scope: Scope, span: Span) -> Expression:
    match _raw(node, scope):
        case Access(address):
            return address
        case Static(address):
            raise ParseError(f"'{address.symbol}' already is the address of the location: leave out the '&'", span)
        case Local(name) if name in scope.unresolved:
            raise scope.unknown(name, scope.unresolved.pop(name))
        case Local(name):
            raise UnsupportedError(f"the address of the variable '{name}' can only be given to a primitive", span)
    raise ParseError("only what is in memory has an address", span)


def cast_type(node: Node, section: Span, stars: int) -> Type | None:
    """Return the type that a ``type`` node names, None for plain ``void``."""
    words = [str(word) for child in node.children for word in str(child).split(" ") if word]
    if words == ["void"] and not stars:
        return None
    return named_type(_struct_joined(words), extent(node, section), stars)


def _struct_joined(words: list[str]) -> list[str]:
    """Return the words of a type in the order that names it: ``long unsigned int`` is ``unsigned long``."""
    words = [w for w in words if w not in QUALIFIERS]
    if "struct" in words:
        return words
    kept = [w for w in words if not (w == "int" and len(words) > 1)]
    if "unsigned" in kept and len(kept) > 1:
        kept = ["unsigned", *(w for w in kept if w != "unsigned")]
    return [w for w in kept if not (w == "signed" and len(kept) > 1 and "char" not in kept)] if kept else words


def _cast(node: Node, scope: Scope) -> Expression:
    kind_node, *stars, operand = node.children
    kind = cast_type(cast("Node", kind_node), scope.section, len(stars))
    value = _raw(operand, scope)
    if kind is None or (kind.size >= 8 and kind.signed and not kind.pointer):
        return _without_pointer_cast(value)
    return Cast(kind, value if kind.pointer else _without_pointer_cast(value), extent(node, scope.section))


def _call(node: Node, scope: Scope) -> Expression:
    head, *arguments = node.children
    kinds = chain(scope.signature(str(head)), repeat(Parameter.VALUE))
    values = tuple(_argument(argument, kind, scope) for argument, kind in zip(arguments, kinds, strict=False))
    for argument, value, kind in zip(arguments, values, scope.signature(str(head)), strict=False):
        if kind in (Parameter.LVALUE, Parameter.ADDRESS):
            require_type(str(head), value, extent(argument, scope.section), scope)
    return Call(str(head), values, extent(node, scope.section))


def _argument(node: Branch, kind: Parameter, scope: Scope) -> Expression:
    match kind:
        case Parameter.LVALUE:
            return address(node, scope)
        case Parameter.LOCAL:
            return _variable(node, scope)
        case Parameter.CONDITION:
            scope.waiting = True
            try:
                return read(node, scope)
            finally:
                scope.waiting = False
    return read(node, scope)


def _variable(node: Branch, scope: Scope) -> Expression:
    """Return the variable of ``&r``, for primitives that write to it."""
    inner = bare(node)
    if not isinstance(inner, Token) and inner.data == "unary" and inner.children[0] == "&":
        target = bare(inner.children[1])
        if isinstance(target, Token) and str(target) not in scope.parameters:
            return scope.assigned(str(target), span_of(target, scope.section))
    raise ParseError("expected the address of a variable of this thread: '&r'", extent(node, scope.section))


def bare(node: Branch) -> Branch:
    """Return what is inside parentheses, and inside expressions of a single operand."""
    while not isinstance(node, Token) and node.data in ("expression", "group") and len(node.children) == 1:
        node = node.children[0]
    return node


def address(node: Branch, scope: Scope) -> Expression:
    """Return the address of the location that ``node`` is: of ``*x`` it is ``x``.

    Raises:
        ParseError: when it is no location in memory.
    """
    match _raw(node, scope):
        case Access(where):
            return where
        case Static(known, span):
            raise ParseError(f"'{known.symbol}' is an address; the location is '*{known.symbol}'", span)
    raise ParseError("expected a location in memory: '*x'", extent(node, scope.section))


def _element(node: Node, scope: Scope) -> Expression:
    base = _raw(node.children[0], scope)
    size = scope.pointee_size(base)
    if size is None:
        raise UnsupportedError("only a pointer of known type can be indexed", extent(node, scope.section))
    span = extent(node, scope.section)
    return Element(_without_pointer_cast(base), read(node.children[1], scope), size, span)
