"""What the threads of random tests have in common in every dialect."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

LOCATIONS = ("x", "y", "z")


@dataclass(slots=True)
class Thread:
    """A thread under construction. ``lines`` are its instructions, ``loaded`` the registers that hold something read,
    oldest first."""

    number: int
    rng: Random
    lines: list[str] = field(default_factory=list)
    loaded: list[int] = field(default_factory=list)
    registers: int = 0
    labels: int = 0

    def fresh(self) -> int:
        """Return the number of a register that nothing has used."""
        self.registers += 1
        return self.registers - 1

    def label(self) -> str:
        """Return a label that no thread has."""
        self.labels += 1
        return f"L{self.number}{self.labels}"

    def location(self) -> int:
        """Return the index of a location, the first ones more often."""
        return self.rng.choice((0, 0, 1, 1, 2))

    def value(self) -> int:
        """Return something to store."""
        return self.rng.choice((1, 1, 2, 3))

    def source(self) -> int | None:
        """Return a register that holds something read, mostly the last one; None where there is none."""
        if not self.loaded:
            return None
        return self.loaded[-1] if self.rng.random() < 0.7 else self.rng.choice(self.loaded)

    def emit(self, *lines: str) -> None:
        """Add instructions."""
        self.lines.extend(lines)


Operation = Callable[[Thread], None]
"""Appends one random operation to a thread."""


def threads(rng: Random, operations: Sequence[tuple[int, Operation]], longest: int) -> list[Thread]:
    """Return two or three threads of random operations, drawn by their weights."""
    weights = [weight for weight, _ in operations]
    count = rng.choice((2, 2, 2, 3))
    found = []
    for number in range(count):
        thread = Thread(number, rng)
        for _ in range(rng.randint(1, longest if count == 2 else min(longest, 3))):
            (operation,) = rng.choices([operation for _, operation in operations], weights)
            operation(thread)
        found.append(thread)
    return found


def condition(rng: Random, names: Sequence[str]) -> str:
    """Return a condition over some of ``names``, what to print besides them, and now and then a filter."""
    filtered = f"filter ({_proposition(rng, names, 1)})\n" if rng.random() < 0.1 else ""
    quantifier = rng.choice(("exists", "exists", "~exists", "forall"))
    return f"locations [{'; '.join(names)};]\n{filtered}{quantifier} ({_proposition(rng, names, 3)})"


def _proposition(rng: Random, names: Sequence[str], depth: int) -> str:
    if depth == 0 or rng.random() < 0.2:
        return f"{rng.choice(names)}{rng.choice(('=', '=', '=', '!='))}{rng.choice((0, 0, 1, 1, 2))}"
    inner = _proposition(rng, names, depth - 1)
    match rng.randrange(10):
        case 0:
            return f"not ({inner})"
        case 1:
            return f"({inner} => {_proposition(rng, names, depth - 1)})"
        case 2 | 3 | 4:
            return f"({inner} \\/ {_proposition(rng, names, depth - 1)})"
        case _:
            return f"({inner} /\\ {_proposition(rng, names, depth - 1)})"


def table(dialect: str, name: str, initial: Sequence[str], columns: Sequence[Sequence[str]], final: str) -> str:
    """Return the text of an assembly test."""
    height = max(len(column) for column in columns)
    cells = [[f"P{number}", *column, *[""] * (height - len(column))] for number, column in enumerate(columns)]
    widths = [max(len(cell) for cell in column) for column in cells]
    rows = (
        " | ".join(column[row].ljust(width) for column, width in zip(cells, widths, strict=True))
        for row in range(height + 1)
    )
    body = "\n".join(f" {row} ;" for row in rows)
    return f"{dialect} {name}\n{{\n{' '.join(f'{item};' for item in initial)}\n}}\n{body}\n{final}\n"
