"""What herd's assembly tests may say that is beyond every model here: page tables, tags of memory, faults, code as
data, vectors. A test that cannot be read for such a reason is told so, at the place.

The spellings are those of herd's own grammars (lib/stateParser.mly, lib/AArch64Lexer.mll and lib/misc.ml of herdtools7
7.58).
"""

import re
from collections.abc import Iterator
from types import MappingProxyType

from litmus.errors import UnsupportedError
from litmus.frontend.sections import Sections
from litmus.program.program import Dialect
from litmus.source import Source, Span


def _one_of(**patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in patterns.items()))


_WHY = MappingProxyType(
    {
        "pages": "page tables",
        "tags": "tags of memory",
        "code": "instructions as data",
        "labels": "addresses of code",
        "faults": "faults and exceptions",
        "vectors": "vectors",
        "system": "system registers",
        "capabilities": "capabilities",
    }
)
"""What the groups of the patterns below are about."""

_STATE = _one_of(
    pages=r"\b(?:PTE|TTD|PA|pte|pa)\s*\(|\bpteval_t\b|=\s*\(",
    tags=r"\b(?:TAG|tag)\s*\(|=\s*:\s*\w+|\b(?!P?\d|instr\b|label\b|with\b)[A-Za-z_]\w*\s*:\s*[a-z]\w*",
    code=r"\bins_t\b|\binstr\s*:\s*\"[^\"\n]*\"?|=\s*NOP\b",
    labels=r"\blabel\s*:\s*\"[^\"\n]*\"?|=\s*P?\d+\s*:\s*[A-Za-z]\w*",
    faults=r"(?i:\bfault)\s*\(",
    vectors=r"\b\d+\s*:\s*(?:[VZvz]\d+(?:\.\w+)?|ZA\w*)",
    capabilities=r"\b\d+\s*:\s*[Cc]\d+\b|\b0[xX][0-9a-fA-F]+:",
    system=r"\b\d+\s*:\s*\w+_EL[0-3]\b",
)
_THREADS = _one_of(
    vectors=r"\{\s*[VZvz]\d+|\b[VZvz]\d+\.\w+|\b[Pp]\d+(?:/[MZmz]|\.\w)|\bZA\w*|\b(?:LD|ST|FMOV)\w*\s+[QDSHB]\d+\b",
    capabilities=r"\b[Cc](?:[12]?\d|30)\b|[Cc]%\w+",
    faults=r"^\s*P\d+\.F",
)
_RESERVED = _one_of(pages=r"(?<![\w.])(?:pte|phy)_\w+", tags=r"(?<![\w.])\w+\.atag\b")
"""Names that herd takes for the page table entry, the physical address and the tag of what follows the underscore."""
_KNOWN_VARIANTS = frozenset({"", "mixed", "dontcheckmixed", "telechat", "asl", "aslv0", "asl+exp"})
"""Words of a `Variant=` line that ask for nothing that is not done: sizes have an option of their own, and the
language that herd7 takes the instructions' meaning from changes nothing."""


def reject_beyond(dialect: Dialect, sections: Sections) -> None:
    """Raise for what could be read as something else: reserved names on AArch64, and variants of herd7."""
    if dialect is not Dialect.AARCH64:
        return
    for key, value in sections.info:
        wanted = [word.strip() for word in value.split(",")]
        unknown = [word for word in wanted if word.lower() not in _KNOWN_VARIANTS]
        if key.lower() == "variant" and unknown:
            message = f"the test is for the variant '{unknown[0]}' of herd7, which is not modelled"
            raise UnsupportedError(message, _line_of(sections.init.source, key, value))
    if found := next(_found(_RESERVED, sections.init, sections.init_text), None):
        raise found


def _line_of(source: Source, key: str, value: str) -> Span | None:
    found = re.search(rf"(?m)^[ \t]*{re.escape(key)}[ \t]*=[ \t]*{re.escape(value)}", source.text)
    return Span(source, found.start() + len(found[0]) - len(found[0].lstrip()), found.end()) if found else None


def name_beyond(dialect: Dialect, sections: Sections) -> UnsupportedError | None:
    """Return the error that names what is beyond the models in a test that cannot be read, None where nothing is."""
    if dialect is not Dialect.AARCH64:
        return None
    places = (
        (_STATE, sections.init, sections.init_text),
        (_THREADS, sections.program, sections.program_text),
        (_STATE, sections.final, sections.final_text),
    )
    return next((found for place in places for found in _found(*place)), None)


def _found(pattern: re.Pattern[str], section: Span, text: str) -> Iterator[UnsupportedError]:
    for match in pattern.finditer(text):
        start = section.start + match.start() + len(match[0]) - len(match[0].lstrip("= \t"))
        span = Span(section.source, start, section.start + match.end())
        yield UnsupportedError(f"{_WHY[match.lastgroup or '']} are not modelled: '{span.text.strip()}'", span)
