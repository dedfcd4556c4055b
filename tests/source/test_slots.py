"""What may stand where in a config is what the installed Keras says."""

import keras
import pytest

from kept.source.slots import ANY, Known, newest, releases
from tests.conftest import ROOT

FILE = ROOT / "src" / "kept" / "source" / f"slots_{keras.__version__.replace('.', '_')}.json"


def test_the_table_of_the_installed_keras_is_current(python):
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from tests import keras_slots as k; "
    ended = python("-c", f"{code}sys.stdout.write(k.text(k.slots()))", KERAS_BACKEND="torch")
    assert ended.out == FILE.read_text(), "run python -m tests.keras_slots --write"


def test_the_newest_release_is_asked_first():
    assert [one.version for one in releases()] == ["3.15.1", "3.10.0"]


@pytest.mark.parametrize(
    "path", ["keras.layers.Dense", "keras.src.layers.core.dense.Dense", "tensorflow.keras.layers.Dense"]
)
def test_a_class_is_known_under_all_its_paths(path):
    module, _, name = path.rpartition(".")
    assert newest().find(module, name) == (Known("keras.layers.Dense", "layer"),)


ALLOWED = {
    ("layer", "keras.layers", "Dense"),
    ("layer", "keras.src.ops.numpy", "Add"),
    ("activation", "keras.activations", "relu"),
    ("activation", "keras.ops", "silu"),
    ("activation", "keras.layers", "LeakyReLU"),
    ("loss", "keras.losses", "Huber"),
    ("metric", "keras.metrics", "AUC"),
    ("dtype", "keras.dtype_policies", "DTypePolicyMap"),
    ("seed", "keras.random", "SeedGenerator"),
    ("learning_rate", "keras.optimizers.schedules", "CosineDecay"),
    ("quantization", "keras.quantizers", "Int8QuantizationConfig"),
}
REFUSED = {
    ("activation", "keras.utils", "get_file"),
    ("layer", "keras.callbacks", "ModelCheckpoint"),
    ("any", "keras.models", "clone_model"),
    ("any", "keras.layers", "Lambda"),
    ("any", "keras.layers", "TFSMLayer"),
    ("initializer", "keras.layers", "Dense"),
    ("any", "keras.saving", "load_model"),
    ("any", "keras.config", "enable_unsafe_deserialization"),
    ("data", "keras.layers", "Dense"),
    ("any", "keras.saving", "KerasFileEditor"),
    ("any", "keras.preprocessing.image", "load_img"),
    ("loss", "keras.activations", "relu"),
}


@pytest.mark.parametrize(("slot", "module", "name"), sorted(ALLOWED | REFUSED))
def test_a_slot_takes_what_belongs_there_and_nothing_else(slot, module, name):
    (known,) = newest().find(module, name)
    assert newest().allows(slot, known) is ((slot, module, name) in ALLOWED)


def test_a_key_is_a_slot_by_its_class_or_else_by_its_name():
    table = newest()
    keys = ["units", "activation", "kernel_initializer", "bias_regularizer", "dtype", "quantization_config"]
    slots = ["data", "activation", "initializer", "regularizer", "dtype", "quantization"]
    assert [table.slot("keras.layers.Dense", key) for key in keys] == slots
    assert table.slot("keras.layers.RNN", "cell") == "layer"
    assert table.slot("keras.Unknown", "gate_activation") == "activation"


def test_everything_that_may_stand_somewhere_is_called_so():
    table = newest()
    assert table.allows(ANY, Known("keras.layers.Dense", "layer"))
    assert not any(table.allows(ANY, Known("x", group)) for group in ("code", "foreign", "other", "package"))
