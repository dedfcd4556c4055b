"""Zip archives, byte by byte: reading that trusts no number in them, and the records of those that kept writes."""

from __future__ import annotations

import os
import stat
import struct
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..errors import CorruptFileError, ExpansionError, FormatError, LimitExceededError, UnsafeContentError, shown
from ..limits import Limits
from .checksums import crc32
from .source import Source
from .write_errors import writing

__all__ = [
    "DEFLATED",
    "LOCAL",
    "STORED",
    "Member",
    "beginning",
    "central_record",
    "check_member",
    "end_records",
    "is_plain",
    "local_header",
    "read_directory",
    "read_member",
    "refuse_expansion",
    "unpack",
]

LOCAL = b"PK\x03\x04"
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s4B4H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END64_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")

STORED, DEFLATED = 0, 8
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_DESCRIPTOR, _UTF8 = 0x8, 0x800
_COMPARED = _ENCRYPTED | _UTF8
# CRC and sizes behind a member's bytes, in 32 and in 64 bits; a signature may stand before them.
_DESCRIPTORS = struct.Struct("<3L"), struct.Struct("<L2Q")
_ZIP64_EXTRA, _NAME_EXTRA = 1, 0x7075
_CHUNK = 1 << 20
# What deflate may need beyond the bytes themselves, where they do not get smaller.
_SLACK = 1 << 10
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF
# "kp": no id that PKWARE's APPNOTE or Info-ZIP lists. Readers step over fields that they do not know.
_PADDING_EXTRA = 0x706B


@dataclass(frozen=True, slots=True)
class Member:
    """One member, its central record and its local header compared.

    Attributes:
        name: As in the archive, forward slashes.
        header: Where its local header begins.
        start: Where its bytes begin.
        stored: How many there are in the file.
        nbytes: How many they become.
        crc: CRC-32 of the latter.
        method: 0 stored, 8 deflated.
        described: Whether sizes and checksum may stand behind its bytes once more.
    """

    name: str
    header: int
    start: int
    stored: int
    nbytes: int
    crc: int
    method: int
    described: bool = False


def is_plain(name: str) -> bool:
    """Whether a name stays below the folder it is unpacked to, on every system."""
    parts = name.split("/")
    drive = name[1:2] == ":"  # names of TensorFlow end in ":0"
    return not ("\\" in name or "\0" in name or drive or any(part in ("", ".", "..") for part in parts))


def read_directory(source: Source, limits: Limits) -> dict[str, Member]:
    """The members, in the order of their bytes; directories are left out.

    Raises:
        CorruptFileError: The archive is cut, or contradicts itself.
        UnsafeContentError: A name leads out of the folder it would be unpacked to, a member is encrypted or a link, two
            are one, or the archive holds what another reader would take for members.
        LimitExceededError: More members, or more expansion, than the limits allow.
    """
    start, nbytes, count = _end_of_archive(source)
    if nbytes > limits.directory_bytes or count > limits.member_count:
        expected = f"at most {limits.member_count} members, {limits.directory_bytes} bytes of directory"
        raise LimitExceededError("too many members", path=source.path, expected=expected, found=f"{count}, {nbytes}")
    members: dict[str, Member] = {}
    before: Member | None = None
    for member in sorted(_records(source, start, nbytes, count, limits), key=lambda member: member.header):
        if member.name in members:
            raise UnsafeContentError("two members have one name", path=source.path, where=member.name)
        _refuse_gap(source, before, member.header, member.name)
        if member.start + member.stored > start:
            raise _corrupt("a member reaches into the directory", source, member.name)
        members[member.name] = before = member
    _refuse_gap(source, before, start, "")
    _refuse_two_kinds(source, members)
    return {name: member for name, member in members.items() if not name.endswith("/")}


