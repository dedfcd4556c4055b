"""What is taken of a model once more is what would be taken of it anew, whatever was done to it meanwhile."""

import pytest

from tests.runtime.models import HEAD, MODELS

TAKING = """
import json, os
from kept.proof import Level
from kept.runtime.checkpoint.taking import Taking

def told(taken):
    draft = taken.draft
    values = {name: one.read().tobytes().hex() for name, one in draft.tensors().items()}
    attributes = {str(key): repr(type(one)) for key, one in draft.apart.items()}
    record, snapshot = draft.record.to_dict(), draft.snapshot.to_dict()
    taken.close()
    return json.dumps([draft.config, record, snapshot, values, attributes], sort_keys=True, default=repr)

def taking(**options):
    return Taking(**{"weights_only": False, "embed_source": True, "level": Level.WEIGHTS, **options})

def anew():
    return told(taking().take(model))
"""

SEVERAL = """
import random
class Own(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units, self.seen, self.names, self.options = units, 0, ["a"], {"b": [1]}
        self.table, self.inner = np.zeros(3), layers.Dense(units, kernel_regularizer="l2")
        self.weighing = [0.5]
        self.scale = lambda x, factor=2.0: x * factor
    def call(self, x):
        return self.scale(self.inner(x))
    def get_config(self):
        return {**super().get_config(), "units": self.units, "half": self.weighing[0]}
    @classmethod
    def from_config(cls, config):
        config.pop("half")
        return cls(**config)
keras.utils.set_random_seed(3)
own = Own(4)
model = keras.Sequential([keras.Input((3,)), own, layers.BatchNormalization(), layers.Dropout(0.5), layers.Dense(2)])
model.compile(keras.optimizers.AdamW(0.01), "mse", metrics=["mae"])
model.train_on_batch(x, y)
"""

