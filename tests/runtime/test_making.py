"""Layers are made the short way while a model is loaded, and nobody can tell the difference."""

import gc

from kept.formats.garbage import uncollected
from tests.runtime.models import HEAD

MADE = """
from contextlib import nullcontext
from kept.runtime.making_seams import making_quickly

class Odd(layers.Layer):
    kind = None
    def __init__(self, size=3, **kwargs):
        super().__init__(**kwargs)
        self.kind, self.size, self.texts = None, size, ["a", {"b": 1}]
        self.inner = layers.Dense(size)
        self.doubled = 2
    @property
    def doubled(self):
        return self.twice
    @doubled.setter
    def doubled(self, value):
        self.twice = 2 * value
    def call(self, x):
        return self.inner(x)

def told(around):
    keras.backend.clear_session()
    with around:
        made = [Odd(4), layers.Dense(2, activation="relu"), layers.BatchNormalization(), layers.Dropout(0.5)]
        for one in made[:2]:
            one.build((None, 3))
        made[1].units, made[0].size = 5, 7
    names = [{name: repr(value) if isinstance(value, (str, int, float)) else type(value).__name__
              for name, value in vars(one).items()} for one in made]
    return [names, [one.get_config() for one in made], [len(one.variables) for one in made]]
"""


def test_a_layer_has_the_same_attributes_in_the_same_order(lab):
    result = "result = [json.dumps(told(nullcontext())), json.dumps(told(making_quickly()))]"
    plain, quick = lab.elsewhere(HEAD, "import json", MADE, result).result
    assert '"twice"' in quick
    assert quick == plain


def test_a_class_that_minds_its_attributes_itself_goes_on_doing_so(lab):
    minding = """
class Minding(layers.Layer):
    def __setattr__(self, name, value):
        super().__setattr__(name, value + 1 if name == "counted" else value)
with making_quickly():
    layer = Minding()
    layer.counted = 1
result = layer.counted
"""
    assert lab.elsewhere(HEAD, MADE, minding).result == 2


def test_a_constructor_that_is_replaced_meanwhile_is_asked_anew(one_lab):
    replacing = """
with making_quickly():
    first = Odd(size=1)
    Odd.__init__.__defaults__ = (9,)
    second = Odd()
result = [first._auto_config.config["size"], second._auto_config.config["size"]]
"""
    assert one_lab.elsewhere(HEAD, MADE, replacing).result == [1, 9]


def test_keras_is_as_it_was_afterwards(one_lab):
    before = "from keras.src.ops import operation\nimport inspect\nwas = keras.layers.Layer.__setattr__\n"
    after = "with making_quickly():\n    pass\nresult = [keras.layers.Layer.__setattr__ is was, operation.inspect is inspect]"
    assert one_lab.elsewhere(HEAD, MADE, before, after).result == [True, True]


def test_torch_refuses_a_text_in_the_place_of_a_parameter(torch_lab):
    assigning = """
import torch
with making_quickly():
    layer = layers.Layer()
    layer.register_buffer("seen", torch.zeros(1))
    try:
        layer.seen = "a text"
    except TypeError as error:
        result = str(error)
"""
    assert "as buffer 'seen'" in torch_lab.elsewhere(HEAD, MADE, assigning).result


def test_collection_goes_on_where_it_was_on_and_stays_off_where_it_was_off():
    with uncollected():
        assert not gc.isenabled()
        with uncollected():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
