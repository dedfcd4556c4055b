"""Every object in the configs of a file, with the position at which it stands and what it is to Keras."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from kept.rules.subject import FileSubject
from kept.source.slots import ANY, DATA, Known, Slots, releases
from kept.tree.names import names_origin
from kept.tree.nodes import Form, Node

__all__ = ["FILE_KEYS", "LONG", "PACKAGES", "WORD_KEYS", "Placed", "Survey", "Text", "known_class", "survey"]

_KERAS = frozenset({"keras", "tf_keras", "keras_core"})
_SPELLINGS = ("tensorflow.keras.", "tensorflow.python.keras.", "tf.keras.")
PACKAGES = frozenset({"keras_hub", "keras_cv", "keras_nlp"})
_CALLED = frozenset({Form.OBJECT, Form.FUNCTION})
_COMPILED = {"optimizer": "optimizer", "loss": "loss", "metrics": "metric", "weighted_metrics": "metric"}
_TRAINING = {**_COMPILED, "optimizer_config": "optimizer"}
_SCALARS = frozenset({int, float, bool, type(None)})
_HOLDING = frozenset({Node, MappingProxyType, tuple})  # what `parse` makes of JSON
_PLAIN = frozenset({DATA, ANY, "layer", "model"})
FILE_KEYS = frozenset(
    {"cache_dir", "cache_subdir", "checkpoint_path", "dir", "directory", "file", "file_path", "filename", "filepath"}
    | {"fname", "folder", "idf_weights", "log_dir", "model_path", "origin", "path", "uri", "url", "vocab_file"}
    | {"vocab_path", "vocabulary", "vocabulary_file", "weights_path"}
)
WORD_KEYS = frozenset({"vocabulary", "idf_weights"})  # of a file, or of a list of words
LONG = 32
_GRAPH = {"layers": "layer", "input_layers": DATA, "output_layers": DATA}


@dataclass(slots=True, eq=False)
class Placed:
    """An object at its position.

    Attributes:
        node: The object.
        form: What it stands for.
        slot: What the position is.
        owner: The object in whose config it stands; None for the first of a tree.
        key: The key under which it stands there.
        known: What its name means in Keras, several where the file does not say more; empty where it is not Keras's.
        claims_keras: Whether the file says that it is Keras's own.
        table: Of the release in which it was found; None where it was in none.
    """

    node: Node
    form: Form
    slot: str
    owner: Placed | None = None
    key: str = ""
    known: tuple[Known, ...] = ()
    claims_keras: bool = False
    table: Slots | None = None

    @property
    def is_custom(self) -> bool:
        """Whether it is somebody's own class or function, as the file says."""
        return not self.claims_keras and self.form in _CALLED and bool(self.node.class_name)

    @property
    def is_stock(self) -> bool:
        """Whether it is a class or function of Keras that is known."""
        return bool(self.known)

    @property
    def name(self) -> str:
        """What the file calls it: `keras.layers.Dense`, `acme.layers.Scaled`."""
        name = self.node.name if self.form is Form.FUNCTION else self.node.class_name
        return f"{self.node.module}.{name}" if self.node.module else name


@dataclass(slots=True, eq=False)
class Text:
    """A text in the config of an object.

    Attributes:
        owner: The object; None where it is in none.
        key: The key under which it, or the list that it is in, stands.
        text: The text.
        slot: What the position is.
    """

    owner: Placed | None
    key: str
    text: str
    slot: str

    @property
    def path(self) -> str:
        """The place, as far as its key."""
        above = self.owner.node.path if self.owner else ""
        return ".".join(filter(None, (above, "config" if self.owner else "", self.key)))


_Meaning = tuple[tuple[Known, ...], bool, Slots | None]


@dataclass(slots=True)
class Survey:
    """All objects and texts of a file.

    Attributes:
        objects: Parents first.
        texts: Those at positions of objects, those under keys that may name files, and the long ones.
    """

    objects: list[Placed] = field(default_factory=list)
    texts: list[Text] = field(default_factory=list)


def survey(subject: FileSubject) -> Survey:
    """Goes through the configs of a file once; what it finds is kept for the next rule that asks."""
    found = subject.facts.get("survey")
    if not isinstance(found, Survey):
        found = subject.facts["survey"] = _Surveyor().over(subject.trees)
    return found


