"""The layers of a model: what its config says of each, and what the weights file holds of it."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import Any

from kept.formats.artifact import Tensor
from kept.report import Layer, Stored
from kept.tree.graph import inputs_of_layers
from kept.tree.groups import BESIDE, OPTIMIZER, Group, beside
from kept.tree.nodes import Form, Node
from kept.tree.parse import parse, plain
from kept.tree.shapes import Shape, output_shapes
from kept.tree.walk import layers_of

__all__ = ["Layers", "said"]

# What says nothing of a layer beside others of its class.
_UNTOLD = frozenset({"name", "trainable", "dtype", "batch_shape", "batch_input_shape", "data_format", "seed", "sparse"})
_TOLD_ELSEWHERE = frozenset({"dtype", "layers"})
_USUAL = (None, False, "linear", "valid", "channels_last", "float32")
_TOLD_COUNT, _TOLD_LENGTH = 6, 24


class Layers:
    """Makes the layers of one file.

    Args:
        stored: Makes what is told of a tensor.
        is_custom: Whether the class of a node is not one of Keras.
    """

    def __init__(self, stored: Callable[[Tensor], Stored], is_custom: Callable[[Node], bool]) -> None:
        self._stored, self._is_custom = stored, is_custom

    def of_config(
        self,
        node: Node,
        group: Group | None,
        above: str = "",
        shape: Shape | None = None,
        inputs: tuple[str, ...] = (),
    ) -> Layer:
        """A layer or model that has a config.

        Args:
            node: Its node.
            group: What the weights file has for it.
            above: The path of the layer that it is in; empty for that of a whole model.
            shape: Of what it returns.
            inputs: Names of the layers beside it whose output it is called with.
        """
        listed = layers_of(node)
        path = _inside(above, node.name)
        inside = path if above else "/"
        trainable = node.config.get("trainable")
        return Layer(
            path=path,
            name=node.name,
            class_name=node.class_name,
            module=node.module,
            node=node.path,
            group=group.path if group else "",
            is_custom=self._is_custom(node),
            is_model=bool(listed),
            shape=shape,
            trainable=trainable if isinstance(trainable, bool) else None,
            dtype=_dtype(node),
            config=plain(node.settings),
            objects=_objects(node),
            summary=_summary(node),
            inputs=tuple(_inside(above, name) for name in inputs),
            tensors=tuple(map(self._stored, group.tensors)) if group else (),
            layers=self._listed(node, listed, group, inside) if listed else self._held(node, group, inside),
        )

    def of_group(self, group: Group, key: str, above: str, node: Node | None = None) -> Layer:
        """What a weights file holds of an object that no config lists."""
        if node is not None:
            return self.of_config(node, group, above or "/")
        name = group.name or key
        path = _inside(above, name)
        return Layer(
            path=path,
            name=name,
            group=group.path,
            is_model="layers" in group.groups,
            tensors=tuple(map(self._stored, group.tensors)),
            layers=self._held(None, group, path),
        )

    def _listed(self, node: Node, listed: tuple[Node, ...], group: Group | None, above: str) -> tuple[Layer, ...]:
        shapes = output_shapes(node)
        groups = group.groups.get("layers", Group()).groups if group else {}
        known = zip(listed, beside(listed, groups), inputs_of_layers(node), strict=True)
        made = [self.of_config(one, found, above, shapes.get(one.name), inputs) for one, found, inputs in known]
        told = frozenset(layer.group for layer in made)
        return (*made, *self._held(None, group, above, told))

    def _held(
        self, node: Node | None, group: Group | None, above: str, told: Container[str] | None = None
    ) -> tuple[Layer, ...]:
        """What a group holds, but for what is told of already; of a model whose layers are, only what has tensors."""
        if group is None:
            return ()
        prefix = f"{group.path}/" if group.path else ""
        found = []
        for one in group.objects():
            key = one.path.removeprefix(prefix) or one.path
            if not group.path and key.partition("/")[0] in (OPTIMIZER, BESIDE):
                continue
            if told is None or (one.path not in told and any(one.every_tensor())):
                held = parse(one.config, one.path) if one.config is not None else _config_of(node, key)
                found.append(self.of_group(one, key, above, held))
        return tuple(found)


def _inside(above: str, name: str) -> str:
    """The path of a layer by its name, in a layer by its path."""
    return f"{above.lstrip('/')}/{name}".lstrip("/") if above else name


def _config_of(node: Node | None, key: str) -> Node | None:
    """The config of the layer that a wrapper holds under a name."""
    if node is None:
        return None
    wrapped = "layer" if key == "forward_layer" else key
    for name in (key, wrapped):
        found = node.config.get(name)
        if isinstance(found, Node) and found.form is Form.OBJECT:
            return found
    return None


def _dtype(node: Node) -> str:
    found = node.config.get("dtype")
    if isinstance(found, Node):
        found = found.name
    return found if isinstance(found, str) else ""


def _objects(node: Node) -> dict[str, str]:
    settings = node.settings
    inside = {key: value for key, value in node.config.items() if key not in settings and key not in _TOLD_ELSEWHERE}
    return {key: said(value) for key, value in inside.items()}


def _summary(node: Node) -> str:
    told = []
    for key, value in node.config.items():
        if key in _UNTOLD or key.endswith(("_initializer", "_regularizer", "_constraint")) or key == "layers":
            continue
        text = "" if isinstance(value, tuple) and len(value) > _TOLD_LENGTH else said(value)
        if text and len(text) <= _TOLD_LENGTH:
            told.append(f"{key}={text}")
    return ", ".join(told[:_TOLD_COUNT]) + (", ..." if len(told) > _TOLD_COUNT else "")


def said(value: Any, *, inside: bool = False) -> str:
    """A value of a config in short; empty where it says nothing, or is too long to say."""
    if isinstance(value, Node):
        return value.name if value.form is Form.FUNCTION else "lambda" if value.form is Form.CODE else value.class_name
    if any(value is one or (isinstance(value, str) and value == one) for one in _USUAL):
        return ""
    if isinstance(value, Mapping):
        return "{...}" if value else ""
    if isinstance(value, tuple):
        if inside or all(one == 1 for one in value):
            return "(...)" if inside else ""
        return f"({', '.join(said(one, inside=True) or str(one) for one in value)})"
    return str(value)
