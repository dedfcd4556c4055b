"""Plain Keras reads what kept writes, kept reads what plain Keras wrote, and the same model gives the same bytes."""

import shutil
import zipfile

import h5py
import numpy as np
import pytest

from tests.formats.samples import GOLDEN
from tests.runtime.models import HEAD, ONLY_TENSORFLOW, PLAIN_LAYER, STEP
from tests.runtime.test_save import LOAD, SAVE, assert_equal

TRAINED = HEAD + "model = keras.Sequential([keras.Input((3,)), layers.Dense(2)])\nmodel.compile('adam', 'mse')\n" + STEP
SCALE = HEAD + PLAIN_LAYER + "model = keras.Sequential([keras.Input((3,)), Scale(2), layers.Dense(2)])\n"
REGISTERED = SCALE.replace("class Scale", "@keras.saving.register_keras_serializable('mine')\nclass Scale")
STOCK_KEEPS = ("layers", "variables", "optimizer")  # and no state of metrics
STOCK_LOAD = """
import keras
from tests.runtime.observing import kept_inputs, observe
model = keras.saving.load_model(file)
result = observe(model, kept_inputs(folder))
"""


@pytest.mark.parametrize(
    ("source", "given"),
    [(TRAINED, ""), (REGISTERED, REGISTERED), (SCALE, SCALE)],
    ids=["its own classes", "a registered class", "a class that is given"],
)
def test_plain_keras_loads_what_kept_wrote(lab, source, given):
    before = lab.here(source, SAVE).result
    load = (
        STOCK_LOAD if source is not SCALE else STOCK_LOAD.replace("(file)", "(file, custom_objects={'Scale': Scale})")
    )
    assert_equal(before, lab.elsewhere(given, load).result, STOCK_KEEPS)


def test_a_file_is_a_clean_archive_of_three_members_and_an_hdf5_file(one_lab):
    one_lab.here(TRAINED, SAVE).result  # noqa: B018
    with zipfile.ZipFile(one_lab.file) as archive:
        assert archive.testzip() is None
        assert sorted(archive.namelist()) == ["config.json", "metadata.json", "model.weights.h5"]
    with h5py.File(one_lab.file) as weights:
        assert weights["layers/dense/vars/0"].shape == (3, 2)


def test_assets_are_the_fourth_member_and_plain_keras_finds_them(tensorflow_lab):
    before = tensorflow_lab.here(HEAD, ONLY_TENSORFLOW["a vocabulary"], SAVE).result
    with zipfile.ZipFile(tensorflow_lab.file) as archive:
        assert any(name.startswith("assets/") for name in archive.namelist())
    assert_equal(before, tensorflow_lab.elsewhere(STOCK_LOAD).result)


def test_one_model_saved_twice_gives_the_same_bytes(lab):
    again = "kept.save(model, file + '.again.keras')\n"
    lab.here(REGISTERED, SAVE, again).result  # noqa: B018
    assert lab.file.read_bytes() == lab.file.with_name("model.keras.again.keras").read_bytes()


def test_two_processes_give_the_same_bytes(one_lab):
    plain = TRAINED.replace(STEP, "")
    save = "import kept\nkept.save(model, file, verify=False)\n"
    one_lab.here(plain, save).result  # noqa: B018
    first = one_lab.file.read_bytes()
    one_lab.elsewhere(plain, save).result  # noqa: B018
    assert one_lab.file.read_bytes() == first


STOCK_SAVES = {
    "an archive": "model.save(file)",
    "a legacy file": "model.save(file + '.h5')",
    "an unzipped folder": "keras.saving.save_model(model, file + '.folder', zipped=False)",
}


@pytest.mark.parametrize("how", STOCK_SAVES)
def test_kept_loads_what_plain_keras_wrote(lab, how):
    where = "import glob\nfile = glob.glob(file + '*')[0]\n"
    keep = "from tests.runtime.observing import keep, observe\nkeep(folder, x)\n"
    before = lab.here(TRAINED, keep, STOCK_SAVES[how], "result = observe(model, x)").result
    assert_equal(before, lab.elsewhere(where, LOAD).result, STOCK_KEEPS)


def test_kept_loads_a_custom_class_of_a_stock_file(one_lab):
    keep = "from tests.runtime.observing import keep, observe\nkeep(folder, x)\nmodel.save(file)\nresult = observe(model, x)"
    stock = REGISTERED.replace(
        "def __init__(self, units, factor=2.0)", "def __init__(self, units, factor=2.0, **kwargs)"
    )
    before = one_lab.here(stock.replace("super().__init__()", "super().__init__(**kwargs)"), keep).result
    assert_equal(
        before, one_lab.elsewhere(stock.replace("super().__init__()", "super().__init__(**kwargs)"), LOAD).result
    )


