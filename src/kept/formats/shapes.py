"""Shapes as a file claims them: none is trusted, and no memory asked for, before it has passed here."""

from __future__ import annotations

from ..errors import CorruptFileError, LimitExceededError, shown
from .places import Place

__all__ = ["checked_shape"]

# What every numpy can hold.
_DIMENSION_COUNT = 32
_NBYTES = 1 << 63


def checked_shape(claimed: object, itemsize: int, *, path: Place, where: str) -> tuple[int, ...]:
    """A shape that numpy can hold.

    Args:
        claimed: What the file says.
        itemsize: Bytes of one value.
        path: The file, for errors.
        where: The tensor, for errors.

    Raises:
        CorruptFileError: It is no list of counts.
        LimitExceededError: It has more dimensions, or is larger, than any array.
    """
    lengths = list(claimed) if isinstance(claimed, list | tuple) else None
    if lengths is None or not all(type(length) is int and length >= 0 for length in lengths):
        raise CorruptFileError("not a shape", path=path, where=where, expected="counts", found=shown(claimed))
    if len(lengths) > _DIMENSION_COUNT:
        expected = f"at most {_DIMENSION_COUNT}"
        raise LimitExceededError("too many dimensions", path=path, where=where, expected=expected, found=shown(claimed))
    nbytes = itemsize
    for length in lengths:
        nbytes *= length or 1  # numpy minds the others also where one length is 0
    if nbytes >= _NBYTES:
        raise LimitExceededError("too large for any array", path=path, where=where, found=shown(claimed))
    return tuple(lengths)
