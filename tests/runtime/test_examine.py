"""The examination sees what is there, changes nothing, and finds nothing in models that plain Keras loads as they are."""

import pytest

HEALTHY = """
import kept
from tests.runtime import healthy
model = healthy.MODELS[name]()
result = str(kept.check(model)) if kept.check(model) else ""
"""
LAYERS = """
import kept
from tests.runtime import healthy
made = {name: healthy.single(layer) for name, layer in healthy.layers()}
checked = {name: kept.check(model) for name, model in made.items() if model is not None}
result = [len(checked), [name for name, found in checked.items() if found]]
"""
TROUBLED = """
import keras, numpy as np, kept

class Box:
    pass

@keras.saving.register_keras_serializable("lab")
class Troubled(keras.layers.Layer):
    def __init__(self, units=3, scale=1.0, **kwargs):
        super().__init__(**kwargs)
        self.units, self.scale = units, scale
        self.seen = np.zeros(3, "float32")
        self.random = np.random.default_rng(7)
        self.options = {"gain": 2.0}
        self.box = Box()
        self.box.v = keras.Variable(1.0)
        self.inner = keras.layers.Dense(units)

    def build(self, shape):
        self.inner.build(shape)

    def call(self, x):
        return self.inner(x) * self.box.v

    def get_config(self):
        self.options.pop("gain", None)
        return {**super().get_config(), "units": self.units}

model = keras.Sequential([keras.Input((3,)), Troubled(scale=2.0), keras.layers.Dropout(0.5), keras.layers.Dense(1)])
model.compile("adam", "mse")
model.fit(np.ones((4, 3)), np.ones((4, 1)), verbose=0)
model.layers[0].seen += 1.0
"""
UNCHANGED = """
from kept.runtime.snapshot import take
from kept.runtime.keras_seams import name_counters

def state():
    attributes = {(layer.name, name): id(one) for layer in [model, *model.layers] for name, one in vars(layer).items()}
    return [take(model).to_dict(), attributes, dict(name_counters()), keras.config.dtype_policy().name]

drawn = np.random.get_state()[1].tolist()
before = state()
kept.check(model)
result = [one == other for one, other in zip(before, state(), strict=True)] + [drawn == np.random.get_state()[1].tolist()]
"""
SLOW_CHILD = """
import keras, kept

@keras.saving.register_keras_serializable("lab")
class Bare(keras.layers.Layer):
    def __init__(self, size, /):
        super().__init__()
        self.size = size
    def call(self, x):
        return x

@keras.saving.register_keras_serializable("lab")
class Halved(keras.layers.Layer):
    def __init__(self, factor):
        super().__init__()
        self.factor = factor
    def call(self, x):
        return self.factor * x
    def get_config(self):
        return {**super().get_config(), "factor": self.factor}

inputs = keras.Input((3,))
x = Bare(1)(inputs)
x = Bare(2)(x)
x = Halved(0.5)(x)
model = keras.Model(inputs, keras.layers.Dense(1)(x))
result = [[one.rule, list(one.where), one.location.line] for one in kept.check(model)]
"""


@pytest.mark.parametrize("name", ["trained", "custom", "subclassed", "application"])
def test_nothing_is_found_in_a_healthy_model(name, lab):
    assert lab.here(HEALTHY, name=name).result == ""


def test_nothing_is_found_in_any_layer_of_keras(one_lab):
    count, found = one_lab.here(LAYERS).result
    assert found == []
    assert count > 120


def test_a_troubled_model_is_left_as_it_was(lab):
    assert lab.here(TROUBLED, UNCHANGED).result == 5 * [True]


def test_each_fault_of_an_object_is_told(lab):
    told = "result = sorted({one.rule for one in kept.check(model)})"
    assert lab.here(TROUBLED, told).result == ["config-has-side-effects", "untracked-rng", "untracked-variable"]


def test_the_faults_of_every_object_are_told_and_one_cause_once(one_lab):
    found = one_lab.here(SLOW_CHILD).result
    assert [one[:2] for one in found] == [
        ["config-raises", ["model.layers[1]", "model.layers[2]"]],
        ["rebuild-fails", ["model.layers[3]"]],
    ]
    assert all(line for _, _, line in found)


FORGETFUL_KERAS = """
import keras, kept
gain = keras.initializers.Identity(gain=3.0)
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, kernel_initializer=gain)])
model.compile("adam", keras.losses.Huber(delta=2.0), metrics=["mae"])
result = [[one.rule, one.where[0], one.message] for one in kept.check(model)]
"""


def test_what_a_class_of_keras_forgets_is_told(one_lab):
    assert one_lab.here(FORGETFUL_KERAS).result == [
        ["rebuild-differs", "model.layers[0].kernel_initializer", "Identity.get_config does not return gain"],
        ["rebuild-differs", "model.loss", "Huber.get_config does not return delta"],
    ]


def test_what_kept_itself_notes_of_a_call_is_no_fault(one_lab):
    source = """
import keras, kept
kept.install()
from tests.runtime import healthy
try:
    result = len(kept.check(healthy.custom()))
finally:
    kept.uninstall()
"""
    assert one_lab.here(source).result == 0


def test_nothing_is_written(one_lab):
    source = """
import os
result = [os.listdir(folder), bool(kept.check(model)), os.listdir(folder)]
"""
    before, found, after = one_lab.here(TROUBLED, source).result
    assert found
    assert before == after


def test_what_is_no_model_is_refused(one_lab):
    error = one_lab.here("import kept\nkept.check(3)").error
    assert error["type"] == "KeptError"
    assert "only a Keras model can be checked" in error["text"]
