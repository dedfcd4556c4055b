"""What layers and models hold besides their arguments, and what of it is in a file."""

import pytest

from tests.rules.source.reading import HEAD, findings, names, places


def layer(init="", call="return x", rest="", base="layers.Layer"):
    """A registered class with these statements in its methods."""
    below = "\n        ".join(["super().__init__(**kwargs)", *init.split("\n")])
    calls = "\n        ".join(call.split("\n"))
    more = "".join(f"    {line}\n" for line in rest.split("\n")) if rest else ""
    return (
        f'@keras.saving.register_keras_serializable("shop")\nclass Mix({base}):\n    def __init__(self, **kwargs):\n'
        f"        {below}\n\n    def call(self, x, training=False):\n        {calls}\n{more}"
    )


BUILD = "def build(self, shape):\n    self.scale = self.add_weight()"
MADE_IN_CALL = {
    "a layer that is used at once": layer(call="return layers.Dense(3)(x)"),
    "a layer under a local name": layer(call="dense = layers.Dense(3)\nreturn dense(x)"),
    "a weight": layer(call='if not hasattr(self, "w"):\n    self.w = self.add_weight(shape=(3,))\nreturn x * self.w'),
    "a variable": layer(call="self.v = keras.Variable(1.0)\nreturn x * self.v"),
    "a layer in a list": layer("self.parts = []", "self.parts.append(layers.Dense(3))\nreturn self.parts[-1](x)"),
    "a layer of a layer that has others": layer(
        "self.d = layers.Dense(3)", "self.e = layers.Dense(2)\nreturn self.e(x)"
    ),
    "a weight of a model with build": layer(
        "self.d = layers.Dense(3)", "self.w = self.add_weight()", BUILD, "keras.Model"
    ),
}
NOT_MADE_IN_CALL = {
    "a layer without weights": layer(call="return layers.Activation('relu')(x)"),
    "a layer in build": layer(call="return self.d(x)", rest="def build(self, shape):\n    self.d = layers.Dense(3)"),
    "a weight of a model that has layers": layer(
        "self.d = layers.Dense(3)", "self.w = self.add_weight()", "", "keras.Model"
    ),
    "a function inside call": layer(call="def make():\n    return layers.Dense(3)\nreturn x"),
    "a variable that is not kept": layer(call="v = keras.Variable(1.0)\nreturn x * v"),
    "a plain class": "class Mix:\n    def call(self, x):\n        return layers.Dense(3)(x)\n",
    "another method": layer(rest="def head(self):\n    return layers.Dense(3)"),
}


@pytest.mark.parametrize("text", MADE_IN_CALL.values(), ids=MADE_IN_CALL)
def test_weights_made_in_call_are_flagged(text):
    assert names(HEAD + text, select="weight-created-in-call") == ["weight-created-in-call"]


@pytest.mark.parametrize("text", NOT_MADE_IN_CALL.values(), ids=NOT_MADE_IN_CALL)
def test_weights_that_are_made_in_time_are_left_alone(text):
    assert names(HEAD + text, select="weight-created-in-call") == []


BOX = "class Box:\n    pass\n\n"
HELPER = "class Helper:\n    def __init__(self):\n        self.dense = layers.Dense(3)\n\n"
UNTRACKED = {
    "a variable in a plain object": BOX + layer("self.box = Box()\nself.box.v = keras.Variable(1.0)"),
    "a layer in a plain object that makes it": HELPER + layer("self.helper = Helper()"),
    "a namespace of layers": "import types\n" + layer("self.ns = types.SimpleNamespace(a=layers.Dense(3))"),
    "a deque of layers": "import collections\n" + layer("self.q = collections.deque([layers.Dense(3)])"),
    "a list called _layers": layer("self._layers = [layers.Dense(3) for _ in range(2)]"),
    "a variable of TensorFlow that is assigned": "import tensorflow as tf\n"
    + layer("self.v = tf.Variable(1.0)", "self.v.assign_add(1.0)\nreturn x * self.v"),
    "a parameter of Torch": "import torch\n"
    + layer("self.w = torch.nn.Parameter(torch.zeros(3))", "return x * self.w"),
    "a counter": layer("self.steps = 0", "self.steps += 1\nreturn x * self.steps"),
    "a counter of a callback of the model": layer(
        "self.beta = 0.0",
        "return x * self.beta",
        "def on_epoch(self):\n    self.beta = min(1.0, self.beta + 0.1)",
        "keras.Model",
    ),
    "a running mean of numpy": "import numpy as np\n"
    + layer(
        "self.mean = np.zeros(3)", "return x - self.mean", "def adapt(self, x):\n    self.mean = 0.9 * self.mean + x"
    ),
    "an array that is written in place": "import numpy as np\n"
    + layer("self.table = np.zeros(3)", "return x - self.table", "def put(self, i, x):\n    self.table[i] += x"),
}
TRACKED = {
    "a variable": layer("self.v = keras.Variable(1.0)"),
    "variables in a list and a dict": layer('self.a = [keras.Variable(1.0)]\nself.b = {"v": keras.Variable(1.0)}'),
    "layers in a tuple": layer("self.parts = (layers.Dense(3), layers.Dense(3))"),
    "a list called _layers in a model": layer("self._layers = [layers.Dense(3)]", base="keras.Model"),
    "a plain object without state": BOX + layer("self.box = Box()"),
    "a plain object that is handed a number": BOX + layer("self.box = Box()\nself.box.size = 3"),
    "a helper that is a layer": HELPER.replace("Helper:", "Helper(layers.Layer):") + layer("self.helper = Helper()"),
    "a variable of TensorFlow that stays": "import tensorflow as tf\n" + layer("self.v = tf.Variable(1.0)"),
    "a module of Torch, which Keras wraps": "import torch\n" + layer("self.w = torch.nn.Linear(3, 3)"),
    "a counter that nobody reads": layer("self.steps = 0", "self.steps += 1\nreturn x"),
    "a number that is only set": layer("self.fast = 0", "return x * self.fast", "def speed(self):\n    self.fast = 2"),
    "a number made of an argument in build": layer(
        "self.n = 0", "return x * self.n", "def build(self, s):\n    self.n += s[-1]"
    ),
    "a number in the config": layer(
        "self.n = 0", "self.n += 1\nreturn x * self.n", 'def get_config(self):\n    return {"n": self.n}'
    ),
    "a class of unknown base": layer("self.steps = 0", "self.steps += 1\nreturn x * self.steps", base="Unknown"),
}


