"""Macro tables in the manner of ``linux-kernel.def``, which say what the primitives of a C test expand to."""

from collections.abc import Sequence

from litmus.errors import ParseError
from litmus.frontend.c.scope import Signature
from litmus.frontend.grammar import Branch, Node, extent, grammar, parse, span_of
from litmus.frontend.tree import Token
from litmus.program.macros import (
    Macro,
    MacroBinary,
    MacroCall,
    MacroConstant,
    MacroDereference,
    MacroExpression,
    MacroOperator,
    MacroParameter,
    MacroTable,
)
from litmus.program.primitive import Parameter
from litmus.source import Source, Span

_TAKES_LOCATION = frozenset({"__load", "__store"})
"""The intrinsics whose first argument is the location itself; all others take its address."""


def parse_macros(source: Source) -> MacroTable:
    """Return the macro table that ``source`` holds.

    Raises:
        ParseError: where the text is no table, or defines a name twice.
    """
    section = source.span(0, len(source.text))
    tree = parse(grammar(("macros.lark",), ("table",)), "table", section)
    macros: dict[str, Macro] = {}
    for node in tree.children:
        assert not isinstance(node, Token)
        macro = _macro(node, section)
        if macro.name in macros:
            raise ParseError(f"'{macro.name}' is defined twice", macro.span)
        macros[macro.name] = macro
    return MacroTable(source.name, macros)


def _macro(node: Node, section: Span) -> Macro:
    name, parameters, body = node.children
    assert isinstance(name, Token)
    assert not isinstance(parameters, Token)
    names = tuple(str(p) for p in parameters.children)
    span = span_of(name, section)
    if isinstance(body, Token) or body.data != "block":
        return Macro(str(name), names, (), _expression(body, section), span)
    last = body.children[-1] if body.children else None
    has_value = last is not None and (isinstance(last, Token) or last.data != "statement")
    statements = body.children[:-1] if has_value else body.children
    effects = tuple(_expression(s.children[0], section) for s in statements if not isinstance(s, Token))
    return Macro(
        str(name), names, effects, _expression(last, section) if has_value and last is not None else None, span
    )


def _expression(node: Branch, section: Span) -> MacroExpression:
    span = extent(node, section)
    if isinstance(node, Token):
        return MacroConstant(int(node, 0), span) if node.type == "NUMBER" else MacroParameter(str(node), span)
    match node.data:
        case "binary":
            left, operator, right = node.children
            return MacroBinary(str(operator), _expression(left, section), _expression(right, section), span)
        case "dereference":
            return MacroDereference(_expression(node.children[1], section), span)
        case "sign":
            return MacroOperator(str(node.children[0]), span)
        case "negative":
            return MacroConstant(-int(str(node.children[-1]), 0), span)
    name, *rest = node.children
    tag = next((t.strip("{} \t") for t in rest if isinstance(t, Token) and t.type == "TAG"), None)
    arguments = tuple(_expression(a, section) for a in rest if not (isinstance(a, Token) and a.type == "TAG"))
    return MacroCall(str(name), tag, arguments, span)


def macro_signature(table: MacroTable) -> Signature:
    """Return what the arguments of each macro are: the location itself (``READ_ONCE(*x)``) for a parameter that a body
    hands as it is to a load, a store or another macro that wants a location; else a value."""
    found: dict[str, tuple[Parameter, ...]] = {}

    def signature(name: str) -> Sequence[Parameter]:
        if name in found or name not in table.macros:
            return found.get(name, ())
        found[name] = ()  # a macro that calls itself settles nothing
        macro = table.macros[name]
        bodies = (*macro.statements, *((macro.value,) if macro.value is not None else ()))
        locations = {name for body in bodies for name in _locations(body, signature)}
        found[name] = tuple(Parameter.LVALUE if p in locations else Parameter.VALUE for p in macro.parameters)
        return found[name]

    return signature


def _locations(body: MacroExpression, signature: Signature) -> set[str]:
    """Return the parameters that ``body`` uses as locations."""
    match body:
        case MacroBinary(_, left, right):
            return _locations(left, signature) | _locations(right, signature)
        case MacroCall(name, _, arguments):
            kinds = (Parameter.LVALUE,) if name in _TAKES_LOCATION else signature(name)
            direct = {
                argument.name
                for argument, kind in zip(arguments, kinds, strict=False)
                if kind is Parameter.LVALUE and isinstance(argument, MacroParameter)
            }
            return direct.union(*(_locations(a, signature) for a in arguments))
    return set()
