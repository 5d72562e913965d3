"""Models interpreted over variables, as plain tuples, so that they can be kept on disk between runs.

What is kept of a model holds as long as every text that it was made of is what it was: those are kept with it, and
compared. The edition of the store sees to it that the code is the same too.
"""

import marshal
from collections.abc import Callable, Hashable
from typing import Any, TypeAlias

from litmus import store
from litmus.cat.annotation import Annotations
from litmus.cat.model import Assumption, CatModel, Description
from litmus.cat.template import Attempt, template
from litmus.cat.texts import ReadFile, Texts
from litmus.relation.graph import Graph
from litmus.relation.model import Axiom, Check, Effect, Instance
from litmus.relation.node import Operator, Sort
from litmus.source import Source, Span

Plain: TypeAlias = Any
"""Tuples, sets and dictionaries of numbers and words: what `marshal` writes."""

_DAMAGED = (ValueError, TypeError, EOFError, LookupError, AttributeError)
"""What comes of reading something else than what was written."""


def key(request: Hashable) -> bytes:
    """Return the key under which a model is kept that ``request`` asks for."""
    return store.edition("", "cat", "relation") + repr(("model", request)).encode()


def keep(under: bytes, model: CatModel, texts: Texts) -> None:
    """Keep what is known of a model."""
    about, bell = model.description, model.bell
    sources: dict[int, Source] = {}
    attempts = tuple(_plain_attempt(*item, sources) for item in model.attempts.items())
    store.put(
        under,
        marshal.dumps((
            (texts.own, texts.ours),
            (about.title, about.architecture, about.catdep),
            (dict(bell.enumerations), dict(bell.instructions), dict(bell.defaults)),
            tuple((number, source.name, source.text) for number, source in sources.items()),
            attempts,
        )),
    )  # fmt: skip


def kept(under: bytes, read_file: ReadFile, model: Callable[[Description, Texts], CatModel]) -> CatModel | None:
    """Return what is kept under a key where it still holds, made by ``model``; None where nothing is kept."""
    found = store.get(under)
    if found is None:
        return None
    try:
        (own, ours), (title, architecture, catdep), bell, plain_sources, attempts = marshal.loads(found)
        texts = Texts(read_file, own, ours)
        if not texts.unchanged():
            return None
        made = model(Description(title, architecture, Annotations(*bell), catdep), texts)
        sources = {number: Source(called, text) for number, called, text in plain_sources}
        made.attempts.update(_attempt(plain, sources) for plain in attempts)
    except _DAMAGED:
        return None
    return made


def _plain_attempt(assumed: Assumption, attempt: Attempt, sources: dict[int, Source]) -> Plain:
    templates = attempt.templates
    if not templates:
        return assumed, attempt.needed, attempt.unresolved, None if templates is None else ()
    instances = tuple(t.instance for t in templates)
    graph = _plain_graph(instances[0].graph, sources)
    return assumed, attempt.needed, attempt.unresolved, (graph, tuple(_plain_instance(i, sources) for i in instances))


def _attempt(plain: Plain, sources: dict[int, Source]) -> tuple[Assumption, Attempt]:
    assumed, needed, unresolved, found = plain
    if not found:
        return assumed, Attempt(found, needed, unresolved)
    graph = _graph(found[0], sources)
    templates = tuple(template(_instance(instance, graph, sources)) for instance in found[1])
    return assumed, Attempt(templates, needed, unresolved)


def _plain_graph(graph: Graph, sources: dict[int, Source]) -> Plain:
    nodes = zip(map(str, graph.operators), graph.operands, map(str, graph.sorts), graph.payloads, strict=True)
    origins = {name: (called, _plain_span(span, sources)) for name, (called, span) in graph.origins.items()}
    return tuple(nodes), tuple(graph.fixpoints), origins


def _graph(plain: Plain, sources: dict[int, Source]) -> Graph:
    nodes, fixpoints, origins = plain
    graph = Graph()
    operators, sorts = {str(o): o for o in Operator}, {str(s): s for s in Sort}
    for operator, operands, sort, payload in nodes:
        graph.node(operators[operator], operands, sorts[sort], payload)
    graph.fixpoints.extend(fixpoints)
    graph.origins.update((name, (called, _span(span, sources))) for name, (called, span) in origins.items())
    return graph


def _plain_instance(instance: Instance, sources: dict[int, Source]) -> Plain:
    axioms = tuple(
        (a.name, str(a.check), a.node, a.negated, str(a.effect), a.span and _plain_span(a.span, sources))
        for a in instance.axioms
    )
    return axioms, dict(instance.named), instance.coherence, tuple(instance.shown), instance.ordered


def _instance(plain: Plain, graph: Graph, sources: dict[int, Source]) -> Instance:
    axioms, named, coherence, shown, ordered = plain
    found = tuple(
        Axiom(name, Check(check), node, negated, Effect(effect), span and _span(span, sources))
        for name, check, node, negated, effect, span in axioms
    )
    return Instance(graph, found, named, coherence, shown, ordered)


def _plain_span(span: Span, sources: dict[int, Source]) -> Plain:
    sources[id(span.source)] = span.source
    return id(span.source), span.start, span.end


def _span(plain: Plain, sources: dict[int, Source]) -> Span:
    number, start, end = plain
    return Span(sources[number], start, end)
