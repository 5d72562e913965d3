"""The ``Hash=`` that herd7 prints, by which tools tell whether two logs speak of the same test.

It is the MD5 of the MD5s of the initial state, the program and the observed locations, each printed in one fixed way
(herdtools7, lib/testHash.ml, lib/CTestHash.ml, lib/dumpCAst.ml). The bodies of C threads are taken as they stand. Those
of assembly are printed anew by herd7, instruction by instruction; that is not done here: such a test has a hash only
where its file states one.
"""

import re
from collections.abc import Iterator
from hashlib import md5

from litmus.frontend.sections import split
from litmus.program.program import Program
from litmus.program.term import FinalLocation, FinalRegister, leaves

_THREAD = re.compile(r"\s*(?:void\s*\*?\s*)?P(?P<number>\d+)\s*\((?P<parameters>[^)]*)\)\s*\{")
_PARAMETER = re.compile(r"\s*(?P<type>.*?)(?P<name>\w+)\s*", re.DOTALL)
_ITEM = re.compile(
    r"(?:(?P<type>[A-Za-z_][\w ]*?)(?=[\s*]))?\s*(?P<stars>\**)\s*"
    r"(?P<place>\d+:\w+|\[\w+\]|\w+)\s*(?:=\s*(?P<value>.*))?",
    re.DOTALL,
)
_ATOMIC = re.compile(r"ATOMIC_INIT\s*\((.*)\)", re.DOTALL)


def computed_hash(program: Program) -> str | None:
    """Return the hash that herd7 gives a test of C, None where we cannot tell."""
    if program.span is None:
        return None
    sections = split(program.span.source)
    initial = _initial(sections.init_text)
    threads = list(_threads(sections.program.text))
    if initial is None or len(threads) != len(program.threads):
        return None
    code = "|".join(f" {thread} " for thread in threads) + ";\n"
    return md5(
        b"".join(_digest(part) for part in (initial, code, _observed(program))), usedforsecurity=False
    ).hexdigest()


def _digest(text: str) -> bytes:
    return md5(text.encode(), usedforsecurity=False).digest()


def _threads(text: str) -> Iterator[str]:
    position = 0
    while head := _THREAD.match(text, position):
        position = _closing(text, head.end())
        parameters = ", ".join(_parameter(part) for part in head["parameters"].split(",") if part.strip())
        yield f"P{head['number']}({parameters}) {{\n{text[head.end() : position - 1]}\n}}\n"


def _closing(text: str, position: int) -> int:
    """Return the offset behind the brace that closes the one before ``position``."""
    depth = 1
    for brace in re.finditer(r"[{}]", text[position:]):
        depth += 1 if brace.group() == "{" else -1
        if depth == 0:
            return position + brace.end()
    return len(text)


def _parameter(text: str) -> str:
    found = _PARAMETER.fullmatch(text)
    assert found is not None, text
    words = " ".join(found["type"].replace("*", " ").split())
    return f"{words}{'*' * found['type'].count('*')} {found['name']}"


def _initial(text: str) -> str | None:
    """The items in order of their places, registers first; None where one is of a kind not met so far (an array)."""
    items: dict[tuple[int, int, str], str] = {}
    for part in filter(None, (item.strip() for item in text.split(";"))):
        found = _ITEM.fullmatch(part)
        if found is None or "_Atomic" in part or "[" in (found["value"] or ""):
            return None
        place = found["place"].strip("[]")
        items.setdefault(_rank(place), _item(found, place))
    return "; ".join(items[key] for key in sorted(items))


def _rank(place: str) -> tuple[int, int, str]:
    thread, colon, register = place.partition(":")
    return (0, int(thread), register) if colon else (1, 0, place)


def _item(found: re.Match[str], place: str) -> str:
    value = (found["value"] or "0").strip().removeprefix("&")
    if atomic := _ATOMIC.fullmatch(value):
        value = atomic[1].strip()
    kind = f"{found['type']} " if found["type"] else ""
    return f"{kind}{found['stars']}{place}={value}"


def _observed(program: Program) -> str:
    seen = {*program.observed, *(leaf for a in program.assertions for leaf in leaves(a.condition))}
    registers = sorted((o.thread, o.register) for o in seen if isinstance(o, FinalRegister))
    locations = sorted(o.name for o in seen if isinstance(o, FinalLocation))
    return "; ".join([*(f"{thread}:{register}" for thread, register in registers), *locations])
