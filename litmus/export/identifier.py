"""Names that herd's C and the kernel module that klitmus7 makes both accept."""

import re
from collections.abc import Iterable, Mapping

RESERVED = frozenset(
    "exists forall filter final locations observed cases with not true false "
    "auto break case char const continue default do double else enum extern float for goto if inline int long register "
    "restrict return short signed sizeof static struct switch typedef union unsigned void volatile while "
    "barrier sync_barrier size stride nruns avail ninst done wq ctx online name current HZ NULL VAL "
    "bool u8 u16 u32 u64 s8 s16 s32 s64 size_t ssize_t pid_t linux unix i386 asm typeof likely unlikely jiffies "
    "atomic_t atomic_int spinlock_t srcu_struct mtx_t xchg cmpxchg lock unlock mtx_lock mtx_unlock regions WCAS SCAS "
    "int8_t uint8_t int16_t uint16_t int32_t uint32_t int64_t uint64_t intptr_t uintptr_t".split()
)
"""Words that herd7 takes for its own anywhere in a file (herdtools7, lib/CLexer.mll), C's keywords, and names that
kernel modules use."""

_THREAD = re.compile(r"P\d+")
"""What herd7 takes for a thread."""


def identifier(text: str) -> str:
    """Return ``text`` with what C does not allow in a name replaced: ``page->_mapcount`` becomes ``page_mapcount``."""
    name = re.sub(r"\W+|(?<=\W)_+", "_", text, flags=re.ASCII).strip("_") or "v"
    name = re.sub(r"__+", "_", name)
    name = f"v{name}" if name[0].isdigit() else name
    return f"{name}_" if name in RESERVED or _THREAD.fullmatch(name) else name


def identifiers(texts: Iterable[str], taken: Iterable[str] = ()) -> Mapping[str, str]:
    """Return an identifier for each text, all different from each other and from ``taken``."""
    used = set(taken)
    names: dict[str, str] = {}
    for text in dict.fromkeys(texts):
        name = identifier(text)
        number = 2
        while name in used:
            name, number = f"{identifier(text)}{number}", number + 1
        used.add(name)
        names[text] = name
    return names


def name_of_test(text: str) -> str:
    """Return a name for a test that is also the stem of its file."""
    return re.sub(r"[^\w.+-]+", "_", text.replace("/", "+"), flags=re.ASCII)
