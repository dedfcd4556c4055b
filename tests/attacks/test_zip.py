"""Archives that lie. Each builder makes one; the line beside it is the verdict."""

import io
import struct
import warnings
import zipfile
from contextlib import suppress

import h5py
import pytest

from kept.errors import CorruptFileError, KeptError, LimitExceededError, UnsafeContentError
from kept.formats.base import open_artifact
from kept.limits import Limits
from tests.formats.samples import small_archive

DOCUMENT = b'{"class_name": "Model"}'


def weights():
    content = io.BytesIO()
    with h5py.File(content, "w") as store:
        store["vars/0"] = [1.0, 2.0]
    return content.getvalue()


def archive(extra=(), method=zipfile.ZIP_STORED, **replaced):
    """A stock archive, with more or other members."""
    members = {"config.json": DOCUMENT, "metadata.json": b"{}", "model.weights.h5": weights()} | replaced
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as made, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, data in [*members.items(), *extra]:
            made.writestr(name, data)
    return content.getvalue()


def patched(data, member, field, value, local=True, central=True):
    """`field` is (offset in the local header, offset in the central record, struct code)."""
    at_local, at_central, code = field
    name = member.encode()
    result = bytearray(data)
    if local:
        struct.pack_into(code, result, data.index(name) - 30 + at_local, value)
    if central:
        struct.pack_into(code, result, data.rindex(name) - 46 + at_central, value)
    return bytes(result)


FLAGS, METHOD, CRC, STORED, NBYTES = (6, 8, "<H"), (8, 10, "<H"), (14, 16, "<L"), (18, 20, "<L"), (22, 24, "<L")


def link():
    info = zipfile.ZipInfo("assets/link")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    return archive([(info, "/etc/passwd")])


def elsewhere():
    """The central directory points the config at another member's bytes."""
    data = archive()
    at = data.index(b"metadata.json") - 30
    return patched(data, "config.json", (0, 42, "<L"), at, local=False)


