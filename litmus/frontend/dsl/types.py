"""Types as written."""

from litmus.errors import ParseError, UnknownNameError, did_you_mean
from litmus.frontend.dsl.node import Node
from litmus.frontend.dsl.world import POINTER_SIZE, World, is_counter, is_lock
from litmus.program.types import TYPES, Type

VOID = Type("void", 1)
_IGNORED = ("const", "volatile")


def type_of(world: World, written: Node, stars: Node) -> Type:
    """Return the type that a construct ``type`` followed by ``stars`` names.

    Raises:
        LitmusError: where there is no such type.
    """
    base = _base(world, written)
    pointer = len(stars.parts)
    if not pointer:
        if base is VOID:
            raise ParseError("nothing is of type void", written.span)
        return base
    return Type(base.name, POINTER_SIZE, signed=False, pointer=pointer)


def scalar_of(world: World, written: Node, stars: Node) -> Type:
    """Return the type that a cast names: that of an integer or a pointer.

    Raises:
        LitmusError: where there is no such type, or values cannot be converted to it.
    """
    type_ = type_of(world, written, stars)
    if world.struct_of(type_) is not None or is_lock(type_) or is_counter(type_):
        raise ParseError(f"nothing can be converted to {type_}, only to integers and pointers", written.span)
    return type_


def _base(world: World, written: Node) -> Type:
    words = [part.word for part in written.parts if part.word not in _IGNORED]
    tag = next((part for part in written.parts if part.kind == "NAME"), None)
    if tag is not None:
        return _struct(world, tag)
    if words == ["void"]:
        return VOID
    found = TYPES.get(_canonical(words))
    if found is None:
        text = " ".join(words) or written.text
        raise ParseError(f"unknown type '{text}'", written.span, hint=did_you_mean(text, TYPES))
    return found


def _struct(world: World, tag: Node) -> Type:
    name = f"struct {tag.word}"
    if name in TYPES:
        return TYPES[name]
    if tag.word not in world.structs:
        known = [*world.structs, *(n.removeprefix("struct ") for n in TYPES if n.startswith("struct "))]
        raise UnknownNameError(f"unknown struct '{tag.word}'", tag.span, hint=did_you_mean(tag.word, known))
    return Type(name, world.structs[tag.word].size, signed=False)


def _canonical(words: list[str]) -> str:
    """Return the spelling of TYPES for any order of words: ``long unsigned int`` is ``unsigned long``."""
    kinds = [w for w in words if w not in ("signed", "unsigned", "int")]
    unsigned = "unsigned" in words
    if not kinds:
        return ("unsigned int" if "int" in words else "unsigned") if unsigned else "int"
    if kinds == ["char"] and "signed" in words:
        return "signed char"
    return " ".join((["unsigned"] if unsigned else []) + kinds)