GOLDEN_FILES = [file for folder in sorted(GOLDEN.glob("keras_*")) for file in sorted(folder.glob("*.*"))]
WHOLE = [f for f in GOLDEN_FILES if f.suffix in (".keras", ".h5") and not f.name.endswith(".weights.h5")]


@pytest.mark.parametrize(
    "golden", [f for f in WHOLE if "vocabulary" not in f.name], ids=lambda f: f"{f.parent.name}-{f.name}"
)
def test_golden_files_load_and_predict(one_lab, golden):
    shutil.copy(golden, one_lab.file)
    load = "import kept, numpy as np\nmodel = kept.load(file)\nx = np.ones((1, *model.input_shape[1:]), 'float32')\n"
    made = one_lab.elsewhere(load, "from tests.runtime.observing import outputs\nresult = outputs(model, x)").result
    assert np.isfinite(made).all()


def test_a_golden_vocabulary_loads(tensorflow_lab):
    shutil.copy(GOLDEN / "keras_3_15_1" / "vocabulary.keras", tensorflow_lab.file)
    words = "import kept\nresult = [str(w) for w in kept.load(file).get_layer('words').get_vocabulary()]"
    assert tensorflow_lab.elsewhere(words).result == ["[UNK]", "trois", "deux", "un"]


@pytest.mark.parametrize("compiled", [True, False])
def test_a_model_is_compiled_only_where_that_is_asked_for(one_lab, compiled):
    one_lab.here(TRAINED, SAVE).result  # noqa: B018
    load = f"import kept\nmodel = kept.load(file, compile={compiled})\nresult = [model.compiled, bool(getattr(model, 'optimizer', None))]"
    assert one_lab.elsewhere(load).result == [compiled, compiled]


def test_training_goes_on_as_if_nothing_had_happened(one_lab):
    dropped = TRAINED.replace("layers.Dense(2)]", "layers.Dropout(0.5), layers.Dense(2)]")
    step = (
        "model.train_on_batch(x, y)\nfrom tests.runtime.observing import keep, variables\nresult = variables(model)\n"
    )
    on = one_lab.here(dropped, "import kept\nkept.save(model, file)\n", step).result
    again = one_lab.elsewhere(HEAD, "import kept\nmodel = kept.load(file)\n", step).result
    assert again == on


SQUARE = HEAD + "class Power(layers.Layer):\n    def call(self, x):\n        return x**2\n"
POWER = SQUARE + "model = keras.Sequential([keras.Input((3,)), Power()])\n"


def test_code_that_computes_something_else_than_when_saved_is_an_error(one_lab):
    one_lab.here(POWER, SAVE).result  # noqa: B018
    answer = one_lab.elsewhere(SQUARE.replace("x**2", "x**3"), "import kept\nkept.load(file)")
    assert (answer.error["type"], "computes something else" in answer.error["text"]) == ("MismatchError", True)


def test_changed_code_loads_where_nobody_checks_and_the_change_is_told(one_lab):
    one_lab.here(POWER, SAVE).result  # noqa: B018
    answer = one_lab.elsewhere(
        SQUARE.replace("x**2", "x**3"), "import kept\nresult = bool(kept.load(file, check=False))"
    )
    assert answer.result
    assert any("has changed since the save" in one for one in answer.warnings)


def test_a_tensor_too_many_and_one_too_few_are_named(one_lab):
    one_lab.here(TRAINED.replace(STEP, ""), "model.save(file)").result  # noqa: B018
    with zipfile.ZipFile(one_lab.file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    part = one_lab.folder / "w.h5"
    part.write_bytes(members["model.weights.h5"])
    with h5py.File(part, "a") as weights:
        weights.move("layers/dense/vars/1", "layers/dense/vars/7")
    with zipfile.ZipFile(one_lab.file, "w") as archive:
        for name, content in {**members, "model.weights.h5": part.read_bytes()}.items():
            archive.writestr(name, content)
    error = one_lab.elsewhere("import kept\nkept.load(file)").error
    assert error["type"] == "MismatchError"
    assert {"layers/dense/vars/7", "layers/dense/vars/1"} <= set(error["places"])


def test_a_checkpoint_of_orbax_says_who_loads_it(one_lab):
    pytest.importorskip("tensorstore")
    error = one_lab.elsewhere(f"import kept\nkept.load({str(GOLDEN / 'orbax_0_12' / 'keras')!r})").error
    assert error["type"] == "UnsupportedVersionError"
    assert "keras.saving.load_model(path) loads it" in error["text"]
