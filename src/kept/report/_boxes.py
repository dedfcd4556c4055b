"""The layers of a file as boxes of a graph: plain data for a page, every text of it printable and of bounded length."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kept.report import Layer, Stored, is_weight
from kept.report._inspections import shape_text
from kept.report._layout import laid_out
from kept.report._series import in_series, is_series
from kept.report._style import safe, size

__all__ = ["Box", "boxes_of", "concerned", "kinds", "page_data", "printable"]

_MOST_BOXES, _MOST_TENSORS = 5_000, 20_000
_NAME_LENGTH, _VALUE_LENGTH, _PLACE_LENGTH, _SETTING_COUNT = 300, 2_000, 4_096, 200


def printable(text: str, length: int = _NAME_LENGTH) -> str:
    """Text from a file as a page shows it: what is not printed is escaped, what is too long is cut in the middle."""
    if len(text) > length:
        text = f"{text[: length - 40]} … {text[-20:]} ({len(text):,} characters)"
    return safe(text)


@dataclass(slots=True)
class Box:
    """A layer.

    Attributes:
        layer: What the file says of it.
        index: Its place among all boxes.
        depth: How many layers it is in; 0 for the whole model.
        above: Index of the box that it is in; None for the whole model.
        kids: Indices of those in it.
        inputs: Indices of those whose output it takes.
        parameter_count: With those inside.
        nbytes: With those inside.
        findings: Places of the findings that concern it, in the list of all.
    """

    layer: Layer
    index: int
    depth: int = 0
    above: int | None = None
    kids: list[int] = field(default_factory=list)
    inputs: list[int] = field(default_factory=list)
    parameter_count: int = 0
    nbytes: int = 0
    findings: list[int] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Its name, or what stands for it."""
        return printable(self.layer.name or self.kind or self.layer.group or "model")

    @property
    def kind(self) -> str:
        """Its class without the package that it is registered in."""
        return printable(self.layer.class_name.rpartition(">")[2] or self.layer.class_name)

    @property
    def shape(self) -> str:
        """Of what it returns; empty where the file does not say."""
        return "" if self.layer.shape is None else printable(shape_text(self.layer.shape))

    @property
    def size(self) -> str:
        """Of all its tensors; empty without any."""
        return size(self.nbytes) if self.nbytes else ""

    @property
    def is_series(self) -> bool:
        """Whether it is no layer, but some that stand together."""
        return is_series(self.layer)

    @property
    def is_frozen(self) -> bool:
        """Whether training leaves it as it is."""
        return self.layer.trainable is False


def boxes_of(model: Layer) -> tuple[list[Box], int]:
    """The whole model and its layers, from the outside in, and how many layers are left out of an endless list."""
    boxes = [Box(model, 0)]
    left_out = 0
    waiting = [(0, one) for one in reversed(_shown(model))]
    while waiting:
        above, layer = waiting.pop()
        if len(boxes) >= _MOST_BOXES:
            left_out += 1
            continue
        box = Box(layer, len(boxes), boxes[above].depth + 1, above)
        boxes.append(box)
        boxes[above].kids.append(box.index)
        waiting += ((box.index, one) for one in reversed(_shown(layer)))
    places = {box.layer.path: box.index for box in reversed(boxes) if box.layer.path and box.index}
    for box in boxes[1:]:
        box.inputs = [places[path] for path in box.layer.inputs if path in places]
    for box in reversed(boxes):
        box.parameter_count += sum(math.prod(one.shape) for one in box.layer.tensors if is_weight(one))
        box.nbytes += sum(one.nbytes for one in box.layer.tensors)
        if box.above is not None:
            boxes[box.above].parameter_count += box.parameter_count
            boxes[box.above].nbytes += box.nbytes
    return boxes, left_out


def _shown(layer: Layer) -> Sequence[Layer]:
    if is_series(layer):
        return layer.layers
    return in_series([one for one in layer.layers if one.class_name or next(_tensors(one), None) is not None])


def _tensors(layer: Layer) -> Iterator[Stored]:
    return (tensor for one in layer.walk() for tensor in one.tensors)