class _Surveyor:
    def __init__(self) -> None:
        self.found = Survey()
        self.waiting: list[tuple[Any, str, Placed | None, str]] = []
        self.tables = tuple(releases())
        self.meanings: dict[tuple[str, str, bool, Form], _Meaning] = {}

    def over(self, trees: Mapping[str, Node]) -> Survey:
        for name, tree in reversed(tuple(trees.items())):
            if name == "training_config" and not tree.class_name:
                self.push_fields(tree.fields, _TRAINING, DATA, None)
            else:
                self.waiting.append((tree, ANY if name.startswith("#") else "model", None, ""))
        while self.waiting:
            value, slot, owner, key = self.waiting.pop()
            kind = type(value)
            if kind is Node:
                self.visit(value, slot, owner, key)
            elif kind is MappingProxyType:
                for inner_key, inner in reversed(tuple(value.items())):
                    if type(inner) not in _SCALARS:
                        self.push(inner, slot, owner, key if slot != ANY else str(inner_key))
            else:
                self.push_entries(value, slot, owner, key)
        return self.found

    def push(self, value: Any, slot: str, owner: Placed | None, key: str) -> None:
        kind = type(value)
        if kind is str:
            if slot not in _PLAIN or key in FILE_KEYS or len(value) >= LONG:
                self.found.texts.append(Text(owner, key, value, slot))
        elif kind in _HOLDING:
            self.waiting.append((value, slot, owner, key))

    def push_entries(self, entries: tuple[Any, ...], slot: str, owner: Placed | None, key: str) -> None:
        of_words = key in WORD_KEYS and slot in _PLAIN  # a word is no file, and there may be millions of them
        for entry in reversed(entries):
            kind = type(entry)
            if kind not in _SCALARS and not (of_words and kind is str and len(entry) < LONG):
                self.push(entry, slot, owner, key)

    def push_fields(
        self, fields: Mapping[str, Any], slots: Mapping[str, str], other: str, owner: Placed | None
    ) -> None:
        for key, value in reversed(tuple(fields.items())):
            if type(value) not in _SCALARS:
                self.push(value, slots.get(key, other), owner, key)

    def visit(self, node: Node, slot: str, owner: Placed | None, key: str) -> None:
        form = node.form
        known, claims, table = self.meaning(node, form) if form in _CALLED else ((), False, None)
        placed = Placed(node, form, slot, owner, key, known, claims, table)
        self.found.objects.append(placed)
        if form is Form.LITERAL and (node.children or node.class_name != "__keras_tensor__"):
            inside = DATA if node.class_name == "__keras_tensor__" else slot
            self.push(node.fields.get("config"), inside, placed, "config")
        elif form is not Form.VALUE:  # what kept wrote is data of the user, and read as such
            self.visit_fields(node, placed)

    def visit_fields(self, node: Node, placed: Placed) -> None:
        strict = DATA if known_class(placed) else ANY
        for key, value in reversed(tuple(node.fields.items())):
            if key == "config" or type(value) not in _HOLDING:
                continue
            if key == "compile_config" and type(value) is MappingProxyType:
                self.push_fields(value, _COMPILED, strict, placed)
            elif key in ("inbound_nodes", "build_config"):
                self.push(value, ANY if key == "inbound_nodes" else strict, placed, key)
            else:
                self.push(value, strict, placed, key)
        config = node.fields.get("config")
        if isinstance(config, MappingProxyType):
            self.visit_config(config, placed)
        else:
            self.push(config, "layer" if isinstance(config, tuple) else strict, placed, "config")

    def visit_config(self, config: Mapping[str, Any], placed: Placed) -> None:
        known, table = known_class(placed), placed.table
        if known is None or table is None:
            self.push_fields(config, {}, ANY, placed)
        elif known.group == "model":
            slots = {key: _GRAPH.get(key) or table.slot(known.path, key) for key in config}
            self.push_fields(config, slots, DATA, placed)
        else:
            for key, value in reversed(tuple(config.items())):
                if type(value) not in _SCALARS:
                    self.push(value, table.slot(known.path, key), placed, key)

    def meaning(self, node: Node, form: Form) -> _Meaning:
        """What a node means in Keras, whether the file says that it is Keras's, and in which release it was found."""
        name = node.name if form is Form.FUNCTION else node.class_name
        asked = (node.module, name, names_origin(node), form)
        if asked not in self.meanings:
            self.meanings[asked] = self._meaning(*asked)
        return self.meanings[asked]

    def _meaning(self, module: str, name: str, says: bool, form: Form) -> _Meaning:
        is_function = form is Form.FUNCTION
        if module.partition(".")[0] in PACKAGES:
            return (Known(f"{module}.{name}", "package"),), True, None
        python: tuple[Known, ...] = ()
        if is_function and module == "builtins" and hasattr(builtins, name):
            python = (Known(f"builtins.{name}", "other"),)
        if module.partition(".")[0] in _KERAS or module.startswith(_SPELLINGS):
            for table in self.tables:
                if found := _exact(table, module, name, is_function):
                    return found, True, table
            return (), True, None
        if says and not (is_function and module == "builtins"):
            return (), False, None
        for table in self.tables:
            if found := tuple(one for one in table.named(name) if one.is_function or not is_function):
                return found, True, table
        return python, bool(python), None


def _exact(table: Slots, module: str, name: str, is_function: bool) -> tuple[Known, ...]:
    found = table.find(module, name)
    if is_function and len(found) and not table.has(module, name):
        return tuple(one for one in found if one.path.rpartition(".")[0] == module)
    return found


def known_class(placed: Placed) -> Known | None:
    """The class that an object is of; None for a custom one and one that is not known."""
    return placed.known[0] if placed.known and placed.known[0].group not in ("package", "other") else None
