"""Weights in several HDF5 files beside an index that names them: the `.weights.json` of Keras 3.

Extras of an open one: `record`, kept's own record of it (the key "kept" of the index), or None; and `shards`, the names
of the files that it names.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from ..errors import (
    CorruptFileError,
    FormatError,
    KeptError,
    LimitExceededError,
    Problem,
    SerializationError,
    UnsafeContentError,
    shown,
)
from ..limits import DEFAULT_LIMITS, Limits
from . import strict_json, weights_h5
from .artifact import Artifact, NewTensor, Tensor, TensorRecord, Written, check_version
from .base import Format, Probe
from .dtypes import numpy_type
from .folder import check_file
from .hdf5 import Hdf5
from .output import Output
from .source import Source
from .zip_layout import is_plain

__all__ = ["FORMAT", "named_shards", "owner_of", "renamed", "shard_name", "shard_number", "stand_in", "write"]

_MAP, _RECORD = "weight_map", "kept"
# Where an index is looked for by its content: Keras writes the few bytes of its metadata before the map.
_HEAD_NBYTES = 1 << 16
# Keras opens shard 0 with every index of its name, whatever that says. Where no weights are in it, the index names it
# for this group, which no model has, so that whoever copies the shards takes it along.
_NO_GROUP = "/_kept/empty"
# The attribute in which a shard of kept says which index it was written for.
_OWNER = "kept_index"
_GB = 1 << 30


def shard_name(index: str, number: int) -> str:
    """The name that Keras gives a shard of the index at a path."""
    return f"{_base(index)}_{number:05}.weights.h5"


def _base(index: str) -> str:
    return Path(index).stem.replace(".weights", "")


def write(
    index: str,
    tensors: Mapping[str, NewTensor],
    attributes: Mapping[str, Mapping[str, str]],
    record: Callable[[Written], dict[str, Any]],
    *,
    shard_nbytes: float,
) -> Written:
    """Writes an index, and beside it shards 0, 1, ...; what is there is overwritten.

    Args:
        index: Path of the index.
        tensors: By inner path, in the order in which they are to be shared out.
        attributes: Text attributes by group path; groups named here exist even when empty.
        record: Makes kept's own record once it is known where every tensor lies.
        shard_nbytes: The most bytes of tensors in one shard. A group that fits into one is not divided: Keras 3.10
            finds only the first shard of each.

    Raises:
        WriteError: The system refuses.
        SerializationError: A tensor is larger than a shard may be, or cannot be written.
    """
    folder, groups = os.path.dirname(index), {_group(path) for path in tensors}
    records: dict[str, TensorRecord] = {}
    named: dict[str, list[str]] = {}
    for number, part in enumerate(_shared_out(tensors, shard_nbytes)):
        name, here = shard_name(index, number), {_group(path) for path in part}
        texts = {path: one for path, one in attributes.items() if path in here or (not number and path not in groups)}
        shard = os.path.join(folder, name)
        records |= weights_h5.write(shard, part, {**_owned_by(index), **texts}).tensors
        for group in dict.fromkeys(map(_group, part)):
            named.setdefault(f"/{group}", []).append(name)
    written = Written(records)
    document = {
        "metadata": {"total_size": sum(one.nbytes for one in records.values())},
        _MAP: _as_written(named, shard_name(index, 0)),
        _RECORD: record(written),
    }
    with Output(index, truncate=True) as output:
        output.write(0, strict_json.dump(document, os.path.basename(index)))
    return written


def stand_in(file: str, index: str) -> None:
    """Writes what takes the place of shard 0 where an index has no weights in it."""
    weights_h5.write(file, {}, _owned_by(index))


def _owned_by(index: str) -> dict[str, dict[str, str]]:
    return {"": {_OWNER: os.path.basename(index)}}


def _as_written(named: Mapping[str, list[str]], first: str) -> dict[str, str | list[str]]:
    found = {group: names[0] if len(names) == 1 else names for group, names in named.items()}
    return found if any(first in names for names in named.values()) else {**found, _NO_GROUP: first}


def _group(path: str) -> str:
    """Inner path of the group that Keras's index has for a tensor: `layers/dense/vars/0` -> `layers/dense/vars`."""
    above, found, _ = path.rpartition("/vars/")
    return f"{above}/vars" if found else path.partition("/")[0]


def _nbytes(tensor: NewTensor) -> int:
    return math.prod(tensor.shape) * numpy_type(tensor.dtype).itemsize