CHANGES = {
    "a rate of learning that is assigned": "model.optimizer.learning_rate = 0.5",
    "a number of the optimizer": "model.optimizer.beta_1 = 0.8",
    "a layer that is frozen": "own.trainable = False",
    "a variable that is frozen": "model.layers[-1].bias.trainable = False",
    "a number of a layer": "own.seen = 1000",
    "a number of a layer of Keras": "model.layers[2].rate = 0.25",
    "a text in a list": "own.names.append('c')",
    "a number in a list in a dict": "own.options['b'][0] = 7",
    "what get_config reads": "own.weighing[0] = 0.75",
    "a number in an array": "own.table[1] = 5",
    "a part of a regularizer": "own.inner.kernel_regularizer.l2 = 0.3",
    "a regularizer of a variable": "own.inner.kernel.regularizer = keras.regularizers.L1(0.1)",
    "a default of a function": "own.scale.__defaults__ = (3.0,)",
    "a function": "own.scale = lambda x, factor=9.0: x - factor",
    "another layer in a place": "own._tracker.unlock(); own.inner = layers.Dense(4); own.inner.build((None, 3))",
    "a name": "own.name = 'other'",
    "a method of a class": "Own.get_config = lambda self: {'units': 4, 'half': 1}",
    "compiled again": "model.compile('sgd', 'mae'); model.train_on_batch(x, y)",
    "weights that do not decay": "model.optimizer._exclude_from_weight_decay = [model.layers[-1].bias.path]",
    "the precision of a layer": "model.layers[-1].dtype_policy = 'float16'",
    "an attribute that was not there": "own.more = {'x': 1}",
    "an attribute that is gone": "del own.names",
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_is_seen(change, lab):
    script = ["before = taking()", "before.take(model).close()", "model.train_on_batch(x, y)", CHANGES[change]]
    again = "again = told(before.take(model))\nresult = [again == anew(), before._changes]"
    assert lab.here(HEAD, SEVERAL, TAKING, *script, again).result == [True, 2]


@pytest.mark.parametrize("weights_only", [False, True])
def test_a_model_that_is_trained_is_described_once(weights_only, lab):
    script = f"""
before = taking(weights_only={weights_only})
before.take(model).close()
described = []
before._described = lambda *args, **kwargs: described.append(1)
result = []
for _ in range(3):
    model.fit(x, y, verbose=0)
    taken = before.take(model)
    values = taken.draft.tensors() if hasattr(taken, "draft") else taken._tensors()
    result.append(len(described))
    kernel = next(one.read() for name, one in values.items() if name.endswith("layers/dense/vars/0"))
    np.testing.assert_array_equal(kernel, keras.ops.convert_to_numpy(model.layers[-1].kernel))
"""
    assert lab.here(HEAD, SEVERAL, TAKING, script).result == [0, 0, 0]


def test_what_a_proof_has_to_mend_is_mended_each_time(lab):
    script = """
import kept
from kept.runtime.prover import prover
before, mended = taking(), []
own.table[1] = 5  # its constructor makes it otherwise
for _ in range(3):
    model.train_on_batch(x, y)
    taken = before.take(model)
    taken.write(file, prover(), 60.0)
    mended.append([name for _, name, _ in taken.record.state.attributes])
    again = kept.load(file, trusted=["__main__"])
    np.testing.assert_array_equal(again.layers[0].table, own.table)
    same = [np.array_equal(one, other) for one, other in zip(again.get_weights(), model.get_weights(), strict=True)]
    assert all(same)
taken = before.take(model)
result = [mended[0] == mended[1] == mended[2], before._changes, told(taken) == anew()]
"""
    assert lab.here(HEAD, SEVERAL, TAKING, script).result == [True, 0, True]


@pytest.mark.parametrize("name", MODELS)
def test_every_model_is_taken_again_as_it_would_be_anew(name, torch_lab):
    script = """
before = taking()
try:
    before.take(model).close()
except kept.KeptError:
    result = True
else:
    if model.compiled:
        model.train_on_batch(x, y)
    result = told(before.take(model)) == anew()
"""
    assert torch_lab.here(HEAD, MODELS[name], TAKING, "import kept", script).result


MORE_THAN_ENTRIES = """
class More(dict):
    pass
vars(own)["options"] = More(b=1)
"""
ENCODED_BY_ITS_USER = """
class Told:
    def __kept_encode__(self):
        return float(model.optimizer.iterations)
    @classmethod
    def __kept_decode__(cls, value):
        return cls()
own.told = Told()
"""
GIVEN_VALUES = """
class Given(layers.Layer):
    def __init__(self, start):
        super().__init__()
        self.start = start
    def call(self, x):
        return x + self.start
model = keras.Sequential([keras.Input((3,)), Given(keras.Variable([1.0])), layers.Dense(2)])
model.compile("sgd", "mse")
"""
UNSEEN = {
    "a generator of random numbers": ("own.chance = random.Random(1)", "own.chance.random()"),
    "a dict that knows more than its entries": (MORE_THAN_ENTRIES, "own.options.more = 5"),
    "a large array": ("own.table = np.zeros(20_000)", "own.table[7] = 1"),
    "an object that its user encodes": (ENCODED_BY_ITS_USER, "model.train_on_batch(x, y)"),
    "an argument with values of its own": (GIVEN_VALUES, "model.layers[0].start.assign([2.0])"),
}


@pytest.mark.parametrize("part", UNSEEN)
def test_a_model_whose_parts_change_unseen_is_described_anew(part, one_lab):
    there, change = UNSEEN[part]
    script = f"""
{there}
before = taking()
before.take(model).close()
{change}
first = told(before.take(model))
result = [before._before is None, first == anew()]
"""
    assert one_lab.here(HEAD, SEVERAL, TAKING, script).result == [True, True]


def test_a_get_config_that_changes_its_object_is_described_anew_and_leaves_the_object_alone(one_lab):
    script = """
Own.get_config = lambda self: {"units": self.units, "half": self.names.append("asked")}
before = taking()
before.take(model).close()
before.take(model).close()
result = [before._before is None, own.names]
"""
    assert one_lab.here(HEAD, SEVERAL, TAKING, script).result == [True, ["a"]]


def test_a_model_that_changes_all_the_time_is_remembered_now_and_then(one_lab):
    script = """
before = taking()
result = []
for count in range(12):
    own.seen = 1000 + count
    before.take(model).close()
    if before._before is not None:
        result.append(count)
"""
    assert one_lab.here(HEAD, SEVERAL, TAKING, script).result == [0, 1, 2, 10]


def test_what_comes_and_goes_is_no_part_of_a_description(torch_lab):
    script = """
from kept.runtime import unchanged, walk
out = walk._BOOKKEEPING | walk._base_attributes()
result = sorted((unchanged._PASSING | unchanged._names_of_torch()) - out - {"_modules"})
"""
    assert torch_lab.here(HEAD, script).result == []
