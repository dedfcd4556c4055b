"""Calls that save and load: removed arguments, endings that Keras does not take, pickles, unsafe loading."""

import pytest

from tests.rules.source.reading import HEAD, names, places

MODEL = "model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])\n"
PATH = "from pathlib import Path\nimport os\n"


def found(text, rule):
    return names(PATH + HEAD + MODEL + text, select=rule)


REMOVED = {
    "save_format of SavedModel": 'model.save("m", save_format="tf")',
    "save_format with a path that is not known": 'def go(m, p):\n    m.save(p, save_format="tf")',
    "save_format beside a bare path": 'model.save("m", save_format="h5")',
    "save_format of the function": 'keras.models.save_model(model, "m", save_format="tf")',
    "save_traces": 'model.save("m.keras", save_traces=False)',
    "options of save": 'model.save("m.keras", options=None)',
    "save_format of weights": 'model.save_weights("m.weights.h5", save_format="h5")',
    "options of load_model": 'keras.models.load_model("m.keras", options=1)',
    "period of a checkpoint": 'keras.callbacks.ModelCheckpoint("m.keras", period=2)',
}
TAKEN = {
    "save_format that Keras ignores": 'model.save("m.keras", save_format="keras")',
    "save_format h5 of an h5 file": 'model.save("m.h5", save_format="h5")',
    "save_format h5 of a path that is not known": 'def go(m, p):\n    m.save(p, save_format="h5")',
    "include_optimizer": 'model.save("m.keras", include_optimizer=False)',
    "options of something else": 'image.save("m.png", options=1)',
    "a save of the user's own": "class M(keras.Model):\n    def save(self, path, options):\n        pass\n\n"
    'M().save("m", options=1)',
}


@pytest.mark.parametrize("text", REMOVED.values(), ids=REMOVED)
def test_an_argument_that_is_gone_is_flagged(text):
    assert found(text, "removed-save-format") == ["removed-save-format"]


@pytest.mark.parametrize("text", TAKEN.values(), ids=TAKEN)
def test_an_argument_that_is_taken_or_ignored_is_left_alone(text):
    assert found(text, "removed-save-format") == []


def test_the_argument_is_pointed_at():
    assert places(HEAD + MODEL + 'model.save("m", save_format="tf")') == [(5, 'save_format="tf"')]


def test_keras_2_is_left_alone():
    assert names('import tf_keras as keras\nmodel = keras.Sequential()\nmodel.save("m", save_format="tf")') == []


ENDINGS = {
    "a bare name": 'model.save("m")',
    "a foreign ending": 'model.save("m.ckpt")',
    "the function": 'keras.saving.save_model(model, "m")',
    "a joined path": 'model.save(os.path.join(folder, "m"))',
    "a path object": 'model.save(Path("out") / "m")',
    "an f-string": 'model.save(f"{folder}/m")',
    "a path under a name": 'path = "out/m"\nmodel.save(path)',
    "a keyword": 'model.save(filepath="m")',
    "a model that is loaded": 'keras.saving.load_model("m.keras").save("n")',
    "a model of applications": 'm = keras.applications.MobileNet()\nm.save("m")',
    "a model in an attribute": "class Trainer:\n    def __init__(self):\n        self.model = keras.Sequential()\n"
    '    def end(self):\n        self.model.save("m")',
    "a model of a subclass": "class M(keras.Model):\n    pass\n\nm = M()\nm.save('m')",
    "an annotated model": 'def end(m: keras.Model):\n    m.save("m")',
    "a model that saves itself": 'class M(keras.Model):\n    def end(self):\n        self.save("m")',
    "a file in memory": "import io\nmodel.save(io.BytesIO())",
    "a file in memory under a name": "import io\nbuffer = io.BytesIO()\nmodel.save(buffer)",
    "weights": 'model.save_weights("m.h5")',
    "a checkpoint": 'keras.callbacks.ModelCheckpoint("m-{epoch}")',
    "a checkpoint of weights": 'keras.callbacks.ModelCheckpoint("m.keras", save_weights_only=True)',
    "what was exported": 'model.export("out")\nkeras.saving.load_model("out")',
}
FITTING = {
    "keras": 'model.save("m.keras")',
    "h5": 'model.save("m.h5")',
    "an f-string with an ending": 'model.save(f"{folder}.keras")',
    "an f-string that ends in a value": 'model.save(f"m{ending}")',
    "a path that is a parameter": "def end(path):\n    model.save(path)",
    "a path that has two values": 'path = "m"\nif other:\n    path = "m.keras"\nmodel.save(path)',
    "a folder": 'model.save("m", zipped=False)',
    "the hub": 'model.save("hf://me/m")',
    "a slice of a path": "model.save(path[:-6])",
    "weights": 'model.save_weights("m.weights.h5")',
    "sharded weights": 'model.save_weights("m.weights.json", max_shard_size=1)',
    "a checkpoint": 'keras.callbacks.ModelCheckpoint("m-{epoch}.keras")',
    "a checkpoint of what is not known": 'keras.callbacks.ModelCheckpoint("m", save_weights_only=flag)',
    "something else that saves": 'image.save("m")',
    "a model that may be another's": "def end(model):\n    model.save('m')",
    "a name that stands for two things": 'model = other()\nmodel.save("m")',
    "a folder that is loaded": 'keras.saving.load_model("out")',
}


