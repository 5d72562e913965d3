"""Cuts a herd ``.litmus`` file into header, initial state, program and final condition.

The format is described in the herdtools7 documentation: an architecture and a name, lines ``Key=value``, a braced
initial state, the threads, and what is asked about final states. Comments are ``(* nested *)`` outside of C code.
"""

import re
from collections.abc import Iterator

from litmus.dataclass import dataclass
from litmus.errors import ParseError, UnsupportedError
from litmus.source import Source, Span

_FIRST = re.compile(
    r"\s*(?P<arch>\w+)[ \t]+(?P<name>[^\s\"(]\S*)[ \t]*(?:\([^()\n]*\))?[ \t]*\r?\n?[ \t]*(?:\"(?P<doc>[^\"]*)\")?"
)
_HEADER_PART = re.compile(
    r"(?P<open>\(\*)|(?P<brace>\{)|(?m:^[ \t]*(?P<key>[A-Za-z][\w./-]*)[ \t]*=[ \t]*(?P<value>[^\r\n]*))"
)
_BRACE = re.compile(r"[{}]|\(\*")
_COMMENT_MARK = re.compile(r"\(\*|\*\)")
_ASKS = re.compile(r"(?<![\w./-])(?:~\s*exists|exists|forall|final|filter|locations|observed)\b(?![\w./-])")
_RESULT = re.compile(r"(?m)^[( ]\* Result: (?P<words>.*)$")
_RACE = re.compile(r"(?m)^[( ]\* Result: .* DATARACE\b")
"""Where the kernel's scripts look (tools/memory-model/scripts/judgelitmus.sh): the first such line predicts a word, and
the first that says so a data race."""
_REGIONS = re.compile(r"(?m)^[ \t]*(regions|scopes)[ \t]*:")
_ASKING_LINE = re.compile(r"(?m)^(?:~\s*exists|exists|forall|filter|locations)\s*[(\[]")
_C_PART = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"[^\"\n]*\"|(?P<open>[{(\[])|(?P<close>[})\]])"
    r"|(?<![\w./-])(?P<ask>~\s*exists|exists|forall|final|filter|locations|observed)\b|\w+",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Sections:
    """The parts of a file. ``init`` is what stands between the braces; ``init_text`` and ``final_text`` are the
    characters of those parts with comments blanked, so that offsets stay true."""

    arch: str
    name: str
    doc: str | None
    info: tuple[tuple[str, str], ...]
    result: str | None
    result_span: Span | None
    init: Span
    init_text: str
    program: Span
    program_text: str
    final: Span
    final_text: str


def blank_comments(text: str) -> str:
    """Return ``text`` with ``(* nested comments *)`` replaced by blanks, line ends kept. An unclosed comment ends with
    its line, as herd's header reader has it."""
    if "(*" not in text:
        return text
    parts, position = [], 0
    while (start := text.find("(*", position)) >= 0:
        end = _comment_end(text, start)
        parts += [text[position:start], re.sub(r"[^\n]", " ", text[start:end])]
        position = end
    return "".join(parts) + text[position:]


def _comment_end(text: str, start: int) -> int:
    depth = 0
    for mark in _COMMENT_MARK.finditer(text, start):
        depth += 1 if mark.group() == "(*" else -1
        if depth == 0:
            return mark.end()
    line_end = text.find("\n", start)
    return len(text) if line_end < 0 else line_end


def split(source: Source) -> Sections:
    """Return the sections of a herd file.

    Raises:
        ParseError: when there is no first line, or no initial state in balanced braces.
    """
    text = source.text
    first = _FIRST.match(text, _after_comments(text))
    if first is None:
        raise ParseError("a litmus test begins with an architecture and a name", source.span(0, 1))
    info, opening = _header(source, first.end())
    closing = _matching_brace(source, opening)
    init = source.span(opening + 1, closing)
    in_c = first["arch"] in ("C", "CPP", "LISA")
    rest = _blank_outer_comments(text[closing + 1 :]) if in_c else blank_comments(text[closing + 1 :])
    asked = _ask_in_c(rest) if in_c else _ask(rest)
    _reject_regions(source, closing + 1, rest[:asked])
    end = rest.find("<<", asked)
    end = len(rest) if end < 0 else end
    base = closing + 1
    result = _RESULT.search(text)
    return Sections(
        arch=first["arch"],
        name=first["name"].removesuffix(".litmus"),
        doc=first["doc"],
        info=info,
        result=_prediction(result, text) if result else None,
        result_span=source.span(result.start() + 3, result.start() + len(result.group().rstrip())) if result else None,
        init=init,
        init_text=blank_comments(init.text),
        program=source.span(base, base + asked),
        program_text=rest[:asked],
        final=source.span(base + asked, base + end),
        final_text=blank_comments(rest[asked:end]),
    )


