"""Values that Keras itself cannot write are kept wherever they stand: losses, metrics, call arguments, configs."""

import pytest

from kept.formats.base import open_artifact
from tests.conftest import require_backend
from tests.runtime.models import HEAD

SAVE = "import kept\nkept.save(model, file)\n"
BEGIN = (
    HEAD
    + """
import enum, functools, pathlib
class Mode(enum.Enum):
    A = 1
    B = 2
class Weighted:
    def __init__(self, w):
        self.w = w
    def __call__(self, y, p):
        return self.w * ops.mean((y - p) ** 2, -1)
    def far(self, y, p):
        return self.w * ops.mean(ops.abs(y - p), -1)
def weighted(y, p, w=1.0):
    return w * ops.mean((y - p) ** 2, -1)
def shifted(by):
    def loss(y, p, w=1.0):
        return w * ops.mean((y - p + by) ** 2, -1)
    return loss
def bent(x, by=1.0):
    return x * by
def dense():
    return keras.Sequential([keras.Input((3,)), layers.Dense(2)])
def two():
    i = keras.Input((3,))
    return keras.Model(i, {"a": layers.Dense(2, name="a")(i), "b": layers.Dense(2, name="b")(i)})
"""
)
STEP = "result = model.evaluate(x, y, verbose=0)\n"
COMPILED = {
    "a partial": "model = dense()\nmodel.compile('sgd', functools.partial(weighted, w=5.0))\n",
    "a callable object": "model = dense()\nmodel.compile('sgd', Weighted(3.0))\n",
    "a bound method": "model = dense()\nmodel.compile('sgd', Weighted(3.0).far)\n",
    "a closure inside a partial": "model = dense()\nmodel.compile('sgd', functools.partial(shifted(2.0), w=4.0))\n",
    "a lambda inside a partial":
        "model = dense()\nmodel.compile('sgd', functools.partial(lambda y, p, k: k * ops.mean((y - p) ** 2, -1), k=3.0))\n",
    "a partial in a list of metrics": "model = dense()\nmodel.compile('sgd', 'mse', metrics=[functools.partial(weighted, w=7.0)])\n",
    "a metric around a partial":
        "model = dense()\nmodel.compile('sgd', 'mse', metrics=[keras.metrics.MeanMetricWrapper(functools.partial(weighted, w=7.0), name='m')])\n",
    "partials by output":
        "model = two()\ny = {'a': y, 'b': 3 * y}\n"
        "model.compile('sgd', loss={'a': functools.partial(weighted, w=2.0), 'b': functools.partial(weighted, w=9.0)},\n"
        "              metrics={'a': [Weighted(4.0)], 'b': ['mae']}, loss_weights={'a': 0.5, 'b': 2.0})\n",
    "a class of losses": "model = dense()\nmodel.compile('sgd', keras.losses.MeanAbsoluteError)\n",
    "a partial that holds a loss of Keras":
        "def around(y, p, inner):\n    return 2 * inner(y, p)\n"
        "model = dense()\nmodel.compile('sgd', functools.partial(around, inner=keras.losses.MeanSquaredError(reduction='sum')))\n",
    "a partial that holds an array":
        "def per_class(y, p, weights):\n    return ops.mean(weights * (y - p) ** 2, -1)\n"
        "model = dense()\nmodel.compile('sgd', functools.partial(per_class, weights=np.array([1, 5], 'float32')))\n",
}  # fmt: skip
CALLED = {
    "a member of an enumeration": ("Mode.B", "mode is Mode.B"),
    "a member that is an integer": ("Level.HIGH", "type(mode) is Level"),
    "a path": ("pathlib.Path('a')", "mode == pathlib.Path('a')"),
    "a set": ("{1, 2}", "mode == {1, 2}"),
    "a complex number": ("1j", "mode == 1j"),
    "a partial": ("functools.partial(bent, by=3.0)", "mode(2.0) == 6.0"),
    "a dict by number": ("{1: Mode.A}", "mode[1] is Mode.A"),
    "a callable object": ("Weighted(2.0)", "mode.w == 2.0"),
}  # fmt: skip
CALL = """
class Level(enum.IntEnum):
    HIGH = 3
class Chosen(layers.Layer):
    def call(self, x, mode=None):
        return x * (2.0 if {test} else 9.0)
i = keras.Input((3,))
model = keras.Model(i, Chosen()(i, mode={value}))
"""
LOAD = """
import kept
try:
    kept.load(file)
except kept.UntrustedCodeError as error:
    model = kept.load(file, trusted=error.required)
else:
    model = kept.load(file)
import numpy as np
x = np.linspace(-1, 1, 12, dtype="float32").reshape(4, 3)
y = np.ones((4, 2), "float32")
"""