@pytest.mark.parametrize("text", UNTRACKED.values(), ids=UNTRACKED)
def test_state_that_keras_does_not_see_is_flagged(text):
    assert names(HEAD + text, select="untracked-state") == ["untracked-state"]


@pytest.mark.parametrize("text", TRACKED.values(), ids=TRACKED)
def test_state_that_keras_sees_or_nobody_needs_is_left_alone(text):
    assert names(HEAD + text, select="untracked-state") == []


SETS = {
    "a display": "self.heads = {layers.Dense(1), layers.Dense(2)}",
    "a comprehension": "self.heads = {layers.Dense(1) for _ in range(3)}",
    "a call of set": "self.heads = set([layers.Dense(1)])",
    "a frozen set": "self.heads = frozenset([layers.Dense(1)])",
}


@pytest.mark.parametrize("text", SETS.values(), ids=SETS)
def test_layers_in_a_set_are_flagged(text):
    assert names(HEAD + layer(text), select="unordered-sublayers") == ["unordered-sublayers"]


@pytest.mark.parametrize(
    "text", ["self.names = {'a', 'b'}", "self.heads = [layers.Dense(1)]", "self.d = {'a': layers.Dense(1)}"]
)
def test_sets_of_other_things_and_other_containers_are_left_alone(text):
    assert names(HEAD + layer(text), select="unordered-sublayers") == []


DENSE = "self.d = layers.Dense(3)"
USED = "return self.d(x)"
UNBUILT = {
    "a model whose build forgets it": layer(DENSE, USED, BUILD, "keras.Model"),
    "a model whose build asks its base": layer(DENSE, USED, BUILD + "\n    super().build(shape)", "keras.Model"),
    "a model used only in training": layer(DENSE, f"if training:\n    {USED}\nreturn x", base="keras.Model"),
    "a layer used only in training": layer(DENSE, f"if training:\n    {USED}\nreturn x"),
}
BUILT = {
    "a model without build": layer(DENSE, USED, base="keras.Model"),
    "a model whose build builds it": layer(DENSE, USED, BUILD + "\n    self.d.build(shape)", "keras.Model"),
    "a model whose build builds all": layer(
        DENSE, USED, BUILD + "\n    for one in self.layers: one.build(shape)", "keras.Model"
    ),
    "a model whose build calls it": layer(DENSE, USED, BUILD + "\n    self(keras.Input(shape))", "keras.Model"),
    "a model that builds it in its constructor": layer(DENSE + "\nself.d.build((None, 3))", USED, BUILD, "keras.Model"),
    "a layer, which a graph builds by calling it": layer(DENSE, USED, BUILD),
    "a sublayer without weights": layer("self.d = layers.Dropout(0.5)", USED, BUILD, "keras.Model"),
    "a dropout used only in training": layer("self.d = layers.Dropout(0.5)", f"if training:\n    {USED}\nreturn x"),
    "one used where training is the rule": layer(DENSE, f"if training:\n    {USED}\nreturn x").replace(
        "x, training=False", "x=1, /, training=True"
    ),
    "one used in both branches": layer(DENSE, f"if training:\n    x = x + 1\n    {USED}\nreturn self.d(x)"),
    "one that build builds, used only in training": layer(
        DENSE, f"if training:\n    {USED}\nreturn x", "def build(self, shape):\n    self.d.build(shape)"
    ),
    "a model with build_from_config": layer(
        DENSE, USED, BUILD + "\n\ndef build_from_config(self, config):\n    self(1)", "keras.Model"
    ),
}


