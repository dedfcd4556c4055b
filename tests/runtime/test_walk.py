"""The walk meets everything that a model reaches, each object once, in an order that does not change."""

import pytest

from tests.runtime.models import HEAD, STEP

WALK = """
from kept.runtime.walk import is_variable, own_attributes, walk
result = {place.path: type(place.value).__name__ for place in walk(model)}
"""
HOLD = """
class Holder(layers.Layer):
    def __init__(self):
        super().__init__()
        self.held = held
    def call(self, x):
        return x
model = keras.Sequential([keras.Input((3,)), Holder()])
"""
HELD = {
    "in a dict": ("{'a': layers.Dense(2)}", "model.layers[0].held['a']", "Dense"),
    "in a list of tuples": ("[(1, layers.Dense(2))]", "model.layers[0].held[0][1]", "Dense"),
    "in a set": ("{layers.Dense(2)}", "model.layers[0].held{0}", "Dense"),
    "in a plain object": ("__import__('types').SimpleNamespace(v=keras.Variable(1.0))", "model.layers[0].held.v", "Variable"),
    "in a partial": ("__import__('functools').partial(print, layers.Dense(2))", "model.layers[0].held.args[0]", "Dense"),
    "in a closure": ("(lambda inner: lambda x: inner(x))(layers.Dense(2))", "model.layers[0].held.<inner>", "Dense"),
    "as a seed generator": ("keras.random.SeedGenerator(1)", "model.layers[0].held.state", "Variable"),
}  # fmt: skip


@pytest.mark.parametrize("where", HELD)
def test_the_walk_finds_what_is_held(where, one_lab):
    value, path, kind = HELD[where]
    found = one_lab.here(HEAD, f"held = {value}\n", HOLD, WALK).result
    assert found.get(path, "").removeprefix("Jax") == kind


def test_an_object_is_met_once_whatever_holds_it(one_lab):
    model = "held = {'a': layers.Dense(2)}\nheld['b'] = held['c'] = held['a']\n"
    count = "result = sum(type(p.value).__name__ == 'Dense' for p in walk(model))"
    assert one_lab.here(HEAD, model, HOLD, WALK, count).result == 1


def test_every_variable_of_a_trained_model_is_met(lab):
    model = "model = keras.Sequential([keras.Input((3,)), layers.Dense(4), layers.BatchNormalization(), layers.Dropout(0.5), layers.Dense(2)])\nmodel.compile('adam', 'mse', metrics=['mae'])\n"
    missing = "met = {id(p.value) for p in walk(model)}\nresult = [v.path for v in (*model.variables, *model.optimizer.variables) if id(v) not in met]"
    assert lab.here(HEAD, model, STEP, WALK, missing).result == []


def test_parents_come_before_their_children_and_the_order_stays(one_lab):
    model = "held = {'b': layers.Dense(2), 'a': [keras.Variable(1.0)]}\n"
    again = "paths = list(result)\nresult = [paths == [p.path for p in walk(model)], paths.index('model') < paths.index('model.layers[0]')]"
    assert one_lab.here(HEAD, model, HOLD, WALK, again).result == [True, True]


def test_attributes_of_keras_are_left_out_and_own_ones_are_not(one_lab):
    names = "layer = model.layers[0]\nlayer._own, layer.counter = 1, 2\nresult = sorted(own_attributes(layer))"
    found = one_lab.here(HEAD, "held = 3\n", HOLD, WALK, names).result
    assert {"_own", "counter", "held"} <= set(found)
    assert not {"_inbound_nodes", "_tracker", "_dtype_policy"} & set(found)


def test_slots_are_walked(one_lab):
    slotted = "class Slotted:\n    __slots__ = ('kernel',)\nheld = Slotted()\nheld.kernel = keras.Variable(1.0)\n"
    assert "model.layers[0].held.kernel" in one_lab.here(HEAD, slotted, HOLD, WALK).result


def test_a_deep_chain_does_not_end_the_walk_in_an_error(one_lab):
    deep = "held = []\nfor _ in range(2000):\n    held = [held]\n"
    flat = HOLD.replace("self.held = held", "object.__setattr__(self, 'held', held)")
    assert "model.layers[0]" in one_lab.here(HEAD, deep, flat, WALK).result


LED = """
whole = {place.path: id(place.value) for place in walk(model)}
led = {path: next((id(one.value) for one in walk(model, leading_to=[path]) if one.path == path), 0) for path in whole}
together = {one.path: id(one.value) for one in walk(model, leading_to=list(whole)[::3])}
result = [len(whole), led == whole, all(together.get(path) == whole[path] for path in list(whole)[::3])]
"""


@pytest.mark.parametrize("where", HELD)
def test_the_walk_to_a_path_meets_what_the_whole_walk_met_there(where, one_lab):
    count, *same = one_lab.here(HEAD, f"held = {HELD[where][0]}\n", HOLD, WALK, LED).result
    assert count >= 4
    assert same == [True, True]


def test_the_walk_to_a_path_goes_nowhere_else(one_lab):
    model = "model = keras.Sequential([keras.Input((3,)), layers.Dense(2), layers.Dropout(0.5), layers.Dense(2)])\n"
    walked = "result = [one.path for one in walk(model, leading_to=['model.layers[1].seed_generator'])]"
    way = ["model", "model.layers[1]", "model.layers[1].seed_generator"]
    assert one_lab.here(HEAD, model, WALK, walked).result == way
