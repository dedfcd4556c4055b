"""Graphs of a SavedModel as text: what can be called, and how much is in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.text import Text

from kept.report import Argument, Graph
from kept.report._style import count, labelled, safe, shape_text

__all__ = ["graph_lines"]

_SHOWN_OPS = 8


def graph_lines(graphs: Iterable[Graph], width: int, verbose: bool) -> Iterator[Text]:
    """Signatures, then a line for each graph; with every operation where that is asked for."""
    graphs = tuple(graphs)
    for graph in graphs:
        for signature in graph.signatures:
            takes, gives = _told(signature.inputs), _told(signature.outputs)
            yield from labelled("signature", f"{safe(signature.name)}({takes}) -> {gives}", width)
    for graph in graphs:
        yield from labelled("graph", _summary(graph), width)
        ops = [f"{safe(name)} {number:,}" for name, number in graph.ops.items()]
        shown = ops if verbose else ops[:_SHOWN_OPS]
        more = f", +{len(ops) - len(shown)} kinds" if len(ops) > len(shown) else ""
        if ops:
            yield from labelled("ops", ", ".join(shown) + more, width)


def _told(arguments: Iterable[Argument]) -> str:
    return ", ".join(f"{safe(one.name)}: {_kind(one)}" for one in arguments) or "nothing"


def _kind(argument: Argument) -> str:
    shape = "of any shape" if argument.shape is None else shape_text(argument.shape)
    return f"{argument.dtype} {shape}".strip()


def _summary(graph: Graph) -> str:
    tags = ", ".join(map(safe, graph.tags)) or "no tags"
    functions = f" in {count(graph.function_count, 'function')}" if graph.function_count else ""
    kinds = count(len(graph.ops), "kind")
    return f"{tags}; {count(sum(graph.ops.values()), 'operation')} of {kinds}{functions}"
