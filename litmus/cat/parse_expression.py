"""Expressions of the cat language, by precedence.

From the loosest to the tightest: ``|`` ``++`` ``;`` (to the right), ``\\`` (to the left), ``&`` (to the right), then
``*`` ``+`` ``?`` ``~`` which bind equally and do not associate, then ``^-1``, then application. So ``a ; b \\ c`` is
``a ; (b \\ c)``, and ``~r+`` needs parentheses (herdtools7, lib/modelParser.mly).
"""

from litmus.cat.ast import (
    Application,
    Binary,
    BinaryOperator,
    Binding,
    Both,
    Compare,
    Comparison,
    Condition,
    Conditional,
    Either,
    Everything,
    Expression,
    IdentityOn,
    Lambda,
    LetIn,
    MatchSet,
    MatchTag,
    Name,
    Negation,
    Nothing,
    Pattern,
    SetLiteral,
    TagLiteral,
    Try,
    TupleOf,
    Unary,
    UnaryOperator,
    VariantSet,
    VariantTest,
)
from litmus.cat.lexer import Kind
from litmus.cat.tokens import Cursor, names, parameter, parameters, wildcard_or_name
from litmus.errors import ParseError

_LEVELS = {"|": 1, "++": 2, ";": 3, "\\": 4, "&": 5}
_LEFT_ASSOCIATIVE = "\\"
_EQUAL = 6
_TIGHTEST = 7
_POSTFIX = {"+": UnaryOperator.CLOSURE, "*": UnaryOperator.REFLEXIVE_CLOSURE, "?": UnaryOperator.OPTIONAL}
_SIMPLE_STARTS = ("0", "_", "{", "(", "[", "begin")


def parse_expression(cursor: Cursor) -> Expression:
    """Parse an expression; a tuple may stand without parentheses."""
    start = cursor.token.span
    if cursor.accept("let"):
        recursive = cursor.accept("rec") is not None
        found = bindings(cursor)
        cursor.expect("in")
        body = parse_expression(cursor)
        return LetIn(cursor.since(start), found, recursive, body)
    if cursor.accept("fun"):
        bound = parameter(cursor)
        cursor.expect("->")
        body = parse_expression(cursor)
        return Lambda(cursor.since(start), bound, body)
    if cursor.accept("try"):
        attempt = parse_expression(cursor)
        cursor.expect("with")
        fallback = parse_expression(cursor)
        return Try(cursor.since(start), attempt, fallback)
    if cursor.at("if"):
        return _conditional(cursor)
    if cursor.at("match"):
        return _match(cursor)
    return _tuple(cursor)


def bindings(cursor: Cursor) -> tuple[Binding, ...]:
    """Parse ``p = e and f x = e``."""
    found = [_binding(cursor)]
    while cursor.accept("and"):
        found.append(_binding(cursor))
    return tuple(found)


def _binding(cursor: Cursor) -> Binding:
    start = cursor.token.span
    function: str | None = None
    if cursor.at("("):
        pattern = parameters(cursor)
    else:
        first = wildcard_or_name(cursor)
        if first is not None and (cursor.at("(", "_") or cursor.on(Kind.NAME)):
            function, pattern = first, parameter(cursor)
        elif cursor.accept(","):
            pattern = Pattern((first, *names(cursor)), spread=True)
        else:
            pattern = Pattern((first,))
    cursor.expect("=")
    value = parse_expression(cursor)
    span = cursor.since(start)
    if function is None:
        return Binding(span, pattern, _named(value, pattern))
    return Binding(span, Pattern((function,)), Lambda(span, pattern, value, function))


def _named(value: Expression, pattern: Pattern) -> Expression:
    """``let f = fun x -> …`` gives the function the name f."""
    if isinstance(value, Lambda) and len(pattern.names) == 1 and pattern.names[0] is not None:
        return Lambda(value.span, value.parameter, value.body, pattern.names[0])
    return value


def _conditional(cursor: Cursor) -> Expression:
    start = cursor.expect("if").span
    condition = _condition(cursor)
    cursor.expect("then")
    positive = parse_expression(cursor)
    cursor.expect("else")
    negative = parse_expression(cursor)
    return Conditional(cursor.since(start), condition, positive, negative)


