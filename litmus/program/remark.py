"""Comments beside a Program: what people wrote between the lines of the text that it was read from."""

from collections.abc import Mapping

from litmus.dataclass import dataclass, field


@dataclass(frozen=True, slots=True)
class Remarks:
    """Comments to print with a program, as lines: of the test, before each thread (by number), before and behind
    statements (by the offset at which their span starts), at the end of each thread, and before the assertions."""

    head: tuple[str, ...] = ()
    threads: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    before: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    behind: Mapping[int, str] = field(default_factory=dict)
    last: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    end: tuple[str, ...] = ()


NONE = Remarks()
"""No comments."""
