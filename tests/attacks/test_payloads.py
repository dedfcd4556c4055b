"""What models carry along that is none of theirs. Nothing is run: each is told by its first bytes."""

import gzip
import io
import pickle
import zipfile

import h5py
import pytest

from kept.formats import keras_directory
from kept.rules import judge
from kept.rules.security import foreign_member, payload_in_asset
from kept.scanning.reading import opened
from tests.attacks.test_zip import archive as made_archive


class Canary:
    def __reduce__(self):
        return pytest.fail, ("a pickle was read",)


def archive(extra, method=zipfile.ZIP_STORED, **replaced):
    """One of a model that has no class of its own."""
    return made_archive(extra, method, **({"config.json": b"{}"} | replaced))


def zipped():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        made.writestr("x", "y")
    return content.getvalue()


PE = b"MZ" + bytes(58) + (128).to_bytes(4, "little") + bytes(64) + b"PE\0\0" + bytes(20)
PAYLOADS = {
    "pickle": (pickle.dumps(Canary()), "is a pickle", "error"),
    "old pickle": (pickle.dumps(Canary(), 0), "is a pickle", "error"),
    "compressed pickle": (gzip.compress(pickle.dumps(Canary())), "is a compressed pickle", "error"),
    "ELF": (b"\x7fELF\x02\x01\x01" + bytes(60), "is a program", "error"),
    "Mach-O": (b"\xcf\xfa\xed\xfe" + bytes(60), "is a program", "error"),
    "PE": (PE, "is a program", "error"),
    "WebAssembly": (b"\0asm\1\0\0\0", "is a program of WebAssembly", "error"),
    "shell": (b"#!/bin/sh\nexit\n", "is a script", "error"),
    "bytecode": (b"\xa7\r\r\n" + bytes(12), "is bytecode of Python", "error"),
    "zip": (zipped(), "is a zip archive", "warning"),
}
ASSETS = {
    "words.txt": b"[UNK]\nthe\ncat\ndog\nR\n.\n",
    "merges.txt": b"#version: 0.2\nt h\n",
    "vocabulary.json": b'{"a": 1}',
    "words.spm": b"\x0a\x0e\x0a\x05<unk>\x15\0\0\0\0\x18\x02",
    "empty": b"",
    "numbers": bytes(range(256)),
}


def findings(path, rule=payload_in_asset):
    with opened(path) as subject:
        assert subject.failure is None
        return [(one.where, one.message, one.severity.value) for one in judge(subject, [rule])]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED], ids=["stored", "deflated"])
@pytest.mark.parametrize("name", PAYLOADS)
def test_a_payload_in_an_asset_is_found(tmp_path, name, method):
    content, verdict, severity = PAYLOADS[name]
    (tmp_path / "model.keras").write_bytes(archive([("assets/words.txt", content)], method))
    assert findings(tmp_path / "model.keras") == [(("assets/words.txt",), verdict, severity)]


def test_a_payload_in_an_asset_of_a_folder_is_found(tmp_path):
    (tmp_path / "x").write_bytes(PAYLOADS["ELF"][0])
    arguments = {"config": {}, "tensors": {}, "metadata": lambda _: {}}
    (tmp_path / "m").mkdir()
    keras_directory.write(str(tmp_path / "m"), **arguments, assets={"x": tmp_path / "x"})
    assert findings(tmp_path / "m") == [(("assets/x",), "is a program", "error")]


def test_a_payload_that_code_of_the_model_may_read_is_a_warning(tmp_path):
    config = b'{"module": "mine", "class_name": "Encoder", "config": {}, "registered_name": "mine>Encoder"}'
    content = archive([("assets/encoder", PAYLOADS["pickle"][0])], **{"config.json": config})
    (tmp_path / "model.keras").write_bytes(content)
    assert [severity for *_, severity in findings(tmp_path / "model.keras")] == ["warning"]


def test_a_payload_in_another_member_is_found(tmp_path):
    (tmp_path / "model.keras").write_bytes(archive([("data.pkl", PAYLOADS["pickle"][0])]))
    assert findings(tmp_path / "model.keras") == [(("data.pkl",), "is a pickle", "error")]


def test_a_program_by_its_name_is_found(tmp_path):
    (tmp_path / "model.keras").write_bytes(archive([("assets/hook.py", b"print(1)")]))
    assert findings(tmp_path / "model.keras") == [(("assets/hook.py",), "is a program by its name", "warning")]


def test_what_layers_keep_in_assets_is_let_through(tmp_path):
    (tmp_path / "model.keras").write_bytes(archive([(f"assets/{name}", data) for name, data in ASSETS.items()]))
    assert findings(tmp_path / "model.keras") == []
    assert findings(tmp_path / "model.keras", foreign_member) == []


def test_a_member_more_is_found(tmp_path):
    (tmp_path / "model.keras").write_bytes(archive([("notes.txt", b"hello"), ("__MACOSX/._config.json", b"")]))
    found = findings(tmp_path / "model.keras", foreign_member)
    assert [(where, severity) for where, _, severity in found] == [(("notes.txt", "__MACOSX/._config.json"), "warning")]


@pytest.mark.parametrize("name", ["Config.json", "CONFIG.JSON", "model.weights.H5", "config.\uff4ason"])
def test_a_second_name_of_a_member_is_an_error(tmp_path, name):
    (tmp_path / "model.keras").write_bytes(archive([(name, b"{}")]))
    found = findings(tmp_path / "model.keras", foreign_member)
    assert [severity for _, message, severity in found if "the same name as" in message] == ["error"]


def test_two_assets_of_one_name_in_unicode_are_found(tmp_path):
    pair = [("assets/caf\u00e9", b"1"), ("assets/cafe\u0301", b"2")]
    (tmp_path / "model.keras").write_bytes(archive(pair))
    assert len(findings(tmp_path / "model.keras", foreign_member)) == 1


def test_bytes_before_and_behind_hdf5_are_found(tmp_path):
    file = tmp_path / "model.weights.h5"
    with h5py.File(file, "w", userblock_size=512) as store:
        store["vars/0"] = [1.0]
    file.write_bytes(b"#!/bin/sh\n" + file.read_bytes()[10:] + b"more")
    found = findings(file, foreign_member)
    assert [message for _, message, _ in found] == [
        "512 bytes before the content of the HDF5 file",
        "4 bytes behind the content of the HDF5 file",
    ]


def test_a_link_beside_a_model_is_found(tmp_path):
    (tmp_path / "m").mkdir()
    keras_directory.write(str(tmp_path / "m"), config={"class_name": "M"}, tensors={}, metadata=lambda _: {})
    (tmp_path / "m" / "out").symlink_to("/etc/passwd")
    (tmp_path / "m" / "README.md").write_text("A model")
    assert [where for where, *_ in findings(tmp_path / "m", foreign_member)] == [("out",)]
