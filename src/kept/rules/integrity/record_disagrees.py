"""kept's record is not of this file.

What it does:
    Compares the record that kept wrote with the file: whether it can be read, is of these weights, says the shapes
    and types that are there, has the sources whose hashes it names, and a fingerprint of the same numbers.

Why it matters:
    The file was changed after it was proven, so that the proof says nothing of it: weights or record come from
    elsewhere.

Example:
    import json
    import zlib

    import h5py
    import numpy as np

    kernel = np.ones((3, 2), "float32")
    checksum = f"crc32:{zlib.crc32(kernel):08x}"
    told = {"offset": None, "shape": [6, 1], "dtype": "float32", "nbytes": 24, "checksum": checksum}
    record = json.dumps({"format": 1, "tensors": {"layers/dense/vars/0": told}, "meanings": {}})
    with h5py.File("model.weights.h5", "w") as file:
        file["layers/dense/vars/0"] = kernel
        file["_kept/record"] = np.frombuffer(record.encode(), "uint8")

Use instead:
    import json
    import zlib

    import h5py
    import numpy as np

    kernel = np.ones((3, 2), "float32")
    checksum = f"crc32:{zlib.crc32(kernel):08x}"
    told = {"offset": None, "shape": [3, 2], "dtype": "float32", "nbytes": 24, "checksum": checksum}
    record = json.dumps({"format": 1, "tensors": {"layers/dense/vars/0": told}, "meanings": {}})
    with h5py.File("model.weights.h5", "w") as file:
        file["layers/dense/vars/0"] = kernel
        file["_kept/record"] = np.frombuffer(record.encode(), "uint8")

Fix safety:
    There is no fix: take another copy, or save again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kept.findings import Finding, Rule, Severity
from kept.rules.subject import FileSubject

if TYPE_CHECKING:
    from kept.formats.artifact import Tensor

__all__ = ["RULE", "check"]

RULE = Rule("KPT408", __name__, Severity.ERROR)


def check(subject: FileSubject) -> Iterator[Finding]:
    """Yields what the page above describes."""
    yield from (RULE.finding(message, where=where) for message, where in _contradictions(subject))


def _contradictions(subject: FileSubject) -> Iterator[tuple[str, tuple[str, ...]]]:
    artifact, record = subject.artifact, subject.record
    if artifact is None:
        return
    if record is None:
        if artifact.record is not None:
            yield "kept's record cannot be read", ()
        return
    if not artifact.is_recorded_by(record):
        yield "kept's record is of other weights", ()
    elif not isinstance(record.get("tensors"), Mapping):
        yield "kept's record does not say which tensors there are", ()
    elif wrong := tuple(_misdescribed(subject.recorded_tensors(), artifact.tensors)):
        yield "kept's record says another shape or type", wrong
    if wrong := tuple(_changed_sources(record)):
        yield "the source is not the one whose hash kept recorded", wrong
    if wrong := tuple(_other_variables(record, subject.recorded_tensors())):
        yield "the fingerprint is of other numbers than kept recorded for the tensors", wrong


def _misdescribed(recorded: Mapping[str, Mapping[str, Any]], tensors: Mapping[str, Tensor]) -> Iterator[str]:
    for path, told in recorded.items():
        tensor = tensors.get(path)
        if tensor is not None and (told.get("shape"), told.get("dtype")) != (list(tensor.shape), tensor.dtype):
            yield path


def _changed_sources(record: Mapping[str, Any]) -> Iterator[str]:
    sources = record.get("sources", {})
    for module, unit in sources.items() if isinstance(sources, Mapping) else ():
        text, said = (unit.get("text"), unit.get("sha256")) if isinstance(unit, Mapping) else (None, None)
        made = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() if isinstance(text, str) else ""
        if made != said:
            yield str(module)


def _other_variables(record: Mapping[str, Any], recorded: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Variables of which no tensor of their kind has the checksum. Half precision has another kind, and no answer."""
    sums: dict[tuple[str, str], set[str]] = {}
    for told in recorded.values():
        sums.setdefault((str(told.get("dtype")), str(told.get("shape"))), set()).add(str(told.get("checksum")))
    for path, told in _fingerprinted(record).items():
        if isinstance(told, list) and len(told) >= 3:
            alike = sums.get((str(told[0]), str(told[1])))
            if alike and told[2] not in alike:
                yield str(path)


def _fingerprinted(record: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Any = record.get("fingerprint")
    for key in ("snapshot", "variables"):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}