@pytest.fixture
def torch_lab(one_lab):
    """Torch takes any object as an argument of a call; the tracing of the others does not."""
    require_backend("torch")
    return one_lab.on("torch")


@pytest.mark.parametrize("name", COMPILED)
def test_a_compiled_model_comes_back(one_lab, name):
    before = one_lab.here(BEGIN, COMPILED[name], SAVE, STEP).result
    given = "y = {'a': y, 'b': 3 * y}\n" if "two()" in COMPILED[name] else ""
    assert one_lab.elsewhere(LOAD, given, STEP).result == before


@pytest.mark.parametrize("name", CALLED)
def test_an_argument_of_a_call_comes_back(torch_lab, name):
    value, test = CALLED[name]
    outputs = "result = model.predict(x, verbose=0).tolist()\n"
    before = torch_lab.here(BEGIN, CALL.format(value=value, test=test), SAVE, outputs).result
    assert torch_lab.elsewhere(LOAD, outputs).result == before
    assert before[3][2] == 2.0


CONFIGS = {
    "an activation": ("layers.Dense(2, activation=functools.partial(bent, by=3.0))", "activation.keywords == {'by': 3.0}"),
    "arguments of a Lambda layer": ("layers.Lambda(bent, arguments={'by': np.complex64(2)})", "arguments['by'] == np.complex64(2)"),
    "a config with a from_config of its own": ("Own({1, 2})", "members == {1, 2}"),
}  # fmt: skip
OWN = """
class Own(layers.Layer):
    def __init__(self, members, **kwargs):
        super().__init__(**kwargs)
        self.members = members
    def call(self, x):
        return x * len(self.members)
    def get_config(self):
        return super().get_config() | {"members": self.members}
    @classmethod
    def from_config(cls, config):
        return cls(**config)
"""


@pytest.mark.parametrize("name", CONFIGS)
def test_a_value_in_a_config_comes_back(one_lab, name):
    layer, ask = CONFIGS[name]
    one_lab.here(BEGIN, OWN, f"model = keras.Sequential([keras.Input((3,)), {layer}])\n", SAVE).result  # noqa: B018
    assert one_lab.elsewhere(LOAD, f"result = bool(model.layers[0].{ask})").result is True


CHANGED = """
import dataclasses, datetime, types, uuid
@dataclasses.dataclass(frozen=True)
class Settings:
    width: int
    mode: Mode = Mode.A
class Worker(layers.Layer):
    def __init__(self):
        super().__init__()
        self.mode, self.settings, self.seen = Mode.A, Settings(1), {1}
        self.when, self.fn, self.of = None, weighted, types.SimpleNamespace(a=1)
    def call(self, x):
        return x
model = keras.Sequential([keras.Input((3,)), Worker()])
one = model.layers[0]
one.mode, one.settings, one.seen = Mode.B, Settings(5, Mode.B), {2, 3}
one.when, one.fn = datetime.datetime(2024, 1, 2), functools.partial(bent, by=4.0)
one.of.a = (1, uuid.UUID(int=3))
"""
SEEN = """
one = model.layers[0]
result = [one.mode.name, repr(one.settings), list(one.seen), str(one.when), str(one.fn.keywords), repr(one.of)]
"""


def test_attributes_that_have_changed_since_the_construction_come_back(lab):
    before = lab.here(BEGIN, CHANGED, SAVE, SEEN).result
    assert lab.elsewhere(LOAD, SEEN).result == before
    assert before[0] == "B"


