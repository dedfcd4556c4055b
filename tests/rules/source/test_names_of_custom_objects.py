"""Classes and functions that a file refers to by a name: is the name registered, free, and there when it is read?"""

import pytest

from tests.rules.source.reading import HEAD, findings, names, places

LAYER = "class Affine(layers.Layer):\n    def call(self, x):\n        return 2 * x\n"
REGISTERED = f'@keras.saving.register_keras_serializable("shop")\n{LAYER}'
LOSS = "def error(y, p):\n    return keras.ops.mean(y - p)\n"
COMPILED = 'model = keras.Sequential([layers.Dense(1)])\nmodel.compile("sgd", error)\n'

UNREGISTERED = {
    "a layer": LAYER,
    "a model": "class Net(keras.Model):\n    def call(self, x):\n        return x\n",
    "a layer of an alias of tf.keras": "import tensorflow as tf\nL = tf.keras.layers\n" + LAYER.replace("layers", "L"),
    "a subclass of a registered layer": f"{REGISTERED}\nclass Child(Affine):\n    pass\n",
    "a loss": "class Error(keras.losses.Loss):\n    def call(self, y, p):\n        return y - p\n",
    "a function in compile": LOSS + COMPILED,
    "a function as activation": "def twice(x):\n    return 2 * x\n\nd = layers.Dense(1, twice)\n",
    "a function among metrics": LOSS + 'model = keras.Sequential()\nmodel.compile(metrics=["mae", error])\n',
    "a function in a dict of losses": LOSS + 'model = keras.Sequential()\nmodel.compile(loss={"a": error})\n',
    "a function given to a model that a function makes": LOSS
    + "def build():\n    model = keras.Sequential()\n    return model\n\nm = build()\nm.compile(loss=error)\n",
}
LEFT_ALONE = {
    "a registered layer": REGISTERED,
    "a layer registered by a call": f'{LAYER}\nkeras.saving.register_keras_serializable("shop")(Affine)\n',
    "a layer in custom_objects": f'{LAYER}\nkeras.saving.load_model("m.keras", custom_objects={{"Affine": Affine}})\n',
    "a layer in a custom object scope": f"{LAYER}\nscope = keras.saving.custom_object_scope({{'Affine': Affine}})\n",
    "a layer in get_custom_objects": f'{LAYER}\nkeras.saving.get_custom_objects()["Affine"] = Affine\n',
    "a layer with another decorator": f"@known\n{LAYER}",
    "a layer that a metaclass may register": LAYER.replace("Layer)", "Layer, metaclass=Meta)"),
    "a layer whose base registers it": "class Base(layers.Layer):\n    def __init_subclass__(cls):\n        pass\n"
    + LAYER.replace("layers.Layer", "Base"),
    "an abstract layer": "class Base(layers.Layer):\n    def extra(self):\n        return 1\n",
    "a class of unknown base": "from elsewhere import Base\n" + LAYER.replace("layers.Layer", "Base"),
    "a callback": "class Stop(keras.callbacks.Callback):\n    def on_epoch_end(self, epoch):\n        pass\n",
    "a plain class": "class Affine:\n    def call(self, x):\n        return x\n",
    "a registered function": f"@keras.saving.register_keras_serializable()\n{LOSS}{COMPILED}",
    "a function that no model takes": LOSS,
    "a function for a weight, which code makes again": "def ones(shape, dtype=None):\n    return 1\n\n"
    + REGISTERED
    + "\n    def build(self, shape):\n        self.w = self.add_weight(initializer=ones)\n",
    "a function that a class gives to its own sublayer": "def twice(x):\n    return 2 * x\n\n"
    + REGISTERED
    + "\n    def build(self, shape):\n        self.d = layers.Dense(1, activation=twice)\n",
    "a function for something else called compile": LOSS + "import re\nre.compile(error)\n",
}


@pytest.mark.parametrize("text", UNREGISTERED.values(), ids=UNREGISTERED)
def test_what_load_model_will_not_find_is_flagged(text):
    assert names(HEAD + text, select="unregistered-custom-object") == ["unregistered-custom-object"]


