"""What differs between two model files of one format."""

import shutil

import numpy as np
import pytest

import kept
from kept.errors import CorruptFileError, UnknownFormatError
from kept.formats.artifact import NewTensor
from tests.conftest import ROOT
from tests.inspecting.files import ARRAYS, SMALL, by_kept, by_keras, layer, model, record


def arrays(**changes):
    """The tensors of the small model, some of them changed; None leaves one out."""
    found = ARRAYS | {path.replace("__", "/"): array for path, array in changes.items()}
    return {path: NewTensor.of(array) for path, array in found.items() if array is not None}


@pytest.fixture
def diff(tmp_path):
    """Compares the small model with one that has changes."""

    def run(changes=None, **options):
        a = by_kept(tmp_path / "a.keras", metadata=dated("10:00:00"))
        b = by_kept(tmp_path / "b.keras", **({"metadata": dated("11:00:00")} | (changes or {})))
        return kept.diff(a, b, **options)

    return run


def dated(time):
    return lambda written: {**record(written), "date_saved": f"2026-11-22@{time}"}


def test_two_saves_of_one_model_are_equal(diff):
    found = diff()
    assert not found
    assert not found.identical
    assert (found.layer_count, found.tensor_count) == (3, len(ARRAYS))


def test_files_of_the_same_bytes_are_answered_at_once(tmp_path, monkeypatch):
    a = by_kept(tmp_path / "a.keras")
    shutil.copy(a, tmp_path / "b.keras")
    monkeypatch.setattr("kept.comparing.run.Pairing", None)
    assert kept.diff(a, tmp_path / "b.keras").identical


def test_a_tensor_with_other_values_is_told_with_its_layer(diff):
    found = diff({"tensors": arrays(layers__dense__vars__0=np.arange(12, dtype="float32").reshape(3, 4) + 1)})
    (told,) = found.layers
    assert (told.path, told.class_name, told.tensor_count) == ("stem", "Dense", 2)
    assert [(one.path, one.what, one.deviation.largest) for one in told.tensors] == [("vars/0", "values", 1.0)]


def test_another_shape_and_another_type_are_told(diff):
    changed = arrays(layers__dense__vars__0=np.ones((3, 5), "float32"), layers__scaled__vars__0=np.ones(4, "float16"))
    told = [(layer.path, one.what) for layer in diff({"tensors": changed}).layers for one in layer.tensors]
    assert told == [("stem", "shape"), ("scaled", "dtype")]


def test_a_tensor_that_only_one_file_has_is_told(diff):
    (told,) = diff({"tensors": arrays(layers__dense__vars__1=None)}).layers
    assert [(one.path, one.what) for one in told.tensors] == [("vars/1", "removed")]


def test_settings_and_the_optimizer_are_told(diff):
    changed = {**SMALL, "compile_config": {**SMALL["compile_config"], "loss": "mse"}}
    found = diff({"config": changed, "tensors": arrays(optimizer__vars__0=np.array(4300, "int64"))})
    assert [one.path for one in found.compiled] == ["loss"]
    assert (found.steps, [one.path for one in found.optimizer]) == ((4200, 4300), ["optimizer/vars/0"])


def test_versions_that_both_files_say_are_told(diff):
    def newer(written):
        found = record(written)
        return {**found, "kept": {**found["kept"], "versions": {**found["kept"]["versions"], "python": "3.12.1"}}}

    assert [(one.path, one.a, one.b) for one in diff({"metadata": newer}).versions] == [("Python", "3.11.7", "3.12.1")]


def test_assets_are_compared_by_content(diff):
    assert [one.path for one in diff({"assets": {"words/vocabulary.txt": b"un\ntrois"}}).assets] == [
        "words/vocabulary.txt"
    ]


def test_an_inserted_layer_leaves_the_weights_of_those_after_it_alone(tmp_path):
    def made(name, units):
        layers = [layer("Dense", f"dense_{index}" if index else "dense", units=4) for index in range(len(units))]
        groups = [f"layers/dense_{index}" if index else "layers/dense" for index in range(len(units))]
        tensors = {
            f"{group}/vars/0": NewTensor.of(np.full((4, 4), n, "float32"))
            for group, n in zip(groups, units, strict=True)
        }
        return by_keras(tmp_path / name, config=model(*layers), tensors=tensors, attributes={})

    found = kept.diff(made("a.keras", [1, 2, 3]), made("b.keras", [9, 1, 2, 3]))
    assert [(one.a, one.b, one.renamed) for one in found.layers][:2] == [
        (None, "dense", False),
        ("dense", "dense_1", True),
    ]
    assert not [one for layer in found.layers if layer.a for one in layer.tensors]


