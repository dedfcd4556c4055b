"""Which classes end up in saved models."""

import pytest

from kept.source.intent import is_saved, saved_classes
from tests.source.reading import model_of, module

CALL = "    def call(self, x): return x\n"


@pytest.mark.parametrize(
    "text",
    [
        "class A(keras.layers.Layer):\n" + CALL,
        "class A(keras.Model):\n    pass\n",
        "class A(keras.layers.Dense):\n    pass\n",
        "class A(keras.losses.Loss):\n" + CALL,
        "class A(Mixin, keras.layers.Layer):\n" + CALL,
    ],
)
def test_a_class_that_works_is_saved(text):
    assert is_saved(model_of("import keras\nclass Mixin: ...\n" + text))


@pytest.mark.parametrize(
    "text",
    [
        "class A(keras.layers.Layer):\n    pass\n",
        "class A(keras.layers.Layer):\n    def call(self, x): raise NotImplementedError\n",
        "class A(keras.Model, abc.ABC):\n    @abc.abstractmethod\n    def call(self, x): ...\n",
        "class BaseDense(keras.layers.Dense):\n    pass\n",
        "class A(keras.layers.Dense):\n    '''Base class of all.'''\n",
        "class A(keras.callbacks.Callback):\n    pass\n",
        "class A(other.Thing, keras.layers.Layer):\n" + CALL,
        "class A(keras.Model):\n    def get_config(self): raise NotImplementedError\n",
        "class A(keras.Model, metaclass=Meta):\n    pass\n",
        "@dataclasses.dataclass\nclass A(keras.Model):\n    x: int\n",
        "class A:\n    pass\n",
    ],
)
def test_a_class_that_is_not_made_or_not_known_is_not(text):
    assert not is_saved(model_of("import abc, dataclasses, keras, other\n" + text))


def test_a_private_class_with_a_subclass_is_there_to_be_derived_from():
    text = "import keras\nclass _A(keras.layers.Dense): ...\nclass B(_A): ...\nclass _C(keras.layers.Dense): ...\n"
    assert [one.name for one in saved_classes(module(text))] == ["B", "_C"]