def _refuse_gap(source: Source, before: Member | None, here: int, name: str) -> None:
    """Refuses bytes of no member: who reads an archive from its front would find members there."""
    end = before.start + before.stored if before else 0
    if here < end:
        raise UnsafeContentError("two members overlap", path=source.path, where=name)
    gap = here - end
    if before and before.described and 0 < gap <= 4 + _DESCRIPTORS[-1].size:
        descriptor = source.read_at(end, gap).removeprefix(b"PK\x07\x08")
        said = before.crc, before.stored, before.nbytes
        if any(len(descriptor) == form.size and form.unpack(descriptor) == said for form in _DESCRIPTORS):
            return
        raise _corrupt("what stands behind it contradicts the directory", source, before.name)
    if gap:
        found = f"bytes {end} to {here}"
        raise UnsafeContentError("the archive holds bytes of no member", path=source.path, expected="none", found=found)


def _refuse_two_kinds(source: Source, members: Mapping[str, Member]) -> None:
    for name, member in members.items():
        if name.endswith("/") and member.nbytes:
            raise _corrupt("is a folder, yet has content", source, name)
        above = name.rstrip("/")
        if name.endswith("/") and above in members:
            raise _corrupt("is a file and a folder", source, above)
        while above := above.rpartition("/")[0]:
            if above in members:
                raise _corrupt("is a file and a folder", source, above)


def _end_of_archive(source: Source) -> tuple[int, int, int]:
    """Where the central directory begins, its size, and the number of its records."""
    tail_start = max(0, source.nbytes - _END.size - _FULL16)
    tail = source.read_at(tail_start, source.nbytes - tail_start)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise _corrupt("the archive is cut: it has no end record", source, hint="copy or download it again")
    _, disk, first_disk, here, count, nbytes, start, comment = _END.unpack_from(tail, at)
    end = tail_start + at
    if end + _END.size + comment != source.nbytes:
        raise _corrupt("bytes follow the end of the archive", source)
    if _is_end_too(tail[:at], len(tail)):
        raise UnsafeContentError("the archive has two ends", path=source.path, expected="one end record")
    locator = source.read_at(end - _END64_LOCATOR.size, _END64_LOCATOR.size) if end >= _END64_LOCATOR.size else b""
    if locator[:4] == b"PK\x06\x07":  # readers differ in whether they look for it: both must see the same
        narrow = (disk, first_disk, here, count, nbytes, start)
        locator_at, end = end - _END64_LOCATOR.size, _END64_LOCATOR.unpack(locator)[2]
        record = source.read_at(end, _END64.size)
        if end + _END64.size != locator_at or record[:4] != b"PK\x06\x06":
            raise _corrupt("the archive has no zip64 end record where one should be", source)
        disk, first_disk, here, count, nbytes, start = wide = _END64.unpack(record)[4:]
        full = (_FULL16,) * 4 + (_FULL32,) * 2
        if any(one not in (most, other) for one, most, other in zip(narrow, full, wide, strict=True)):
            raise UnsafeContentError("the archive has two ends", path=source.path, expected="two that say the same")
    if disk or first_disk or here != count:
        raise _corrupt("the archive is one of several parts", source)
    if start + nbytes != end:
        raise _corrupt("the central directory is not where the end record says", source)
    return start, nbytes, count


def _is_end_too(tail: bytes, nbytes: int) -> bool:
    """Whether one more end record reaches to the end of the file; the one that was found is its comment then."""
    at = tail.rfind(b"PK\x05\x06")
    while at >= 0:
        if at + _END.size + int.from_bytes(tail[at + 20 : at + 22], "little") == nbytes:
            return True
        at = tail.rfind(b"PK\x05\x06", 0, at)
    return False


def _records(source: Source, start: int, nbytes: int, count: int, limits: Limits) -> Iterator[Member]:
    directory = source.read_at(start, nbytes)
    position, records = 0, []
    for _ in range(count):
        if len(directory) - position < _CENTRAL.size or directory[position : position + 4] != b"PK\x01\x02":
            raise _corrupt("the central directory is damaged", source)
        fields = _CENTRAL.unpack_from(directory, position)
        name_at = position + _CENTRAL.size
        extra_at = name_at + fields[12]
        position = extra_at + fields[13] + fields[14]
        records.append((fields, directory[name_at:extra_at], directory[extra_at : extra_at + fields[13]]))
    if position != nbytes:
        raise _corrupt("the central directory has bytes of no record", source)
    source.expect((fields[18], fields[18] + _LOCAL.size + 2 * len(name)) for fields, name, _ in records)
    for fields, name, extra in records:
        yield _member(source, fields, name, extra, limits)


