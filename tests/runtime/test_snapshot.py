"""A snapshot describes a model without changing it, and two processes make the same one."""

import pytest

from tests.runtime.models import HEAD, PLAIN_LAYER, STEP

NET = (
    HEAD
    + PLAIN_LAYER
    + """
from kept.runtime.snapshot import Snapshot, take
class Noted(Scale):
    def __init__(self, units):
        super().__init__(units)
        self.notes, self.table = {"a": (1, 2)}, np.arange(3)
def net():
    model = keras.Sequential([keras.Input((3,)), Noted(4), layers.Dropout(0.5), layers.Dense(2, name="out")])
    model.compile("adam", "mse")
    return model
model = net()
"""
)
FLAT = "import json\nresult = json.loads(json.dumps(take(model).to_dict()))\n"


def taken(lab, *source):
    return lab.here(NET, *source, FLAT).result


def test_every_variable_is_described_once(lab):
    variables = taken(lab, STEP)["variables"]
    counted = lab.here(
        NET,
        STEP,
        "metrics = [v for m in model.metrics for v in m.variables]\nresult = len({id(v) for v in (*model.variables, *model.optimizer.variables, *metrics)})",
    ).result
    assert len(variables) == counted
    assert variables["model.layers[0].kernel"][:2] == ["float32", [3, 4]]


def test_attributes_that_are_not_kerass_are_described(one_lab):
    attributes = taken(one_lab)["objects"]["model.layers[0]"][2]
    assert {"notes", "table", "units", "factor"} <= set(attributes)
    assert attributes["notes"] == {"a": {"$": "tuple", "items": [1, 2]}}


def test_a_snapshot_is_the_same_before_and_after_it_was_sent(one_lab):
    assert one_lab.here(NET, "result = Snapshot.from_dict(take(model).to_dict()) == take(model)").result


def test_taking_a_snapshot_changes_nothing(lab):
    check = "from tests.runtime.observing import variables\nbefore = variables(model), dict(vars(model.layers[0]))\n"
    assert lab.here(
        NET, STEP, check, "take(model)\nresult = (variables(model), dict(vars(model.layers[0]))) == before"
    ).result


def test_two_processes_take_the_same_snapshot_of_one_model(lab):
    made = "keras.utils.set_random_seed(1)\nmodel = net()\n"
    assert taken(lab, made) == lab.elsewhere(NET, made, FLAT).result


def test_made_up_names_are_described_without_their_number(one_lab):
    objects = taken(one_lab, "model = net()\n")["objects"]
    assert objects["model.layers[1]"][1]["name"] == "dropout"
    assert objects["model.layers[2]"][1]["name"] == "out"


CHANGES = {
    "a value": ("model.layers[0].kernel.assign(model.layers[0].kernel + 1)", ["value", "model.layers[0].kernel", ""]),
    "a trainable flag": ("model.layers[2].trainable = False", ["flag", "model.layers[2]", "trainable"]),
    "an attribute": ("model.layers[0].notes['a'] = (1, 3)", ["attribute", "model.layers[0]", "notes"]),
    "a value in an array": ("model.layers[0].table[0] = 9", ["attribute", "model.layers[0]", "table"]),
    "a function": ("model.layers[2].activation = keras.activations.relu", ["function", "model.layers[2].activation", ""]),
    "a class": ("model.layers[0].__class__ = Scale", ["class", "model.layers[0]", ""]),
    "a variable that is gone": ("del model.layers[0].kernel", ["variable", "model.layers[0].kernel", ""]),
    "a regularizer": ("model.layers[2].kernel.regularizer = keras.regularizers.L2()", ["flag", "model.layers[2]._kernel", "regularizer"]),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_a_difference_is_found_and_placed(what, one_lab):
    change, expected = CHANGES[what]
    compare = "from kept.runtime.compare import differences\nbefore = take(model)\n"
    show = "result = [[d.kind.value, d.path, d.name] for d in differences(before, take(model))]"
    assert expected in one_lab.here(NET, compare, change, show).result


def test_a_model_does_not_differ_from_itself(lab):
    compare = "from kept.runtime.compare import differences\nresult = len(differences(take(model), take(model)))"
    assert lab.here(NET, STEP, compare).result == 0


@pytest.mark.parametrize(
    "crafted",
    [
        "{}",
        "{'objects': [], 'variables': {}, 'functions': {}}",
        "{'objects': {}, 'variables': {'a': []}, 'functions': {}}",
    ],
)
def test_a_fingerprint_that_cannot_be_read_is_damage(crafted, one_lab):
    assert one_lab.here(NET, f"Snapshot.from_dict({crafted})").error["type"] == "CorruptFileError"
