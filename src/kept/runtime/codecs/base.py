"""What a codec is, and what it is given: where arrays go, and how a class or function is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ...errors import CorruptFileError, MismatchError, shown
from ...formats.artifact import checksum

__all__ = ["Codec", "Decoding", "Digests", "Encoding", "Keeper", "NotEncodable", "Shelf", "digest_array"]

_DEPTH = 32


class NotEncodable(Exception):
    """A value that has no codec; `args[0]` is the value."""


class Keeper(Protocol):
    """Takes what JSON does not hold, and gives the name by which a `Shelf` has it again."""

    def keep_array(self, array: np.ndarray) -> str:
        """Keeps an array."""
        ...

    def refer(self, obj: Any, name: str = "") -> str:
        """Keeps a class or function; under trust, it is found again as any custom object is.

        Raises:
            NotEncodable: It cannot be found again.
        """
        ...

    def keep_object(self, obj: Any) -> int:
        """Keeps an object of Keras, by its config.

        Raises:
            NotEncodable: There is no place for objects.
        """
        ...


class Shelf(Protocol):
    """Has what a `Keeper` took."""

    def array(self, name: str) -> np.ndarray:
        """An array."""
        ...

    def referred(self, token: str) -> Any:
        """A class or function that was resolved under trust."""
        ...

    def object(self, number: int) -> Any:
        """An object of Keras."""
        ...


@dataclass(frozen=True, slots=True)
class Encoding:
    """What a codec writes with.

    Attributes:
        keeper: Takes what JSON does not hold.
        encode: Writes a value inside this one.
        depth: How deep the value is nested.
    """

    keeper: Keeper
    encode: Callable[[Any, Keeper, int], Any]
    depth: int = 0

    def inner(self, value: Any) -> Any:
        """A value inside this one, as JSON."""
        if self.depth >= _DEPTH:
            raise NotEncodable(value)
        return self.encode(value, self.keeper, self.depth + 1)


@dataclass(frozen=True, slots=True)
class Decoding:
    """What a codec reads with.

    Attributes:
        shelf: Has what JSON does not hold.
        decode: Reads a value inside this one.
    """

    shelf: Shelf
    decode: Callable[[Any, Shelf], Any]

    def inner(self, code: Any) -> Any:
        """A value inside this one."""
        return self.decode(code, self.shelf)

    def referred(self, token: Any, wanted: Callable[[Any], bool] = callable) -> Any:
        """The class or function behind a token.

        Raises:
            CorruptFileError: It is not of the kind that is wanted here.
        """
        found = self.shelf.referred(str(token))
        if not wanted(found):
            raise CorruptFileError("a value names what cannot make it", found=shown(found))
        return found

    def made_by(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """What a function or class of the user makes of what was written.

        Raises:
            MismatchError: It raises an error.
        """
        try:
            return function(*args, **kwargs)
        except Exception as error:
            name = getattr(function, "__qualname__", repr(function))
            message = f"a value cannot be made again: {name} raises {type(error).__name__}: {error}"
            raise MismatchError(
                message, hint="the code has changed since the save, or the value was another"
            ) from error


@dataclass(frozen=True, slots=True)
class Codec:
    """How the values of one type are written.

    Attributes:
        tag: What `$` says in the code of such a value.
        covers: The types, as the documentation names them.
        encode: Value -> the other keys of its code.
        decode: Code -> value; a `KeyError`, `TypeError`, `ValueError` and the like say that the file is damaged.
        kinds: Types whose values this codec takes, subclasses not included.
        accepts: Whether it takes a value of any other type; asked in the order of `rank`.
        rank: Codecs of lower rank are asked first.
    """

    tag: str
    covers: str
    encode: Callable[[Any, Encoding], dict[str, Any]]
    decode: Callable[[dict[str, Any], Decoding], Any]
    kinds: tuple[type, ...] = ()
    accepts: Callable[[Any], bool] | None = None
    rank: int = 50


def digest_array(array: np.ndarray) -> str:
    """What is needed to compare arrays: dtype, shape and digest."""
    if array.dtype.hasobject:
        raise NotEncodable(array)
    return f"{array.dtype}{list(array.shape)}{checksum(array)}"


class Digests:
    """Keeps what is needed to compare; what has a place of its own in a model is left to the walk over it."""

    def __init__(self, identify: Callable[[Any], str] | None = None) -> None:
        self.identify = identify

    def keep_array(self, array: np.ndarray) -> str:
        """Dtype, shape and digest of an array."""
        return digest_array(array)

    def refer(self, obj: Any, name: str = "") -> str:
        """What makes a class or function the same one in another process."""
        if self.identify is None:
            raise NotEncodable(obj)
        return name or self.identify(obj)

    def keep_object(self, obj: Any) -> int:
        """Never: objects are walked into."""
        raise NotEncodable(obj)
