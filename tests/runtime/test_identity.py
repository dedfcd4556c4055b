"""A class or function comes back as itself, whatever else has its name; plain Keras takes another one without a word."""

import pytest

from tests.runtime.models import HEAD, MODELS
from tests.runtime.test_save import LOAD, SAVE, assert_equal

PREDICT = "from tests.runtime.observing import kept_inputs, outputs\nresult = outputs(model, kept_inputs(folder))\n"
STOCK_SAVE = """
from tests.runtime.observing import keep, outputs
keep(folder, x)
model.save(file)
result = outputs(model, x)
"""

BLOCK = """
class Block(layers.Layer):
    def call(self, x):
        return x {what}
"""
TWO_BLOCKS = f"""
@keras.saving.register_keras_serializable()
{BLOCK.format(what="+ 1").strip()}
First = Block
@keras.saving.register_keras_serializable()
{BLOCK.format(what="* 5").strip()}
model = keras.Sequential([keras.Input((3,)), First(), Block()])
"""
GELU = """
@keras.saving.register_keras_serializable()
def gelu(x):
    return x + 100
def softplus(x):
    return x - 100
model = keras.Sequential([keras.Input((3,)), layers.Dense(2, activation=softplus), layers.Activation(gelu)])
"""

COLLISIONS = {"two classes of one name": TWO_BLOCKS, "functions named as built-ins": GELU}


@pytest.mark.parametrize("name", COLLISIONS)
def test_stock_keras_mistakes_one_for_another_without_a_word(one_lab, name):
    before = one_lab.here(HEAD, COLLISIONS[name], STOCK_SAVE).result
    load = "model = keras.saving.load_model(file)\n"
    answer = one_lab.elsewhere(HEAD, COLLISIONS[name], load, PREDICT)
    assert answer.result != before
    assert [one for one in answer.warnings if "Block" in one or "softplus" in one] == []


@pytest.mark.parametrize("name", COLLISIONS)
def test_each_comes_back_as_itself(one_lab, name):
    before = one_lab.here(HEAD, COLLISIONS[name], SAVE).result
    assert_equal(before, one_lab.elsewhere(LOAD).result)
    assert_equal(before, one_lab.elsewhere(HEAD, COLLISIONS[name], LOAD).result)


def test_a_class_named_as_a_built_in_is_told_apart_where_its_code_is_known(one_lab):
    source = HEAD + MODELS["a class named as a built-in"]
    before = one_lab.here(source, SAVE).result
    assert_equal(before, one_lab.elsewhere(source, LOAD).result)


LOSSES = """
def make_loss(alpha):
    def loss(y_true, y_pred):
        return ops.mean(alpha * ops.abs(y_true - y_pred))
    return loss
a = keras.Input((3,))
model = keras.Model(a, [layers.Dense(1)(a), layers.Dense(1)(a)])
model.compile("sgd", [make_loss(3.0), make_loss(0.5)])
"""
EVALUATE = "result = [float(one) for one in model.evaluate(np.ones((4, 3)), [np.zeros((4, 1))] * 2, verbose=0)]\n"


def test_two_closures_of_one_name_are_both_kept(one_lab):
    before = one_lab.here(HEAD, LOSSES, SAVE, EVALUATE).result
    assert one_lab.elsewhere(HEAD, LOAD, EVALUATE).result == pytest.approx(before, rel=1e-6)


REGISTERED = f"""
@keras.saving.register_keras_serializable("mine")
{BLOCK.format(what="+ 1").strip()}
model = keras.Sequential([keras.Input((3,)), Block()])
"""
ANOTHER = "class Given(Block):\n    def call(self, x):\n        return x * 100\n"


def test_stock_keras_takes_the_registration_and_not_what_is_given(one_lab):
    before = one_lab.here(HEAD, REGISTERED, STOCK_SAVE).result
    load = "model = keras.saving.load_model(file, custom_objects={'Block': Given})\n"
    assert one_lab.elsewhere(HEAD, REGISTERED, ANOTHER, load, PREDICT).result == before


@pytest.mark.parametrize("key", ["Block", "mine>Block", "__main__:Block"])
@pytest.mark.parametrize("how", ["custom_objects", "renamed"])
def test_what_is_given_wins_over_every_registration(one_lab, key, how):
    one_lab.here(HEAD, REGISTERED, STOCK_SAVE).result  # noqa: B018
    load = f"import kept\nresult = type(kept.load(file, {how}={{{key!r}: Given}}).layers[0]) is Given\n"
    assert one_lab.elsewhere(HEAD, REGISTERED, ANOTHER, load).result


def test_custom_objects_win_over_renamed(one_lab):
    one_lab.here(HEAD, REGISTERED, STOCK_SAVE).result  # noqa: B018
    load = "import kept\nmodel = kept.load(file, {'Block': Given}, renamed={'Block': Block})\n"
    assert one_lab.elsewhere(HEAD, REGISTERED, ANOTHER, load, "result = type(model.layers[0]) is Given").result


def test_a_changed_source_is_told_with_its_place_and_hash(one_lab):
    one_lab.here(HEAD, REGISTERED, "import kept\nkept.save(model, file)").result  # noqa: B018
    changed = HEAD + REGISTERED.replace("x + 1", "x + 1 + 0")
    answer = one_lab.elsewhere(changed, "import kept\nresult = len(kept.load(file).layers)\n")
    assert answer.result == 1
    (told,) = [one for one in answer.warnings if "has changed since the save" in one]
    line = changed.splitlines().index("class Block(layers.Layer):") + 1
    assert "KeptWarning: the source of __main__:Block" in told
    assert "sha256 " in told
    assert f"script_loads.py:{line}" in told or f"script_loads.py:{line - 1}" in told


def test_an_unchanged_source_is_not_reported(one_lab):
    one_lab.here(HEAD, REGISTERED, "import kept\nkept.save(model, file)").result  # noqa: B018
    answer = one_lab.elsewhere(HEAD, REGISTERED, "import kept\nkept.load(file, {'Block': Block})\n")
    assert [one for one in answer.warnings if "changed" in one] == []
