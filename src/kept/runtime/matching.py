"""Which tensor of a file goes to which variable of a model: by what both mean, and by place where that says nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import Problem
from . import keras_seams as seams
from .entries import Entries, inner_path, split_inner_path
from .meaning import Position, meanings, named_otherwise, of_tensors
from .state_seams import Collected
from .walk import Place, walk

__all__ = ["Matched", "match", "meant_in_order", "tensor_name"]


@dataclass(slots=True)
class Matched:
    """The tensors of a file where the model wants them.

    Attributes:
        entries: The tensors, by the places where Keras's own loading asks for them.
        sources: Position in the model -> position in the file, for each tensor.
        meant: What the tensors mean, in the order of the saved model's weights; empty where kept did not write them.
        problems: Tensors that could be meant for several parts of the model.
    """

    entries: Entries
    sources: dict[Position, Position]
    meant: list[str]
    problems: list[Problem] = field(default_factory=list)

    @property
    def moved(self) -> bool:
        """Whether a tensor goes to another place than where Keras would look for it."""
        return any(source != home for home, source in self.sources.items())


def tensor_name(position: Position) -> str:
    """(`layers/dense`, `0`) -> `layers/dense/vars/0`."""
    return inner_path(*position)


def meant_in_order(model: Any, collected: Collected, places: list[Place]) -> dict[str, str]:
    """Tensor name -> what it means, in the order of the model's weights, then the others."""
    known = meanings(places)
    meant = of_tensors(collected, known)
    rank = {known.get(id(variable)): index for index, variable in enumerate(model.weights)}
    ordered = sorted(meant.items(), key=lambda one: rank.get(one[1], len(rank)))
    return {tensor_name(position): meaning for position, meaning in ordered}


def match(
    model: Any,
    collected: Collected,
    entries: Entries,
    recorded: Mapping[str, str],
    attributes: Mapping[str, Mapping[str, Any]],
) -> Matched:
    """Gives each tensor to the part of the model that means what it meant when it was saved.

    Args:
        model: The live model.
        collected: What Keras would write for it.
        entries: The tensors of the file, where they lie.
        recorded: Tensor name -> meaning; empty for files that kept did not write.
        attributes: Text attributes of the groups of the file, where Keras leaves the names of layers.
    """
    known = meanings(list(walk(model)))
    wanted = of_tensors(collected, known)
    names = _names(attributes)
    present = [(group, key) for group, entry in entries.items() for key in entry]
    meant = {split_inner_path(name): meaning for name, meaning in recorded.items()} or _by_names(
        collected, known, names, wanted
    )
    homes = {meaning: position for position, meaning in wanted.items()}
    sources = {homes[meant[one]]: one for one in present if meant.get(one) in homes}
    problems = []
    for one in present:
        if meant.get(one) in homes:
            continue
        if one in sources:
            problems.append(_taken(one, sources[one], meant))
        else:
            sources[one] = one
    problems += _contradictions(collected, names, sources)
    matched = Matched(entries, sources, list(recorded.values()), problems)
    if matched.moved:
        matched.entries = _moved(entries, sources)
    return matched


def _names(attributes: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Inner path of a layer -> its name in the file."""
    found = {}
    for path, texts in attributes.items():
        name = texts.get("name")
        if isinstance(name, str) and (path == "vars" or path.endswith("/vars")):
            found[path.removesuffix("vars").rstrip("/")] = name
    return found


def _by_names(
    collected: Collected, known: Mapping[int, str], names: Mapping[str, str], wanted: Mapping[Position, str]
) -> dict[Position, str]:
    """What tensors mean by the names of their layers, in a file that says no more."""
    renamed = sorted(named_otherwise(collected, known, names), key=lambda one: len(one[0]), reverse=True)
    meant = {}
    for position, meaning in wanted.items():
        told = meaning
        for before, after in renamed:  # the innermost first: the others lie before it
            if meaning == before or meaning.startswith((f"{before}.", f"{before}/")):
                told = after + told[len(before) :]
        meant[position] = told
    return meant


def _taken(position: Position, by: Position, meant: Mapping[Position, str]) -> Problem:
    return Problem(
        "the part of the model that this tensor belongs to is not there, and its place is another's",
        tensor_name(position),
        expected=meant.get(position, "a part at this place"),
        found=f"{meant.get(by, 'the part')}, to which {tensor_name(by)} belongs",
    )


def _contradictions(
    collected: Collected, names: Mapping[str, str], sources: Mapping[Position, Position]
) -> Iterator[Problem]:
    """Layers that go by one attribute or key and by the name of another one beside it."""
    pairs = {home[0]: source[0] for home, source in sources.items()}
    for home, source in pairs.items():
        layer, name = collected.saveables.get(home), names.get(source)
        now = collected.names.get(home)
        if layer is None or name is None or now is None or name == now or seams.is_automatic_name(type(layer), name):
            continue
        parent = home.rpartition("/")[0]
        beside = (one for one in pairs if one != home and one.rpartition("/")[0] == parent)
        other = next((one for one in beside if collected.names.get(one) == name), None)
        if other is not None:
            yield Problem(
                "the tensors could be meant for either of two layers",
                tensor_name((source, "")).rstrip("/"),
                expected=f"the layer {name!r}, as when they were saved",
                found=f"{name!r} at {other}, and {now!r} at {home}",
                hint="give each layer the name that it had",
            )


def _moved(entries: Entries, sources: Mapping[Position, Position]) -> Entries:
    moved: Entries = {group: {} for group in entries}
    for (group, key), source in sources.items():
        moved.setdefault(group, {})[key] = entries[source[0]][source[1]]
    return moved
