"""The `.keras` archive: a zip of config, metadata and weights, laid out so that it is an HDF5 file as well.

`docs/file-format.md` specifies it. Extras of an open one: `weights_crc` and `weights_nbytes` as the archive declares
them, `weights_start` (its place in the file, None when it is compressed), `others` (further members by name), and
`check()`, which reads the weights member whole and raises `CorruptFileError` when its checksum is wrong.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from ..errors import CorruptFileError, SerializationError, UnknownFormatError
from ..limits import DEFAULT_LIMITS, Limits
from . import strict_json
from .artifact import Artifact, Asset, NewTensor, Written, check_version
from .base import Format, Probe, refuse_second_reading
from .checksums import crc32
from .hdf5 import Hdf5
from .output import Output
from .pages import Pages
from .places import Place
from .source import Source
from .zip_layout import (
    DEFLATED,
    Member,
    beginning,
    central_record,
    check_member,
    end_records,
    is_plain,
    local_header,
    read_directory,
    read_member,
    refuse_expansion,
    unpack,
)

__all__ = ["FORMAT", "rewrite_tail", "write"]

CONFIG, METADATA, WEIGHTS, ASSETS = "config.json", "metadata.json", "model.weights.h5", "assets/"
_OWN = frozenset({CONFIG, METADATA, WEIGHTS})
# The first place after 0 where HDF5 looks for the beginning of its content.
_WEIGHTS_START = 512
_EPOCH = (1980, 1, 1, 0, 0, 0)


def write(
    file: str,
    *,
    config: dict[str, Any],
    tensors: Mapping[str, NewTensor],
    metadata: Callable[[Written], dict[str, Any]],
    attributes: Mapping[str, Mapping[str, str]] | None = None,
    assets: Mapping[str, bytes | Path] | None = None,
    date: tuple[int, ...] | None = None,
) -> Written:
    """Writes a whole archive.

    Args:
        file: Where to; what is there is overwritten. May be `/proc/self/fd/N`.
        config: Becomes `config.json`.
        tensors: By inner path, in the order in which they are to lie in the file.
        metadata: Makes `metadata.json` once it is known where every tensor lies.
        attributes: Text attributes by group path; groups named here exist even when empty.
        assets: Contents, or files to copy, by name below `assets/`.
        date: Year, month, day, hour, minute and second of the members; `SOURCE_DATE_EPOCH`, else 1980, when None.

    Returns:
        Where each tensor lies and what it holds.

    Raises:
        WriteError: The system refuses.
        SerializationError: A tensor, config or metadata cannot be written.
    """
    from .hdf5.write import Layout, write_tensors  # h5py is for writing alone

    when = date or _date()
    document = strict_json.dump(config, CONFIG)
    with Layout(Pages(), userblock=_WEIGHTS_START) as layout:
        for path, texts in (attributes or {}).items():
            layout.text(path, texts)
        for path, tensor in tensors.items():
            layout.tensor(path, tensor)
        plan = layout.finish()
    end = plan.pages.nbytes
    with Output(file, truncate=True) as output:
        output.reserve(end)
        records, crc = write_tensors(output, plan, _WEIGHTS_START)
        nbytes = end - _WEIGHTS_START
        output.write(0, local_header(WEIGHTS, crc, nbytes, when, until=_WEIGHTS_START))
        written = Written(records, crc, nbytes)
        weights = Member(WEIGHTS, 0, _WEIGHTS_START, nbytes, nbytes, crc, 0)
        _write_tail(output, weights, document, strict_json.dump(metadata(written), METADATA), assets or {}, when)
    return written


def rewrite_tail(
    file: str,
    *,
    config: dict[str, Any],
    metadata: dict[str, Any],
    assets: Mapping[str, bytes | Path] | None = None,
    date: tuple[int, ...] | None = None,
) -> None:
    """Replaces everything but the weights of an archive that `write` wrote; the weights member is not touched.

    Args:
        file: The archive.
        config: The new `config.json`.
        metadata: The new `metadata.json`.
        assets: The new assets; None keeps those that are there.
        date: As for `write`.
    """
    with Source(Path(file)) as source:
        members = read_directory(source, DEFAULT_LIMITS)
        weights = members.get(WEIGHTS)
        if weights is None or weights.start != _WEIGHTS_START:
            raise CorruptFileError("kept did not write this archive", path=file, where=WEIGHTS)
        if assets is None:
            kept = [member for member in members.values() if member.name.startswith(ASSETS)]
            assets = {member.name.removeprefix(ASSETS): read_member(source, member) for member in kept}
    documents = strict_json.dump(config, CONFIG), strict_json.dump(metadata, METADATA)
    with Output(file, truncate=False) as output:
        _write_tail(output, weights, *documents, assets, date or _date())


def _write_tail(
    output: Output,
    weights: Member,
    config: bytes,
    metadata: bytes,
    assets: Mapping[str, bytes | Path],
    date: tuple[int, ...],
) -> None:
    contents: dict[str, bytes | Path] = {CONFIG: config, METADATA: metadata}
    contents |= {_asset_name(name, assets): content for name, content in sorted(assets.items())}
    members, position = [weights], weights.start + weights.stored
    for name, content in contents.items():
        member = _write_member(output, name, content, position, date)
        members.append(member)
        position = member.start + member.stored
    directory = b"".join(central_record(member, date) for member in members)
    output.write(position, directory + end_records(len(members), position, len(directory)))
    output.resize(position + len(directory) + len(end_records(len(members), position, len(directory))))


def _asset_name(name: str, among: Collection[str]) -> str:
    if not is_plain(name):
        raise SerializationError("an asset's name leads out of its folder", where=ASSETS + name)
    if any(str(above) in among for above in PurePosixPath(name).parents):
        raise SerializationError("an asset is in a folder that is a file", where=ASSETS + name)
    return ASSETS + name


def _write_member(output: Output, name: str, content: bytes | Path, header: int, date: tuple[int, ...]) -> Member:
    nbytes = len(content) if isinstance(content, bytes) else content.stat().st_size
    start = header + len(local_header(name, 0, nbytes, date))
    position, crc = start, 0
    for chunk in _pieces(content):
        output.write(position, chunk)
        position, crc = position + len(chunk), crc32(chunk, crc)
    if position - start != nbytes:
        raise SerializationError("a file changed while it was being copied", where=name, found=str(content))
    output.write(header, local_header(name, crc, nbytes, date))
    return Member(name, header, start, nbytes, nbytes, crc, 0)


def _pieces(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with content.open("rb") as file:
        while chunk := file.read(1 << 20):
            yield chunk


def _date() -> tuple[int, ...]:
    said = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not said.isdigit():
        return _EPOCH
    given = tuple(time.gmtime(int(said))[:6])
    return given if 1980 <= given[0] <= 2107 else _EPOCH


def _sniff(probe: Probe) -> bool:
    return probe.is_zip


def _open(path: Place, limits: Limits) -> Artifact:
    with ExitStack() as resources:
        source = resources.enter_context(Source(path))
        members = read_directory(source, limits)
        if not members.keys() & {CONFIG, METADATA, WEIGHTS}:
            names = ", ".join(list(members)[:5])
            raise UnknownFormatError("a zip archive, but not one of Keras", path=path, found=names or "no members")
        config, metadata = (_document(source, members, name, limits) for name in (CONFIG, METADATA))
        check_version(metadata.get("kept"), path)
        weights = _need(members, WEIGHTS, path)
        in_place = weights.method != DEFLATED
        refuse_second_reading(source, hdf5_at=weights.start if in_place else None, is_zip=True)
        holder = source if in_place else resources.enter_context(unpack(source, weights))
        if in_place:
            source.expect(_structure(metadata.get("kept"), weights))
        hdf5 = Hdf5(holder, weights.start if in_place else 0, weights.nbytes, limits, WEIGHTS)
        resources.callback(hdf5.close)
        contents = hdf5.walk()
        extras = {
            "weights_crc": weights.crc,
            "weights_nbytes": weights.nbytes,
            "weights_start": weights.start if in_place else None,
            "others": _assets(source, {name: one for name, one in members.items() if not _is_expected(name)}),
            "check": partial(check_member, source, weights),
        }
        return Artifact(
            path,
            "keras_archive",
            config,
            metadata,
            contents.tensors,
            _below_assets(source, members),
            contents.attributes,
            extras,
            resources.pop_all(),
        )


def _structure(record: object, weights: Member) -> Iterator[tuple[int, int]]:
    """Where HDF5 has its own structure in the weights, if the tensors lie where kept's record says: between them."""
    told = record.get("tensors") if isinstance(record, Mapping) else None
    places = [
        (one["offset"], one["nbytes"])
        for one in (told.values() if isinstance(told, Mapping) else ())
        if isinstance(one, Mapping) and isinstance(one.get("offset"), int) and isinstance(one.get("nbytes"), int)
    ]
    at = weights.start
    for offset, nbytes in sorted([*places, (weights.start + weights.stored, 0)] if places else ()):
        if offset > at:
            yield at, offset
        at = max(at, offset + nbytes)