@pytest.mark.parametrize("text", ENDINGS.values(), ids=ENDINGS)
def test_an_ending_that_keras_does_not_take_is_flagged(text):
    assert found(text, "saved-without-extension") == ["saved-without-extension"]


@pytest.mark.parametrize("text", FITTING.values(), ids=FITTING)
def test_an_ending_that_fits_or_cannot_be_told_is_left_alone(text):
    assert found(text, "saved-without-extension") == []


def test_one_call_with_a_removed_argument_is_one_finding():
    assert names(HEAD + MODEL + 'model.save("m", save_format="tf")') == ["removed-save-format"]


PICKLED = [
    "import pickle\npickle.dump(model, f)",
    "from joblib import dump\ndump(model, 'm')",
    "import torch\ntorch.save(model, 'm')",
]


@pytest.mark.parametrize("text", PICKLED)
def test_a_pickled_model_is_flagged(text):
    assert found(text, "pickled-model") == ["pickled-model"]


@pytest.mark.parametrize(
    "text",
    ["import pickle\npickle.dump(history.history, f)", "import torch\ntorch.save(model.state_dict(), 'm')",
     "import pickle\ndef end(model):\n    pickle.dump(model, f)"],
)  # fmt: skip
def test_other_pickles_are_left_alone(text):
    assert found(text, "pickled-model") == []


UNSAFE = [
    'keras.saving.load_model("m.keras", safe_mode=False)',
    "keras.config.enable_unsafe_deserialization()",
    "layers.Lambda.from_config(config, safe_mode=False)",
]


@pytest.mark.parametrize("text", UNSAFE)
def test_loading_without_the_guard_is_flagged(text):
    assert found(text, "unsafe-load") == ["unsafe-load"]


@pytest.mark.parametrize(
    "text", ['keras.saving.load_model("m.keras")', 'keras.saving.load_model("m.keras", safe_mode=flag)']
)
def test_loading_with_the_guard_is_left_alone(text):
    assert found(text, "unsafe-load") == []


RESUMED = 'model.load_weights("m.weights.h5")\nmodel.compile("adam", "mse")\nmodel.fit(x, y, initial_epoch=3)'
COMPILED = 'model.compile("adam", "mse")\nmodel.load_weights("m.weights.h5")\nmodel.fit(x, y, initial_epoch=3)'


@pytest.mark.parametrize("text", [RESUMED, COMPILED])
def test_training_that_goes_on_from_weights_alone_is_flagged(text):
    assert found(text, "saves-weights-only-without-optimizer") == ["saves-weights-only-without-optimizer"]


@pytest.mark.parametrize(
    "text",
    [
        RESUMED.replace("initial_epoch", "epochs"),
        COMPILED.replace("model.load", "model.optimizer.build(model.trainable_variables)\nmodel.load"),
        COMPILED.replace("model.load", "model.fit(x, y)\nmodel.load"),
        'again = keras.saving.load_model("m.keras")\nagain.load_weights("m.weights.h5")\nagain.fit(x, initial_epoch=3)',
    ],
)
def test_fine_tuning_and_built_optimizers_are_left_alone(text):
    assert found(text, "saves-weights-only-without-optimizer") == []


@pytest.mark.parametrize("text", [REMOVED["save_traces"], ENDINGS["a bare name"], PICKLED[0], UNSAFE[0]])
def test_what_a_test_tries_is_left_alone(text):
    assert names(HEAD + MODEL + text, name="test_shop") == []


SHORT = 'model.compile("sgd", "mse")\nmodel.save("m.h5")\n'


@pytest.mark.parametrize("text", [SHORT, SHORT.replace('"mse"', 'loss={"a": "MAE"}'), SHORT.replace(".h5", ".hdf5")])
def test_a_short_name_of_a_loss_in_an_h5_file_is_flagged(text):
    assert found(text, "short-loss-in-h5") == ["short-loss-in-h5"]


@pytest.mark.parametrize(
    "text",
    [
        SHORT.replace("h5", "keras"),
        SHORT.replace('"mse"', '"mean_squared_error"'),
        SHORT.replace('"mse"', '"mean_squared_error", metrics=["mse"]'),
        SHORT.replace('"m.h5"', '"m.h5", include_optimizer=False'),
        SHORT + 'keras.saving.load_model("m.h5", compile=False)\n',
        SHORT.replace("model.save", "other.save"),
    ],
)
def test_a_loss_that_an_h5_file_brings_back_or_never_holds_is_left_alone(text):
    assert found(text, "short-loss-in-h5") == []
