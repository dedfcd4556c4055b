"""One file as lines of text that stay where nothing changes, so that git, or any other program, can compare them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from kept.limits import DEFAULT_LIMITS, Limits
from kept.report import Layer, Stored
from kept.tree.nodes import Node
from kept.tree.parse import plain
from kept.tree.paths import entry, step
from kept.tree.values import simple
from kept.tree.walk import layers_of, walk

from .sides import Side, opened

__all__ = ["listing"]

# What differs from one save to the next, or is told with the layer.
_UNTOLD = frozenset({"shared_object_id", "name", "class_name", "module", "registered_name", "compile_config"})


def listing(path: str | os.PathLike[str], limits: Limits = DEFAULT_LIMITS) -> Iterator[str]:
    """A line for each setting and each tensor, layer by layer: sorted settings, then tensors with their checksums.

    Raises:
        FormatError: The bytes are not what they claim to be.
        UnsafeContentError: It asks for something that no model needs.
    """
    with opened(path, limits) as side:
        found = side.found
        optimizer = found.compiled.tensors if found.compiled is not None else ()
        side.checksums = {}  # what the file says of itself is no proof
        side.sum_up((*found.tensors, *optimizer))
        yield f"{found.title}"
        yield from (f"  {name} {version}" for name, version in sorted(found.versions.items()))
        nodes = {node.path: node for node in walk(side.tree)} if side.tree is not None else {}
        for layer in found.model.walk():
            yield ""
            yield _escaped(" ".join(filter(None, (layer.path or "model", layer.class_name.rpartition(">")[2]))))
            if layer is found.model or layer.node:
                yield from sorted(_settings(nodes.get(layer.node)))
            yield from _tensors(layer, layer.tensors, side)
        for title, tensors in (("optimizer", optimizer), ("beside the layers", found.others)):
            settings = list(_compiled(side)) if title == "optimizer" else []
            if tensors or settings:
                yield from ("", title, *sorted(settings), *_tensors(Layer("", ""), tensors, side))
        for title, lines in (
            ("assets", [f"{name} {nbytes} bytes" for name, nbytes in found.assets.items()]),
            ("embedded source", [f"{source.module} sha256:{source.sha256}" for source in found.sources]),
        ):
            if lines:
                yield from ("", title, *(f"  {_escaped(line)}" for line in sorted(lines)))


def _settings(node: Node | None) -> Iterator[str]:
    if node is None:
        return
    listed = frozenset(one.path for one in layers_of(node))
    for key, value in node.fields.items():
        if key == "config" and isinstance(value, Mapping):
            inner = {name: one for name, one in value.items() if not (name == "layers" and listed)}
            yield from _flat("", inner)
        elif key not in _UNTOLD and not (key == "config" and listed):
            yield from _flat(key, value)


def _compiled(side: Side) -> Iterator[str]:
    found: Any = side.tree.fields.get("compile_config") if side.tree is not None else None
    found = found or side.artifact.extras.get("training_config")
    if found:
        yield from _flat("", found)


def _flat(path: str, value: Any) -> Iterator[str]:
    """The values in a value, a line each; a list of plain values is one."""
    value = simple(value)
    if isinstance(value, Node):
        history = value.config.get("keras_history")
        if value.class_name == "__keras_tensor__" and isinstance(history, tuple):
            yield _line(path, f"tensor {' '.join(map(str, history))}")
            return
        if value.class_name:
            yield _line(step(path, "class"), value.class_name)
        fields = {key: one for key, one in value.fields.items() if key not in _UNTOLD}
        inner = fields.get("config")
        value = {key: one for key, one in fields.items() if key != "config"} | dict(value.config)
        value = value if isinstance(inner, Mapping) or "config" not in fields else {**value, "config": inner}
        if not value:
            return
    if isinstance(value, Mapping) and value:
        for key, one in value.items():
            if key != "shared_object_id":
                yield from _flat(step(path, key), one)
    elif isinstance(value, (tuple, list)) and any(isinstance(one, (Node, Mapping, tuple, list)) for one in value):
        for index, one in enumerate(value):
            yield from _flat(entry(path, index), one)
    else:
        yield _line(path, plain(value))


def _line(path: str, value: Any) -> str:
    return f"  {_escaped(path)}: {json.dumps(value, ensure_ascii=True)}"


def _escaped(text: str) -> str:
    return text if text.isprintable() else json.dumps(text)[1:-1]


def _tensors(layer: Layer, tensors: tuple[Stored, ...], side: Side) -> Iterator[str]:
    for one in tensors:
        path = one.path.removeprefix(f"{layer.group}/") if layer.group else one.path
        shape = "x".join(map(str, one.shape)) or "scalar"
        yield f"  {_escaped(path)} {one.dtype} {shape} {side.checksums[one.path]}"
