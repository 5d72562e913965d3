"""What the pictures of event graphs share: colours, and what is written on an event."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from litmus.program.program import Program
from litmus.report.naming import naming

COLOURS: Mapping[str, str] = MappingProxyType(
    {
        "po": "#8a94a6",
        "rf": "#c92a2a",
        "co": "#1864ab",
        "fr": "#d9780f",
        "addr": "#5f3dc4",
        "data": "#2b8a3e",
        "ctrl": "#087f5b",
        "rmw": "#862e9c",
    }
)
DEFAULT_COLOUR = "#495057"

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "po": "program order",
        "rf": "reads from",
        "co": "coherence",
        "fr": "from read",
        "addr": "address dependency",
        "data": "data dependency",
        "ctrl": "control dependency",
        "rmw": "read-modify-write",
    }
)


def event_text(attributes: Mapping[str, Any], program: Program) -> str:
    """Return ``R[Once] x = 1``: kind, tags, and what is read or written."""
    tags = f"[{','.join(attributes['tags'])}]" if attributes["tags"] else ""
    if attributes["location"] is None:
        return f"{attributes['kind']}{tags}"
    value = attributes["value"]
    held = "" if value is None else f" = {naming(program).value(value)}"
    return f"{attributes['kind']}{tags} {attributes['location']}{held}"