@pytest.mark.parametrize("text", UNBUILT.values(), ids=UNBUILT)
def test_sublayers_that_nothing_builds_on_loading_are_flagged(text):
    assert names(HEAD + text, select="missing-build") == ["missing-build"]


@pytest.mark.parametrize("text", BUILT.values(), ids=BUILT)
def test_sublayers_that_are_built_are_left_alone(text):
    assert names(HEAD + text, select="missing-build") == []


def test_all_sublayers_that_one_build_forgets_are_one_finding():
    text = layer("self.a = layers.Dense(3)\nself.b = layers.Dense(3)", "return self.b(self.a(x))", BUILD, "keras.Model")
    assert [one.message for one in findings(HEAD + text, select="missing-build")] == [
        "Mix.a and b are not built by its build"
    ]


NUMPY = "import random\nimport numpy as np\n"
DRAWN = {
    "by numpy": "self.p = np.random.normal(size=(3,))",
    "by numpy, and converted": 'self.p = keras.ops.convert_to_tensor(np.random.rand(3).astype("float32"))',
    "by Python": "self.p = random.random()",
    "by Keras": "self.p = keras.random.normal((3,))",
}
FIXED = {
    "with a seed": "self.p = keras.random.normal((3,), seed=1)",
    "by a generator with a seed": "self.p = np.random.default_rng(0).normal(size=(3,))",
    "after seeding": "np.random.seed(0)\nself.p = np.random.normal(size=(3,))",
    "that nobody reads": "self.q = np.random.normal(size=(3,))",
    "as the start of a variable": "self.p = keras.Variable(np.random.normal(size=(3,)))",
    "as the start of a weight": "self.p = self.add_weight(initializer=keras.initializers.Constant(np.random.rand()))",
}


@pytest.mark.parametrize("text", DRAWN.values(), ids=DRAWN)
def test_a_random_value_that_call_reads_is_flagged(text):
    assert names(NUMPY + HEAD + layer(text, "return x * self.p"), select="random-constant") == ["random-constant"]


@pytest.mark.parametrize("text", FIXED.values(), ids=FIXED)
def test_a_random_value_that_is_the_same_again_is_left_alone(text):
    assert names(NUMPY + HEAD + layer(text, "return x * self.p"), select="random-constant") == []


READ = {
    "the environment": "self.f = float(os.environ['F'])",
    "the environment, by getenv": "self.f = float(os.getenv('F', '1'))",
    "a name at the top that comes of it": "self.f = FACTOR",
}
ENVIRONMENT = "import os\nFACTOR = float(os.environ.get('F', 1))\nOTHER = 2.0\n"
SETTLED = {
    "a constant": layer("self.f = OTHER", "return x * self.f"),
    "a path that call does not read": layer("self.f = os.environ['F']"),
    "a value that the config returns": layer(
        "self.f = FACTOR", "return x * self.f", 'def get_config(self):\n    return {"f": self.f}'
    ),
}


@pytest.mark.parametrize("text", READ.values(), ids=READ)
def test_a_value_of_the_process_that_call_reads_is_flagged(text):
    found = names(ENVIRONMENT + HEAD + layer(text, "return x * self.f"), select="reads-environment-in-init")
    assert found == ["reads-environment-in-init"]


@pytest.mark.parametrize("text", SETTLED.values(), ids=SETTLED)
def test_a_value_that_does_not_matter_or_is_kept_is_left_alone(text):
    assert names(ENVIRONMENT + HEAD + text, select="reads-environment-in-init") == []


def stack(change, returned="self.sizes", place="__init__"):
    """A layer that changes its argument `sizes`."""
    init = "self.sizes = sizes" + (f"\n{change}" if place == "__init__" else "")
    rest = 'def get_config(self):\n    return {**super().get_config(), "sizes": ' + returned + "}"
    rest += "" if place == "__init__" else f"\n\ndef {place}(self, shape):\n    {change}"
    return HEAD + layer(init, rest=rest).replace("self, **kwargs", "self, sizes=[], **kwargs")


@pytest.mark.parametrize(
    "change", ["self.sizes.append(2)", "self.sizes.pop()", "del self.sizes[0]", "self.sizes.clear()"]
)
def test_an_argument_that_is_changed_in_place_and_returned_is_flagged(change):
    assert names(stack(change), select="mutable-default") == ["mutable-default"]
    assert names(stack(change, "list(self.sizes)", "build"), select="mutable-default") == ["mutable-default"]


@pytest.mark.parametrize("change", ["self.sizes.sort()", "self.other.append(2)", "sizes = [*sizes, 2]"])
def test_an_argument_that_stays_as_it_was_given_is_left_alone(change):
    assert names(stack(change), select="mutable-default") == []


def test_an_argument_that_is_changed_and_not_returned_is_left_alone():
    assert names(stack("self.sizes.append(2)", "[4]"), select="mutable-default") == []


def test_the_change_is_pointed_at():
    assert places(stack("self.sizes.append(2)"), select="mutable-default") == [(9, "self.sizes.append(2)")]
