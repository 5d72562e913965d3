"""A program whose threads are flat instruction lists for one target."""

from litmus.dataclass import dataclass
from litmus.program.instruction import Instruction
from litmus.program.program import Program


@dataclass(frozen=True, slots=True)
class CompiledProgram:
    """``threads[i]`` is the code of ``program.threads[i]`` for ``target`` (``lkmm x86 armv8 power riscv sc c11``)."""

    program: Program
    target: str
    threads: tuple[tuple[Instruction, ...], ...]
