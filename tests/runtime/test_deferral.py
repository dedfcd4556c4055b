"""Initialisers wait while a model is loaded: none is run for what the file has, and nobody can tell the difference."""

import pytest

from tests.runtime.models import HEAD, MODELS, STEP
from tests.runtime.test_save import SAVE

NET = HEAD + "model = keras.Sequential([keras.Input((3,)), layers.Dense(4), layers.Dropout(0.5), layers.Dense(2)])\n"
COMPILED = NET + "model.compile('adam', 'mse')\n" + STEP
STOCK = "model.save(file)\n"
COUNT = """
runs = []
def counting(kind):
    original = kind.__call__
    def __call__(self, *args, **words):
        runs.append(type(self).__name__)
        return original(self, *args, **words)
    kind.__call__ = __call__
for kind in (keras.initializers.GlorotUniform, keras.initializers.RandomNormal):
    counting(next(base for base in kind.__mro__ if '__call__' in vars(base)))
"""
LOAD = "import keras, kept\nfrom keras import layers, ops\nimport numpy as np\n"
PLAIN_PATH = "from kept.runtime import deferral_seams\ndeferral_seams._is_distributed = lambda: True\n"


@pytest.mark.parametrize("save", [SAVE, STOCK], ids=["of kept", "of plain Keras"])
def test_no_random_initializer_runs_for_what_a_file_has(lab, save):
    lab.here(COMPILED, save)
    assert lab.elsewhere(LOAD, COUNT, "kept.load(file)\nresult = runs").result == []


def test_a_layer_that_reads_its_variables_while_it_is_built_sees_real_values(lab):
    layer = """
class Reader(layers.Layer):
    def build(self, shape):
        self.w = self.add_weight(shape=(3,), initializer=keras.initializers.Constant(2.0))
        self.random = self.add_weight(shape=(3,), initializer=keras.initializers.RandomUniform(1.0, 2.0, seed=1))
        self.seen = [float(ops.sum(self.w)), float(ops.min(self.random))]
    def call(self, x):
        return x * self.w
"""
    lab.here(
        HEAD,
        layer,
        "model = keras.Sequential([keras.Input((3,)), Reader()])\nmodel.layers[0].w.assign([5.0] * 3)\n",
        SAVE,
    )
    load = "model = kept.load(file, {'Reader': Reader}, check=False)\nresult = [model.layers[0].seen, float(ops.sum(model.layers[0].w))]"
    (total, least), now = lab.elsewhere(LOAD, layer, load).result
    assert (total, now) == (6.0, 15.0)
    assert least >= 1.0


def test_a_variable_that_is_read_while_a_function_is_traced_has_a_value_afterwards(lab):
    layer = """
class Traced(layers.Layer):
    def build(self, shape):
        self.w = self.add_weight(shape=(3,), initializer=keras.initializers.Constant(2.0))
        if keras.backend.backend() == 'jax':
            import jax
            twice = jax.jit(lambda: self.w.value * 2)
        elif keras.backend.backend() == 'tensorflow':
            import tensorflow as tf
            twice = tf.function(lambda: self.w.value * 2)
        else:
            twice = lambda: self.w.value * 2
        self.seen = float(ops.sum(twice()))
    def call(self, x):
        return x * self.w
"""
    lab.here(
        HEAD,
        layer,
        "model = keras.Sequential([keras.Input((3,)), Traced()])\nmodel.layers[0].w.assign([5.0] * 3)\n",
        SAVE,
    )
    load = (
        "one = kept.load(file, {'Traced': Traced}, check=False).layers[0]\nresult = [one.seen, float(ops.sum(one.w))]"
    )
    assert lab.elsewhere(LOAD, layer, load).result == [12.0, 15.0]


def test_threads_that_load_at_once_get_their_models_and_leave_keras_as_it_was(lab):
    lab.here(COMPILED, SAVE)
    load = """
import threading
from kept.runtime.snapshot import take
before = {name: vars(keras.Variable).get(name) for name in dir(keras.Variable)}
once = take(kept.load(file)).to_dict()["variables"]
found = []
threads = [threading.Thread(target=lambda: found.append(take(kept.load(file)).to_dict()["variables"])) for _ in range(4)]
for one in threads: one.start()
for one in threads: one.join()
result = [len(found), all(one == once for one in found), before == {name: vars(keras.Variable).get(name) for name in before}]
"""
    assert lab.elsewhere(LOAD, load).result == [4, True, True]


