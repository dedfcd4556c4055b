"""Reading tensors with HDF5 without trusting it: no link is followed, nothing is allocated on its word alone."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import h5py
import numpy as np
from h5py import h5a, h5d, h5f, h5fd, h5g, h5l, h5o, h5p, h5s, h5t

from ...errors import CorruptFileError, ExpansionError, KeptError, LimitExceededError, UnsafeContentError, shown
from ...limits import Limits
from ..artifact import Tensor
from ..dtypes import hdf5_type, is_extended, numpy_type, type_name
from ..source import Part, Source
from .chunks import FILTERS, read_filtered
from .contents import Contents

__all__ = ["LibraryHdf5"]

_HEAP = re.compile(b"GCOL")
_HEAP_HEAD_NBYTES = 16

# Complex numbers are compounds to HDF5.
_TYPES = frozenset({h5t.INTEGER, h5t.FLOAT, h5t.ENUM, h5t.OPAQUE, h5t.COMPOUND, h5t.STRING})
_FAULTS = (OSError, RuntimeError, ValueError, TypeError, KeyError, OverflowError, MemoryError, SystemError)


class LibraryHdf5:
    """An HDF5 file of any kind, or a stretch of a file that is one, read by HDF5 itself.

    Args:
        source: The file.
        start: Where the HDF5 content begins.
        nbytes: How long it is.
        limits: The caps.
        where: The member, for errors; empty for a whole file.

    Raises:
        CorruptFileError: HDF5 cannot open it; a file cut at any byte is noticed here.
    """

    def __init__(self, source: Source, start: int, nbytes: int, limits: Limits, where: str = "") -> None:
        self._source, self._start, self._nbytes, self._limits, self._where = source, start, nbytes, limits, where
        self._attribute_nbytes = 0
        with self._reading(""):
            access = h5p.create(h5p.FILE_ACCESS)
            access.set_fclose_degree(h5f.CLOSE_STRONG)
            access.set_fileobj_driver(h5fd.fileobj_driver, Part(source, start, nbytes))
            self._file = h5f.open(b"kept", h5f.ACC_RDONLY, fapl=access)

    def close(self) -> None:
        """Closes it; arrays that were mapped stay valid."""
        self._file.close()

    def names(self, path: str = "") -> list[str]:
        """What a group holds."""
        group = self._group(path)
        with self._reading(path):
            return [name.decode() for name in group]

    def attributes(self, path: str = "") -> dict[str, Any]:
        """Attributes of a group that are texts or numbers; a list for an array of them."""
        group = self._group(path)
        with self._reading(path):
            return self._attributes(group)

    def _attributes(self, owner: h5g.GroupID | h5d.DatasetID) -> dict[str, Any]:
        count = h5a.get_num_attrs(owner)
        opened = [h5a.open(owner, index=index) for index in range(count)] if count else []
        return {attribute.name.decode(): self._value(attribute) for attribute in opened}

    def _value(self, attribute: h5a.AttrID) -> Any:
        if attribute.get_type().get_class() not in (h5t.STRING, h5t.INTEGER, h5t.FLOAT):
            return None
        if attribute.get_space().get_simple_extent_type() == h5s.NULL:
            return None
        count = math.prod(attribute.shape)
        is_one_text = attribute.dtype.kind == "O" and count == 1  # as long as the file at most, and counted when read
        if not is_one_text:
            each = self._longest_text if attribute.dtype.kind == "O" else attribute.dtype.itemsize
            self._count_attribute(attribute, count * each)
        values = np.empty(attribute.shape, attribute.dtype)
        attribute.read(values)
        found = _plain(values.tolist())
        if is_one_text:
            self._count_attribute(attribute, len(str(found)))
        return found

    def _count_attribute(self, attribute: h5a.AttrID, nbytes: int) -> None:
        self._attribute_nbytes += nbytes
        if self._attribute_nbytes > self._limits.attribute_bytes:
            most = f"{self._limits.attribute_bytes} bytes in all"
            raise self._limit("attribute is too large", attribute.name.decode(), most, f"{self._attribute_nbytes}")

    @cached_property
    def _longest_text(self) -> int:
        """The most bytes that one text of variable length has here: HDF5 keeps them in heaps, which many may share."""
        step, end, longest = self._source.step_nbytes, self._start + self._nbytes, 0
        for start in range(self._start, end, step):
            piece = self._source.view(start, min(step + _HEAP_HEAD_NBYTES, end - start))
            for found in _HEAP.finditer(piece):
                size = piece[found.start() + 8 : found.start() + _HEAP_HEAD_NBYTES]
                longest = max(longest, int.from_bytes(size, "little"))
        return min(longest, self._nbytes)

    def walk(self, root: str = "", *, depth: int | None = None, skip: tuple[str, ...] = ()) -> Contents:
        """Everything below the group at `root`, every object checked, none read.

        Args:
            root: Path of a group without soft or external links on the way.
            depth: How many levels of groups to enter; None for all of them.
            skip: Names in the root group to leave out.

        Raises:
            UnsafeContentError: It leads out of the file, or needs a plug-in.
            LimitExceededError: It declares more than it stores, or than the limits allow.
            CorruptFileError: HDF5 cannot make sense of it.
        """
        return _Walk(self, depth, skip).run(self._group(root))

    def _group(self, path: str) -> h5g.GroupID:
        with self._reading(path):
            group = h5g.open(self._file, b"/")
            for part in filter(None, path.split("/")):
                if part.encode() not in group:
                    raise self._corrupt("no group there", path)
                self.refuse_link(group, part.encode(), path)
                group = h5g.open(group, part.encode())
            return group

    def refuse_link(self, group: h5g.GroupID, name: bytes, path: str) -> None:
        """Refuses whatever is not simply an object of this file."""
        if group.links.get_info(name).type != h5l.TYPE_HARD:
            raise self.link_elsewhere(path)

    def link_elsewhere(self, path: str) -> UnsafeContentError:
        """The error for a link that is not simply an object of this file."""
        return self._unsafe("a link to another place, which kept does not follow", path)

    def text_attributes(self, owner: h5g.GroupID | h5d.DatasetID, path: str) -> dict[str, str]:
        """The attributes of one object that are a text."""
        with self._reading(path):
            found = self._attributes(owner)
        return {name: value for name, value in found.items() if isinstance(value, str)}

    def tensor(self, dataset: h5d.DatasetID, path: str) -> Tensor:
        """One dataset, checked and not read."""
        properties = dataset.get_create_plist()
        layout = properties.get_layout()
        if layout == h5d.VIRTUAL:
            raise self._unsafe("a virtual dataset, which takes its values from other files", path)
        if properties.get_external_count():
            raise self._unsafe("a dataset with its values in another file", path)
        for index in range(properties.get_nfilters()):
            if properties.get_filter(index)[0] not in FILTERS:
                raise self._unsafe(f"a dataset that needs the HDF5 filter {properties.get_filter(index)[0]}", path)
        stored_type = dataset.get_type()
        if stored_type.get_class() not in _TYPES:
            raise self._corrupt("no tensor has such a type", path, found=type(stored_type).__name__)
        dtype = stored_type.dtype
        shape = tuple(int(length) for length in dataset.shape)
        nbytes = math.prod(shape) * dtype.itemsize
        if (dtype.fields is not None or dtype.subdtype is not None or dtype.kind == "O") and not _is_text(dtype):
            raise self._corrupt("no tensor has such a type", path, found=shown(str(dtype)))
        name = self._type_name(dataset, dtype, path)
        chunk = math.prod(properties.get_chunk()) * dtype.itemsize if layout == h5d.CHUNKED else 0
        texts = math.prod(shape) * self._longest_text if dtype.kind == "O" else 0
        self._limit_expansion(max(nbytes, chunk, texts), dataset.get_storage_size(), path)
        in_place = layout == h5d.CONTIGUOUS and _as_in_memory(stored_type, dtype, name)
        offset = self._offset(dataset, nbytes, path) if in_place else None
        if offset is not None:
            return Tensor(path, shape, name, nbytes, offset, self._source)
        if properties.get_nfilters() and not h5t.py_create(dtype, logical=True).equal(stored_type):
            raise self._corrupt("no compressed tensor has such a type", path, found=type(stored_type).__name__)
        return Tensor(path, shape, name, nbytes, None, None, self._reader(dataset, dtype, properties.get_nfilters()))

    def _type_name(self, dataset: h5d.DatasetID, dtype: np.dtype[Any], path: str) -> str:
        if dtype.kind != "V":
            return "string" if dtype.kind in "OS" else type_name(dtype)
        said = self.text_attributes(dataset, path).get("dtype", "") if h5a.get_num_attrs(dataset) else ""
        if not is_extended(said):
            return type_name(dtype)
        if numpy_type(said).itemsize != dtype.itemsize:
            raise self._corrupt(
                "type and size of its values differ", path, expected=said, found=f"{dtype.itemsize} bytes each"
            )
        return said

    def limit_together(self, tensors: Iterable[Tensor]) -> None:
        """Refuses tensors that each promise little more than they store, and much more together."""
        declared = sum(tensor.nbytes for tensor in tensors if tensor.offset is None)
        self._limit_expansion(declared, self._nbytes, "")

    def _limit_expansion(self, declared: int, stored: int, path: str) -> None:
        limits = self._limits
        if declared > limits.expansion_free_bytes and declared > limits.expansion_ratio * stored:
            raise ExpansionError(
                "declares far more than it stores",
                path=self._source.path,
                where=self._place(path),
                expected=f"at most {limits.expansion_ratio} x {stored} bytes",
                found=f"{declared} bytes",
            )

    def _offset(self, dataset: h5d.DatasetID, nbytes: int, path: str) -> int | None:
        stored = dataset.get_storage_size()
        offset = dataset.get_offset() if stored and nbytes else None
        if offset is None:
            return None
        if offset + nbytes > self._nbytes or stored < nbytes:
            raise self._corrupt(
                "a tensor reaches beyond the end",
                path,
                expected=f"at most {self._nbytes} bytes",
                found=f"bytes {offset} to {offset + nbytes}",
            )
        return int(self._start + offset)

    def _reader(
        self, dataset: h5d.DatasetID, dtype: np.dtype[Any], filter_count: int
    ) -> Callable[[Tensor], np.ndarray[Any, Any]]:
        def read(tensor: Tensor) -> np.ndarray[Any, Any]:
            if not dataset.valid:
                raise KeptError("the file was closed before this tensor was read", path=self._source.path)
            with self._reading(tensor.path):
                try:
                    array = read_filtered(dataset, dtype) if filter_count else np.asarray(h5py.Dataset(dataset)[()])
                except CorruptFileError as error:
                    raise self._corrupt(error.message, tensor.path, error.expected, error.found) from error
            if is_extended(tensor.dtype):
                array = array.view(numpy_type(tensor.dtype))
            if array.dtype.byteorder == ">":
                array = array.astype(array.dtype.newbyteorder("<"))
            array.flags.writeable = False
            return array

        return read

    @contextmanager
    def _reading(self, path: str) -> Iterator[None]:
        try:
            yield
        except _FAULTS as error:
            if isinstance(error, KeptError):
                raise
            raise self._corrupt("HDF5 cannot read it", path, found=_reason(error)) from error

    def _place(self, path: str) -> str:
        return ": ".join(filter(None, (self._where, path)))

    def _corrupt(self, message: str, path: str, expected: str = "", found: str = "") -> CorruptFileError:
        return CorruptFileError(
            message, path=self._source.path, where=self._place(path), expected=expected, found=found
        )

    def _unsafe(self, what: str, path: str) -> UnsafeContentError:
        return UnsafeContentError(f"holds {what}", path=self._source.path, where=self._place(path))

    def _limit(self, message: str, path: str, expected: str, found: str) -> LimitExceededError:
        return LimitExceededError(
            message, path=self._source.path, where=self._place(path), expected=f"at most {expected}", found=found
        )


class _Walk:
    """One walk over a group: HDF5 lists all links, then all objects, and only datasets and names are opened."""

    def __init__(self, file: LibraryHdf5, depth: int | None, skip: tuple[str, ...]) -> None:
        self._file, self._depth, self._skip = file, depth, skip
        self._contents = Contents()
        self._stored: dict[int, Tensor] = {}

    def run(self, root: h5g.GroupID) -> Contents:
        with self._file._reading(""):
            links = self._links(root)
            kinds: dict[int, int] = {}
            bare: set[int] = set()

            def note(_: bytes, info: Any) -> None:
                kinds[info.addr] = info.type
                if not info.num_attrs:
                    bare.add(info.addr)

            h5o.visit(root, note, info=True)
            self._refuse_second_ways(root, links, kinds)
        for path, address in links:
            kind = kinds.get(address)
            if kind == h5o.TYPE_GROUP and address in bare:
                continue
            with self._file._reading(path):
                self._note(root, path, address, kind)
        end = 0
        for tensor in sorted(self._stored.values(), key=lambda tensor: tensor.offset or 0):
            if (tensor.offset or 0) < end:
                raise self._file._corrupt("tensors overlap", tensor.path)
            end = (tensor.offset or 0) + tensor.nbytes
        self._file.limit_together(self._contents.tensors.values())
        return self._contents

    def _links(self, root: h5g.GroupID) -> list[tuple[str, int]]:
        """Path and address of everything below a group. HDF5 goes down a link only after it was noted here."""
        found: list[tuple[str, int]] = []
        refusals: list[KeptError] = []

        def note(name: bytes, info: Any) -> bool | None:
            path = name.decode(errors="surrogateescape")
            if path.partition("/")[0] in self._skip:
                return None
            refusal = self._refusal(path, info.type, len(found))
            if refusal is not None:  # h5py lets no error out of here
                refusals.append(refusal)
                return True
            if self._depth is None or path.count("/") <= self._depth:
                found.append((path, info.u))
            return None

        root.links.visit(note, info=True)
        if refusals:
            raise refusals[0]
        return found

    def _refusal(self, path: str, kind: int, count: int) -> KeptError | None:
        limits = self._file._limits
        if len(path) > limits.name_bytes:
            most = f"{limits.name_bytes} characters"
            return self._file._limit("an inner path is too long", path[:60] + "...", most, f"{len(path)}")
        if kind != h5l.TYPE_HARD:
            return self._file.link_elsewhere(path)
        if path.count("/") > limits.group_depth:
            return self._file._limit("groups are nested too deep", path, f"{limits.group_depth} levels", "more")
        if count > limits.tensor_count + limits.group_count:
            return self._file._limit("too many objects", path, f"{count}", "more")
        return None

    def _refuse_second_ways(self, root: h5g.GroupID, links: list[tuple[str, int]], kinds: dict[int, int]) -> None:
        groups = [(path, address) for path, address in links if kinds.get(address) == h5o.TYPE_GROUP]
        if len(groups) > self._file._limits.group_count:
            raise self._file._limit("too many groups", "", f"{self._file._limits.group_count}", f"{len(groups)}")
        seen = {h5o.get_info(root).addr}
        for path, address in groups:
            if address in seen:
                raise self._file._corrupt("a group is reached twice", path)
            seen.add(address)

    def _note(self, root: h5g.GroupID, path: str, address: int, kind: int | None) -> None:
        """One object. It is closed before the next is opened: HDF5 is slow when thousands are open."""
        if kind == h5o.TYPE_GROUP:
            if texts := self._file.text_attributes(h5g.open(root, path.encode()), path):
                self._contents.attributes[path] = texts
        elif kind == h5o.TYPE_DATASET:
            tensor = self._contents.tensors[path] = self._file.tensor(h5d.open(root, path.encode()), path)
            if tensor.offset is not None:
                self._stored[address] = tensor
            if len(self._contents.tensors) > self._file._limits.tensor_count:
                raise self._file._limit("too many tensors", path, f"{self._file._limits.tensor_count}", "more")


def _is_text(dtype: np.dtype[Any]) -> bool:
    return h5py.check_string_dtype(dtype) is not None


def _as_in_memory(stored: h5t.TypeID, dtype: np.dtype[Any], name: str) -> bool:
    """Whether the stored bytes are what numpy would hold; HDF5 has floats and orders of bytes that numpy has not."""
    if is_extended(name):
        return bool(stored.get_size() == dtype.itemsize)
    return dtype.kind in "biufc" and bool(hdf5_type(name).equal(stored))


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value.decode() if isinstance(value, bytes) else value


def _reason(error: BaseException) -> str:
    text = str(error)
    return shown(text)[1:-1] if text else type(error).__name__
