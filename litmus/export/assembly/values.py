"""Terms as values in registers, and as conditions that are branched upon.

Every register holds a number as 64 bits in two's complement, whatever its C type. Nothing is computed early, and
nothing that the portable code computes from registers is branched upon instead: a value depends on the reads that it
depends on there, and what follows a branch on those that the branch looks at.
"""

from abc import abstractmethod
from collections.abc import Callable

from litmus.export.assembly.lines import Lines, Operand
from litmus.export.assembly.possible import Interval, Possible
from litmus.program.term import WRAPS, Address, Apply, Register, Term

COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
TURNED = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


class Values(Lines):
    """Computes terms."""

    def possible(self, term: Term) -> Possible:
        """Return what a term may be, which must be something that herd7 can compute with."""
        found = self.knowledge.of(self.thread, term)
        low, high = self.range
        if found.numbers is not None and not Possible(found.numbers).within(low, high):
            bits = f"numbers below {low} or above {high}, with which herd7's {self.dialect} does not compute"
            raise self.error(f"a value here may need {bits}")
        return found

    def register(self, term: Term, into: str | None = None) -> str:
        """Return a virtual register that holds a term: one that holds it already, else ``into`` or a new one."""
        match term:
            case Register(name):
                return name
            case Address():
                return self._address(term, into)
            case int():
                self.possible(term)
                target = into or self.sheet.temporary()
                self.constant(target, term)
                return target
            case Apply(operator, (value,)) if operator in WRAPS and self.possible(value).within(*_range_of(operator)):
                return self.register(value, into)
            case Apply(operator, operands):
                target = into or self.sheet.temporary()
                self._apply(target, operator, operands, term)
                return target
        raise AssertionError(term)

    def operand(self, term: Term) -> Operand:
        """Return a term as the second operand of an instruction."""
        if isinstance(term, int) and self.immediates[0] <= term <= self.immediates[1]:
            return term
        return self.register(term)

    def base(self, address: Address) -> tuple[str, int]:
        """Return the register that holds from the start where an object is, and how far in it an address is."""
        name, offset = self.layout.start(address, self.origin.span)
        self.sheet.fixed[f"&{name}"] = name
        return f"&{name}", offset

    def _address(self, address: Address, into: str | None) -> str:
        base, offset = self.base(address)
        if not offset:
            return base
        target = into or self.sheet.temporary()
        self.compute("+", target, base, self.operand(offset))
        return target

    def _apply(self, into: str, operator: str, operands: tuple[Term, ...], whole: Term) -> None:
        self.possible(whole)
        for operand in operands:
            self.possible(operand)
        match operator, operands:
            case ("&", (Apply(">>", (value, int(amount))), 1)) | ("&", (1, Apply(">>", (value, int(amount))))):
                self._bit(into, value, amount)
            case (("+" | "-" | "&" | "|" | "^"), (left, right)):
                self._binary(operator, into, left, right)
            case (("<<" | ">>"), (value, amount)):
                self.shift(
                    operator, into, self.register(value), amount if isinstance(amount, int) else self.register(amount)
                )
            case "*", (left, right):
                self._times(into, left, right)
            case "neg", (value,):
                self.negate(into, self.register(value))
            case "~", (value,):
                self._binary("^", into, value, -1)
            case "!", (value,):
                self._compare(into, "==", value, 0)
            case _, (left, right) if operator in COMPARISONS:
                self._compare(into, operator, left, right)
            case (("&&" | "||"), (left, right)):
                self.compute("&" if operator == "&&" else "|", into, self.truth(left), self.truth(right))
            case "ite", (condition, positive, negative):
                self.choose(into, condition, positive, negative)
            case _, (value,) if operator in WRAPS:
                self._convert(into, operator, value)
            case _:
                raise self.error(f"'{operator}' is no instruction of {self.dialect} that herd7 has")

    def _binary(self, operator: str, into: str, left: Term, right: Term) -> None:
        if isinstance(left, int) and operator in "+&|^":
            left, right = right, left
        if isinstance(right, int) and operator in "+-":
            right = self.step(left, right) if operator == "+" else -self.step(left, -right)
        if operator == "-" and isinstance(right, int) and self.immediates[0] <= -right <= self.immediates[1]:
            operator, right = "+", -right
        self.compute(operator, into, self.register(left), self.operand(right))

    def step(self, base: Term, offset: int) -> int:
        """Return what is added to an address to go as far as ``offset`` goes in the source; of a number that itself."""
        return self.layout.step(self.possible(base).addresses, offset, self.origin.span)

    def negate(self, into: str, value: str) -> None:
        """``into = -value``."""
        zero = self.register(0)
        self.compute("-", into, zero, value)

    def _bit(self, into: str, value: Term, amount: int) -> None:
        """One bit, as a number."""
        masked = Apply("&", (value, 1 << amount))
        self.nonzero(into, self.register(masked), self.possible(masked))

    def _times(self, into: str, left: Term, right: Term) -> None:
        if isinstance(left, int):
            left, right = right, left
        if isinstance(right, int) and right > 0 and right & (right - 1) == 0:
            self.shift("<<", into, self.register(left), right.bit_length() - 1)
            return
        raise self.error(f"this multiplication is no instruction of {self.dialect} that herd7 has")

    def _convert(self, into: str, operator: str, value: Term) -> None:
        bits, signed = WRAPS[operator]
        if bits == 64:
            raise self.error(f"a conversion to {'' if signed else 'un'}signed 64 bits that changes the value")
        self.extend(into, self.register(value), bits, signed)

    def _compare(self, into: str, comparison: str, left: Term, right: Term) -> None:
        if self.possible(left).addresses or self.possible(right).addresses:
            condition = Apply(comparison, (left, right))
            if not self.settles(condition):
                raise self.error("a comparison of pointers, but as a condition, is nothing that herd7 computes")
            self.move(into, self._by_branch(condition))
            return
        if comparison in ("==", "!="):
            difference: Term = left if right == 0 else Apply("^", (left, right))
            self._truth_of(into, comparison == "!=", lambda target: self._nonzero(target, difference))
        else:
            one, other = (left, right) if comparison in ("<", ">=") else (right, left)
            registers = self.register(one), self.register(other)
            self._truth_of(into, comparison in ("<", ">"), lambda target: self.less(target, *registers))

    def _nonzero(self, into: str, term: Term) -> None:
        known = self.possible(term)
        if known.within(0, 1):
            self.move(into, self.register(term))
        else:
            self.nonzero(into, self.register(term), known)

    def _truth_of(self, into: str, positive: bool, compute: Callable[[str], None]) -> None:
        if positive:
            compute(into)
            return
        other = self.sheet.temporary()
        compute(other)
        self.compute("^", into, other, self.operand(1))

    def truth(self, term: Term) -> str:
        """Return a register that holds whether a term is not 0."""
        if self.possible(term).within(0, 1):
            return self.register(term)
        into = self.sheet.temporary()
        self._compare(into, "!=", term, 0)
        return into

    def choose(self, into: str, condition: Term, positive: Term, negative: Term) -> None:
        """``into = condition ? positive : negative``, which depends on all three."""
        if self.possible(positive).addresses or self.possible(negative).addresses:
            if not self.settles(condition):
                raise self.error("a choice between pointers is nothing that herd7 computes")
            self._choose_by_branch(into, condition, positive, negative)
            return
        mask, both, part = (self.sheet.temporary() for _ in range(3))
        self.negate(mask, self.truth(condition))
        other = self.register(negative)
        self.compute("^", both, self.register(positive), other)
        self.compute("&", part, both, mask)
        self.compute("^", into, part, other)

    def _choose_by_branch(self, into: str, condition: Term, positive: Term, negative: Term) -> None:
        result, done = self.sheet.temporary(), self.sheet.label()
        self.move(result, self.register(positive))
        self.go(condition, done)
        self.move(result, self.register(negative))
        self.sheet.place(done)
        self.move(into, result)

    @abstractmethod
    def settles(self, condition: Term) -> bool:
        """Whether what is assigned at hand may come from a branch on a condition: one more orders nothing more."""

    def go(self, condition: Term, label: str, *, where: bool = True) -> None:
        """Go to ``label`` where the truth of ``condition`` is ``where``; what follows depends on the condition."""
        match condition:
            case int() | Address():
                if bool(condition != 0) == where:
                    self.jump(label)
            case Apply("!", (inner,)):
                self.go(inner, label, where=not where)
            case Apply(comparison, (left, right)) if comparison in COMPARISONS:
                self._go(comparison if where else OPPOSITE[comparison], left, right, label)
            case _:
                self.branch("!=" if where else "==", self._told(condition), 0, label)

    def _go(self, comparison: str, left: Term, right: Term, label: str) -> None:
        self.possible(left), self.possible(right)
        if isinstance(left, int):
            comparison, left, right = TURNED[comparison], right, left
        if right != 0 and comparison in ("==", "!=") and self.compares_addresses(left, right):
            self._go_by_addresses(comparison, left, right, label)
            return
        self.branch(comparison, self.register(left), self.operand(right), label)

    def compares_addresses(self, left: Term, right: Term) -> bool:
        """Whether a comparison may be one of addresses."""
        return bool(self.possible(left).addresses or self.possible(right).addresses)

    def _go_by_addresses(self, comparison: str, left: Term, right: Term, label: str) -> None:
        """Compare addresses once: where the outcome is known, it is in a register."""
        same = self.known_same(Apply("==", (left, right)))
        if same is None:
            self.branch_on_addresses(comparison, left, right, label)
        else:
            self.branch("!=" if comparison == "==" else "==", same, 0, label)

    @abstractmethod
    def known_same(self, condition: Apply) -> str | None:
        """Return the register that says whether two addresses are the same, where they have been compared before or
        are now for what comes later; None where there is none."""

    def branch_on_addresses(self, comparison: str, left: Term, right: Term, label: str) -> None:
        """Go to ``label`` where two addresses are the same, or where they are not. herd7 subtracts addresses from each
        other but nothing else, so that NULL is asked for first. What follows depends on both in any case."""
        if not self._may_be_null(left):
            left, right = right, left
        one, other, end = self.register(left), self.register(right), self.sheet.label()
        same, different = (label, end) if comparison == "==" else (end, label)
        null = self.sheet.label() if self._may_be_null(left) else None
        if null is not None:
            self.branch("==", one, 0, null)
        if self._may_be_null(right):
            self.branch("==", other, 0, different)
        self.branch_on_same(one, other, same)
        if null is not None:
            self.jump(different)
            self.sheet.place(null)
            if not isinstance(right, Address):
                self.branch("==", other, 0, same)
        if different == label:
            self.jump(different)
        self.sheet.place(end)

    def branch_on_same(self, one: str, other: str, label: str) -> None:
        """Go to ``label`` where two registers hold the same address; both hold one."""
        self.branch("==", one, other, label)

    def _may_be_null(self, term: Term) -> bool:
        found = self.possible(term)
        if found.numbers not in (None, (0, 0)):
            raise self.error("a comparison of an address with a number that is not NULL")
        return found.numbers is not None

    def _told(self, condition: Term) -> str:
        """Return a register for a condition that is branched upon, in which pointers may be compared by branches: what
        follows depends on them in any case."""
        match condition:
            case Apply(("&&" | "||") as operator, (left, right)):
                into = self.sheet.temporary()
                self.compute("&" if operator == "&&" else "|", into, self._told_truth(left), self._told_truth(right))
                return into
        return self.register(condition)

    def _told_truth(self, condition: Term) -> str:
        match condition:
            case Apply(operator, operands) if operator in (*COMPARISONS, "!"):
                if any(self.possible(operand).addresses for operand in operands):
                    return self._by_branch(condition)
            case Apply("&&" | "||"):
                return self._told(condition)
            case _ if self.possible(condition).addresses:
                return self._by_branch(condition)
        return self.truth(condition)

    def _by_branch(self, condition: Term) -> str:
        into, done = self.sheet.temporary(), self.sheet.label()
        self.constant(into, 1)
        self.go(condition, done)
        self.constant(into, 0)
        self.sheet.place(done)
        return into


def _range_of(conversion: str) -> Interval:
    bits, signed = WRAPS[conversion]
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
