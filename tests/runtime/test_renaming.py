"""Renamed and moved classes come back with their weights; what is given always wins; names never decide what a class is."""

import pytest

from tests.runtime.models import HEAD, PLAIN_LAYER
from tests.runtime.test_save import SAVE, assert_equal

NEW = PLAIN_LAYER.replace("class Scale", "class Rescaled")
LOAD = """
import kept
from tests.runtime.observing import kept_inputs, observe
model = kept.load(file, {arguments})
result = observe(model, kept_inputs(folder))
"""

# Scale twice in each, so that the second one is `scale_1` in the file.
IN_PLACES = {
    "in a sequential model": "model = keras.Sequential([keras.Input((3,)), Scale(3), layers.Dense(3), Scale(2)])\n",
    "in a functional model": """
a = keras.Input((3,))
model = keras.Model(a, layers.add([Scale(2)(a), Scale(2)(Scale(3)(a))]))
""",
    "in lists, dicts and attributes of a model": """
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.first = Scale(3)
        self.blocks = [Scale(3), layers.Dense(3), Scale(3)]
        self.heads = {"a": Scale(2), "b": Scale(2)}
    def call(self, x):
        x = self.first(x)
        for block in self.blocks:
            x = block(x)
        return self.heads["a"](x) + self.heads["b"](x)
model = Net()
model(x)
""",
}


PARTS = ("variables", "optimizer", "metrics")  # and no names of classes


def renamed(source):
    """The same program after somebody has called the class otherwise."""
    return source.replace("Scale", "Rescaled")


@pytest.mark.parametrize("where", IN_PLACES)
@pytest.mark.parametrize("argument", ["renamed={'__main__:Scale': Rescaled}", "custom_objects={'Scale': Rescaled}"])
def test_a_renamed_class_comes_back_with_its_weights(one_lab, where, argument):
    before = one_lab.here(HEAD, PLAIN_LAYER, IN_PLACES[where], SAVE).result
    after = one_lab.elsewhere(HEAD, NEW, renamed(IN_PLACES[where]), LOAD.format(arguments=argument)).result
    assert after["layers"] == [renamed(one) for one in before["layers"]]
    assert_equal(before, after, PARTS)


TWO_NAMES = """
class Other(Scale):
    pass
model = keras.Sequential([keras.Input((3,)), Scale(3), Other(3), Scale(3), Other(2)])
"""


def test_two_classes_that_became_one_keep_their_weights_apart(one_lab):
    before = one_lab.here(HEAD, PLAIN_LAYER, TWO_NAMES, SAVE).result
    load = LOAD.format(arguments="renamed={'__main__:Other': Scale}")
    assert_equal(before, one_lab.elsewhere(HEAD, PLAIN_LAYER, load).result, PARTS)


OF_TRAINING = """
class Momentum(keras.optimizers.SGD):
    pass
class Share(keras.metrics.MeanSquaredError):
    pass
def far(y_true, y_pred):
    return ops.mean(ops.abs(y_true - y_pred) ** 3)
def bent(x):
    return x + 1
model = keras.Sequential([keras.Input((3,)), layers.Dense(2, activation=bent)])
model.compile(Momentum(0.1, momentum=0.9), far, metrics=["mae", Share()])
model.train_on_batch(x, y)
"""


def test_renamed_optimizers_metrics_losses_and_functions_come_back(one_lab):
    before = one_lab.here(HEAD, OF_TRAINING, SAVE).result
    names = {name: name + "_now" for name in ("Momentum", "Share", "far", "bent")}
    now = OF_TRAINING
    for name, new in names.items():
        now = now.replace(name, new)
    load = LOAD.format(arguments="renamed={" + ", ".join(f"'__main__:{a}': {b}" for a, b in names.items()) + "}")
    assert_equal(before, one_lab.elsewhere(HEAD, now, load).result, PARTS)


MOVED = {
    "class by class": "renamed={'old_place.parts:Scale': 'new_place:Rescaled'}",
    "module by module": "renamed={'old_place': 'new_place'}",
}


