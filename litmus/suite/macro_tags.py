"""Whether a model knows the tags that a macro table gives to events.

herd7 takes any word: with ``READ_ONCE(X) __load{ONCEE}(X)`` no read is a READ_ONCE() any more, the sets that the model
orders by stay empty, and every answer is about another language. Here a tag must be one that the bell file declares for
instructions, or, where there is no bell file, one of the kernel's. A macro that nobody uses may have any tag: the
kernel's first table gives one to lockless_dereference() that its bell file does not have.
"""

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from litmus.cat.annotation import Annotations
from litmus.cat.initial import KERNEL_TAGS
from litmus.errors import LitmusError, ModelError, UnknownNameError, did_you_mean
from litmus.program.macros import Macro, MacroBinary, MacroCall, MacroDereference, MacroExpression, MacroTable
from litmus.source import Span

_KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"__load": ("R", "SRCU"), "__store": ("W", "SRCU"), "__fence": ("F",), "__srcu": ("SRCU",)}
)
"""The kinds of instructions that intrinsics stand for. Of updates, whose tags go to the read, to the write or to fences
around them, bell files do not say all that can be."""


def faults(table: MacroTable, bell: Annotations) -> Mapping[str, LitmusError]:
    """Return the errors in the tags of ``table`` against what ``bell`` declares, by the macros that they are in: tags
    that nothing declares, and such as are not declared for the kind of instruction that carries them."""
    found = ((macro.name, error) for macro in table.macros.values() for error in _errors(macro, bell))
    return dict(reversed(list(found)))


def _errors(macro: Macro, bell: Annotations) -> Iterator[LitmusError]:
    known = bell.tags or KERNEL_TAGS
    for call in _calls(macro):
        kinds = _KINDS.get(call.name, ())
        declared = {tag for kind in kinds for places in bell.instructions.get(kind, ()) for s in places for tag in s}
        if call.tag is None:
            continue
        if not _among(call.tag, known):
            hint = did_you_mean(call.tag, _spelled(known, call.tag))
            yield UnknownNameError(f"no instruction carries the tag '{call.tag}'", _tag_span(call), hint=hint)
        elif declared and not _among(call.tag, declared):
            message = f"'{call.name}' cannot carry the tag '{call.tag}': the bell file declares it for others"
            yield ModelError(message, _tag_span(call), hint=f"one of {', '.join(sorted(declared))}")


def _among(tag: str, known: Collection[str]) -> bool:
    return tag.casefold() in {other.casefold() for other in known}


def _spelled(known: Collection[str], like: str) -> list[str]:
    """The tags in the case that the table uses."""
    return [tag.upper() if like.isupper() else tag.lower() if like.islower() else tag for tag in sorted(known)]


def _calls(macro: Macro) -> Iterator[MacroCall]:
    for body in (*macro.statements, macro.value):
        if body is not None:
            yield from _inside(body)


def _inside(body: MacroExpression) -> Iterator[MacroCall]:
    match body:
        case MacroCall(arguments=arguments):
            yield body
            for argument in arguments:
                yield from _inside(argument)
        case MacroBinary(_, left, right):
            yield from _inside(left)
            yield from _inside(right)
        case MacroDereference(operand):
            yield from _inside(operand)
        case _:
            pass


def _tag_span(call: MacroCall) -> Span | None:
    if call.span is None or call.tag is None:
        return call.span
    start = call.span.start + call.span.text.index(call.tag, call.span.text.index("{"))
    return call.span.source.span(start, start + len(call.tag))
