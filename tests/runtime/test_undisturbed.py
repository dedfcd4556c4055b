"""A save leaves the model, and everything a training draws from, exactly as it was."""

MODEL = """
import os, random, sys, warnings
from collections import deque
import keras, numpy as np
from keras import layers
import kept
from tests.runtime.observing import as_text, variables

LEVELS = ("structure", "weights", "outputs", "resume")

class Slotted:
    __slots__ = ("count",)
    def __init__(self):
        self.count = 0

class Restless(layers.Layer):
    def __init__(self, **options):
        super().__init__(**options)
        self.calls = 0
        self.sizes = []
        self.table = np.zeros(2)
        self.by_name = {"calls": [0]}
        self.pair = ([0], "x")
        self.recent = deque([0])
        self.slotted = Slotted()
        self.stream = np.random.default_rng(1)
        self.old_stream = random.Random(1)
        self.last = None

    def call(self, x):
        self.calls += 1
        self.sizes.append(self.calls)
        self.table[0] += 1
        self.by_name["calls"][0] += 1
        self.pair[0][0] += 1
        self.recent.append(self.calls)
        self.slotted.count += 1
        self.last = (self.stream.random(), self.old_stream.random())
        return x

class Draws(layers.Layer):
    def call(self, x):
        drawn = 0.0 if keras.backend.backend() == "jax" else keras.random.normal(())  # which JAX refuses
        return x + 0.0 * (random.random() + np.random.random() + drawn)

def built():
    keras.utils.set_random_seed(3)
    parts = [layers.Dense(8), Restless(), layers.BatchNormalization(), layers.Dropout(0.5), Draws(), layers.Dense(1)]
    model = keras.Sequential([keras.Input((4,)), *parts])
    model.compile("adam", "mse", metrics=["mae"])
    return model

x = np.random.default_rng(0).normal(size=(24, 4)).astype("float32")
y = x[:, :1] * 2
model = built()
train = lambda: [float(one) for one in model.fit(x, y, batch_size=8, verbose=0).history["loss"]]
train()
"""
STREAMS = """
def streams():
    drawn = keras.src.backend.common.global_state.get_global_attribute("global_seed_generator")
    found = [repr(random.getstate()), repr(np.random.get_state()), None if drawn is None else as_text(drawn.state)]
    return found + [repr(sys.modules["torch"].get_rng_state().tolist())] if "torch" in sys.modules else found
"""


def test_every_variable_is_as_it_was(lab):
    source = """
result = {"before": variables(model)}
for level in LEVELS:
    kept.save(model, file, verify=level)
    result[level] = variables(model)
"""
    seen = lab.here(MODEL, source).result
    before = seen.pop("before")
    assert len(before["optimizer"]) > 10
    assert seen == dict.fromkeys(seen, before)


def test_random_streams_go_on_where_they_were(lab):
    source = """
result = {"before": streams()}
for level in LEVELS:
    kept.save(model, file, verify=level)
    result[level] = streams()
"""
    seen = lab.here(MODEL, STREAMS, source).result
    assert seen == dict.fromkeys(seen, seen["before"])


def test_global_random_generators_that_do_not_exist_are_not_made(one_lab):
    source = """
import keras, kept
from keras.src.backend.common import global_state
model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
model.compile("sgd", "mse")
model.train_on_batch(keras.ops.ones((2, 4)), keras.ops.ones((2, 2)))
global_state.set_global_attribute("global_seed_generator", None)
kept.save(model, file, verify="resume")
result = global_state.get_global_attribute("global_seed_generator") is None
"""
    assert one_lab.here(source).result


def test_attributes_that_a_call_changes_are_as_they_were(lab):
    source = """
layer = model.layers[1]
names = ["calls", "sizes", "table", "by_name", "pair", "recent", "last"]
held = {name: getattr(layer, name) for name in names}
def seen():
    streams = [repr(layer.stream.bit_generator.state), repr(layer.old_stream.getstate())]
    return [repr(getattr(layer, name)) for name in names] + streams + [layer.slotted.count]
result = {"before": seen()}
for level in LEVELS:
    kept.save(model, file, verify=level)
    result[level] = seen()
assert all(getattr(layer, name) is value for name, value in held.items())
"""
    seen = lab.here(MODEL, source).result
    assert seen["before"][0] != "0"
    assert seen == dict.fromkeys(seen, seen["before"])


def test_the_next_layer_gets_the_name_it_would_have_got(one_lab):
    source = """
def after(save):
    keras.utils.clear_session()
    model = built()
    if save:
        model.fit(x, y, verbose=0)
        kept.save(model, file, verify="resume")
    return [layers.Dense(1).name, layers.Dropout(0.1).name, keras.Sequential().name, keras.optimizers.Adam().name]
result = [after(False), after(True)]
"""
    without, with_save = one_lab.here(MODEL, source).result
    assert without == with_save


def test_training_goes_on_bit_for_bit_as_without_the_saves(lab):
    source = """
def losses(levels):
    global model
    keras.utils.clear_session()
    model = built()
    found = train()
    for level in levels:
        if level:
            kept.save(model, file, verify=level)
        found += train()
    return [[one.hex() for one in found], variables(model)]
result = [losses((None, None)), losses(("outputs", "resume"))]
"""
    without, with_saves = lab.here(MODEL, source).result
    assert without == with_saves


def test_compiled_functions_stay_and_work(lab):
    source = """
model.predict(x, verbose=0)
model.evaluate(x, y, verbose=0)
names = ["train_function", "predict_function", "test_function", "optimizer", "loss", "history", "stop_training"]
before = [id(getattr(model, name)) for name in names]
for level in LEVELS:
    kept.save(model, file, verify=level)
after = [id(getattr(model, name)) for name in names]
result = [before == after, len(train()), model.predict(x, verbose=0).shape[0]]
"""
    assert lab.here(MODEL, source).result == [True, 1, 24]


def test_what_is_not_built_stays_so(one_lab):
    source = """
fresh = built()
untrained = fresh.optimizer.built
kept.save(fresh, file, verify="resume")
result = [untrained, fresh.optimizer.built, fresh.train_function is None]
"""
    assert one_lab.here(MODEL, source).result == [False, False, True]


def test_the_process_is_as_it_was(lab):
    source = """
def seen():
    policy = keras.config.dtype_policy().name
    return [os.getcwd(), dict(os.environ), list(sys.path), len(warnings.filters), policy, keras.config.floatx()]
kept.save(model, file)
before, modules = seen(), set(sys.modules)
kept.save(model, file, verify="resume")
result = [before == seen(), sorted(set(sys.modules) - modules)]
"""
    assert lab.here(MODEL, source).result == [True, []]


def test_a_save_that_fails_leaves_the_model_as_it_was_too(one_lab):
    source = """
class Fails(layers.Layer):
    def __init__(self, **options):
        super().__init__(**options)
        self.turned = hasattr(keras, "turned")
    def call(self, x):
        return x if hasattr(keras, "turned") else -x
keras.turned = True
model.add(Fails())
model.compile("adam", "mse", metrics=["mae"])
train()
layer, before = model.layers[1], [variables(model), streams()]
calls = layer.calls
try:
    kept.save(model, file, verify="resume")
except kept.VerificationError as error:
    result = [before == [variables(model), streams()], calls == layer.calls, len(train()), os.path.exists(file)]
finally:
    del keras.turned
"""
    assert one_lab.here(MODEL, STREAMS, source).result == [True, True, 1, False]
