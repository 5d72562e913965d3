"""How objects are divided where accesses of several sizes overlap."""

import pytest

from litmus.arch.compile import compile_for
from litmus.errors import UnsupportedError
from litmus.event.path import Part
from litmus.event.pieces import extracted, joined, kept
from litmus.event.structure import INIT, SAME_ACCESS, EventStructure
from litmus.event.unfold import unfold
from litmus.frontend.dispatch import parse
from litmus.program.term import Address, FinalLocation, UndefinedOperation, leaves
from litmus.relation import bits
from litmus.source import Source

TARGETS = {"AArch64": "armv8", "PPC": "power", "X86_64": "x86"}


def structures(initial: str, lines: str, dialect: str = "AArch64") -> list[EventStructure]:
    rows = "\n".join(f" {line} ;" for line in lines.split(";"))
    (program,) = parse(Source("t.litmus", f"{dialect} t\n{{ {initial} }}\n P0 ;\n{rows}\nforall (true)"))
    return list(unfold(program, compile_for(program, TARGETS[dialect]).threads, TARGETS[dialect], 2, mixed=True))


def shown(initial: str, lines: str, dialect: str = "AArch64") -> list[str]:
    """The events of the thread of the first structure."""
    events = [event for event in structures(initial, lines, dialect)[0].events if event.thread != INIT]
    return [f"{event.kind} {event.location}" for event in events]


def part(size: int, shift: int) -> Part:
    return Part("x", None, size, shift)


@pytest.mark.parametrize(
    ("value", "size", "expected"),
    [(-1, 1, 255), (-1, 2, 65535), (-1, 4, -1), (-1, 8, -1), (-1, 3, 0xFFFFFF), (1 << 31, 4, -(1 << 31)), (256, 1, 0)],
)
def test_memory_keeps_bytes_and_halves_as_bits_and_words_with_a_sign(value, size, expected):
    assert kept(value, size) == expected


@pytest.mark.parametrize("value", [0x0807060504030201, -1, -(1 << 63), 0])
@pytest.mark.parametrize("sizes", [(8,), (4, 4), (1, 1, 2, 4), (1, 3, 4), (1,) * 8])
def test_what_is_divided_and_joined_is_the_same(value, sizes):
    shifts = [8 * sum(sizes[:i]) for i in range(len(sizes))]
    parts = [part(size, shift) for size, shift in zip(sizes, shifts, strict=True)]
    assert joined((extracted(value, p), p) for p in parts) == value


def test_addresses_are_not_divided():
    with pytest.raises(UndefinedOperation):
        extracted(Address("y"), part(4, 0))
    with pytest.raises(UndefinedOperation):
        joined([(Address("y"), part(4, 0)), (0, part(4, 32))])


@pytest.mark.parametrize(
    ("initial", "lines", "expected"),
    [
        ("int x; 0:X1=x;", "LDR W0,[X1]", ["R x"]),
        ("uint64_t x; 0:X1=x;", "LDR W0,[X1,#4]", ["R x bytes 4-7"]),
        (
            "uint64_t x; 0:X1=x;",
            "STRB W0,[X1,#1];LDR X2,[X1]",
            ["W x byte 1", "R x byte 0", "R x byte 1", "R x bytes 2-7"],
        ),
        ("uint64_t x; 0:X1=x;", "STR W0,[X1];LDR W2,[X1,#4]", ["W x bytes 0-3", "R x bytes 4-7"]),
        ("uint16_t t[2]; 0:X1=t;", "LDR W0,[X1];STRH W0,[X1,#2]", ["R t[0]", "R t[1]", "W t[1]"]),
        ("uint8_t t[2]; 0:X1=t;", "SWPH W0,W2,[X1]", ["R t[0]", "R t[1]", "W t[0]", "W t[1]"]),
        ("0:X1=x;", "LDRB W0,[X1]", ["R x byte 0"]),
        ("0:X1=x;", "LDR X0,[X1]", ["R x"]),
        ("0:X1=x;", "LDR X0,[X1];LDR W2,[X1]", ["R x bytes 0-3", "R x bytes 4-7", "R x bytes 0-3"]),
        ("x=y; 0:X1=x;", "LDR X0,[X1]", ["R x"]),
    ],
)
def test_pieces_are_as_large_as_the_accesses_allow(initial, lines, expected):
    assert shown(initial, lines) == expected


def test_a_piece_of_the_smallest_access_is_what_an_unknown_address_leads_to():
    lines = "LDR W2,[X3];AND W2,W2,#4;LDRH W0,[X1,W2,SXTW]"
    assert "R x bytes 0-1" in shown("uint64_t x; int y; 0:X1=x; 0:X3=y;", lines)
    assert "R y bytes 2-3" in shown("uint64_t x; int y; 0:X1=x; 0:X3=y;", lines)


