"""Classes, functions and objects of Keras that values name, while a model is saved."""

from __future__ import annotations

import types
from typing import Any

from .admission import is_standard_library, lookup
from .codecs import NotEncodable
from .keras_seams import is_keras_own
from .source_origins import describe, is_local, unwrap

__all__ = ["References", "is_reference_path"]

_REFERENCE, _OBJECT = "@", "#"


def is_reference_path(path: str) -> bool:
    """Whether a path of a record stands for a reference of a value, and not for a node of the config."""
    return path.startswith(_REFERENCE)


def _is_found_again(obj: Any) -> bool:
    """Whether a loading process can have it: by its source, or under its import path, and from no part of Python."""
    if not isinstance(unwrap(obj), (type, types.FunctionType)) or isinstance(obj, types.MethodType):
        return False
    if is_local(obj):
        return True
    if is_keras_own(obj):
        return False  # what needs no trust of Keras has a codec of its own
    origin = describe(obj)
    return not is_standard_library(origin.module) and lookup(f"{origin.module}:{origin.qualname}") is obj


class References:
    """Numbers what values name, in the order in which they name it.

    Attributes:
        named: Token -> class or function.
        names: Token -> the name it is asked for by, where that is not its own.
        objects: Objects of Keras, by number.
        complete: Whether the objects have been serialised, so that there is no place for another.
    """

    def __init__(self) -> None:
        self.named: dict[str, Any] = {}
        self.names: dict[str, str] = {}
        self.objects: list[Any] = []
        self.complete = False

    def refer(self, obj: Any, name: str = "") -> str:
        """The token of a class or function.

        Raises:
            NotEncodable: It cannot be found again.
        """
        for token, known in self.named.items():
            if known is obj and self.names.get(token, "") == name:
                return token
        if not _is_found_again(obj):
            raise NotEncodable(obj)
        token = f"{_REFERENCE}{len(self.named)}"
        self.named[token] = obj
        if name:
            self.names[token] = name
        return token

    def keep_object(self, obj: Any) -> int:
        """The number of an object of Keras.

        Raises:
            NotEncodable: There is no place for another.
        """
        for number, known in enumerate(self.objects):
            if known is obj:
                return number
        if self.complete:
            raise NotEncodable(obj)
        self.objects.append(obj)
        return len(self.objects) - 1

    def again(self) -> References:
        """The same, to which more can be added while this one stays."""
        found = References()
        found.named, found.names, found.objects = dict(self.named), dict(self.names), list(self.objects)
        found.complete = self.complete
        return found

    def counts(self) -> tuple[int, int]:
        """How much there is now, for `forget`."""
        return len(self.named), len(self.objects)

    def forget(self, counts: tuple[int, int]) -> None:
        """Drops what has come since."""
        for token in list(self.named)[counts[0] :]:
            del self.named[token]
            self.names.pop(token, None)
        del self.objects[counts[1] :]