@pytest.mark.parametrize("how", MOVED)
def test_a_moved_module_is_imported_from_where_it_is_now(one_lab, how):
    folder = one_lab.folder
    imports = "import keras\nfrom keras import layers, ops\n"
    (folder / "old_place").mkdir()
    (folder / "old_place" / "parts.py").write_text(imports + PLAIN_LAYER)
    (folder / "new_place").mkdir()
    (folder / "new_place" / "parts.py").write_text(imports + PLAIN_LAYER)
    (folder / "new_place" / "__init__.py").write_text(imports + NEW)
    path = f"import sys\nsys.path.insert(0, {str(folder)!r})\n"
    model = "from old_place.parts import Scale\n" + IN_PLACES["in a sequential model"]
    plain = SAVE.replace("(model, file)", "(model, file, embed_source=False)")
    before = one_lab.here(path, HEAD, model, plain, "sys.path.remove(folder)").result
    assert_equal(before, one_lab.elsewhere(path, LOAD.format(arguments=MOVED[how])).result, PARTS)


REGISTERED = PLAIN_LAYER.replace(
    "class Scale", "@keras.saving.register_keras_serializable('mine')\nclass Scale"
).replace("factor=2.0):\n        super().__init__()", "factor=2.0, **kwargs):\n        super().__init__(**kwargs)")


def test_stock_keras_loses_the_weights_of_a_renamed_class_and_kept_does_not(one_lab):
    save = "from tests.runtime.observing import keep, observe\nkeep(folder, x)\nmodel.save(file)\nresult = observe(model, x)"
    before = one_lab.here(HEAD, REGISTERED, IN_PLACES["in a sequential model"], save).result
    now = REGISTERED.replace("Scale", "Rescaled")
    stock = "model = keras.saving.load_model(file, custom_objects={'mine>Scale': Rescaled})"
    assert one_lab.elsewhere(HEAD, now, stock).error["type"] in ("ValueError", "TypeError")
    load = LOAD.format(arguments="renamed={'mine>Scale': Rescaled}")
    assert_equal(before, one_lab.elsewhere(HEAD, now, load).result, PARTS)


def test_a_renaming_takes_nothing_that_does_not_fit(one_lab):
    one_lab.here(HEAD, PLAIN_LAYER, IN_PLACES["in a sequential model"], SAVE).result  # noqa: B018
    load = LOAD.format(arguments="renamed={'__main__:Scale': Rescaled}")
    wider = NEW.replace("(shape[-1], self.units)", "(shape[-1] + 1, self.units)")
    assert one_lab.elsewhere(HEAD, wider, load).error["type"] == "MismatchError"


@pytest.mark.parametrize("value", ["3", "'collections:Nothing'", "'no_such_module:A'"])
def test_a_renaming_that_leads_nowhere_is_one_clear_error(one_lab, value):
    one_lab.here(HEAD, PLAIN_LAYER, IN_PLACES["in a sequential model"], SAVE).result  # noqa: B018
    error = one_lab.elsewhere(LOAD.format(arguments=f"renamed={{'__main__:Scale': {value}}}")).error
    assert error["type"] == "KeptError"
    assert "renamed['__main__:Scale']" in error["text"]


def test_a_name_that_its_module_has_no_more_is_told_with_what_to_write(one_lab):
    folder = one_lab.folder
    imports = "import keras\nfrom keras import layers, ops\n"
    (folder / "parts_now.py").write_text(imports + PLAIN_LAYER)
    path = f"import sys\nsys.path.insert(0, {str(folder)!r})\n"
    model = "from parts_now import Scale\n" + IN_PLACES["in a sequential model"]
    save = "import kept\nkept.save(model, file, verify=False, embed_source=False)\n"
    one_lab.here(path, HEAD, model, save, "sys.path.remove(folder)").result  # noqa: B018
    (folder / "parts_now.py").write_text(imports + NEW)
    for load in ("import parts_now, kept\nkept.load(file)", "import kept\nkept.load(file, trusted=['parts_now'])"):
        assert "renamed={'parts_now:Scale': ...}" in one_lab.elsewhere(path, load).error["text"]