@pytest.mark.parametrize("text", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_what_load_model_finds_or_never_needs_is_left_alone(text):
    assert names(HEAD + text, select="unregistered-custom-object") == []


def test_a_finding_points_at_the_name_and_says_what_load_model_raises():
    found = findings(HEAD + LAYER, select="unregistered-custom-object")
    assert places(HEAD + LAYER, select="unregistered-custom-object") == [(4, "Affine")]
    assert "Could not locate class 'Affine'" in found[0].stock


def test_classes_that_keras_imports_by_itself_are_left_alone():
    inside = findings(HEAD + LAYER, select="unregistered-custom-object", name="keras_hub.src.models.shop")
    assert inside == ()


def test_classes_of_tests_are_left_alone():
    assert findings(HEAD + LAYER, select="unregistered-custom-object", name="test_shop") == ()


COLLIDING = {
    "two layers of one name": REGISTERED
    + REGISTERED.replace('"shop"', '"shop", name="Affine"').replace("class Affine", "class B"),
    "two layers of the default package": "@keras.saving.register_keras_serializable()\n"
    + LAYER
    + '\n@keras.saving.register_keras_serializable("Custom", "Affine")\nclass Other(layers.Layer):\n    pass\n',
    "a function and a layer": REGISTERED + '\n@keras.saving.register_keras_serializable("shop", "Affine")\n' + LOSS,
    "two layers in two functions": "def one():\n"
    + "".join(f"    {line}\n" for line in REGISTERED.splitlines())
    + "def two():\n"
    + "".join(f"    {line}\n" for line in REGISTERED.splitlines()),
}
APART = {
    "two packages": REGISTERED + REGISTERED.replace('"shop"', '"other"').replace("Affine", "Beside"),
    "a class that is written anew, as notebooks do": REGISTERED + "\n" + REGISTERED,
    "a name that cannot be told": REGISTERED.replace('"shop"', "PACKAGE") + REGISTERED.replace('"shop"', "PACKAGE"),
}


@pytest.mark.parametrize("text", COLLIDING.values(), ids=COLLIDING)
def test_two_objects_under_one_registered_name_are_flagged_once(text):
    assert names(HEAD + text, select="registered-name-collision") == ["registered-name-collision"]


@pytest.mark.parametrize("text", APART.values(), ids=APART)
def test_names_that_do_not_collide_are_left_alone(text):
    assert names(HEAD + text, select="registered-name-collision") == []


def test_a_name_that_another_file_registers_is_flagged_where_one_imports_the_other():
    others = {"parts": HEAD + REGISTERED}
    assert names("import parts\n" + HEAD + REGISTERED, select="registered-name-collision", others=others)
    assert not names(HEAD + REGISTERED, select="registered-name-collision", others=others)


def test_a_name_that_two_files_register_is_flagged_where_a_third_imports_both():
    others = {"parts": HEAD + REGISTERED, "train": "import parts\nimport shop\n"}
    assert names(HEAD + REGISTERED, select="registered-name-collision", others=others)


LOCAL = {
    "a class that a function returns": "def make():\n    class Affine(layers.Layer):\n        def call(self, x):\n"
    "            return x\n    return Affine\n",
    "a registered one": "def f():\n    @keras.saving.register_keras_serializable()\n    class Affine(layers.Layer):\n"
    "        def call(self, x):\n            return x\n    return Affine\n",
}


@pytest.mark.parametrize("text", LOCAL.values(), ids=LOCAL)
def test_a_class_made_in_a_function_is_flagged_and_not_as_unregistered(text):
    assert names(HEAD + text) == ["local-class"]


def test_a_class_in_a_class_is_not_local():
    text = "class Shop:\n    class Affine(layers.Layer):\n        def call(self, x):\n            return x\n"
    assert names(HEAD + text, select="local-class") == []


SHADOWING = {
    "a loss": LOSS.replace("error", "dice") + COMPILED.replace("error", "dice"),
    "an activation": "def relu(x):\n    return x\n\nmodel = keras.Sequential([layers.Dense(1, activation=relu)])\n",
    "a local function": "def build():\n    def huber(y, p):\n        return y\n    model = keras.Sequential()\n"
    "    model.compile(loss=huber)\n    return model\n",
    "a regularizer": "class L2(keras.regularizers.Regularizer):\n    def __call__(self, x):\n        return x\n"
    "    def get_config(self):\n        return {}\n",
}
OF_THEIR_OWN = {
    "a registered loss": "@keras.saving.register_keras_serializable()\n" + SHADOWING["a loss"],
    "a loss that nobody takes": LOSS.replace("error", "dice"),
    "a layer, which is looked for by its module": LAYER.replace("Affine", "Dense"),
    "the function of Keras itself": 'model = keras.Sequential()\nmodel.compile("sgd", keras.losses.mse)\n',
}


@pytest.mark.parametrize("text", SHADOWING.values(), ids=SHADOWING)
def test_the_name_of_something_of_keras_is_flagged_and_nothing_else(text):
    assert names(HEAD + text) == ["shadows-built-in-name"]


@pytest.mark.parametrize("text", OF_THEIR_OWN.values(), ids=OF_THEIR_OWN)
def test_a_name_that_cannot_be_mistaken_is_left_alone(text):
    assert names(HEAD + text, select="shadows-built-in-name") == []
