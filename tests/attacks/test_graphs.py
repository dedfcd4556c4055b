"""Graphs of TensorFlow that do more than compute. They are written byte by byte, and no TensorFlow sees them."""

import os
import shutil

import pytest

from kept.errors import UnsafeContentError
from kept.formats.base import open_artifact
from kept.rules import judge
from kept.rules.security import unsafe_graph_op
from kept.scanning.reading import opened
from tests.formats.samples import GOLDEN

SAVED_MODELS = [GOLDEN / "keras_3_15_1" / "saved_model", *sorted((GOLDEN / "tensorflow_2_21").glob("keras_2*"))]


def message(number, content):
    size, length = len(content), b""
    while size > 127:
        length, size = length + bytes([size & 127 | 128]), size >> 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + content


def node(op):
    return message(1, b"x") + message(2, op.encode())


def saved_model(folder, *ops, function="f", functions=(), assets=()):
    graph = b"".join(message(1, node(op)) for op in ops)
    if functions:
        body = message(1, message(1, function.encode())) + b"".join(message(3, node(op)) for op in functions)
        graph += message(2, message(1, body))
    told = b"".join(message(6, message(2, name.encode())) for name in assets)
    folder.mkdir()
    (folder / "saved_model.pb").write_bytes(message(2, message(2, graph) + told))
    return folder


def findings(folder):
    with opened(folder) as subject:
        assert subject.failure is None
        return [(one.kind, one.message, one.severity.value) for one in judge(subject, [unsafe_graph_op])]


ERRORS = {
    "reads files": [
        *(
            "ReadFile",
            "MatchingFiles",
            "WholeFileReaderV2",
            "TextLineDataset",
            "TFRecordDatasetV2",
            "LoadAndRemapMatrix",
        ),
        *(
            "ImmutableConst",
            "DecodeProtoV2",
            "EncodeProto",
            "SnapshotDatasetV2",
            "LMDBDataset",
            "SqlDataset",
            "Restore",
        ),
        *("InitializeTableFromTextFileV2", "RestoreV2", "CacheDatasetV2", "LoadDataset"),
    ],
    "writes files": ["WriteFile", "SaveV2", "Save", "CreateSummaryFileWriter", "SaveDatasetV2", "DumpTensor"],
    "writes and removes files": ["MergeV2Checkpoints", "ShardedFilename"],
    "runs Python": ["PyFunc", "PyFuncStateless", "EagerPyFunc"],
    "talks to other machines": ["RpcCall", "DataServiceDatasetV4", "RemoteCall", "FileSystemSetConfiguration"],
    "calls a function of the process": ["XlaCustomCallV2"],
    "ends the process": ["Abort"],
}


@pytest.mark.parametrize(("op", "verdict"), [(op, words) for words, ops in ERRORS.items() for op in ops])
def test_an_operation_that_reaches_out_is_found(tmp_path, op, verdict):
    assert findings(saved_model(tmp_path / "m", "Placeholder", op)) == [(op, f"{op} {verdict}", "error")]


@pytest.mark.parametrize("op", ["ReadFile", "PyFunc", "WriteFile", "MergeV2Checkpoints", "SaveV2"])
def test_it_is_found_in_functions_too(tmp_path, op):
    assert [kind for kind, *_ in findings(saved_model(tmp_path / "m", "Placeholder", functions=["MatMul", op]))] == [op]


@pytest.mark.parametrize("op", ["MyCompanyOp", "Addons>Gelu", "TPUExecute", "PrintV2"])
def test_what_is_not_known_to_compute_is_a_warning(tmp_path, op):
    assert [(kind, severity) for kind, _, severity in findings(saved_model(tmp_path / "m", op))] == [(op, "warning")]


def test_the_saver_of_tensorflow_is_no_finding(tmp_path):
    ops = ["SaveV2", "ShardedFilename", "MergeV2Checkpoints"]
    folder = saved_model(tmp_path / "m", "Const", function="__inference__traced_save_12", functions=ops)
    assert findings(folder) == []


def test_a_vocabulary_that_comes_along_is_no_finding(tmp_path):
    folder = saved_model(tmp_path / "m", "InitializeTableFromTextFileV2", assets=["words.txt"])
    assert findings(folder) == []


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a/../../x", "..\\x"])
def test_an_asset_that_lies_elsewhere_is_found(tmp_path, name):
    found = findings(saved_model(tmp_path / "m", "Const", assets=[name]))
    assert [text for _, text, _ in found] == ["an asset of a graph lies outside of the folder"]


@pytest.mark.parametrize("folder", SAVED_MODELS, ids=lambda folder: folder.name)
def test_a_graph_of_keras_is_no_finding(folder):
    assert findings(folder) == []


@pytest.mark.parametrize("name", ["saved_model.pb", "variables/variables.index", "keras_metadata.pb"])
def test_no_link_is_followed_out_of_the_folder(tmp_path, name):
    folder = shutil.copytree(SAVED_MODELS[-1], tmp_path / "m")
    shutil.move(folder / name, tmp_path / "elsewhere")
    (folder / name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnsafeContentError, match="is a link that leads out of the folder"):
        open_artifact(folder)


def test_nobody_waits_for_a_pipe_in_the_folder(tmp_path):
    folder = shutil.copytree(SAVED_MODELS[0], tmp_path / "m")
    (folder / "saved_model.pb").unlink()
    os.mkfifo(folder / "saved_model.pb")
    with pytest.raises(UnsafeContentError, match="is no file and no folder"):
        open_artifact(folder)