def second_hdf5():
    """HDF5 itself would open what lies at byte 512, and see other weights than a reader of zips."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        made.writestr("assets/x", b" " * (512 - 30 - len("assets/x")) + weights())
        for name in ("config.json", "metadata.json", "model.weights.h5"):
            made.writestr(name, weights() if name.endswith("h5") else DOCUMENT)
    return content.getvalue()


def behind_hdf5():
    return weights() + archive()


VERDICTS = {
    "two members of one name": (
        archive([("config.json", b'{"class_name": "Other"}')]),
        UnsafeContentError,
        "config.json: two members have one name",
    ),
    "a name that climbs": (archive([("../evil", b"")]), UnsafeContentError, "a member's name leads out of its folder"),
    "a climbing asset": (archive([("assets/../../evil", b"")]), UnsafeContentError, "leads out of its folder"),
    "an absolute name": (archive([("/etc/evil", b"")]), UnsafeContentError, "a member's name leads out of its folder"),
    "a Windows drive": (archive([("C:/evil", b"")]), UnsafeContentError, "a member's name leads out of its folder"),
    "a symbolic link": (link(), UnsafeContentError, "assets/link: is a symbolic link"),
    "encryption": (
        patched(archive(), "config.json", FLAGS, 1),
        UnsafeContentError,
        "config.json: is encrypted, which no model is",
    ),
    "encryption in one header only": (
        patched(archive(), "config.json", FLAGS, 1, central=False),
        CorruptFileError,
        "config.json: its local header contradicts the directory",
    ),
    "an unknown method": (
        patched(archive(), "config.json", METHOD, 12),
        CorruptFileError,
        "config.json: uses compression method 12",
    ),
    "a size beyond the file": (
        patched(patched(archive(), "config.json", STORED, 1 << 30), "config.json", NBYTES, 1 << 30),
        CorruptFileError,
        "config.json: reaches beyond the end of the file",
    ),
    "a size that covers the next member": (
        patched(patched(archive(), "config.json", STORED, 60), "config.json", NBYTES, 60),
        UnsafeContentError,
        "metadata.json: two members overlap",
    ),
    "a stored member of two sizes": (
        patched(archive(), "config.json", NBYTES, 9),
        CorruptFileError,
        "config.json: is stored, yet has two sizes",
    ),
    "headers that disagree": (
        patched(archive(), "config.json", CRC, 1, central=False),
        CorruptFileError,
        "config.json: its local header contradicts the directory",
    ),
    "another member's bytes": (elsewhere(), CorruptFileError, "contradicts the directory"),
    "a wrong checksum": (
        patched(archive(), "config.json", CRC, 1),
        CorruptFileError,
        "config.json: is damaged: its checksum is wrong",
    ),
    "a bomb": (
        patched(archive(method=zipfile.ZIP_DEFLATED), "model.weights.h5", NBYTES, 0xF0000000),
        LimitExceededError,
        "model.weights.h5: declares far more than it stores",
    ),
    "a size that is too small": (
        patched(archive(method=zipfile.ZIP_DEFLATED), "model.weights.h5", NBYTES, 10),
        CorruptFileError,
        "model.weights.h5: is damaged: its checksum is wrong",
    ),
    "bytes behind the end": (archive() + b"more", CorruptFileError, "bytes follow the end of the archive"),
    "no end": (archive()[:-22], CorruptFileError, "the archive is cut: it has no end record"),
    "a second HDF5 file": (second_hdf5(), UnsafeContentError, "reads as two different files"),
    "a zip behind an HDF5 file": (behind_hdf5(), UnsafeContentError, "reads as two different files"),
    "weights that are no HDF5": (
        archive(**{"model.weights.h5": b"pickled"}),
        CorruptFileError,
        "model.weights.h5: HDF5 cannot read it",
    ),
}


@pytest.mark.parametrize("name", VERDICTS)
def test_a_lying_archive_is_refused(tmp_path, name):
    content, error, verdict = VERDICTS[name]
    (tmp_path / "model.keras").write_bytes(content)
    with pytest.raises(error) as caught:
        open_artifact(tmp_path / "model.keras")
    assert verdict in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "model.keras"))


def test_the_honest_archive_is_opened(tmp_path):
    (tmp_path / "model.keras").write_bytes(archive())
    with open_artifact(tmp_path / "model.keras") as artifact:
        assert artifact.tensors["vars/0"].read().tolist() == [1.0, 2.0]


def test_a_crowd_of_members_is_refused(tmp_path):
    (tmp_path / "model.keras").write_bytes(archive([(f"assets/{index}", b"") for index in range(50)]))
    with pytest.raises(LimitExceededError, match="too many members"):
        open_artifact(tmp_path / "model.keras", Limits(member_count=20))


def test_a_document_that_unpacks_without_end_is_refused_before_it_is_unpacked(tmp_path):
    content = archive(method=zipfile.ZIP_DEFLATED, **{"config.json": b" " * 1_000_000 + b"{}"})
    (tmp_path / "model.keras").write_bytes(content)
    with pytest.raises(LimitExceededError, match=r"config\.json: is too large"):
        open_artifact(tmp_path / "model.keras", Limits(json_bytes=1000))


def test_a_byte_changed_in_the_frame_never_gives_another_model(tmp_path):
    """Header, config, metadata and directory; the weights have their own checksum."""
    file = small_archive(tmp_path / "model.keras")
    honest = file.read_bytes()
    with open_artifact(file) as artifact:
        config, end = artifact.config, 512 + artifact.extras["weights_nbytes"]
    for at in [*range(30), *range(end, len(honest))]:
        file.write_bytes(honest[:at] + bytes([honest[at] ^ 0x15]) + honest[at + 1 :])
        with suppress(KeptError), open_artifact(file) as artifact:
            assert artifact.config == config
