"""Functions that are saved with a model, and what a file can hold of them."""

import pytest

from tests.rules.source.reading import HEAD, findings, names, places

MODEL = "model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])\n"
FACTORY = "def make(a):\n    def loss(y, p):\n        return a * (y - p)\n    return loss\n\n"
LAMBDAS = {
    "of a Lambda layer": "model = keras.Sequential([layers.Lambda(lambda x: 2 * x)])\n",
    "under a name": "twice = lambda x: 2 * x\nmodel = keras.Sequential([layers.Lambda(twice)])\n",
    "as activation": "model = keras.Sequential([layers.Dense(1, activation=lambda x: x)])\n",
    "as initializer": "d = layers.Dense(1, kernel_initializer=lambda shape, dtype=None: 1)\n",
    "as loss": MODEL + "model.compile(loss=lambda y, p: y - p)\n",
    "among metrics": MODEL + 'model.compile("sgd", "mse", metrics=["mae", lambda y, p: y])\n',
    "as learning rate": "o = keras.optimizers.Adam(learning_rate=lambda: 0.1)\n",
    "as function of a metric": 'm = keras.metrics.MeanMetricWrapper(fn=lambda y, p: y, name="m")\n',
    "from a factory": "def make(a):\n    return lambda x: a * x\n\nd = layers.Dense(1, activation=make(2))\n",
    "of a class without constructor": "class D(layers.Dense):\n    pass\n\nd = D(1, activation=lambda x: x)\n",
}
NO_LAMBDAS = {
    "a lambda in call": "class L(layers.Layer):\n    def call(self, x):\n        return (lambda y: 2 * y)(x)\n",
    "a lambda that a class gives to its sublayer": "class L(layers.Layer):\n    def __init__(self):\n"
    "        super().__init__()\n        self.d = layers.Dense(1, activation=lambda x: x)\n",
    "a lambda for a callback": "c = keras.callbacks.LambdaCallback(on_epoch_end=lambda e, l: None)\n",
    "a lambda for a dataset": "d = data.map(lambda x: x)\n",
    "the function of Keras": "model = keras.Sequential([layers.Lambda(keras.activations.relu)])\n",
    "a compile of something else": "jax.jit(f).lower(x).compile(loss=lambda y, p: y)\n",
    "a compile of the model's own class": "class M(keras.Model):\n    def compile(self, loss):\n        pass\n"
    "\nm = M()\nm.compile(loss=lambda y, p: y)\n",
}
LOST = {
    "a closure": FACTORY + MODEL + "model.compile(loss=make(2.0))\n",
    "a closure under a name": FACTORY + MODEL + "loss = make(2.0)\nmodel.compile(loss=loss)\n",
    "a function made where the model is": "def build():\n    def act(x):\n        return x\n"
    "    return keras.Sequential([layers.Dense(1, activation=act)])\n",
    "a partial": "from functools import partial\n"
    + MODEL
    + "model.compile(loss=partial(keras.losses.huber, delta=2))\n",
    "a tf.function": "import tensorflow as tf\n@tf.function\ndef loss(y, p):\n    return y\n"
    + MODEL
    + "model.compile(loss=loss)\n",
    "a jitted function": "import jax\n" + MODEL + "model.compile(loss=jax.jit(keras.losses.mse))\n",
    "an object with __call__": "class W:\n    def __call__(self, y, p):\n        return y\n\n"
    + MODEL
    + "model.compile(loss=W())\n",
    "a bound method": "class W:\n    def loss(self, y, p):\n        return y\n\nw = W()\n"
    + MODEL
    + "model.compile(loss=w.loss)\n",
    "a method of the model": "class M(keras.Model):\n    def error(self, y, p):\n        return y\n"
    "    def prepare(self):\n        self.compile(loss=self.error)\n",
}
FOUND_AGAIN = {
    "a closure that the file lists": FACTORY
    + MODEL
    + 'model.compile(loss=make(2.0))\nkeras.saving.load_model("m.keras", custom_objects={"loss": make(2.0)})\n',
    "a loss object": "class E(keras.losses.Loss):\n    def call(self, y, p):\n        return y\n\n"
    + MODEL
    + "model.compile(loss=E())\n",
    "an object with get_config": "class W:\n    def __call__(self, y, p):\n        return y\n"
    "    def get_config(self):\n        return {}\n\n" + MODEL + "model.compile(loss=W())\n",
    "a static method": "class W:\n    @staticmethod\n    def loss(y, p):\n        return y\n\nw = W()\n"
    + MODEL
    + "model.compile(loss=w.loss)\n",
    "a factory that gives an object of Keras": "def make(a):\n    return keras.losses.Huber(a)\n\n"
    + MODEL
    + "model.compile(loss=make(2.0))\n",
    "a name from elsewhere": "from elsewhere import loss\n" + MODEL + "model.compile(loss=loss)\n",
    "a parameter": "def train(loss):\n    model = keras.Sequential()\n    model.compile(loss=loss)\n",
}


@pytest.mark.parametrize("text", LAMBDAS.values(), ids=LAMBDAS)
def test_a_lambda_that_is_saved_is_flagged(text):
    assert names(HEAD + text, select="lambda-in-model") == ["lambda-in-model"]


@pytest.mark.parametrize("text", NO_LAMBDAS.values(), ids=NO_LAMBDAS)
def test_a_lambda_that_is_in_no_file_is_left_alone(text):
    assert names(HEAD + text, select="lambda-in-model") == []


def test_the_lambda_is_pointed_at():
    assert places(HEAD + LAMBDAS["of a Lambda layer"]) == [(4, "lambda x: 2 * x")]


@pytest.mark.parametrize("text", LOST.values(), ids=LOST)
def test_a_function_that_no_name_finds_again_is_flagged(text):
    assert names(HEAD + text, select="closure-loss") == ["closure-loss"]


@pytest.mark.parametrize("text", FOUND_AGAIN.values(), ids=FOUND_AGAIN)
def test_a_function_that_is_found_again_is_left_alone(text):
    assert names(HEAD + text, select="closure-loss") == []


def test_two_closures_of_one_name_are_flagged_even_if_the_name_is_listed():
    text = FACTORY + MODEL + 'model.compile(loss=[make(1.0), make(9.0)])\nOBJECTS = {"loss": make(1.0)}\n'
    assert names(HEAD + text, select="closure-loss") == ["closure-loss"]


def test_a_finding_tells_whether_saving_or_loading_fails():
    said = {form: findings(HEAD + text, select="closure-loss")[0].stock for form, text in LOST.items()}
    assert said["a partial"].startswith("saving raises TypeError")
    assert said["a closure"].startswith("saves a bare name")