def _condition(cursor: Cursor) -> Condition:
    if _variant_ahead(cursor):
        return parse_variant(cursor)
    start = cursor.token.span
    left = parse_expression(cursor)
    operator = cursor.accept("=", "subset", "in") or cursor.fail("'=', 'subset' or 'in'")
    right = parse_expression(cursor)
    return Compare(cursor.since(start), Comparison(operator.text), left, right)


def _variant_ahead(cursor: Cursor) -> bool:
    """Whether a test of variants follows: no expression starts with a string or ``not``."""
    distance = 0
    while cursor.ahead(distance).kind is Kind.SYMBOL and cursor.ahead(distance).text == "(":
        distance += 1
    token = cursor.ahead(distance)
    return token.kind is Kind.STRING or (token.kind is Kind.KEYWORD and token.text in ("not", "variant"))


def parse_variant(cursor: Cursor) -> VariantTest:
    """Parse a test of variants: strings joined by ``not``, ``&&`` and ``||``, in this order of tightness."""
    left = _conjunction(cursor)
    while cursor.accept("||"):
        right = _conjunction(cursor)
        left = Either(left.span.to(right.span), left, right)
    return left


def _conjunction(cursor: Cursor) -> VariantTest:
    left = _variant_operand(cursor)
    while cursor.accept("&&"):
        right = _variant_operand(cursor)
        left = Both(left.span.to(right.span), left, right)
    return left


def _variant_operand(cursor: Cursor) -> VariantTest:
    if negation := cursor.accept("not"):
        operand = _variant_operand(cursor)
        return Negation(cursor.since(negation.span), operand)
    if cursor.accept("("):
        inner = parse_variant(cursor)
        cursor.expect(")")
        return inner
    cursor.accept("variant")
    token = cursor.take(Kind.STRING)
    return VariantSet(token.span, token.text)


def _match(cursor: Cursor) -> Expression:
    start = cursor.expect("match").span
    subject = parse_expression(cursor)
    cursor.expect("with")
    cursor.accept("||")
    default_ahead = cursor.at("_") and cursor.ahead(1).text == "->"
    if cursor.token.kind is Kind.TAG or default_ahead:
        clauses, default = _tag_clauses(cursor)
        cursor.expect("end")
        return MatchTag(cursor.since(start), subject, clauses, default)
    return _set_clauses(cursor, subject)


def _tag_clauses(cursor: Cursor) -> tuple[tuple[tuple[str, Expression], ...], Expression | None]:
    clauses: list[tuple[str, Expression]] = []
    while True:
        if cursor.accept("_"):
            cursor.expect("->")
            return tuple(clauses), parse_expression(cursor)
        tag = cursor.take(Kind.TAG).text
        cursor.expect("->")
        clauses.append((tag, parse_expression(cursor)))
        if not cursor.accept("||"):
            return tuple(clauses), None


def _set_clauses(cursor: Cursor, subject: Expression) -> Expression:
    """The two clauses of a match on a set, in either order."""
    empty: Expression | None = None
    if cursor.at("{"):
        empty = _empty_clause(cursor)
        cursor.expect("||")
    before: str | None = None
    element = wildcard_or_name(cursor)
    if cursor.accept("|"):
        before, element = element, wildcard_or_name(cursor)
    cursor.expect("++")
    rest = wildcard_or_name(cursor)
    cursor.expect("->")
    inductive = parse_expression(cursor)
    if empty is None:
        cursor.expect("||")
        empty = _empty_clause(cursor)
    cursor.expect("end")
    return MatchSet(cursor.since(subject.span), subject, empty, element, rest, before, inductive)


def _empty_clause(cursor: Cursor) -> Expression:
    cursor.expect("{")
    cursor.expect("}")
    cursor.expect("->")
    return parse_expression(cursor)


def _tuple(cursor: Cursor) -> Expression:
    first = parse_base(cursor)
    if not cursor.at(","):
        return first
    items = [first]
    while cursor.accept(","):
        items.append(parse_base(cursor))
    return TupleOf(cursor.since(first.span), tuple(items))


