"""Weights alone, in HDF5: the `.weights.h5` of Keras 3.

Extras of an open one: `record`, kept's own record of it (the JSON in `/_kept/record`), or None; and `foreign_bytes`,
how many bytes of the file lie before its HDF5 content, and how many behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any

import numpy as np

from ..errors import UnknownFormatError
from ..limits import Limits
from . import strict_json
from .artifact import Artifact, NewTensor, TensorRecord, Written, check_version
from .base import Format, Probe, hdf5_start
from .hdf5 import Hdf5, foreign_bytes
from .output import Output
from .pages import Pages
from .places import Place
from .source import Source

__all__ = ["FORMAT", "document", "extend", "write"]

RECORD = "_kept/record"


def document(content: bytes) -> NewTensor:
    """A text as the row of bytes that holds it in HDF5."""
    return NewTensor.of(np.frombuffer(content, np.uint8))


def write(
    file: str,
    tensors: Mapping[str, NewTensor],
    attributes: Mapping[str, Mapping[str, str]] | None = None,
    record: dict[str, Any] | Callable[[Written], dict[str, Any]] | None = None,
) -> Written:
    """Writes a weights file.

    Args:
        file: Where to; what is there is overwritten. May be `/proc/self/fd/N`.
        tensors: By inner path, in the order in which they are to lie in the file.
        attributes: Text attributes by group path; groups named here exist even when empty.
        record: kept's own record, or what makes it once it is known where every tensor lies.

    Raises:
        WriteError: The system refuses.
        SerializationError: A tensor or the record cannot be written.
    """
    from .hdf5.write import Layout, write_tensors  # h5py is for writing alone

    with Layout(Pages()) as layout:
        for path, texts in (attributes or {}).items():
            layout.text(path, texts)
        for path, tensor in tensors.items():
            layout.tensor(path, tensor)
        plan = layout.finish()
    with Output(file, truncate=True) as output:
        output.reserve(plan.pages.nbytes)
        records, _ = write_tensors(output, plan)
        written = Written(records)
        if record is not None:
            made = record(written) if callable(record) else record
            extend(output, {RECORD: document(strict_json.dump(made, RECORD))})
    return written


def extend(output: Output, tensors: Mapping[str, NewTensor]) -> dict[str, TensorRecord]:
    """Adds tensors to an HDF5 file that is there, in place of any under the same path; returns where they lie."""
    from .hdf5.write import Layout, write_tensors

    with Layout(Pages(output.fd)) as layout:
        for path, tensor in tensors.items():
            layout.remove(path)
            layout.tensor(path, tensor)
        plan = layout.finish()
    output.reserve(plan.pages.nbytes)
    return write_tensors(output, plan, checked=False)[0]


def _sniff(probe: Probe) -> bool:
    return probe.hdf5_at is not None and not probe.is_zip


def _open(path: Place, limits: Limits) -> Artifact:
    with ExitStack() as resources:
        source = resources.enter_context(Source(path))
        hdf5 = Hdf5(source, 0, source.nbytes, limits)
        resources.callback(hdf5.close)
        contents = hdf5.walk()
        if not contents.tensors and not contents.attributes and not hdf5.names():
            raise UnknownFormatError("an HDF5 file, but an empty one", path=path, expected="weights")
        record = None
        if RECORD in contents.tensors:
            record = strict_json.parse(hdf5.document(RECORD), path=path, where=RECORD, limits=limits)
            check_version(record, path)
        tensors = {name: tensor for name, tensor in contents.tensors.items() if name != RECORD}
        return Artifact(
            path,
            "weights_h5",
            tensors=tensors,
            attributes=contents.attributes,
            extras={"record": record, "foreign_bytes": foreign_bytes(source, hdf5_start(source) or 0)},
            _resources=resources.pop_all(),
        )


FORMAT = Format(".weights.h5 file", _sniff, _open, rank=9)