def _reject_regions(source: Source, base: int, program: str) -> None:
    """The sections of GPU tests behind the threads give threads scopes and locations regions, for models of them."""
    found = _REGIONS.search(program, max(program.rfind("}"), program.rfind(";")) + 1)
    if found is not None:
        place = source.span(base + found.start(1), base + found.end(1))
        raise UnsupportedError(f"the section '{found[1]}' is not supported: no model here has {found[1]}", place)


def _prediction(annotation: re.Match[str], text: str) -> str:
    """Return the word that is predicted, and DATARACE where a race is."""
    words = annotation["words"].removesuffix("*)").split()[:1]
    return " ".join((*words, "DATARACE")) if _RACE.search(text) else " ".join(words)


def _after_comments(text: str) -> int:
    position = 0
    while (start := len(text) - len(text[position:].lstrip())) < len(text) and text.startswith("(*", start):
        position = _comment_end(text, start)
    return position


def _header(source: Source, position: int) -> tuple[tuple[tuple[str, str], ...], int]:
    """Return the ``Key=value`` lines and the offset of the brace that opens the initial state."""
    info: list[tuple[str, str]] = []
    while part := _HEADER_PART.search(source.text, position):
        if part["brace"]:
            return tuple(info), part.start()
        position = _comment_end(source.text, part.start()) if part["open"] else part.end()
        if part["key"]:
            info.append((part["key"], part["value"].rstrip()))
    raise ParseError("no initial state: expected '{'", source.span(max(len(source.text) - 1, 0), len(source.text)))


def _matching_brace(source: Source, opening: int) -> int:
    depth, position = 0, opening
    while brace := _BRACE.search(source.text, position):
        position = brace.end()
        if brace.group() == "(*":
            position = _comment_end(source.text, brace.start())
            continue
        depth += 1 if brace.group() == "{" else -1
        if depth == 0:
            return brace.start()
    raise ParseError("the initial state is never closed: expected '}'", source.span(opening, opening + 1))


def _ask(text: str) -> int:
    """Return where the final part begins in a text of assembly: at the first word that asks something."""
    found = _ASKS.search(text)
    if found:
        return found.start()
    end = text.find("<<")
    return len(text) if end < 0 else end


def _c_parts(text: str) -> Iterator[tuple[int, re.Match[str]]]:
    """Yield what can begin or end something in C code, each with the number of brackets that are open before it. A
    brace makes up for brackets that somebody forgot."""
    braces = brackets = position = 0
    while part := _C_PART.search(text, position):
        yield braces + brackets, part
        position = part.end()
        if braces + brackets == 0 and text.startswith("(*", part.start()):
            position = _comment_end(text, part.start())
        elif part.group() in ("{", "}"):
            braces, brackets = max(braces + (1 if part["open"] else -1), 0), 0
        else:
            brackets += bool(part["open"]) - bool(part["close"])


def _blank_outer_comments(text: str) -> str:
    """Return C code with ``(* comments *)`` between the threads blanked: inside of them ``(*x)`` is C."""
    if "(*" not in text:
        return text
    outer = [part.start() for depth, part in _c_parts(text) if depth == 0 and text.startswith("(*", part.start())]
    for start in outer:
        end = _comment_end(text, start)
        text = text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]
    return text


def _ask_in_c(text: str) -> int:
    """Return where the final part begins after C code: at such a word outside of braces, strings and comments. Where
    a brace is never closed there is none: then it is at a line that looks like one."""
    depth = 0
    for depth, part in _c_parts(text):
        if part["ask"] and depth <= 0:
            return part.start()
    looks = _ASKING_LINE.search(text) if depth > 0 else None
    return looks.start() if looks else len(text)