def _need(members: Mapping[str, Member], name: str, path: Place) -> Member:
    if name not in members:
        found = ", ".join(list(members)[:5])
        raise CorruptFileError("the archive lacks this member", path=path, where=name, found=found)
    return members[name]


def _document(source: Source, members: Mapping[str, Member], name: str, limits: Limits) -> dict[str, Any]:
    member = _need(members, name, source.path)
    free = limits.expansion_free_bytes // 4  # a document is held several times while it is read
    refuse_expansion(source, member.name, member.stored, member.nbytes, replace(limits, expansion_free_bytes=free))
    data = read_member(source, member, limits.json_bytes)
    # Keras itself writes NaN and Infinity into configs; metadata has no place for them.
    finite = name == METADATA
    return strict_json.parse(data, path=source.path, where=name, limits=limits, finite=finite, stored=member.stored)


def _is_expected(name: str) -> bool:
    return name in _OWN or name.startswith(ASSETS)


def _below_assets(source: Source, members: Mapping[str, Member]) -> dict[str, Asset]:
    found = {name.removeprefix(ASSETS): member for name, member in members.items() if name.startswith(ASSETS)}
    return _assets(source, dict(sorted(found.items())))


def _assets(source: Source, members: Mapping[str, Member]) -> dict[str, Asset]:
    return {
        name: Asset(name, member.nbytes, partial(read_member, source, member), partial(beginning, source, member))
        for name, member in members.items()
    }


FORMAT = Format(".keras archive", _sniff, _open)
