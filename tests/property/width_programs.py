"""Random DSL tests of one busy thread that compute with integers of all widths."""

from random import Random

TYPES = "char short int long bool u8 u16 u32 u64 s8 s16 s32 s64 unsigned".split()
SMALL = "u8 s8 u16 s16 int u32 bool unsigned".split()
SIGNS = "+ - * & | ^ == != < <= > >= && ||".split()


def program(random: Random) -> str:
    """Return the text of a test, which asks for every final value."""
    return _Writer(random).text()


class _Writer:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.shared = {f"x{i}": self._type() for i in range(random.randint(1, 3))}
        self.locals: dict[str, str] = {}

    def _type(self) -> str:
        return self.random.choice(TYPES if self.random.random() < 0.4 else SMALL)

    def text(self) -> str:
        declared = [f"{type_} {name} = {self._initial(type_)};" for name, type_ in self.shared.items()]
        body = [self._statement() for _ in range(self.random.randint(2, 5))]
        other = self.random.choice([*self.shared])
        observed = [*(f"A.{name}" for name in self.locals), *self.shared]
        written = self.random.choice(["1", "255", "-1", "40000", "0x80000000"])
        return "\n".join(
            [
                'litmus "widths"',
                "models lkmm;",
                *declared,
                "atomic_t counter = -3;",
                "thread A {",
                *(f"    {line}" for line in body),
                "}",
                f"thread B {{ WRITE_ONCE({other}, {written}); }}",
                f"locations {', '.join(observed)}, counter;",
                f"exists some: {self._condition(observed)};",
                "",
            ]
        )

    def _initial(self, type_: str) -> int:
        bits = {"char": 8, "short": 16, "long": 64, "bool": 1, "int": 32, "unsigned": 32}.get(type_) or int(type_[1:])
        signed = type_[0] == "s" or type_ in ("char", "short", "int", "long")
        low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
        if bits == 64:
            low, high = (-9 if signed else 0), 9
        return self.random.choice([low, high, 0, 1, self.random.randint(low, high)])

    def _statement(self) -> str:
        if self.locals and self.random.random() < 0.15:
            local = self.random.choice([*self.locals])
            return f"if ({self._expression(1)}) {local} = {self._expression(1)};"
        kind = self.random.random()
        if kind < 0.55:
            value, name = self._value(), f"r{len(self.locals)}"
            type_ = self._type() if self.random.random() < 0.7 else ""
            self.locals[name] = type_
            return f"{type_} {name} = {value};".strip()
        place = self.random.choice([*self.shared])
        if kind < 0.7:
            return f"WRITE_ONCE({place}, {self._expression(2)});"
        if kind < 0.85:
            return self.random.choice([f"{place} += {self._expression(1)};", f"{place}++;", f"{place}--;"])
        return f"atomic_add({self._expression(1)}, &counter);"

    def _value(self) -> str:
        place = self.random.choice([*self.shared])
        return self.random.choice(
            [
                *(self._expression(2) for _ in range(8)),
                f"READ_ONCE({place})",
                f"xchg(&{place}, {self._expression(1)})",
                f"cmpxchg(&{place}, {self._expression(1)}, {self._expression(1)})",
                f"atomic_add_return({self._expression(1)}, &counter)",
                f"atomic_fetch_or({self._expression(1)}, &counter)",
                f"atomic_add_negative({self._expression(1)}, &counter)",
                f"atomic_add_unless(&counter, {self._expression(1)}, {self._expression(1)})",
            ]
        )

    def _expression(self, depth: int) -> str:
        if depth == 0 or self.random.random() < 0.15:
            return self._leaf()
        inner = self._expression(depth - 1)
        kind = self.random.random()
        if kind < 0.12:
            return f"{self.random.choice('-~!')}({inner})"
        if kind < 0.25:
            return f"({self.random.choice(TYPES)})({inner})"
        if kind < 0.4:
            return f"({inner} {self.random.choice(['<<', '>>'])} {self.random.choice([0, 1, 3, 7, 31])})"
        if kind < 0.5:
            return f"({inner} {self.random.choice('/%')} {self.random.choice([1, 2, 3, 16, 200])})"
        return f"({inner} {self.random.choice(SIGNS)} {self._local(depth)})"

    def _local(self, depth: int) -> str:
        """The right of an operator reads no memory, so that && and || can be exported."""
        known = [*self.locals, *map(str, self._constants())]
        one, other = self.random.choice(known), self.random.choice(known)
        return one if depth < 2 else f"({one} + {other})"

    def _leaf(self) -> str:
        return self.random.choice([*self.shared, *self.locals, *self._constants()])

    def _constants(self) -> list[str]:
        return ["1", "2", "100", "127", "255", "-1", "65535", "7U", "0x7fffffff", "0xffffffff", "3L"]

    def _condition(self, observed: list[str]) -> str:
        one, number = self.random.choice(observed), self.random.choice([0, 1, -1, 255, 4294967295, 3])
        if self.random.random() < 0.3:
            sign, other = self.random.choice("+ - * & | ^".split()), self.random.choice([*self._constants(), one])
            return f"({one} {sign} {other}) {self.random.choice('< >= =='.split())} {number}"
        return self.random.choice([f"{one} == {number}", f"{one} != {number}", one])