def related(structure: EventStructure, name: str) -> set[tuple[str, str]]:
    events = structure.events
    return {
        (f"{events[i].kind} {events[i].location}", f"{events[j].kind} {events[j].location}")
        for i, j in bits.pairs(structure.relations.get(name, 0), len(events))
        if INIT not in (events[i].thread, events[j].thread)
    }


def test_an_update_pairs_what_it_does_to_each_piece():
    (structure,) = structures("uint16_t x; 0:X1=x;", "SWPH W0,W2,[X1];LDRB W3,[X1]")
    low, high = "x byte 0", "x byte 1"
    assert related(structure, "amo") == {(f"R {low}", f"W {low}"), (f"R {high}", f"W {high}")}
    assert related(structure, SAME_ACCESS) == {
        (f"{kind} {one}", f"{kind} {other}") for kind in "RW" for one, other in ((low, high), (high, low))
    }
    assert related(structure, "po") == {(f"{kind} {place}", f"R {low}") for kind in "RW" for place in (low, high)}


def test_nothing_is_related_where_every_access_is_one_event():
    (structure,) = structures("uint64_t x; 0:X1=x;", "STR W0,[X1];LDR W2,[X1,#4]")
    assert related(structure, SAME_ACCESS) == set()


@pytest.mark.parametrize(
    ("store", "paired"), [("STXRB W3,W0,[X1]", 1), ("STXRH W3,W0,[X1]", 0), ("STXRB W3,W0,[X2]", 0)]
)
def test_exclusives_pair_by_address_and_size(store, paired):
    lines = f"ADD X2,X1,#1;LDXRB W4,[X1];{store}"
    found = [related(structure, "lxsx") for structure in structures("uint16_t x; 0:X1=x;", lines)]
    assert sum(map(bool, found)) == paired


@pytest.mark.parametrize(
    ("load", "store", "paired"),
    [
        ("LDXP W4,W5,[X1]", "STXP W3,W6,W7,[X1]", 1),
        ("LDXP W4,W5,[X1]", "STXR W3,X6,[X1]", 0),
        ("LDXR X4,[X1]", "STXP W3,W6,W7,[X1]", 0),
    ],
)
def test_exclusive_pairs_are_no_exclusives_of_their_extent(load, store, paired):
    found = [related(structure, "lxsx") for structure in structures("uint64_t x; 0:X1=x;", f"{load};{store}")]
    assert sum(map(bool, found)) == paired


def test_the_value_of_a_location_is_that_of_its_pieces():
    (structure,) = structures("uint32_t x=0x04030201; 0:X1=x;", "STRB W0,[X1,#1]")
    assert set(leaves(structure.divided["x"])) == {FinalLocation("x byte 1")}


def test_the_high_byte_is_first_on_power():
    initial = {
        event.location: event.value
        for event in structures("uint32_t x=0x01020304; 0:r1=x;", "lbz r2,0(r1);lwz r3,0(r1)", "PPC")[0].events
        if event.thread == INIT
    }
    assert initial == {"x byte 0": 1, "x bytes 1-3": 0x020304}


@pytest.mark.parametrize(
    ("initial", "line", "mark"),
    [
        ("uint64_t x; 0:X1=x;", "LDR W0,[X1,#2]", "undefined: an unaligned access of 4 bytes to 'x'"),
        ("uint16_t x; 0:X1=x;", "LDR W0,[X1]", "undefined: an access of 4 bytes beyond the end of 'x'"),
        ("uint16_t t[3]; 0:X1=t;", "LDR W0,[X1,#4]", "undefined: an access of 4 bytes beyond the end of 't'"),
        ("uint64_t x; 0:X1=x;", "LDR X0,[X1,#8]", "invalid_access"),
    ],
)
def test_accesses_that_are_not_modelled(initial, line, mark):
    (structure,) = structures(initial, line)
    assert structure.marks == {mark}


@pytest.mark.parametrize(
    ("initial", "lines", "message"),
    [
        ("int *x=y; 0:X1=x;", "LDR W0,[X1]", "'x' holds an address, which is divided: parts of it are accessed"),
        ("int *x=y; 0:X1=x;", "LDR X2,[X1];LDR W0,[X2]", "'x' holds an address, which is divided: accesses are to"),
        ("x=-1; 0:X1=x;", "LDR X0,[X1]", "'x' has no type that says what -1 is in 8 bytes"),
    ],
)
def test_values_that_are_not_known(initial, lines, message):
    with pytest.raises(UnsupportedError, match=message):
        structures(initial, lines)


def test_an_address_that_is_read_may_not_be_stored_in_pieces():
    lines = "LDR X2,[X1];STR X2,[X3];LDRB W4,[X3]"
    (structure,) = structures("int *x=y; uint64_t z; 0:X1=x; 0:X3=z;", lines)
    assert structure.inexact == ("mixed sizes: 'STR X2,[X3]' (P0:5) may access an address in pieces",)