def _shared_out(tensors: Mapping[str, NewTensor], most: float) -> list[dict[str, NewTensor]]:
    sizes = {path: _nbytes(tensor) for path, tensor in tensors.items()}
    too_large = [Problem("larger than a shard", path, found=f"{n} bytes") for path, n in sizes.items() if n > most]
    if too_large:
        needed = math.ceil(max(sizes.values()) / _GB * 1e9) / 1e9
        raise SerializationError(
            "a tensor does not fit into a shard",
            expected=f"at most {most:.0f} bytes each",
            problems=too_large,
            hint=f"max_shard_size={needed:.10g} (in GB), or more",
        )
    parts: list[dict[str, NewTensor]] = [{}]
    used = 0
    for _, grouped in groupby(tensors, _group):
        paths = list(grouped)
        whole = sum(sizes[path] for path in paths)
        if used + whole > most >= whole:
            parts.append({})
            used = 0
        for path in paths:
            if used + sizes[path] > most:
                parts.append({})
                used = 0
            parts[-1][path] = tensors[path]
            used += sizes[path]
    return parts


def renamed(content: bytes, index: str, names: Mapping[str, str]) -> bytes:
    """An index that `write` wrote, for the same shards under other names.

    Args:
        content: The index.
        index: Its path.
        names: Old name -> new one, of every shard.
    """
    document = strict_json.parse(content, path=Path(index), where="", limits=DEFAULT_LIMITS)
    named = {
        group: [names[name] for name in there]
        for group, there in _weight_map(document, Path(index), DEFAULT_LIMITS).items()
        if group != _NO_GROUP
    }
    document[_MAP] = _as_written(named, shard_name(index, 0))
    return strict_json.dump(document, os.path.basename(index))


def named_shards(index: str, *, empty: bool = False) -> set[str]:
    """Names of the shards that hold the weights of the index at a path; none where it is no index.

    Only names that Keras or kept would give them: no other file is theirs, whatever an index says.

    Args:
        index: The path.
        empty: Whether the one is meant too that is there for Keras to open, without weights.

    Raises:
        OSError: There is something, and it cannot be read.
    """
    try:
        with open(index, "rb") as file:
            content = file.read(DEFAULT_LIMITS.json_bytes + 1)
    except FileNotFoundError:
        return set()
    with suppress(FormatError, UnsafeContentError):
        document = strict_json.parse(content, path=Path(index), where="", limits=DEFAULT_LIMITS)
        named = _weight_map(document, Path(index), DEFAULT_LIMITS)
        names = {name for group, there in named.items() if empty or group != _NO_GROUP for name in there}
        return {name for name in names if shard_number(index, name) is not None}
    return set()


def shard_number(index: str, name: str) -> int | None:
    """The number in a name that Keras or kept might give a shard of the index at a path; None for other names."""
    found = re.fullmatch(rf"{re.escape(_base(index))}_([0-9]{{5,}})\.weights\.h5", name)
    return int(found[1]) if found else None


def owner_of(file: str) -> str | None:
    """Name of the index for which kept wrote a file; empty where it did not, None where it is no HDF5 file."""
    with suppress(KeptError), Source(Path(file)) as source:
        hdf5 = Hdf5(source, 0, source.nbytes, DEFAULT_LIMITS)
        try:
            return str(hdf5.attributes().get(_OWNER, ""))
        finally:
            hdf5.close()
    return None


def _sniff(probe: Probe) -> bool:
    if probe.is_folder or probe.is_zip or probe.hdf5_at is not None:
        return False
    with Source(probe.path) as source:
        head = source.read_at(0, _HEAD_NBYTES)
    return head.lstrip().startswith(b"{") and re.search(rf'"{_MAP}"\s*:'.encode(), head) is not None


def _open(path: Path, limits: Limits) -> Artifact:
    """Opens it as it was at one moment, also while a save replaces it: with another index, opening begins anew."""
    while True:
        content = _content(path, limits)
        try:
            artifact = _opened(path, content, limits)
        except FormatError:
            if _content(path, limits) == content:
                raise
            continue
        if _content(path, limits) == content:
            return artifact
        artifact.close()


def _content(path: Path, limits: Limits) -> bytes:
    with Source(path) as source:
        return source.read_at(0, min(source.nbytes, limits.json_bytes + 1))


