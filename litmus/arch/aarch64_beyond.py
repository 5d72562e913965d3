"""AArch64 instructions beyond every model here: each is an error that tells why. Source: Arm ARM, C6 to C9."""

from types import MappingProxyType

from litmus.arch.assembly import Line, Rule
from litmus.program.instruction import Instruction

_WHY = MappingProxyType(
    {
        "tags of memory": "stg stzg st2g stz2g stgp ldg irg gmi addg subg subp subps ldgm stgm stzgm",
        "page tables": "tlbi at",
        "system registers": "mrs msr hint sys sysl",
        "faults and exceptions": "udf svc hvc smc brk hlt eret",
        "caches": "ic dc",
        "pointer authentication": """pacia pacib pacda pacdb autia autib autda autdb pacga xpaci xpacd xpaclri
            retaa retab braa brab blraa blrab""",
        "addresses of code": "adr adrp bl blr br ret",
        "ordered pairs": "ldiapp stilp",
        "capabilities": """alignd alignu seal cseal unseal build cpytype cpyvalue cpy chkeq chksld chktgd clrtag cthi
            ldct stct gctype gcvalue gctag gcseal gcperm gcflgs sctag scvalue scflgs""",
        "vectors": """ld1 ld2 ld3 ld4 ld1r ld2r ld3r ld4r ldap1 st1 st2 st3 st4 stl1 fmov movi dup addv uaddv ptrue
            smstart smstop rdvl addvl cntb cnth cntw cntd incb inch incw incd index movprfx mova addha addva whilelt
            whilele whilelo whilels """
        + " ".join(f"{name}{count}{size}" for name in ("ld", "st") for count in "1234" for size in "bhwdq"),
    }
)


def _refuse(what: str) -> Rule:
    def rule(line: Line) -> tuple[Instruction, ...]:
        raise line.unsupported(f"'{{}}' is not modelled: {what} are not")

    return rule


def beyond() -> dict[str, Rule]:
    """Return rules that refuse."""
    return {name: _refuse(what) for what, names in _WHY.items() for name in names.split()}