def parse_base(cursor: Cursor, tightness: int = 1) -> Expression:
    """Parse operators that bind at least as tightly as the level given."""
    outside = cursor.depth
    cursor.deeper()
    left = _operand(cursor)
    while cursor.token.kind is Kind.SYMBOL:
        symbol = cursor.token.text
        if symbol in ("^", _LEFT_ASSOCIATIVE, *_POSTFIX):
            cursor.deeper()
        if symbol == "^":
            left = _inverse(cursor, left)
        elif symbol in _POSTFIX and tightness <= _EQUAL:
            left = _product_or_postfix(cursor, left)
        elif (level := _LEVELS.get(symbol, 0)) >= tightness:
            cursor.advance()
            right = parse_base(cursor, level + 1 if symbol == _LEFT_ASSOCIATIVE else level)
            left = Binary(left.span.to(right.span), BinaryOperator(symbol), left, right)
        else:
            break
    cursor.depth = outside
    return left


def _inverse(cursor: Cursor, operand: Expression) -> Expression:
    cursor.expect("^")
    cursor.expect("-1")
    return Unary(cursor.since(operand.span), UnaryOperator.INVERSE, operand)


def _product_or_postfix(cursor: Cursor, left: Expression) -> Expression:
    symbol = cursor.advance().text
    if symbol == "*" and _starts_operand(cursor):
        right = parse_base(cursor, _TIGHTEST)
        product = Binary(left.span.to(right.span), BinaryOperator.CARTESIAN, left, right)
        _refuse_equal(cursor, "*")
        return product
    return Unary(cursor.since(left.span), _POSTFIX[symbol], left)


def _refuse_equal(cursor: Cursor, operator: str) -> None:
    """``*`` ``+`` ``?`` and ``~`` bind equally tightly: which comes first must be said."""
    if cursor.at(*_POSTFIX):
        other = cursor.token
        message = f"'{operator}' and '{other.text}' bind equally tightly: use parentheses"
        raise ParseError(message, other.span)


def _starts_operand(cursor: Cursor) -> bool:
    return cursor.on(Kind.NAME, Kind.TAG) or cursor.at("~", *_SIMPLE_STARTS)


def _operand(cursor: Cursor) -> Expression:
    if tilde := cursor.accept("~"):
        operand = parse_base(cursor, _TIGHTEST)
        _refuse_equal(cursor, "~")
        return Unary(cursor.since(tilde.span), UnaryOperator.COMPLEMENT, operand)
    if not cursor.on(Kind.NAME):
        return parse_simple(cursor)
    token = cursor.advance()
    result: Expression = Name(token.span, token.text)
    while cursor.on(Kind.NAME, Kind.TAG) or cursor.at(*_SIMPLE_STARTS):
        argument = _argument(cursor)
        result = Application(result.span.to(argument.span), result, argument)
    return result


def _argument(cursor: Cursor) -> Expression:
    if cursor.on(Kind.NAME):
        token = cursor.advance()
        return Name(token.span, token.text)
    return parse_simple(cursor)


def parse_simple(cursor: Cursor) -> Expression:
    """Parse an expression that needs no parentheses as an argument, names apart."""
    token = cursor.token
    if token.kind is Kind.TAG:
        return TagLiteral(cursor.advance().span, token.text)
    if not cursor.accept(*_SIMPLE_STARTS):
        cursor.fail("an expression")
    match token.text:
        case "0":
            return Nothing(token.span)
        case "_":
            return Everything(token.span)
        case "{":
            elements = () if cursor.at("}") else _elements(cursor)
            cursor.expect("}")
            return SetLiteral(cursor.since(token.span), elements)
        case opening:
            if opening == "(" and cursor.accept(")"):
                return TupleOf(cursor.since(token.span), ())
            inner = parse_expression(cursor)
            cursor.expect({"(": ")", "[": "]", "begin": "end"}[opening])
            return IdentityOn(cursor.since(token.span), inner) if opening == "[" else inner


def _elements(cursor: Cursor) -> tuple[Expression, ...]:
    found = [parse_base(cursor)]
    while cursor.accept(","):
        found.append(parse_base(cursor))
    return tuple(found)


def parse_annotations(cursor: Cursor) -> tuple[Expression, ...]:
    """Parse ``[e, e]`` after ``instructions R``."""
    cursor.expect("[")
    found = () if cursor.at("]") else _elements(cursor)
    cursor.expect("]")
    return found