def concerned(boxes: Sequence[Box], places: Iterable[Sequence[str]]) -> list[tuple[int, ...]]:
    """For each finding, given by its places, the innermost layers that these lie in."""
    known: dict[str, int] = {}
    for box in reversed(boxes):
        paths = (box.layer.path if box.index else "", box.layer.group, box.layer.node)  # the name of a model is no path
        known.update({path: box.index for path in paths if path})
        known.update({tensor.path: box.index for tensor in box.layer.tensors})
    found = []
    for some in places:
        inside = (_innermost(where[:_PLACE_LENGTH], known) for where in some)
        found.append(tuple(dict.fromkeys(place for place in inside if place is not None)))
    return found


def _innermost(where: str, known: Mapping[str, int]) -> int | None:
    """The layer at a path in the config, in the weights file or of names, or else at the longest one before it."""
    ends = [len(where), *(at for at in range(len(where) - 1, 0, -1) if where[at] in "./[ ")]
    return next((known[where[:end]] for end in ends if where[:end] in known), None)


def page_data(boxes: Sequence[Box]) -> list[dict[str, Any]]:
    """What the script of a page knows of each box; what is empty is left out."""
    left = _MOST_TENSORS
    edges = _edges(boxes)
    told = []
    for box in boxes:
        tensors = box.layer.tensors[: max(left, 0)]
        left -= len(tensors)
        known = (_box(box, tensors) | {"inside": _inside(box, edges) if box.kids else None}).items()
        told.append({key: value for key, value in known if value is not False and value not in ("", [], None)})
    return told


def _box(box: Box, tensors: Sequence[Stored]) -> dict[str, Any]:
    layer = box.layer
    return {
        "name": box.name,
        "kind": box.kind,
        "path": printable(layer.path),
        "module": printable(layer.module),
        "node": printable(layer.node),
        "group": printable(layer.group),
        "shape": box.shape,
        "dtype": printable(layer.dtype),
        "custom": layer.is_custom,
        "series": is_series(layer),
        "frozen": box.is_frozen,
        "count": box.parameter_count,
        "nbytes": box.nbytes,
        "above": box.above,
        "inputs": box.inputs,
        "findings": box.findings,
        "config": list(_config(layer)),
        "tensors": [_tensor(one) for one in tensors],
        "more": len(layer.tensors) - len(tensors),
    }


def _config(layer: Layer) -> Iterator[tuple[str, str]]:
    settings = {key: _value(value) for key, value in layer.config.items() if key != "name"} | layer.objects
    for key, text in list(settings.items())[:_SETTING_COUNT]:
        yield printable(str(key)), printable(text, _VALUE_LENGTH)
    if len(settings) > _SETTING_COUNT:
        yield "…", f"{len(settings) - _SETTING_COUNT:,} more"


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _tensor(tensor: Stored) -> dict[str, Any]:
    told: dict[str, Any] = {
        "path": printable(tensor.path),
        "shape": printable(shape_text(tensor.shape)),
        "dtype": printable(tensor.dtype),
        "size": size(tensor.nbytes),
    }
    if tensor.holds is not None:
        told["holds"] = tensor.holds
    if (stats := tensor.stats) is not None:
        numbers = (stats.minimum, stats.maximum, stats.mean, stats.std)
        told["stats"] = [None if one is None else f"{one:.4g}" for one in numbers]
        told["odd"] = [stats.zero_count, stats.nan_count, stats.infinite_count]
        told["bars"] = list(stats.histogram)
    return told


def _edges(boxes: Sequence[Box]) -> dict[int, dict[int, None]]:
    """For each box those beside it that it, or what is in it, takes an output of."""
    edges: dict[int, dict[int, None]] = {}
    for box in boxes:
        for other in box.inputs:
            source, target = boxes[other], box
            while source.above != target.above and source.above is not None and target.above is not None:
                if source.depth >= target.depth:
                    source = boxes[source.above]
                else:
                    target = boxes[target.above]
            if source.above == target.above:
                edges.setdefault(target.index, {})[source.index] = None
    return edges


def _inside(box: Box, edges: Mapping[int, Iterable[int]]) -> dict[str, Any]:
    places = {kid: place for place, kid in enumerate(box.kids)}
    layout = laid_out([[places[one] for one in edges.get(kid, ())] for kid in box.kids])
    nets = [[net.source, net.bends, net.targets, net.back] for net in layout.nets]
    return {"kids": box.kids, "xs": layout.xs, "rows": layout.rows, "nets": nets, "width": layout.width}


def kinds(boxes: Iterable[Box]) -> list[tuple[str, int]]:
    """How many layers of each class there are, the most frequent first."""
    return Counter(box.kind for box in boxes if box.above is not None and box.kind).most_common()