def test_what_nothing_assigns_gets_what_its_initializer_makes(lab):
    build = """
from kept.runtime.deferral_seams import deferring
make = lambda: layers.Dense(2, kernel_initializer=keras.initializers.GlorotUniform(seed=3))
plain, late = make(), make()
plain.build((None, 3))
with deferring() as deferral:
    late.build((None, 3))
    waiting = late.kernel._value is None
    left = deferral.finish()
same = [np.array_equal(ops.convert_to_numpy(a), ops.convert_to_numpy(b)) for a, b in zip(plain.weights, late.weights)]
result = [waiting, [one is late.kernel for one in left], same]
"""
    assert lab.here(LOAD, build).result == [True, [True], [True, True]]


def test_two_variables_that_are_given_one_array_do_not_share_its_memory(lab):
    layer = """
class Twins(layers.Layer):
    def build(self, shape):
        self.a = self.add_weight(shape=(64,), initializer='ones')
        self.b = self.add_weight(shape=(64,), initializer='ones')
    def load_own_variables(self, store):
        self.a.assign(store['0'])
        self.b.assign(store['0'])
    def call(self, x):
        return x + self.a + self.b
"""
    lab.here(HEAD, layer, "model = keras.Sequential([keras.Input((64,)), Twins()])\n", SAVE)
    load = """
twins = kept.load(file, {'Twins': Twins}).layers[0]
twins.a.assign(twins.a * 0)
result = [float(ops.sum(twins.a)), float(ops.sum(twins.b))]
"""
    assert lab.elsewhere(LOAD, layer, load).result == [0.0, 64.0]


def test_a_layer_that_was_frozen_can_be_trained_once_it_is_loaded(lab):
    lab.here(NET, "model.layers[0].trainable = False\n", SAVE)
    train = """
model = kept.load(file)
before = [np.array(ops.convert_to_numpy(one)) for one in model.layers[0].weights]
model.layers[0].trainable = True
model.compile('sgd', 'mse')
model.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
result = [not np.array_equal(a, ops.convert_to_numpy(b)) for a, b in zip(before, model.layers[0].weights)]
"""
    assert lab.elsewhere(LOAD, train).result == [True, True]


def test_a_sequential_model_is_built_once_and_not_with_each_layer(one_lab):
    deep = "model = keras.Sequential([keras.Input((3,)), *(layers.Dense(3) for _ in range(30))])\n"
    one_lab.here(HEAD, deep, SAVE)
    count = """
runs, original = [], keras.Sequential.build
keras.Sequential.build = lambda self, *shape: (runs.append(1), original(self, *shape))[1]
model = kept.load(file)
result = [len(runs), len(model.layers), model.built, [len(one._inbound_nodes) for one in model.layers] == [1] * 30]
"""
    assert one_lab.elsewhere(LOAD, count).result == [1, 30, True, True]


def test_torch_knows_the_parameters_of_a_loaded_model(torch_lab):
    torch_lab.here(COMPILED, SAVE, "model.save(file + '.stock.keras')\n")
    told = "result = [[name, list(one.shape), one.requires_grad] for name, one in model.named_parameters()]"
    loaded = torch_lab.elsewhere(LOAD, "model = kept.load(file)", told).result
    assert loaded == torch_lab.elsewhere(LOAD, "model = keras.saving.load_model(file + '.stock.keras')", told).result
    assert len(loaded) == 5


def test_a_compiled_model_trains_on_as_plain_keras_loads_it(lab):
    lab.here(COMPILED.replace("'adam'", "keras.optimizers.AdamW(0.1, weight_decay=0.1)"), STOCK)
    train = """
model.fit(np.ones((4, 3)), np.ones((4, 2)), verbose=0)
result = [np.asarray(ops.convert_to_numpy(one)).tolist() for one in (*model.weights, *model.optimizer.variables)]
"""
    trained = lab.elsewhere(LOAD, "model = kept.load(file)", train).result
    assert trained == lab.elsewhere(LOAD, "model = keras.saving.load_model(file)", train).result


@pytest.mark.parametrize("name", MODELS)
def test_a_model_is_the_same_with_and_without_deferral(one_lab, name):
    one_lab.here(HEAD, MODELS[name], SAVE)
    describe = """
from kept.runtime.snapshot import take
try:
    model = kept.load(file)
except kept.UntrustedCodeError as error:
    model = kept.load(file, trusted=error.required)
result = take(model).to_dict()
"""
    deferred = one_lab.elsewhere(LOAD, describe).result
    assert deferred == one_lab.elsewhere(LOAD, PLAIN_PATH, describe).result
    assert deferred["objects"]
