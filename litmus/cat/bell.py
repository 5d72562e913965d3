"""What a bell file says of instructions: enumerations of tags, and which tags each kind of instruction can carry."""

from collections.abc import Iterable, Iterator, Mapping

from litmus.cat.annotation import AnnotationList, Annotations
from litmus.cat.ast import Binary, BinaryOperator, Expression, Name, SetLiteral, TagLiteral
from litmus.cat.statement import Enumeration, File, Instructions
from litmus.errors import ModelError, UnknownNameError, did_you_mean

KINDS = ("R", "W", "F", "RMW", "B", "J", "CALL", "SRCU")
"""The kinds of instructions that can be annotated (herdtools7, lib/BellName.ml)."""


def annotations(files: Iterable[File]) -> Annotations:
    """Collect the declarations of files.

    Raises:
        ModelError: for a kind of instruction that cannot be annotated, or an annotation that is not a set of tags.
    """
    enumerations: dict[str, tuple[str, ...]] = {}
    instructions: dict[str, tuple[AnnotationList, ...]] = {}
    defaults: dict[str, tuple[str, ...]] = {}
    for statement in (s for file in files for s in file.statements):
        if isinstance(statement, Enumeration):
            enumerations[statement.name] = statement.tags
        elif isinstance(statement, Instructions):
            places = tuple(frozenset(_tags(e, enumerations)) for e in statement.annotations)
            _check_kind(statement)
            instructions[statement.kind] = (*instructions.get(statement.kind, ()), places)
            if statement.default:
                defaults[statement.kind] = tuple(
                    _single(e, p) for e, p in zip(statement.annotations, places, strict=True)
                )
    return Annotations(enumerations, instructions, defaults)


def _check_kind(statement: Instructions) -> None:
    if statement.kind not in KINDS:
        hint = did_you_mean(statement.kind, KINDS) or f"one of {', '.join(KINDS)}"
        raise ModelError(f"instructions of kind '{statement.kind}' cannot be annotated", statement.span, hint=hint)


def _single(expression: Expression, tags: frozenset[str]) -> str:
    if len(tags) != 1:
        raise ModelError("a default is one tag", expression.span)
    return next(iter(tags))


def _tags(expression: Expression, enumerations: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    match expression:
        case TagLiteral(span, tag):
            known = [t for tags in enumerations.values() for t in tags]
            if tag not in known:
                raise UnknownNameError(f"no enumeration has the tag '{tag}", span, hint=did_you_mean(tag, known))
            yield tag
        case Name(span, name):
            if name not in enumerations:
                raise UnknownNameError(f"unknown enumeration '{name}'", span, hint=did_you_mean(name, enumerations))
            yield from enumerations[name]
        case SetLiteral(elements=elements):
            for element in elements:
                yield from _tags(element, enumerations)
        case Binary(operator=BinaryOperator.UNION, left=left, right=right):
            yield from _tags(left, enumerations)
            yield from _tags(right, enumerations)
        case _:
            raise ModelError("an annotation is a set of tags", expression.span)
