"""Archives in which one reader sees another member than the next. Each builder makes one; beside it is the verdict."""

import io
import stat
import struct
import zipfile
import zlib

import pytest

from kept.errors import CorruptFileError, UnsafeContentError
from kept.formats.base import open_artifact
from tests.attacks.test_zip import DOCUMENT, FLAGS, archive, patched, weights

END = struct.Struct("<4s4H2LH")
OTHER = b'{"class_name": "Other"}'


def local(name, data):
    crc = zlib.crc32(data)
    head = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 33, crc, len(data), len(data), len(name), 0)
    return head + name.encode() + data


def before_the_first_member():
    return shifted(local("config.json", OTHER))


def script_before_the_archive():
    return shifted(b"#!/bin/sh\nexit\n")


def shifted(more):
    """An archive behind other bytes, its positions counted from the beginning of the file."""
    content = io.BytesIO(more)
    content.seek(0, io.SEEK_END)
    with zipfile.ZipFile(content, "w") as made:
        for name, data in {"config.json": DOCUMENT, "metadata.json": b"{}", "model.weights.h5": weights()}.items():
            made.writestr(name, data)
    return content.getvalue()


def between_members_and_directory():
    data = archive()
    *fields, _ = END.unpack(data[-22:])
    start = fields[6]
    more = local("config.json", OTHER)
    fields[6] += len(more)
    return data[:start] + more + data[start:-22] + END.pack(*fields, 0)


def an_end_in_the_comment():
    """Who looks from the end finds another directory than who follows the first end record."""
    first, other = archive(), archive(**{"config.json": OTHER})
    inner = bytearray(other)
    struct.pack_into("<H", inner, len(inner) - 2, 0)
    data = bytearray(first + inner)
    struct.pack_into("<H", data, len(first) - 2, len(inner))
    return bytes(data)


def a_second_directory_in_zip64():
    """The end record counts the directory; a locator before it, which some follow and some do not, counts another."""
    data = archive()
    *fields, _ = END.unpack(data[-22:])
    start = fields[6]
    wide = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, 50, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(data) - 22, 1)
    return data[:-22] + wide + locator + data[-22:]


def a_locator_to_nowhere():
    data = archive()
    return data[:-22] + struct.pack("<4sLQL", b"PK\x06\x07", 0, 5, 1) + data[-22:]


def with_extra(extra):
    info = zipfile.ZipInfo("assets/x")
    info.extra = extra
    return archive([(info, b"x")])


def another_name_in_unicode():
    name = b"assets/y"
    field = b"\x01" + struct.pack("<L", zlib.crc32(b"assets/x")) + name
    return with_extra(struct.pack("<2H", 0x7075, len(field)) + field)


def two_zip64_fields():
    return with_extra(struct.pack("<2HQ", 1, 8, 1) + struct.pack("<2HQ", 1, 8, 1))


def of_kind(kind, system=3):
    info = zipfile.ZipInfo("assets/link")
    info.create_system, info.external_attr = system, (kind | 0o777) << 16
    return archive([(info, "/etc/passwd")])


def streamed():
    """As Python writes to a pipe: sizes and checksum stand behind the bytes."""

    class Pipe(io.RawIOBase):
        data = b""

        def writable(self):
            return True

        def write(self, data):
            self.data += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w") as made:
        for name, data in {"config.json": DOCUMENT, "metadata.json": b"{}", "model.weights.h5": weights()}.items():
            made.writestr(name, data)
    return pipe.data


def a_descriptor_of_other_sizes():
    data = bytearray(streamed())
    at = data.index(b"PK\x07\x08")
    struct.pack_into("<L", data, at + 8, 7)
    return bytes(data)


def behind_the_compressed():
    """The stream ends before the member does."""
    made = zlib.compressobj(9, zlib.DEFLATED, -15)
    stream = made.compress(DOCUMENT) + made.flush()
    data = archive(**{"config.json": stream + b"more"})
    for at, central in ((data.index(b"config.json") - 30, False), (data.rindex(b"config.json") - 46, True)):
        changed = bytearray(data)
        shift = 2 if central else 0
        struct.pack_into("<H", changed, at + 8 + shift, 8)
        struct.pack_into("<L", changed, at + 14 + shift, zlib.crc32(DOCUMENT))
        struct.pack_into("<L", changed, at + 22 + shift, len(DOCUMENT))
        data = bytes(changed)
    return data


VERDICTS = {
    "a member before the first": (before_the_first_member(), UnsafeContentError, "bytes of no member"),
    "a script before the archive": (
        script_before_the_archive(),
        UnsafeContentError,
        "reads as two different files",
    ),
    "a member after the last": (between_members_and_directory(), UnsafeContentError, "bytes of no member"),
    "an end in the comment": (an_end_in_the_comment(), UnsafeContentError, "the archive has two ends"),
    "a second directory": (a_second_directory_in_zip64(), UnsafeContentError, "the archive has two ends"),
    "a locator to nowhere": (a_locator_to_nowhere(), CorruptFileError, "no zip64 end record where one should be"),
    "a second name": (another_name_in_unicode(), UnsafeContentError, "assets/x: has two names"),
    "two zip64 fields": (two_zip64_fields(), CorruptFileError, "assets/x: has two zip64 fields"),
    "a name in two encodings": (
        patched(archive(), "config.json", FLAGS, 0x800, central=False),
        CorruptFileError,
        "config.json: its local header contradicts the directory",
    ),
    "a link said by another system": (of_kind(stat.S_IFLNK, 19), UnsafeContentError, "is a symbolic link"),
    "a pipe": (of_kind(stat.S_IFIFO), UnsafeContentError, "assets/link: is no file and no folder"),
    "a device": (of_kind(stat.S_IFBLK), UnsafeContentError, "assets/link: is no file and no folder"),
    "a descriptor of other sizes": (
        a_descriptor_of_other_sizes(),
        CorruptFileError,
        "config.json: what stands behind it contradicts the directory",
    ),
    "bytes behind the compressed": (
        behind_the_compressed(),
        CorruptFileError,
        "config.json: has bytes behind its compressed content",
    ),
    "a file that is a folder too": (
        archive([("assets/x", b"1"), ("assets/x/y", b"2")]),
        CorruptFileError,
        "assets/x: is a file and a folder",
    ),
    "a folder with content": (
        archive([("assets/x/", b"1")]),
        CorruptFileError,
        "assets/x/: is a folder, yet has content",
    ),
    "a backslash": (archive([("assets\\x", b"1")]), UnsafeContentError, "a member's name leads out of its folder"),
}


@pytest.mark.parametrize("name", VERDICTS)
def test_an_archive_of_two_readings_is_refused(tmp_path, name):
    content, error, verdict = VERDICTS[name]
    (tmp_path / "model.keras").write_bytes(content)
    with pytest.raises(error) as caught:
        open_artifact(tmp_path / "model.keras")
    assert verdict in str(caught.value)


def test_an_archive_that_was_written_to_a_pipe_is_opened(tmp_path):
    (tmp_path / "model.keras").write_bytes(streamed())
    with open_artifact(tmp_path / "model.keras") as artifact:
        assert artifact.tensors["vars/0"].read().tolist() == [1.0, 2.0]


def test_an_archive_with_an_ordinary_comment_is_opened(tmp_path):
    (tmp_path / "model.keras").write_bytes(archive())
    with zipfile.ZipFile(tmp_path / "model.keras", "a") as made:
        made.comment = b"trained on Monday"
    with open_artifact(tmp_path / "model.keras") as artifact:
        assert artifact.config == {"class_name": "Model"}