def test_a_random_number_in_a_closure_comes_back(one_lab):
    drawn = """
class Drawn(layers.Layer):
    def __init__(self):
        super().__init__()
        factor = float(np.random.default_rng().random())
        self.scale = lambda x: x * factor
    def call(self, x):
        return self.scale(x)
model = keras.Sequential([keras.Input((3,)), Drawn()])
"""
    ask = "result = model.layers[0].scale(1.0)"
    before = one_lab.here(BEGIN, drawn, SAVE, ask).result
    assert one_lab.elsewhere(LOAD, ask).result == before


def test_a_partial_and_a_tensor_in_a_compiled_model_come_back_on_every_backend(lab):
    tensor = "held = ops.convert_to_tensor(np.array([1, 5], 'float32'))\n" + COMPILED["a partial that holds an array"]
    source = tensor.replace("weights=np.array([1, 5], 'float32')", "weights=held")
    before = lab.here(BEGIN, source, SAVE, STEP).result
    assert lab.elsewhere(LOAD, STEP).result == before
    assert lab.elsewhere(LOAD, "import keras\nresult = keras.ops.is_tensor(model.loss.keywords['weights'])").result


def test_one_object_in_two_places_comes_back_as_one(one_lab):
    shared = "loss = Weighted(2.0)\nmodel = dense()\nmodel.compile('sgd', loss, metrics=[loss.far, loss])\n"
    one_lab.here(BEGIN, shared, SAVE).result  # noqa: B018
    ask = "parts = model._compile_metrics._user_metrics\nresult = parts[1] is model.loss"
    assert one_lab.elsewhere(LOAD, ask).result


def test_a_method_of_the_model_itself_is_bound_to_the_loaded_model(one_lab):
    source = """
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = layers.Dense(2)
    def call(self, x):
        return self.dense(x)
    def far(self, y, p):
        return ops.mean((y - p) ** 2, -1) + 0.1 * ops.sum(self.dense.kernel ** 2)
model = Net()
model(x)
model.compile("sgd", model.far)
"""
    before = one_lab.here(BEGIN, source, SAVE, STEP).result
    assert one_lab.elsewhere(LOAD, STEP).result == before
    assert one_lab.elsewhere(LOAD, "result = model.loss.__self__ is model").result


def test_code_that_a_value_names_is_listed_and_needs_trust(one_lab):
    one_lab.here(BEGIN, COMPILED["a partial"], SAVE).result  # noqa: B018
    error = one_lab.elsewhere("import kept\nkept.load(file)").error
    assert error["type"] == "UntrustedCodeError"
    assert "weighted" in error["text"]
    with open_artifact(one_lab.file) as artifact:
        units = artifact.metadata["kept"]["sources"].values()
    assert error["required"] == [f"sha256:{unit['sha256']}" for unit in units]


@pytest.mark.parametrize("name", ["weighted", "__main__:weighted"])
def test_custom_objects_give_the_code_that_a_value_names(one_lab, name):
    one_lab.here(BEGIN, COMPILED["a partial"], SAVE).result  # noqa: B018
    given = f"import kept\ndef mine(y, p, w): return w\nmodel = kept.load(file, {{{name!r}: mine}}, check=False)\n"
    assert one_lab.elsewhere(given, "result = model.loss.func is mine").result


def test_an_object_that_nothing_can_write_is_refused_by_its_path_with_two_ways_out(one_lab):
    opaque = """
class Opaque:
    def __init__(self, size):
        self.kept = [0] * size
    def __call__(self, y, p):
        return ops.mean(y - p, -1)
model = dense()
model.compile("sgd", Opaque(3))
"""
    error = one_lab.here(BEGIN, opaque, SAVE).error
    assert error["type"] == "SerializationError"
    assert error["places"] == ["model.loss"]
    for part in ("Opaque", "__kept_encode__", "__kept_decode__", "kept.register_codec(Opaque"):
        assert part in error["text"]
