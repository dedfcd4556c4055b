"""Custom classes and functions as a file names them, and how their objects are constructed."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import keras

from ..errors import CorruptFileError, shown

__all__ = ["FUNCTION", "Call", "Recorded", "stock_class", "unrecorded"]

_STOCK_PACKAGES = ("keras", "keras_hub", "keras_cv", "keras_nlp")

FUNCTION = "function"


@dataclass(slots=True)
class Call:
    """How one object is constructed from its config.

    Attributes:
        drop: Keys that the constructor does not take; set as attributes afterwards where that is possible.
        revive: Keys whose value is an object and not its config.
        values: Key -> value that JSON does not hold faithfully, as encoded by `codecs`.
        positional: Keys that are passed by position, in order.
        variadic: Key whose items follow as further positional arguments; empty when there is none.
    """

    drop: list[str] = field(default_factory=list)
    revive: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    positional: list[str] = field(default_factory=list)
    variadic: str = ""

    def to_dict(self) -> dict[str, Any]:
        """JSON-able data."""
        return {
            "drop": self.drop, "revive": self.revive, "values": self.values, "positional": self.positional,
            "variadic": self.variadic,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Call:
        """Reads what `to_dict` wrote.

        Raises:
            CorruptFileError: The data have another shape.
        """
        try:
            return cls(
                list(data["drop"]), list(data["revive"]), dict(data["values"]), list(data["positional"]),
                str(data["variadic"]),
            )  # fmt: skip
        except (KeyError, TypeError, ValueError) as error:
            raise CorruptFileError("an entry of kept.calls cannot be read", found=shown(data)) from error


@dataclass(frozen=True, slots=True)
class Recorded:
    """One custom class or function, as the save recorded it.

    Attributes:
        import_path: `module:qualname` at the time of the save.
        registered_name: `package>Name`, or the bare name.
        nodes: Paths in the config tree that stand for it; `#n...` in the nth object that values hold, `@n` for the nth
            class or function that values name.
        reference: Where embedded source has it (`module:expression`); None when no source is embedded.
        file: Source file when saved; None when unknown.
        line: Line of its definition.
        source_sha256: Hash of its definition.
        signature: Of its constructor, or of the function.
    """

    import_path: str
    registered_name: str
    nodes: tuple[str, ...]
    reference: str | None = None
    file: str | None = None
    line: int | None = None
    source_sha256: str | None = None
    signature: str | None = None

    @property
    def module(self) -> str:
        """Module part of the import path."""
        return self.import_path.partition(":")[0]

    @property
    def name(self) -> str:
        """Last part of the qualified name."""
        return self.import_path.rpartition(":")[2].rpartition(".")[2]

    @property
    def place(self) -> str:
        """Where the model needs it, for people."""
        return next((node for node in self.nodes if node[:1] not in ("#", "@")), "a value" if self.nodes else "config")

    @property
    def defined(self) -> str:
        """Where it was defined, for people."""
        return f"{self.file}:{self.line}" if self.file and self.line else self.module

    def to_dict(self) -> dict[str, Any]:
        """JSON-able data."""
        return {
            "import": self.import_path, "registered_name": self.registered_name, "nodes": list(self.nodes),
            "reference": self.reference, "file": self.file, "line": self.line,
            "source_sha256": self.source_sha256, "signature": self.signature,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Recorded:
        """Reads what `to_dict` wrote.

        Raises:
            CorruptFileError: A key is missing or of another type.
        """
        try:
            texts = [data[key] for key in ("import", "registered_name", *data["nodes"][:0])]
            if not all(isinstance(text, str) for text in [*texts, *data["nodes"]]):
                raise TypeError
            return cls(
                data["import"], data["registered_name"], tuple(data["nodes"]), data.get("reference"), data.get("file"),
                data.get("line"), data.get("source_sha256"), data.get("signature"),
            )  # fmt: skip
        except (KeyError, TypeError, AttributeError) as error:
            raise CorruptFileError("an entry of kept.objects cannot be read", found=shown(data)) from error


def unrecorded(node: dict[str, Any], path: str) -> Recorded | None:
    """A custom object in a file that stock Keras wrote: known by module, class name and registered name."""
    name, module = node.get("class_name"), node.get("module")
    registered = node.get("registered_name")
    if not isinstance(name, str) or name.startswith("__"):
        return None
    if name == FUNCTION:
        name = registered = node.get("config")
        if not isinstance(name, str) or (module == "builtins" and _is_stock_function(name)):
            return None
        module = "__main__" if module == "builtins" else module
    if isinstance(module, str) and module.partition(".")[0] in _STOCK_PACKAGES:
        return None
    if "module" not in node and "registered_name" not in node:
        return None
    bare = name.rpartition(">")[2]
    return Recorded(f"{module or '__main__'}:{bare}", registered if isinstance(registered, str) else bare, (path,))


def stock_class(node: dict[str, Any]) -> Any:
    """The class of Keras that a node of a config stands for; None where there is no such class."""
    module, name = node.get("module"), node.get("class_name")
    if not isinstance(module, str) or not isinstance(name, str) or module.partition(".")[0] != "keras":
        return None
    home: Any = sys.modules.get(module)
    for part in () if home is not None else module.split("."):
        home = keras if part == "keras" else getattr(home, part, None)
    found = getattr(home, name, None)
    return found if isinstance(found, type) and hasattr(found, "from_config") else None


def _is_stock_function(name: str) -> bool:
    modules = (
        keras.activations,
        keras.losses,
        keras.metrics,
        keras.initializers,
        keras.regularizers,
        keras.constraints,
    )
    return any(hasattr(module, name) for module in modules) or hasattr(keras.ops, name)
