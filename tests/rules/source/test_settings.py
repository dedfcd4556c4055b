"""What is set after a layer or model was made, how it is compiled, and with what a layer in a graph is called."""

import pytest

from tests.rules.source.reading import HEAD, names, places

SCALE = (
    '@keras.saving.register_keras_serializable("shop")\nclass Scale(layers.Layer):\n'
    "    def __init__(self, factor=1.0, **kwargs):\n        super().__init__(**kwargs)\n        self.factor = factor\n"
    "        self.dense = layers.Dense(3)\n\n    def call(self, x):\n        return self.dense(x) * self.factor\n\n"
)
MODEL = "model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])\n"
FIT = 'model.compile("sgd", "mse")\nmodel.fit(x, y)\n'
SET = {
    "a regularizer of a layer of a model": "model.layers[0].kernel_regularizer = keras.regularizers.L2(1.0)",
    "a constraint of a layer by its name": 'model.get_layer("d").kernel_constraint = "non_neg"',
    "regularizers in a loop": "for one in model.layers:\n    model.layers[0].bias_regularizer = r",
    "an argument of a custom layer": "scale = Scale(2.0)\nscale.factor = 5.0",
    "an argument of a custom layer in a model": "model.layers[0].factor = 5.0",
    "an argument that grows": "scale = Scale(2.0)\nscale.factor += 5.0",
    "a sublayer of a custom layer that is frozen": "model.layers[0].dense.trainable = False",
    "exclusions from weight decay": "o = keras.optimizers.AdamW()\no.exclude_from_weight_decay(var_names=['bias'])",
    "a layer that is frozen after training": FIT + "model.layers[0].trainable = False",
    "a model that is frozen after training": FIT + "model.trainable = False",
}
KEPT = {
    "an argument of a layer with get_config": SCALE.replace("Scale", "Other")
    + "    def get_config(self):\n        return {**super().get_config(), 'factor': self.factor}\n\nOther().factor = 2",
    "another attribute": "scale = Scale(2.0)\nscale.note = 5.0",
    "an attribute of something else": "options.factor = 5.0",
    "an attribute of itself": "class Other(Scale):\n    def grow(self):\n        self.factor = 2.0",
    "a regularizer of itself": "class D(layers.Dense):\n    def grow(self):\n        self.kernel_regularizer = None",
    "a regularizer of a parameter": "def prepare(layer):\n    layer.kernel_regularizer = None",
    "a layer that is frozen before training": "model.layers[0].trainable = False\n" + FIT,
    "a layer that is frozen, and the model compiled again": FIT
    + 'model.trainable = False\nmodel.compile("sgd", "mse")',
    "a discriminator that is frozen for its generator": 'model.compile("sgd", "mse")\nmodel.trainable = False\n',
    "another model that is frozen": FIT + "teacher.trainable = False",
    "a layer of Keras that is frozen": "model.layers[0].trainable = False",
    "an attribute that a layer of Keras in the file has, too": SCALE.replace("factor", "rate").replace("Scale", "Drop")
    + "other = layers.Dropout(0.5)\nmodel.layers[0].rate = 0.2",
    "the policy of a wrapper": "model.layers[0].layer.trainable = False",
    "exclusions of an own optimizer": "class O(keras.layers.Layer):\n    pass\n\nO().exclude_from_weight_decay()",
}


@pytest.mark.parametrize("text", SET.values(), ids=SET)
def test_what_is_set_too_late_is_flagged(text):
    assert names(HEAD + SCALE + MODEL + text, select="settings-after-build") == ["settings-after-build"]


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_what_is_kept_or_cannot_be_told_is_left_alone(text):
    assert names(HEAD + SCALE + MODEL + text, select="settings-after-build") == []


def test_an_array_of_a_layer_that_is_replaced_from_outside_is_flagged():
    text = SCALE.replace("self.factor = factor", "self.factor = np.zeros(3)") + MODEL + "model.layers[0].factor = ones"
    assert names("import numpy as np\n" + HEAD + text, select="settings-after-build") == ["settings-after-build"]


NET = "class Net(keras.Model):\n    def call(self, x):\n        return x\n\n"
OWN = NET + "    def compile(self, optimizer, penalty):\n        super().compile(optimizer)\n\n"


