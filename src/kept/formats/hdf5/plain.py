"""A strict reader of the plain subset of HDF5: what Keras and kept write, and nothing that could be read in two ways.

It follows the HDF5 file format specification, version 3.0. Whatever it does not know, or would have to forgive, is
`NotPlain`, and HDF5 itself reads the file: the two never say different things of one file.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from ...errors import KeptError
from ...limits import Limits
from ..artifact import Tensor
from ..dtypes import is_extended, numpy_type
from ..source import Source
from .contents import Contents
from .dense import dense_links
from .headers import messages_at
from .links import Link, SymbolTable, link_in
from .messages import TYPES, Attributes, is_plain_fill, opaque_nbytes, place_of, shape_of
from .stretch import UNDEFINED, NotPlain, Stretch, need

__all__ = ["PlainHdf5"]

_SPACE, _LINK_INFO, _TYPE, _FILL, _LINK, _LAYOUT, _GROUP_INFO = 0x01, 0x02, 0x03, 0x05, 0x06, 0x08, 0x0A
_ATTRIBUTE, _SYMBOL_TABLE, _TIME, _ATTRIBUTE_INFO, _REFERENCES = 0x0C, 0x11, 0x12, 0x15, 0x16
_OF_DATASET, _OF_EARLY_GROUP = {_SPACE, _TYPE, _FILL, _LAYOUT}, {_SYMBOL_TABLE}
_OF_GROUP = {_LINK_INFO, _GROUP_INFO}
# What nobody asks for, and how it has to be: no attributes elsewhere, a time, a number of links.
_IGNORED: dict[int, Callable[[bytes], bool]] = {
    _ATTRIBUTE_INFO: lambda content: content[:18] == b"\0\0" + b"\xff" * 16 and not any(content[18:]),
    _TIME: lambda content: content.startswith(b"\1\0\0\0"),
    _REFERENCES: lambda content: len(content) == 5 and content[0] == 0 and any(content),
}
_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_EARLY = struct.Struct("<8s8BHHIQQQQQQII16s")
_LATER, _LATER_SUMMED_NBYTES = struct.Struct("<8s4BQQQQI"), 44
_TABLE = struct.Struct("<QQ")


@dataclass(frozen=True, slots=True)
class _Group:
    """A group, its attributes not read yet."""

    address: int
    links: list[Link]
    attributes: list[bytes]
    table: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class _Dataset:
    """A dataset that lies in the file as in memory."""

    shape: tuple[int, ...]
    dtype: str
    nbytes: int
    offset: int | None


@dataclass(slots=True)
class _Below:
    """What was found below a group, by its path, and the addresses of it and the groups under it."""

    groups: set[int]
    objects: dict[str, _Group | _Dataset] = field(default_factory=dict)


class PlainHdf5:
    """An HDF5 file of the plain subset. Every method may find that it is none.

    Args:
        source: The file.
        start: Where its HDF5 content begins.
        nbytes: How long that is.
        limits: The caps; what is beyond them is not plain.

    Raises:
        NotPlain: HDF5 itself is to be asked; so of every method, or one of `OUTSIDE`.
    """

    def __init__(self, source: Source, start: int, nbytes: int, limits: Limits) -> None:
        self._file, self._limits = Stretch(source, start, nbytes), limits
        self._objects: dict[int, _Group | _Dataset] = {}
        self._attributes = Attributes(self._file, limits.attribute_bytes, {})
        self._symbols: SymbolTable | None = None
        self._root = self._superblock()

    def _superblock(self) -> Link:
        """The root group (section II.A of the specification)."""
        head = self._file.at(0, _LATER.size)
        if head[8] == 2:
            need(head[9:12] == b"\x08\x08\0")
            signature, *_, base, extension, end, root, said = _LATER.unpack(head)
            self._file.check(head[:_LATER_SUMMED_NBYTES], said)
            self._file.reserve(0, _LATER.size)
            found = Link(b"", root)
        else:
            signature, *versions, leaf, fanout, flags, base, extension, end, driver, _, root, cache, _, table = (
                _EARLY.unpack(self._file.take(0, _EARLY.size))
            )
            need(versions == [0, 0, 0, 0, 0, 8, 8, 0] and leaf > 0 and fanout > 0 and flags == 0)
            need(driver == UNDEFINED and cache in (0, 1))
            self._symbols = SymbolTable(self._file, fanout, leaf)
            found = Link(b"", root, _TABLE.unpack(table) if cache else None)
        # Where the file was to begin does not matter: HDF5 counts from the superblock on, and moves the end with it.
        need(signature == _SIGNATURE and extension == UNDEFINED)
        need(0 < end - base <= self._file.end)
        self._file.end = end - base
        return found

    def names(self, path: str) -> list[str]:
        """What a group holds."""
        found = [link.name.decode() for link in self._group(path).links]
        self._file.settle()
        return found

    def attributes(self, path: str) -> dict[str, Any]:
        """Attributes of a group that are texts or numbers; a list for an array of them."""
        found = self._attributes.read(self._group(path).attributes)
        self._file.settle()
        return found

    def walk(self, root: str, depth: int | None, skip: tuple[str, ...]) -> Contents:
        """Everything below the group at `root`; for the arguments see `Hdf5.walk`."""
        found = Contents()
        group = self._group(root)
        below = _Below(groups={group.address})
        self._go_below(group, "", below)
        for path, one in below.objects.items():
            if path.partition("/")[0] in skip or (depth is not None and path.count("/") > depth):
                continue
            if isinstance(one, _Dataset):
                source = None if one.offset is None else self._file.source
                found.tensors[path] = Tensor(path, one.shape, one.dtype, one.nbytes, one.offset, source)
            elif texts := self._texts(one.attributes):
                found.attributes[path] = texts
        self._file.settle()
        return found

    def _texts(self, messages: list[bytes]) -> dict[str, str]:
        found = self._attributes.read(messages) if messages else {}
        return {name: value for name, value in found.items() if isinstance(value, str)}

    def _group(self, path: str) -> _Group:
        found = self._object(self._root)
        for part in filter(None, path.split("/")):
            need(isinstance(found, _Group))
            assert isinstance(found, _Group)
            name = part.encode()
            link = next((link for link in found.links if link.name == name), None)
            need(link is not None)
            assert link is not None
            found = self._object(link)
        if not isinstance(found, _Group):
            raise NotPlain
        return found

    def _go_below(self, group: _Group, above: str, found: _Below) -> None:
        limits = self._limits
        for link in group.links:
            path = above + link.name.decode()
            if len(path) > limits.name_bytes or path.count("/") > limits.group_depth:
                raise NotPlain
            one = found.objects[path] = self._object(link)
            if isinstance(one, _Dataset):
                need(len(found.objects) - len(found.groups) <= limits.tensor_count)
                continue
            need(one.address not in found.groups and len(found.groups) <= limits.group_count)
            found.groups.add(one.address)
            self._go_below(one, path + "/", found)

    def _object(self, link: Link) -> _Group | _Dataset:
        found = self._objects.get(link.address)
        if found is None:
            found = self._objects[link.address] = self._read(link.address)
        if link.table is not None:  # HDF5 may go by what stands beside the name
            need(isinstance(found, _Group) and found.table == link.table)
        return found

    def _read(self, address: int) -> _Group | _Dataset:
        messages: dict[int, bytes] = {}
        attributes: list[bytes] = []
        links: list[bytes] = []
        for kind, content in messages_at(self._file, address):
            if kind == _ATTRIBUTE:
                attributes.append(content)
            elif kind == _LINK:
                links.append(content)
            elif kind in messages or (kind in _IGNORED and not _IGNORED[kind](content)):
                raise NotPlain
            elif kind not in _IGNORED:
                messages[kind] = content
        if messages.keys() == _OF_DATASET and not links:
            return self._dataset(messages, attributes)
        if messages.keys() == _OF_EARLY_GROUP and not links:
            table = _TABLE.unpack(messages[_SYMBOL_TABLE])
            need(self._symbols is not None)
            assert self._symbols is not None
            return _Group(address, self._symbols.links(*table), attributes, table)
        need(messages.keys() == _OF_GROUP and not any(messages[_GROUP_INFO]))
        return _Group(address, self._links(messages[_LINK_INFO], links), attributes, None)

    def _links(self, info: bytes, stored: list[bytes]) -> list[Link]:
        need(info[:2] == b"\0\0" and not any(info[18:]))
        heap, tree = _TABLE.unpack_from(info, 2)
        if heap != UNDEFINED:
            need(not stored)
            return dense_links(self._file, heap, tree)
        need(tree == UNDEFINED)
        links = sorted(map(link_in, stored), key=lambda link: link.name)
        need(all(one.name != other.name for one, other in pairwise(links)))
        return links

    def _dataset(self, messages: dict[int, bytes], attributes: list[bytes]) -> _Dataset:
        stored = messages[_TYPE]
        shape = shape_of(messages[_SPACE])
        need(is_plain_fill(messages[_FILL]))
        name = TYPES.get(stored)
        if name is None:
            name = self._texts(attributes).get("dtype", "")
            need(is_extended(name))
        nbytes = math.prod(shape) * self._value_nbytes(name, stored)
        address = place_of(messages[_LAYOUT], nbytes)
        if address is None:
            return _Dataset(shape, name, nbytes, None)
        self._file.reserve(address, nbytes)
        return _Dataset(shape, name, nbytes, self._file.start + address)

    def _value_nbytes(self, name: str, stored: bytes) -> int:
        try:
            nbytes = int(numpy_type(name).itemsize)
        except KeptError:
            raise NotPlain from None
        need(stored in TYPES or opaque_nbytes(stored) == nbytes)
        return nbytes
