"""Classes, functions, partials, bound methods, modules."""

import functools
import math
import operator

import keras
import ml_dtypes
import numpy as np
import pytest

from kept.errors import CorruptFileError
from kept.runtime.codecs import NotEncodable, decode
from kept.runtime.shelf import FileShelf
from tests.conftest import named
from tests.runtime.codecs.trips import again, codes, nested


def weighted(y, p, w=1.0):
    return w * (y - p)


class Loss:
    def __init__(self, w):
        self.w = w

    def far(self, y, p):
        return self.w * (y - p)

    @classmethod
    def made(cls):
        return cls(1)

    def __eq__(self, other):
        return isinstance(other, Loss) and self.w == other.w

    __hash__ = None


KNOWN = [int, dict, type(None), len, math.sqrt, operator.add, np.float32, ml_dtypes.bfloat16, np.tanh, np.mean, keras.ops.relu,
         keras.activations.relu, keras.layers.Dense, keras.optimizers.schedules.ExponentialDecay]  # fmt: skip


@pytest.mark.parametrize("value", [*KNOWN, weighted, Loss, functools.wraps(weighted)(lambda y, p: 0)], ids=named)
def test_a_class_or_function_comes_back_as_itself(value):
    assert again(value) is nested(value) is value


@pytest.mark.parametrize("value", KNOWN, ids=named)
def test_what_only_computes_needs_no_trust(value):
    assert codes(value)[1].references.named == {}


@pytest.mark.parametrize("value", [weighted, Loss])
def test_what_the_user_wrote_is_named_by_a_token(value):
    assert list(codes([value, value])[1].references.named.items()) == [("@0", value)]


@pytest.mark.parametrize(
    "value", [eval, open, __import__, getattr, keras.utils.get_file, keras.saving.load_model, operator.attrgetter,
              keras.losses.deserialize, keras.layers.Lambda, keras.layers.TFSMLayer, keras.layers.TextVectorization]
)  # fmt: skip
def test_what_has_a_way_out_of_the_process_is_refused(value):
    with pytest.raises(NotEncodable):
        codes([functools.partial(value, "a")])


@pytest.mark.parametrize(
    "name", ["builtins:eval", "os:system", "keras.utils:get_file", "keras.saving:load_model", "keras.ops:nothing", "numpy:load", "len",
             "keras.losses:deserialize", "keras.layers:TFSMLayer", "keras.layers:StringLookup"]
)  # fmt: skip
def test_no_name_in_a_file_reaches_more(name):
    with pytest.raises(CorruptFileError):
        decode({"$": "known", "value": name}, FileShelf({}))


def parts(value):
    return (value.func, value.args, value.keywords, vars(value))


def test_a_partial_comes_back_with_its_arguments_and_its_name():
    value = functools.partial(weighted, (1, 2), w=np.float32(5))
    value.__name__ = "five"
    assert parts(nested(value)) == parts(value)


def test_a_partial_of_a_partial_and_of_a_class_comes_back():
    value = functools.partial(functools.partial(Loss, w=3))
    assert nested(value)().w == 3


@pytest.mark.parametrize("value", [Loss(2).far, Loss.made], ids=["instance", "class"])
def test_a_bound_method_comes_back_with_its_object(value):
    assert (nested(value).__func__, nested(value).__self__) == (value.__func__, value.__self__)


@pytest.mark.parametrize("name", ["__init__", "__class__", "w", "nothing"])
def test_only_methods_that_the_user_wrote_are_bound(name):
    shelf = FileShelf({})
    shelf.references["@0"] = Loss
    with pytest.raises(CorruptFileError):
        decode({"$": "method", "of": {"$": "reference", "value": "@0"}, "name": name}, shelf)


def test_a_method_of_keras_is_not_bound():
    with pytest.raises(NotEncodable):
        codes(keras.layers.Dense(1).build_from_config)


@pytest.mark.parametrize(
    "value", [math, np, keras, keras.ops, keras.optimizers.schedules], ids=lambda one: one.__name__
)
def test_a_module_comes_back(value):
    assert again(value) is nested(value) is value


@pytest.mark.parametrize("name", ["os", "keras.utils", "subprocess", "numpy.ctypeslib"])
def test_no_other_module_is_reached(name):
    with pytest.raises(CorruptFileError):
        decode({"$": "module", "value": name}, FileShelf({}))