def test_what_plain_keras_has_no_place_for_is_no_difference(tmp_path):
    found = kept.diff(
        by_kept(tmp_path / "a.keras"), by_keras(tmp_path / "b.keras", tensors=arrays(_kept__variables__0=None))
    )
    assert not found
    assert found.a.only == ("1 tensor of no layer", "kept's record with embedded source")


def test_without_values_recorded_checksums_are_compared(diff, monkeypatch):
    monkeypatch.setattr("kept.comparing.run.compared", None)
    found = diff({"tensors": arrays(layers__scaled__vars__0=np.zeros(4, "float32"))}, values=False)
    assert [(one.path, one.tensors[0].unequal) for one in found.layers] == [("scaled", True)]
    assert found.unread_count == 0


def test_without_values_and_checksums_what_is_not_known_is_told(tmp_path):
    found = kept.diff(by_keras(tmp_path / "a.keras"), by_kept(tmp_path / "b.keras"), values=False)
    assert (found.differs, found.unread_count) == (False, len(ARRAYS))


def test_numbers_within_the_tolerance_are_equal_and_told(diff):
    found = diff({"tensors": arrays(layers__scaled__vars__0=np.full(4, 1.001, "float32"))}, tolerance=0.01)
    assert not found
    assert [one.close for one in found.tensors] == [True]


SCALED = layer("Scaled", "scaled", None, rate=1.0, trainable=False)
IGNORED = {
    "weights": {"tensors": arrays(layers__scaled__vars__0=np.zeros(4, "float32"))},
    "layers/scaled/vars/*": {"tensors": arrays(layers__scaled__vars__0=np.zeros(4, "float32"))},
    "scaled": {"tensors": arrays(layers__scaled__vars__0=np.zeros(4, "float32"))},
    "dtypes": {"tensors": arrays(layers__scaled__vars__0=np.ones(4, "float16"))},
    "state": {"tensors": arrays(layers__scaled__seed_generator__vars__0=np.array([7, 7], "uint32"))},
    "optimizer": {"tensors": arrays(optimizer__vars__0=np.array(1, "int64"))},
    "compile": {"config": {**SMALL, "compile_config": {"loss": "mse"}}},
    "config": {"config": model(*SMALL["config"]["layers"][:2], SCALED, compile_config=SMALL["compile_config"])},
    "assets": {"assets": {}},
}  # fmt: skip


@pytest.mark.parametrize("word", IGNORED)
def test_what_is_ignored_is_no_difference_and_is_counted(diff, word):
    assert diff(IGNORED[word])
    found = diff(IGNORED[word], ignore=[word])
    assert not found, str(found)
    assert found.ignored[word] > 0


def test_names_order_and_keys_can_be_ignored(tmp_path):
    a = by_keras(
        tmp_path / "a.keras", config=model(layer("A", "a"), layer("B", "b", rate=1)), tensors={}, attributes={}
    )
    b = by_keras(
        tmp_path / "b.keras", config=model(layer("B", "b", rate=2), layer("A", "c")), tensors={}, attributes={}
    )
    assert kept.diff(a, b, ignore=["names", "order"])
    assert not kept.diff(a, b, ignore=["names", "order", "rate"])
    assert not kept.diff(a, b, ignore=["names", "order", "b.ra*"])


def test_a_comparison_is_json_and_has_a_notebook_form(diff):
    found = diff({"tensors": arrays(layers__scaled__vars__0=np.full(4, np.nan, "float32"))})
    assert found.to_dict()["layers"][0]["tensors"][0]["deviation"]["nan_count"] == 4
    assert found._repr_html_().startswith("<pre>")


def test_what_cannot_be_read_is_one_error(tmp_path):
    a = by_kept(tmp_path / "a.keras")
    (tmp_path / "b.keras").write_bytes(a.read_bytes()[:-9])
    with pytest.raises(CorruptFileError, match=r"b\.keras"):
        kept.diff(a, tmp_path / "b.keras")
    with pytest.raises(UnknownFormatError, match="no such file"):
        kept.diff(tmp_path / "c.keras", a)


def test_memory_stays_small_whatever_the_size(tmp_path):
    import tracemalloc

    tensors = {"layers/dense/vars/0": NewTensor.of(np.zeros((1000, 2000), "float32"))}
    others = {"layers/dense/vars/0": NewTensor.of(np.ones((1000, 2000), "float32"))}
    a, b = (by_keras(tmp_path / f"{n}.keras", tensors=one) for n, one in enumerate((tensors, others)))
    tracemalloc.start()
    kept.diff(a, b)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000


def test_texts_of_tensorflow_are_compared(tmp_path):
    golden = ROOT / "tests" / "golden" / "tensorflow_2_21"
    assert kept.diff(golden / "module", golden / "checkpoint")
    shutil.copytree(golden / "module", tmp_path / "copy")
    (tmp_path / "copy" / "notes.txt").write_text("the same model")
    assert not kept.diff(golden / "module", tmp_path / "copy")
