"""Where a file and its classes come from: versions, custom classes and functions, embedded source."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import chain
from typing import Any

from kept.report import Embedded, Required
from kept.tree.names import import_path, is_stock, names_origin
from kept.tree.nodes import Form, Node
from kept.tree.walk import walk

__all__ = ["embedded", "is_custom", "required", "versions"]

# Classes of older releases that the catalogue of today's has not.
_BYGONE = frozenset(
    {"CuDNNGRU", "CuDNNLSTM", "Functional", "Model", "SlicingOpLambda", "Sequential", "TensorFlowOpLayer", "TFOpLambda"}
)


def versions(metadata: Mapping[str, Any], record: Mapping[str, Any] | None) -> dict[str, str]:
    """What made the file, by name: `keras`, `backend`, the backend's own name, `python`, `kept`."""
    found = {"keras": metadata.get("keras_version"), "backend": metadata.get("backend")}
    said = record.get("versions") if record else None
    found |= said if isinstance(said, Mapping) else {}
    return {str(name): text for name, text in found.items() if isinstance(text, str) and text}


def is_custom(node: Node) -> bool:
    """Whether a node stands for a class or function that is not one of Keras, as far as the file says."""
    if is_stock(node):
        return False
    if node.form is Form.FUNCTION:
        return node.module != "builtins" or not _is_known(node.name)
    return names_origin(node) or not _is_known(node.class_name)


@cache
def _bare_names() -> frozenset[str]:
    from kept.source.catalogue import catalogue

    return catalogue().bare_names | _BYGONE


def _is_known(name: str) -> bool:
    return name in _bare_names()


def required(trees: Iterable[Node], record: Mapping[str, Any] | None) -> tuple[Required, ...]:
    """What loading needs beside Keras: as kept recorded it, else as the configs name it."""
    objects = record.get("objects") if record else None
    if isinstance(objects, list):
        return tuple(_recorded(one) for one in objects if isinstance(one, Mapping))
    found: dict[tuple[str, str], list[str]] = {}
    for node in chain.from_iterable(map(walk, trees)):
        if node.form is Form.CODE:
            found.setdefault(("bytecode", "lambda"), []).append(node.path)
        elif is_custom(node):
            path = import_path(node)
            name = node.name if node.form is Form.FUNCTION else node.registered_name or node.class_name
            found.setdefault((path, name), []).append(node.path)
    return tuple(Required(path, name, tuple(places)) for (path, name), places in found.items())


def _recorded(one: Mapping[str, Any]) -> Required:
    line, places = one.get("line"), one.get("nodes")
    return Required(
        str(one.get("import", "")),
        str(one.get("registered_name", "")),
        tuple(map(str, places)) if isinstance(places, list) else (),
        str(one.get("file") or ""),
        line if isinstance(line, int) else None,
        one.get("reference") is not None,
    )


def embedded(record: Mapping[str, Any] | None) -> tuple[Embedded, ...]:
    """The source in a record; its text is read, never run."""
    sources = record.get("sources") if record else None
    found = []
    for module, unit in sources.items() if isinstance(sources, Mapping) else ():
        if isinstance(unit, Mapping) and isinstance(unit.get("text"), str):
            text, said = unit["text"], str(unit.get("sha256", ""))
            made = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
            found.append(Embedded(str(module), said, text, made == said))
    return tuple(found)
