"""What an HDF5 group of the plain subset holds: names, and the addresses of objects in the same file.

An early group has a tree of version 1 over nodes of symbols, and a heap with their names (sections III.A.1, III.B to
III.D of the specification). HDF5 looks a name up by halving and lists names by going through all of them: the two agree
only where every name lies between its neighbours, so that is what is required.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from .stretch import UNDEFINED, NotPlain, Stretch, need

__all__ = ["Link", "SymbolTable", "link_in"]

_TREE, _NODE = struct.Struct("<4sBBHQQ"), struct.Struct("<4sBBH")
_SYMBOL = struct.Struct("<QQIIQQ")
_HEAP = struct.Struct("<4sB3xQQQ")
_FREE = struct.Struct("<QQ")
_NO_FREE = 1
_MOST_LEVELS = 8
# Behind the size of the name's length in the two lowest bits: that there is a set of characters.
_LINK_FLAGS, _HAS_CHARSET = 0x03 | 0x10, 0x10


@dataclass(frozen=True, slots=True)
class Link:
    """A name in a group.

    Attributes:
        name: As it is stored.
        address: Of the object.
        table: Where the tree and the heap of the object are, as the file says beside the name; None where it does not.
    """

    name: bytes
    address: int
    table: tuple[int, int] | None = None


def link_in(content: bytes) -> Link:
    """The link that a message of a later group holds (section IV.A.2.g of the specification)."""
    version, flags = content[:2]
    need(version == 1 and not flags & ~_LINK_FLAGS)
    at = 2
    if flags & _HAS_CHARSET:
        need(content[2] in (0, 1))
        at = 3
    begin = at + (1 << (flags & 3))
    end = begin + int.from_bytes(content[at:begin], "little")
    need(len(content) >= end + 8 and not any(content[end + 8 :]))
    return Link(_named(content[begin:end]), int.from_bytes(content[end : end + 8], "little"))


def _named(name: bytes) -> bytes:
    """The name, if paths can be made with it."""
    if not name or b"/" in name or b"\0" in name or name == b".":
        raise NotPlain
    name.decode()
    return name


class SymbolTable:
    """The links of an early group.

    Args:
        file: Its bytes.
        fanout: Half of the most children that a node of the tree has.
        leaf: Half of the most symbols that a node of symbols has.
    """

    def __init__(self, file: Stretch, fanout: int, leaf: int) -> None:
        self._file = file
        self._most_children, self._most_symbols = 2 * fanout, 2 * leaf
        self._keys = [struct.Struct(f"<{2 * count + 1}Q") for count in range(min(self._most_children, 64) + 1)]

    def links(self, tree: int, heap: int) -> list[Link]:
        """The links in the order of their names."""
        names = self._names(heap)
        rows: dict[int, list[tuple[int, int, int]]] = {}
        found = [link for part in self._below(tree, names, None, rows) for link in part]
        need(all(one.name < other.name for one, other in pairwise(found)))
        for row in rows.values():  # each node of a level knows those beside it
            addresses = [UNDEFINED, *(address for address, *_ in row), UNDEFINED]
            need([beside for _, *beside in row] == [list(two) for two in zip(addresses, addresses[2:], strict=False)])
        return found

    def _names(self, address: int) -> bytes:
        signature, version, nbytes, free, begin = _HEAP.unpack(self._file.take(address, _HEAP.size))
        need(signature == b"HEAP" and version == 0)
        content = self._file.take(begin, nbytes)
        for _ in range(nbytes // _FREE.size):
            if free == _NO_FREE:
                break
            need(free <= nbytes - _FREE.size)
            at = free
            free, size = _FREE.unpack_from(content, at)
            need(free > 0 and size <= nbytes - at)
        need(free == _NO_FREE)
        return content

    def _below(
        self, address: int, names: bytes, level: int | None, rows: dict[int, list[tuple[int, int, int]]]
    ) -> Iterator[list[Link]]:
        """The links under a node, as those of each node of symbols."""
        nbytes = _TREE.size + 8 * (2 * self._most_children + 1)
        content = self._file.take(address, nbytes)
        signature, kind, own_level, count, left, right = _TREE.unpack_from(content)
        need(signature == b"TREE" and kind == 0 and count < len(self._keys) and count <= self._most_children)
        need(own_level == level if level is not None else own_level < _MOST_LEVELS)
        need(count > 0 or (level is None and own_level == 0))
        rows.setdefault(own_level, []).append((address, left, right))
        keys = self._keys[count].unpack_from(content, _TREE.size)
        for at in range(0, 2 * count, 2):
            child = keys[at + 1]
            parts = list(self._below(child, names, own_level - 1, rows)) if own_level else [self._symbols(child, names)]
            low, high = _name_at(names, keys[at]), _name_at(names, keys[at + 2])
            need(low < parts[0][0].name and parts[-1][-1].name <= high)
            yield from parts

    def _symbols(self, address: int, names: bytes) -> list[Link]:
        content = self._file.take(address, _NODE.size + self._most_symbols * _SYMBOL.size)
        signature, version, _, count = _NODE.unpack_from(content)
        need(signature == b"SNOD" and version == 1 and 0 < count <= self._most_symbols)
        symbols = _SYMBOL.iter_unpack(content[_NODE.size : _NODE.size + count * _SYMBOL.size])
        return [_link(names, *symbol) for symbol in symbols]


def _link(names: bytes, at: int, address: int, cache: int, reserved: int, tree: int, heap: int) -> Link:
    if cache > 1 or reserved or address == UNDEFINED:
        raise NotPlain
    return Link(_named(_name_at(names, at)), address, (tree, heap) if cache else None)


def _name_at(names: bytes, at: int) -> bytes:
    end = names.find(b"\0", at) if at < len(names) else -1
    if end < 0:
        raise NotPlain
    return names[at:end]
