"""Arrays in the form of zarr: each in a folder of its own, or all of them in one database, which is called OCDBT.

Shape and type of an array in a folder are JSON. All else, values included, is read by the library `tensorstore`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import CorruptFileError, KeptError, MissingDependencyError, shown
from ..limits import Limits
from . import strict_json
from .source import Source

__all__ = ["StoredArray", "Zarr"]

_HINT = 'pip install "kept[orbax]"'
_DATABASE, _V2, _V3 = "manifest.ocdbt", ".zarray", "zarr.json"
# At most this much of what tensorstore has read is kept for a second time.
_CACHE_NBYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class StoredArray:
    """An array as its metadata has it; nothing of it is checked.

    Attributes:
        folder: Of all the arrays.
        name: Its own.
        shape: Its shape.
        dtype: Name of its type.
        chunk: Shape of the pieces in which it is read.
    """

    folder: Path
    name: str
    shape: Sequence[Any]
    dtype: str
    chunk: Sequence[Any]
    _spec: dict[str, Any] = field(repr=False)

    def read(self) -> np.ndarray[Any, Any]:
        """The values.

        Raises:
            CorruptFileError: They cannot be read.
            MissingDependencyError: `tensorstore` is not installed.
        """
        library = _tensorstore(self.folder, f"the values of {self.name}")
        with _reading(self.folder, self.name):
            store = library.open(self._spec, read=True, open=True, context=_context(library)).result()
            return np.asarray(store.read().result())


@dataclass(frozen=True, slots=True)
class Zarr:
    """A folder of arrays.

    Attributes:
        folder: Where they are.
        in_one: Whether they are in one database.
        is_v3: Whether they have the third version of zarr.
        is_complete: Whether zeros are stored, too, so that data that are not there are lost.
    """

    folder: Path
    in_one: bool
    is_v3: bool
    is_complete: bool

    def arrays(self, names: Sequence[str], limits: Limits) -> dict[str, StoredArray]:
        """The arrays by their names.

        Raises:
            CorruptFileError: One is missing, or damaged.
            MissingDependencyError: They are in a database and `tensorstore` is not installed.
        """
        if not self.in_one:
            return {name: self._described(name, limits) for name in names}
        return self._looked_up(names) if names else {}

    def _described(self, name: str, limits: Limits) -> StoredArray:
        file = self.folder / name / (_V3 if self.is_v3 else _V2)
        if not file.is_file():
            raise CorruptFileError("an array is missing", path=self.folder, where=f"{name}/{file.name}")
        with Source(file) as source:
            content = source.read_at(0, min(source.nbytes, limits.json_bytes + 1))
        said = strict_json.parse(content, path=file, where="", limits=limits, finite=False)
        chunk, dtype = said.get("chunks"), said.get("dtype")
        if self.is_v3:
            grid = said.get("chunk_grid")
            held = grid.get("configuration") if isinstance(grid, dict) else None
            chunk, dtype = held.get("chunk_shape") if isinstance(held, dict) else None, said.get("data_type")
        elif isinstance(dtype, str):
            dtype = _type_of_v2(dtype)
        if not isinstance(dtype, str) or not isinstance(said.get("shape"), list) or not isinstance(chunk, list):
            raise CorruptFileError("not the description of an array", path=file, found=shown(said))
        store = {"driver": "file", "path": f"{self.folder / name}/"}
        return StoredArray(self.folder, name, said["shape"], dtype, chunk, self._spec(store))

    def _looked_up(self, names: Sequence[str]) -> dict[str, StoredArray]:
        if not (self.folder / _DATABASE).is_file():
            raise CorruptFileError("a part of the checkpoint is missing", path=self.folder, where=_DATABASE)
        library = _tensorstore(self.folder, f"the {len(names)} arrays, which are in one OCDBT database")
        context = _context(library)
        base = {"driver": "file", "path": f"{self.folder}/"}
        specs = {name: self._spec({"driver": "ocdbt", "base": base, "path": f"{name}/"}) for name in names}
        opened = {name: library.open(spec, read=True, open=True, context=context) for name, spec in specs.items()}
        for future in opened.values():  # an error of one must not leave others at work
            future.exception()
        found = {}
        for name, future in opened.items():
            with _reading(self.folder, name):
                store = future.result()
                chunk = store.chunk_layout.read_chunk.shape or store.shape
                found[name] = StoredArray(self.folder, name, store.shape, store.dtype.name, chunk, specs[name])
        return found

    def _spec(self, store: dict[str, Any]) -> dict[str, Any]:
        driver = "zarr3" if self.is_v3 else "zarr"
        return {"driver": driver, "kvstore": store, "fill_missing_data_reads": not self.is_complete}


def _type_of_v2(dtype: str) -> str:
    try:
        return str(np.dtype(dtype).name)
    except TypeError:
        return dtype  # one of ml_dtypes goes by its name


def _context(library: Any) -> Any:
    return library.Context({"cache_pool": {"total_bytes_limit": _CACHE_NBYTES}})


def _tensorstore(folder: Path, wanted: str) -> Any:
    try:
        import tensorstore
    except ImportError as error:
        raise MissingDependencyError(f"tensorstore is needed for {wanted}", path=folder, hint=_HINT) from error
    return tensorstore


@contextmanager
def _reading(folder: Path, name: str) -> Iterator[None]:
    try:
        yield
    except (ValueError, RuntimeError, OSError, OverflowError, MemoryError, NotImplementedError) as error:
        if isinstance(error, KeptError):
            raise
        found = shown(str(error))[1:-1]
        raise CorruptFileError("tensorstore cannot read it", path=folder, where=name, found=found) from error
