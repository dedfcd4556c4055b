"""Classes that are there to be derived from."""

import pytest

from kept.source.bases import is_base
from kept.source.module import parse
from kept.source.project import Project

HEAD = "import keras\nfrom keras import layers, initializers\n\n"
LAYER = "class Mix(layers.Layer):\n    def call(self, x):\n        return x\n\n"
START = "class Mix(initializers.Initializer):\n    def __call__(self, shape, dtype=None):\n        return 1\n\n"
BASES = {
    "a layer with an open method": LAYER + "    def inner(self):\n        raise NotImplementedError\n",
    "a layer that another derives from": LAYER + "class Other(Mix):\n    pass\n",
    "a model without call": "class Mix(keras.Model):\n    def train_step(self, data):\n        return {}\n",
    "an initializer of weights alone": START + "class L(layers.Layer):\n    def build(self, s):\n"
    "        self.add_weight(initializer=Mix())\n",
}
REAL = {
    "a layer": LAYER,
    "a layer that is made, too": LAYER + "class Other(Mix):\n    pass\n\nmix = Mix()\n",
    "a subclass that closes the method": "class Base(layers.Layer):\n    def call(self, x):\n"
    "        raise NotImplementedError\n\n" + LAYER.replace("layers.Layer", "Base"),
    "a functional model": "class Mix(keras.Model):\n    def __init__(self, a, b):\n        super().__init__(a, b)\n",
    "an initializer of a layer": START + "d = layers.Dense(1, kernel_initializer=Mix())\n",
}


def mix(text, **others):
    project = Project()
    for name, source in others.items():
        project.add(parse(source, f"{name}.py", name))
    return project.add(parse(HEAD + text, "shop.py", "shop")).find_class("Mix")


@pytest.mark.parametrize("text", BASES.values(), ids=BASES)
def test_a_base_is_told_by_what_is_missing_or_derived(text):
    assert is_base(mix(text))


@pytest.mark.parametrize("text", REAL.values(), ids=REAL)
def test_a_class_that_works_and_is_used_is_no_base(text):
    assert not is_base(mix(text))


def test_a_class_that_another_file_derives_from_is_a_base():
    assert is_base(mix(LAYER, other="from shop import Mix\n\nclass Other(Mix):\n    pass\n"))
