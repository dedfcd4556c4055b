"""Small HDF5 files, and what each of the two readers says of them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from kept.errors import KeptError
from kept.formats import weights_h5
from kept.formats.hdf5.library import LibraryHdf5
from kept.formats.hdf5.plain import PlainHdf5
from kept.formats.hdf5.stretch import OUTSIDE
from kept.formats.source import Source
from kept.limits import DEFAULT_LIMITS
from tests.formats.samples import ARRAYS, NAMES, new_tensors

NOT_PLAIN = "not plain"


def plainly(file: Path, start: int = 0, nbytes: int | None = None) -> Any:
    """All that the plain reader says of a file, or that it is not plain."""
    with Source(file) as source:
        try:
            plain = PlainHdf5(source, start, source.nbytes - start if nbytes is None else nbytes, DEFAULT_LIMITS)
            found = plain.walk("", None, ())
            return _said(plain, found.tensors, found.attributes)
        except OUTSIDE:
            return NOT_PLAIN


def by_hdf5(file: Path, start: int = 0, nbytes: int | None = None) -> Any:
    """All that HDF5 itself says of a file, or its error."""
    with Source(file) as source:
        try:
            library = LibraryHdf5(source, start, source.nbytes - start if nbytes is None else nbytes, DEFAULT_LIMITS)
            found = library.walk()
            said = _said(library, found.tensors, found.attributes)
            library.close()
            return said
        except KeptError as error:
            return str(error)


def _said(file: Any, tensors: Any, attributes: Any) -> Any:
    groups = {group: (file.names(group), file.attributes(group)) for group in ("", *attributes)}
    return list(tensors.items()), list(attributes.items()), groups


def early() -> bytes:
    """As stock Keras writes them, with a little of everything."""
    content = io.BytesIO()
    with h5py.File(content, "w") as store:
        for index in range(10):
            store[f"layers/d{index}/vars/0"] = np.arange(3.0)
        store["mask"], store["wave"], store["none"] = np.array([True]), np.zeros(2, "c8"), np.zeros((0, 3))
        store["half"] = np.zeros(2, "V2")
        store["half"].attrs["dtype"] = "bfloat16"
        store["layers"].attrs.update(
            {"name": "d" * 9, "count": 5, "names": ["a", "bb"], "old": np.array([b"x", b"yy"])}
        )
        store.attrs["backend"] = "jax"
        store["again"] = store["mask"]
    return content.getvalue()


def late(folder: Path, count: int = 3) -> bytes:
    """As kept writes them, with so many links in one group."""
    small = {path: array for path, array in ARRAYS.items() if array.size < 100}
    small |= {f"many/{index}": np.arange(2) for index in range(count)}
    weights_h5.write(str(folder / "late.h5"), new_tensors(small), NAMES)
    return (folder / "late.h5").read_bytes()