def _member(source: Source, fields: tuple[int, ...], name: bytes, extra: bytes, limits: Limits) -> Member:
    flags, method = fields[5], fields[6]
    crc, stored, nbytes, external, header = fields[9], fields[10], fields[11], fields[17], fields[18]
    text = _name(source, name, flags, limits)
    nbytes, stored, header = _wide(source, text, extra, [nbytes, stored, header])
    if flags & _ENCRYPTED:
        raise UnsafeContentError("is encrypted, which no model is", path=source.path, where=text)
    if stat.S_ISLNK(external >> 16):
        raise UnsafeContentError("is a symbolic link, which kept does not follow", path=source.path, where=text)
    if stat.S_IFMT(external >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise UnsafeContentError("is no file and no folder", path=source.path, where=text)
    if method not in (STORED, DEFLATED):
        raise _corrupt(f"uses compression method {method}", source, text, expected="stored or deflated")
    if method == STORED and stored != nbytes:
        raise _corrupt("is stored, yet has two sizes", source, text, found=f"{stored} and {nbytes} bytes")
    refuse_expansion(source, text, stored, nbytes, limits)
    _refuse_second_name(source, text, extra)
    start, described = _after_local_header(source, text, name, flags, method, header, (crc, stored, nbytes))
    if start + stored > source.nbytes:
        raise _corrupt("reaches beyond the end of the file", source, text)
    return Member(text, header, start, stored, nbytes, crc, method, described)


def refuse_expansion(source: Source, name: str, stored: int, nbytes: int, limits: Limits) -> None:
    """Refuses a member that becomes far larger than it is.

    Raises:
        ExpansionError: It does.
    """
    if nbytes > limits.expansion_free_bytes and nbytes > limits.expansion_ratio * stored:
        expected = f"at most {limits.expansion_ratio} x {stored} bytes"
        message = "declares far more than it stores"
        raise ExpansionError(message, path=source.path, where=name, expected=expected, found=f"{nbytes} bytes")


def _name(source: Source, name: bytes, flags: int, limits: Limits) -> str:
    try:
        text = name.decode("utf-8" if flags & _UTF8 else "cp437")
    except UnicodeDecodeError:
        raise _corrupt("a member's name is not UTF-8", source, repr(name[:60])) from None
    if len(name) > limits.name_bytes:
        raise LimitExceededError("a member's name is too long", path=source.path, where=shown(text))
    if not is_plain(text.removesuffix("/")):
        raise UnsafeContentError(
            "a member's name leads out of its folder", path=source.path, where=shown(text), expected="a plain path"
        )
    return text


def _wide(source: Source, name: str, extra: bytes, narrow: list[int]) -> list[int]:
    """Sizes and position, those that did not fit into 32 bits taken from the zip64 extra field."""
    if _FULL32 not in narrow:
        return narrow
    field = dict(_extra_fields(source, name, extra)).get(_ZIP64_EXTRA, b"")
    wide = iter(struct.unpack(f"<{len(field) // 8}Q", field[: len(field) // 8 * 8]))
    try:
        return [next(wide) if value == _FULL32 else value for value in narrow]
    except (StopIteration, RuntimeError):
        raise _corrupt("its zip64 field is too short", source, name) from None


def _refuse_second_name(source: Source, name: str, extra: bytes) -> None:
    """Refuses fields that make one reader see another member than the next."""
    kinds = set()
    for kind, field in _extra_fields(source, name, extra):
        if kind == _NAME_EXTRA and field[5:] != name.encode(errors="surrogateescape"):
            raise UnsafeContentError("has two names", path=source.path, where=name, found=shown(field[5:]))
        if kind == _ZIP64_EXTRA and kind in kinds:
            raise _corrupt("has two zip64 fields", source, name)
        kinds.add(kind)


def _extra_fields(source: Source, name: str, extra: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, position)
        if position + 4 + length > len(extra):
            raise _corrupt("its extra field is damaged", source, name)
        yield kind, extra[position + 4 : position + 4 + length]
        position += 4 + length


def _after_local_header(
    source: Source, text: str, name: bytes, flags: int, method: int, header: int, said: tuple[int, int, int]
) -> tuple[int, bool]:
    """Where the member's bytes begin, and whether its sizes may stand behind them."""
    raw = source.read_at(header, _LOCAL.size)
    if len(raw) < _LOCAL.size or raw[:4] != LOCAL:
        raise _corrupt("its local header is not where the directory says", source, text)
    _, _, own_flags, own_method, _, _, crc, stored, nbytes, name_nbytes, extra_nbytes = _LOCAL.unpack(raw)
    rest = source.read_at(header + _LOCAL.size, name_nbytes + extra_nbytes)
    nbytes, stored = _wide(source, text, rest[name_nbytes:], [nbytes, stored])
    later = bool(own_flags & _DESCRIPTOR) and (crc, stored, nbytes) == (0, 0, 0)
    if rest[:name_nbytes] != name or own_method != method or (own_flags ^ flags) & _COMPARED:
        raise _corrupt("its local header contradicts the directory", source, text)
    if not later and (crc, stored, nbytes) != said:
        raise _corrupt("its local header contradicts the directory", source, text)
    _refuse_second_name(source, text, rest[name_nbytes:])
    return header + _LOCAL.size + int(name_nbytes) + int(extra_nbytes), bool(own_flags & _DESCRIPTOR)


def _stored(source: Source, member: Member) -> Iterator[bytes]:
    position, left = member.start, member.stored
    while left:
        data = source.read_at(position, min(left, _CHUNK))
        if not data:
            raise _corrupt("is cut", source, member.name)
        yield data
        position, left = position + len(data), left - len(data)


def _inflated(source: Source, member: Member) -> Iterator[bytes]:
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    for data in _stored(source, member):
        chunk = b"?" * _CHUNK
        while data or len(chunk) == _CHUNK:
            try:
                chunk = inflate.decompress(data, _CHUNK)
            except zlib.error as error:
                raise _corrupt("cannot be decompressed", source, member.name, found=str(error)) from error
            if inflate.unused_data:
                raise _corrupt("has bytes behind its compressed content", source, member.name)
            yield chunk
            data = inflate.unconsumed_tail
    if not inflate.eof:
        raise _corrupt("cannot be decompressed", source, member.name, found="no end")


def _chunks(source: Source, member: Member) -> Iterator[bytes]:
    """The member's bytes a megabyte at a time, never more than it declares; its checksum is compared at the end."""
    crc = made = 0
    for chunk in (_inflated if member.method == DEFLATED else _stored)(source, member):
        made += len(chunk)
        if made > member.nbytes:
            break
        crc = crc32(chunk, crc)
        yield chunk
    if made != member.nbytes or crc != member.crc:
        raise _corrupt(
            "is damaged: its checksum is wrong",
            source,
            member.name,
            expected=f"{member.nbytes} bytes, crc32 {member.crc:08x}",
            found=f"{made} bytes, crc32 {crc:08x}" if made <= member.nbytes else "more",
        )


def check_member(source: Source, member: Member) -> None:
    """Reads the whole member and compares its checksum.

    Raises:
        CorruptFileError: It is damaged.
    """
    for _ in _chunks(source, member):
        pass


def read_member(source: Source, member: Member, limit_bytes: int | None = None) -> bytes:
    """The whole member, its checksum verified.

    Raises:
        CorruptFileError: It is damaged.
        LimitExceededError: It is larger than `limit_bytes`.
    """
    if limit_bytes is not None and member.nbytes > limit_bytes:
        expected = f"at most {limit_bytes} bytes"
        raise LimitExceededError(
            "is too large", path=source.path, where=member.name, expected=expected, found=f"{member.nbytes}"
        )
    return b"".join(_chunks(source, member))


def beginning(source: Source, member: Member, count: int) -> bytes:
    """Up to `count` bytes of the member from its first, unpacked; the checksum is not compared.

    Raises:
        CorruptFileError: It cannot be decompressed.
    """
    if member.method == STORED:
        return source.read_at(member.start, min(count, member.stored))
    data = source.read_at(member.start, min(count + _SLACK, member.stored))
    try:
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(data, count)[: member.nbytes]
    except zlib.error as error:
        raise _corrupt("cannot be decompressed", source, member.name, found=str(error)) from error


def unpack(source: Source, member: Member) -> Source:
    """The member in an unnamed temporary file, its checksum verified."""
    with writing(tempfile.gettempdir()), tempfile.TemporaryFile() as file:
        for chunk in _chunks(source, member):
            file.write(chunk)
        file.flush()
        return Source(source.path, os.dup(file.fileno()))


def _corrupt(
    message: str, source: Source, where: str = "", *, expected: str = "", found: str = "", hint: str = ""
) -> FormatError:
    return CorruptFileError(message, path=source.path, where=where, expected=expected, found=found, hint=hint)


def _dos(date: tuple[int, ...]) -> tuple[int, int]:
    year, month, day, hour, minute, second = date[:6]
    return hour << 11 | minute << 5 | second // 2, (year - 1980) << 9 | month << 5 | day


def local_header(name: str, crc: int, nbytes: int, date: tuple[int, ...], until: int | None = None) -> bytes:
    """The local header of a stored member; padded to end at `until` when that is given.

    Sizes of 4 GiB and more go into a zip64 field; smaller ones never do, so small archives need no zip64 reader.
    """
    encoded, flags = _encoded(name)
    narrow, extra = nbytes, b""
    if nbytes >= _FULL32:
        narrow, extra = _FULL32, struct.pack("<2H2Q", _ZIP64_EXTRA, 16, nbytes, nbytes)
    if until is not None:
        padding = until - _LOCAL.size - len(encoded) - len(extra) - 4
        extra += struct.pack("<2H", _PADDING_EXTRA, padding) + bytes(padding)
    time, day = _dos(date)
    version = 45 if nbytes >= _FULL32 else 20
    numbers = (version, flags, STORED, time, day, crc, narrow, narrow, len(encoded), len(extra))
    return _LOCAL.pack(LOCAL, *numbers) + encoded + extra


def central_record(member: Member, date: tuple[int, ...]) -> bytes:
    """The record of a stored member in the central directory."""
    encoded, flags = _encoded(member.name)
    wide = [value for value in (member.nbytes, member.stored, member.header) if value >= _FULL32]
    extra = struct.pack(f"<2H{len(wide)}Q", _ZIP64_EXTRA, 8 * len(wide), *wide) if wide else b""
    size, header = min(member.nbytes, _FULL32), min(member.header, _FULL32)
    time, day = _dos(date)
    version, unix, mode = 45 if wide else 20, 3, (stat.S_IFREG | 0o600) << 16
    lengths = (len(encoded), len(extra), 0, 0, 0)
    return (
        _CENTRAL.pack(
            *(b"PK\x01\x02", 20, unix, version, 0, flags, STORED, time, day, member.crc, size, size),
            *lengths,
            *(mode, header),
        )
        + encoded
        + extra
    )


def end_records(count: int, start: int, nbytes: int) -> bytes:
    """What ends an archive whose central directory has `count` records in `nbytes` bytes from `start`."""
    wide = b""
    if count >= _FULL16 or start >= _FULL32 or nbytes >= _FULL32:
        wide = _END64.pack(b"PK\x06\x06", _END64.size - 12, 45, 45, 0, 0, count, count, nbytes, start)
        wide += _END64_LOCATOR.pack(b"PK\x06\x07", 0, start + nbytes, 1)
    shown_count = min(count, _FULL16)
    return wide + _END.pack(
        *(b"PK\x05\x06", 0, 0, shown_count, shown_count, min(nbytes, _FULL32), min(start, _FULL32), 0)
    )


def _encoded(name: str) -> tuple[bytes, int]:
    return (name.encode("ascii"), 0) if name.isascii() else (name.encode("utf-8"), _UTF8)
