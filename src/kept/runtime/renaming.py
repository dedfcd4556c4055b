"""Classes and functions that have another name, or lie elsewhere, than when a file was saved.

Keras makes inner paths from class names: the second `Scale` of a list is `scale_1`. Whatever stands for a class of
another name has to go by the old one while the tensors of the file are handed out.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import keras

from ..errors import KeptError, shown
from . import keras_seams as seams
from .admission import lookup
from .recorded import Recorded

__all__ = ["Renaming"]


class Renaming:
    """What the caller says of names, and which object of the model went by which name when it was saved.

    Args:
        custom_objects: Live objects by bare name, registered name or import path when saved.
        renamed: The same, or import paths as text; also module to module.

    Raises:
        KeptError: An entry of `renamed` is neither.
    """

    def __init__(self, custom_objects: Mapping[str, Any], renamed: Mapping[str, Any]) -> None:
        for key, value in renamed.items():
            if not (callable(value) or (isinstance(value, str) and value.strip())):
                raise KeptError(
                    "renamed= names no class or function",
                    where=f"renamed[{key!r}]",
                    expected="a class, a function, or its import path as in 'acme.layers:Scale'",
                    found=shown(value),
                )
        self.custom_objects = custom_objects
        self.renamed = renamed
        self._made: dict[int, tuple[Any, str]] = {}
        self._notes = False
        self._known = {**self._old_names(renamed), **self._old_names(custom_objects)}

    def given(self, recorded: Recorded) -> Any:
        """What the caller gives for a class or function, or None.

        Raises:
            KeptError: It is to be at an import path where there is nothing.
        """
        names = (recorded.import_path, recorded.registered_name, recorded.name)
        for name in names:
            if name in self.custom_objects:
                return self.custom_objects[name]
        for name in names:
            if name in self.renamed:
                return self._live(name, self.renamed[name])
        modules = [one for one in self.renamed if f"{recorded.module}.".startswith(f"{one}.")]
        for name in sorted(modules, key=len, reverse=True):
            target = self.renamed[name]
            if isinstance(target, str) and ":" not in target:
                return self._live(name, target + recorded.import_path.removeprefix(name))
        return None

    def constructing(self, target: Any, constructor: Any, name: str) -> Any:
        """What stands for a class where an object is made: it notes by which name that object went.

        Args:
            target: The class.
            constructor: What would make the object otherwise; often the class itself.
            name: The name of its class when saved.
        """
        if not isinstance(target, type) or not hasattr(constructor, "from_config"):
            return constructor
        if target.__name__ == name and target not in self._known and _path(target) not in self._known:
            return constructor
        self._notes = True
        return _Noting(constructor, lambda made: self._made.__setitem__(id(made), (made, name)))

    def as_saved(self) -> AbstractContextManager[None]:
        """Inside, Keras finds the tensors of each object under the name of its class when saved."""
        return seams.naming_items(self._name) if self._known or self._notes else nullcontext()

    def _name(self, item: Any) -> str:
        kind = type(item)
        if id(item) in self._made:
            return self._made[id(item)][1]
        return self._known.get(kind) or self._known.get(_path(kind)) or kind.__name__

    @staticmethod
    def _live(key: str, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        module = value.partition(":")[0]
        if module not in sys.modules:
            try:
                importlib.import_module(module)
            except (ImportError, ValueError) as error:
                raise KeptError(
                    f"the new place cannot be imported: {error}", where=f"renamed[{key!r}]", expected=value
                ) from error
        found = lookup(value)
        if found is None:
            raise KeptError(
                "nothing is at the new place",
                where=f"renamed[{key!r}]",
                expected="the import path of a class or function, as in 'acme.layers:Scale'",
                found=value,
            )
        return found

    @staticmethod
    def _old_names(given: Mapping[str, Any]) -> dict[Any, str]:
        """Old name of each class by class or import path, also of those that no config names.

        A class may well be registered under another name than its own; that is no renaming.
        """
        found: dict[Any, str] = {}
        for key, value in given.items():
            old = key.rpartition(":")[2].rpartition(".")[2]
            is_path = isinstance(value, str) and ":" in value
            is_other = isinstance(value, type) and old not in (value.__name__, _registered(value))
            if ">" not in key and (is_path or is_other):
                found[value] = old
        return found


def _registered(kind: type) -> str:
    return str(keras.saving.get_registered_name(kind)).rpartition(">")[2]


def _path(kind: type) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


class _Noting:
    """Stands where Keras looks for a class, and tells of each object that is made."""

    def __init__(self, constructor: Any, note: Callable[[Any], None]) -> None:
        self._constructor = constructor
        self._note = note

    def from_config(self, config: Mapping[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Makes the object; called by Keras."""
        made = self._constructor.from_config(config, *args, **kwargs)
        self._note(made)
        return made
