"""What conditions ask of a thread's registers that herd's conditions cannot: computed by the thread, as C does."""

from litmus.arch.inference import constant_type
from litmus.dataclass import dataclass
from litmus.errors import UnsupportedError
from litmus.export.knowledge import Knowledge
from litmus.export.number import (
    Number,
    binary,
    converted_literal,
    literal,
    negated,
    read,
    shifted_left,
    shifted_right,
    unary,
)
from litmus.export.sheet import Sheet
from litmus.program.literal import typed_literal
from litmus.program.term import Apply, FinalRegister, Term
from litmus.program.types import INT
from litmus.source import Span


@dataclass(frozen=True, slots=True)
class Computed:
    """Writes terms over the registers of one thread at the end of its sheet."""

    sheet: Sheet
    knowledge: Knowledge

    def compute(self, term: Term, span: Span | None) -> str:
        """Return a new variable that holds a term over the thread's registers, computed as C does, at its end."""
        held = self.sheet.temporary("c")
        self.sheet.line(f"{held} = {self._term(term, span).text};")
        return held

    def _term(self, term: Term, span: Span | None) -> Number:
        typed = typed_literal(term)
        if typed is not None:
            return converted_literal(*typed, span)
        match term:
            case int():
                return literal(term, constant_type(term), span)
            case FinalRegister(_, register):
                return read(self.sheet.local(register, span), *self.knowledge.variable(register), span)
            case Apply("!", (operand,)):
                return negated(self._term(operand, span))
            case Apply("=>", (left, right)):
                return self._term(Apply("||", (Apply("!", (left,)), right)), span)
            case Apply(("&&" | "||") as operator, (left, right)):
                one, other = (f"({self._term(side, span).tight} != 0)" for side in (left, right))
                return Number(f"{one} {operator[0]} {other}", INT, (0, 1))
            case Apply(("<<" | ">>") as operator, (left, int(amount))):
                return (shifted_left if operator == "<<" else shifted_right)(self._term(left, span), amount, span)
            case Apply(("neg" | "~") as operator, (operand,)):
                return unary({"neg": "-"}.get(operator, operator), self._term(operand, span), span)
            case Apply(operator, (left, right)):
                return binary(operator, self._term(left, span), self._term(right, span), span)
            case _:
                raise UnsupportedError("herd's conditions cannot compute this", span)