def test_a_compile_of_its_own_is_flagged_at_its_name():
    assert places(HEAD + OWN, select="custom-compile") == [(8, "compile")]


@pytest.mark.parametrize(
    "text",
    [
        NET,
        OWN + "    def compile_from_config(self, config):\n        self.compile(**config)\n",
        OWN.replace("keras.Model", "layers.Layer"),
        OWN.replace("keras.Model", "Unknown"),
        "class Base(keras.Model):\n    def compile_from_config(self, config):\n        pass\n\n"
        + OWN.replace("keras.Model", "Base"),
    ],
)
def test_a_compile_that_is_repeated_or_unknown_is_left_alone(text):
    assert names(HEAD + text, select="custom-compile") == []


GRAPH = (
    "import enum\nfrom pathlib import Path\n\nclass Mode(enum.Enum):\n    A = 1\n\nclass Plain:\n    A = 1\n\n"
    + HEAD
    + SCALE
    + "x = keras.Input((3,))\ny = layers.Dense(3)(x)\n"
)
CALLED = ["Scale()(x, mode=Mode.A)", "scale = Scale()\nscale(x, mode=Mode.A)", "Scale()(y, mode=Mode.A)",
          "Scale()(x, mode={1, 2})", "Scale()(x, mode=Path('a'))", "layers.Dense(3)(x, mode=1j)"]  # fmt: skip
PLAIN = ["Scale()(x, mode=Plain.A)", "Scale()(x, mode='a')", "Scale()(x, training=True)", "Scale()(data, mode=Mode.A)",
         "function(x, mode=Mode.A)", "Scale(mode=Mode.A)",
         "def call(x):\n    return Scale()(x, mode=Mode.A)"]  # fmt: skip


@pytest.mark.parametrize("text", CALLED)
def test_a_layer_in_a_graph_called_with_what_cannot_be_written_is_flagged(text):
    assert names(GRAPH + text, select="call-argument-not-plain") == ["call-argument-not-plain"]


@pytest.mark.parametrize("text", PLAIN)
def test_other_arguments_and_calls_on_data_are_left_alone(text):
    assert names(GRAPH + text, select="call-argument-not-plain") == []


POLICY = "def main():\n    keras.mixed_precision.set_global_policy('mixed_float16')\n"


@pytest.mark.parametrize(
    "text", [SCALE + POLICY, SCALE + POLICY.replace("mixed_precision.set_global", "config.set_dtype")]
)
def test_a_policy_of_the_process_that_sublayers_take_is_flagged(text):
    assert names(HEAD + text, select="global-dtype-policy") == ["global-dtype-policy"]


@pytest.mark.parametrize(
    "text",
    [
        POLICY,
        SCALE + POLICY.replace("mixed_float16", "float32"),
        SCALE + "keras.config.set_dtype_policy('mixed_float16')\n",
        SCALE.replace("Dense(3)", "Dense(3, dtype=self.dtype_policy)") + POLICY,
        SCALE.replace("Dense(3)", "Activation('relu')") + POLICY,
    ],
)
def test_a_policy_that_importing_sets_or_no_sublayer_takes_is_left_alone(text):
    assert names(HEAD + text, select="global-dtype-policy") == []


QUANTIZED = SCALE + "model = keras.Sequential([Scale()])\nmodel.quantize('int8')\n"


def test_a_quantized_model_with_sublayers_of_a_custom_layer_is_flagged_at_the_call():
    assert places(HEAD + QUANTIZED, select="quantized-sublayers") == [(15, "model.quantize('int8')")]


@pytest.mark.parametrize(
    "text",
    [
        MODEL + "model.quantize('int8')\n",
        SCALE + MODEL + "model.quantize('int8')\n",
        QUANTIZED.replace("Dense(3)", "LayerNormalization()"),
        QUANTIZED.replace("    def call", "    def quantize(self, mode):\n        pass\n\n    def call"),
        QUANTIZED.replace("model.quantize", "image.quantize"),
    ],
)
def test_what_quantize_leaves_loadable_is_left_alone(text):
    assert names(HEAD + text, select="quantized-sublayers") == []