def _opened(path: Path, content: bytes, limits: Limits) -> Artifact:
    document = strict_json.parse(content, path=path, where="", limits=limits)
    record = document.get(_RECORD)
    check_version(record, path)
    told = _weight_map(document, path, limits)
    named = {group: names for group, names in told.items() if group != _NO_GROUP}
    found = _Found(set(named))
    with ExitStack() as resources:
        names = _distinct(named.values())
        _require(path, names)
        for name in names:
            source = resources.enter_context(Source(path.parent / name))
            hdf5 = Hdf5(source, 0, source.nbytes, limits)
            resources.callback(hdf5.close)
            contents = hdf5.walk()
            found.take(name, contents.tensors, contents.attributes)
            if len(found.tensors) > limits.tensor_count:
                raise LimitExceededError("too many tensors", path=path, expected=f"at most {limits.tensor_count}")
        problems = [*found.problems, *found.unfilled(named)]
        if problems:
            raise CorruptFileError("index and shards do not agree", path=path, problems=problems)
        return Artifact(
            path,
            "sharded_weights",
            tensors=found.tensors,
            attributes=found.attributes,
            extras={"record": record, "shards": _distinct(told.values())},
            _resources=resources.pop_all(),
        )


def _distinct(names: Iterable[Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(name for there in names for name in there))


def _weight_map(document: Mapping[str, Any], path: Path, limits: Limits) -> dict[str, list[str]]:
    """Group -> names of the shards in which its tensors are, as the index says."""
    given = document.get(_MAP)
    if not isinstance(given, dict):
        raise CorruptFileError("not an index of shards", path=path, where=_MAP, found=shown(given))
    named = {}
    for group, told in given.items():
        names = told if isinstance(told, list) else [told]
        if not names or not all(isinstance(name, str) for name in names):
            raise CorruptFileError(
                "this names no shard",
                path=path,
                where=group,
                expected="the name of a file, or a list",
                found=shown(told),
            )
        for name in names:
            if len(name) > limits.name_bytes:
                most = f"at most {limits.name_bytes} characters"
                raise LimitExceededError(
                    "the name of a shard is too long", path=path, where=shown(group), expected=most
                )
            if not is_plain(name) or "/" in name:
                raise UnsafeContentError(
                    "a shard outside the folder of its index", path=path, where=group, found=shown(name)
                )
        named[group] = names
    if len(_distinct(named.values())) > limits.member_count:
        raise LimitExceededError("too many shards", path=path, expected=f"at most {limits.member_count}")
    return named


def _require(index: Path, names: Sequence[str]) -> None:
    missing = [name for name in names if not os.path.lexists(index.parent / name)]
    if missing:
        raise CorruptFileError(
            "a shard is missing",
            path=index,
            where=missing[0],
            problems=[Problem("is missing too", name) for name in missing[1:]],
            hint="an index and all of its shards belong into one folder",
        ) from FileNotFoundError(missing[0])
    for name in names:
        check_file(index.parent / name, index.parent)


@dataclass(slots=True)
class _Found:
    """What the shards hold, so far.

    Attributes:
        groups: Those that the index names, with a slash before each.
        tensors: By inner path.
        attributes: By group path.
        shards: Group -> names of the shards in which tensors of it are.
        problems: What contradicts the index.
    """

    groups: set[str]
    tensors: dict[str, Tensor] = field(default_factory=dict)
    attributes: dict[str, Mapping[str, str]] = field(default_factory=dict)
    shards: dict[str, dict[str, None]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def take(self, shard: str, tensors: Mapping[str, Tensor], attributes: Mapping[str, Mapping[str, str]]) -> None:
        """Adds what one shard holds."""
        for path, tensor in tensors.items():
            group = next((one for one in _above(path) if one in self.groups), None)
            if group is None:
                self.problems.append(Problem("a tensor that the index does not name", path, found=f"in {shard}"))
            elif path in self.tensors:
                self.problems.append(Problem("a tensor that stands in two shards", path, found=f"in {shard} too"))
            else:
                self.tensors[path] = tensor
                self.shards.setdefault(group, {})[shard] = None
        for path, texts in attributes.items():
            self.attributes.setdefault(path, texts)

    def unfilled(self, named: Mapping[str, list[str]]) -> list[Problem]:
        """What the index names and no shard holds."""
        return [
            Problem("the shard has no tensor of this group", group, found=f"nothing in {name}")
            for group, names in named.items()
            for name in names
            if name not in self.shards.get(group, ())
        ]


def _above(path: str) -> Iterator[str]:
    """The groups that a tensor is in, innermost first, with a slash before each."""
    group, _, _ = f"/{path}".rpartition("/")
    while group:
        yield group
        group, _, _ = group.rpartition("/")


FORMAT = Format(".weights.json index of shards", _sniff, _open)
