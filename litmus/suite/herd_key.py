"""The keys of herd's configuration files and the values that each takes.

The facts are herd7's (herdtools7, herd/lexConf_herd.mll and the tags of the modules that it asks; 7.58 and later).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from litmus.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Values:
    """What may be a value: those that ``valid`` accepts, called ``name``; ``words`` are all of them where they are few.
    ``unsupported`` are words that herd7 takes and that would change the answers in ways that nothing here does."""

    name: str
    valid: Callable[[str], bool]
    words: tuple[str, ...] = ()
    unsupported: Callable[[str], bool] = lambda text: False


_INTEGER = re.compile(r"[-+]?(?:\d[\d_]*|0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+)")
_FLOAT = re.compile(r"[-+]?(?:\d[\d_]*\.?\d*(?:[eE][-+]?\d+)?|inf|nan)")


def _integer(text: str) -> bool:
    return _INTEGER.fullmatch(text) is not None


def _float(text: str) -> bool:
    return _FLOAT.fullmatch(text) is not None


def _floats(number: int | None) -> Callable[[str], bool]:
    def valid(text: str) -> bool:
        parts = text.split(",")
        return all(map(_float, parts)) and number in (None, len(parts))

    return valid


def _word(*words: str, unsupported: tuple[str, ...] = ()) -> Values:
    known = (*words, *unsupported)
    name = "one of " + ", ".join(known)
    return Values(name, lambda text: text.casefold() in known, known, lambda text: text.casefold() in unsupported)


TEXT = Values("a text", lambda text: True)
BOOL = Values("true or false", lambda text: text in ("true", "false"), ("true", "false"))
INTEGER = Values("an integer", _integer)
FLOAT = Values("a number", _float)
INTEGER_OR_NONE = Values("an integer or none", lambda text: text == "none" or _integer(text))
FLOAT_OR_NONE = Values("a number or none", lambda text: text == "none" or _float(text))
PAIR = Values("two numbers with a comma", _floats(2))
NUMBERS = Values("numbers with commas", _floats(None))
ATTRIBUTE = Values("RELATION,ATTRIBUTE,VALUE", lambda text: text.count(",") == 2)
DOTMODE = _word("plain", "fig")
FOREIGN = Values("a text", lambda text: True, unsupported=lambda text: True)
"""Values of keys that choose or rename tests or leave out checks: to pass over them would answer another question."""

MODEL = Values(
    "a .cat file",
    lambda text: text.endswith((".cat", ".mdl")) or text.casefold().startswith("cav12"),
    unsupported=lambda text: not text.endswith(".cat"),
)

_INERT = frozenset(
    "lkmmv1 lkmmv2 warn strict deps instances instance dontcheckmixed backcompat back cos-opt optrfrmw oldsolver exp "
    "test ets ets2 ets3 exs eis eos mixed".split()
)
"""Variants that only cat files ask about, or that change how herd7 goes about its work; and mixed (`event.pieces`)."""

_EXECUTING = frozenset(
    "success instr specialx0 amox0 x0 normw acqrelasfence fullscdepend scdepend splittedrmw switchdepscwrite "
    "switchdepscresult lrscdiffok unaligned notweakpredicated notweakpred weakpredicated tagmem memtag mte "
    "store-only cutoff morello neon sve sme kvm vmsa noptebranch nobranch pte2 pte-squared phantomonload "
    "constrainedunpredictable cu ifetch self dic idc shadowstack asl asl_aarch64 aslaarch64 asl+aarch64 aslv0 aslv1 "
    "asltype+warn asltype+silence asltype+check asl+experimental asl+aarch64+udf s128 telechat nv2 oota pauth1 pauth2 "
    "no-key-da no-key-db no-key-ia no-key-ib const-pac-field fpac d128 synchronous sync asynchronous async asymmetric "
    "asym handled fatal faulttonext".split()
)
"""Variants under which instructions mean something else."""

VARIANT = Values(
    "a variant of herd7",
    lambda text: text.casefold() in _INERT | _EXECUTING,
    tuple(sorted(_INERT)),
    lambda text: text.casefold() in _EXECUTING,
)


def _keys() -> Iterator[tuple[str, Values]]:
    yield from ((key, MODEL) for key in ("model", "cat"))
    yield from (("unroll", INTEGER_OR_NONE), ("timeout", FLOAT_OR_NONE), ("variant", VARIANT))
    for kind, keys in _MANY:
        yield from ((key, kind) for key in keys.split())
    yield from (
        ("through", _word("none", unsupported=("all", "invalid"))),
        ("restrict", _word("none", unsupported=("observed", "nonambiguous", "condone"))),
        ("machsize", _word("auto", "byte", "short", "word", "quad", "s128")),
        ("endian", _word("little", "big")),
        ("optace", _word("false", "true", "iico")),
        ("speedcheck", _word("false", "true", "fast")),
        ("show", _word("prop", "cond", "none", "all", "neg", "wit")),
        ("dotcom", _word("dot", "neato", "circo")),
        ("view", _word("gv", "evince", "preview")),
        ("showevents", _word(*"all mem memory noregs noreg memf memfence memfault nobranches nobranch".split())),
        ("graph", _word("free", "cluster", "columns")),
        ("splines", _word(*"spline true line false polyline ortho curved none".split())),
    )


_MANY = (
    (TEXT, "conf local-conf include bell macros suffix debug badflag showflag fontname overlap sep dotheader doshow"),
    (TEXT, "unshow noid symetric classes showraw"),
    (FOREIGN, "names oknames excl nonames rename kinds conds skipchecks"),
    (INTEGER, "verbose nshow edgefontsizedelta"),
    (INTEGER_OR_NONE, "fontsize"),
    (FLOAT, "scale xscale yscale dsiy siwidth boxscale ptscale threadposy extrachars"),
    (FLOAT_OR_NONE, "penwidth arrowsize margin pad"),
    (PAIR, "finalrfpos initrfpos initpos"),
    (NUMBERS, "shift"),
    (ATTRIBUTE, "edgeattr"),
    (DOTMODE, "dotmode"),
    (BOOL, "strictskip archcheck initwrites badexecs dumpallfaults showkind shortlegend texmacros hexa outcomereads"),
    (BOOL, "mono squished showpo relabel withbox labelbox showfinalrf showinitrf oneinit labelinit showinitwrites"),
    (BOOL, "showthread showlegend brackets showobserved movelabel fixedsize edgemerge"),
)

KEYS: Mapping[str, Values] = MappingProxyType(dict(_keys()))
"""Every key of herd7. Those about pictures, printing and herd7's own search are read and have no effect here."""
