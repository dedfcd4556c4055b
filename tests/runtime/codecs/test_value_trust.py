"""A value in a file reaches no code that the config of the file could not reach."""

import pytest

from tests.runtime.crafting import craft
from tests.runtime.models import HEAD

PARTIAL = HEAD + """
import functools
def weighted(y, p, w=1.0):
    return w * ops.mean((y - p) ** 2, -1)
def around(y, p, inner):
    return inner(y, p)
model = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
model.compile("sgd", functools.partial(around, inner=keras.losses.MeanSquaredError()))
import kept
kept.save(model, file, verify=False)
"""  # fmt: skip
LOAD = "import kept\nkept.load(file)\n"


@pytest.fixture
def saved(one_lab):
    one_lab.here(PARTIAL).result  # noqa: B018  it must not have failed
    return one_lab


def value_of(config, code):
    config["compile_config"]["loss"]["config"]["value"] = code


RUNNER = """
class Runner:
    def __init__(self, path):
        open(path, "w").close()
"""


@pytest.mark.parametrize("tag", ["instance", "record", "enum", "partial"])
def test_a_class_that_is_only_imported_is_not_called(saved, tag):
    canary = str(saved.folder / "ran")

    def crafted(config, metadata):
        metadata["kept"]["objects"][0] |= {"import": "__main__:Runner", "registered_name": "Runner", "reference": None}
        value_of(config, {"$": tag, "class": "@0", "args": [canary], "kwargs": [], "fields": {}, "name": "x", "func":
                          {"$": "reference", "value": "@0"}, "keywords": {}, "set": {}})  # fmt: skip

    craft(saved.file, crafted)
    error = saved.elsewhere(RUNNER, LOAD).error
    assert error["type"] == "UntrustedCodeError"
    assert "Runner" in error["text"]
    assert not (saved.folder / "ran").exists()


@pytest.mark.parametrize("path", ["os:system", "subprocess:Popen", "builtins:eval", "pathlib:Path"])
def test_a_value_reaches_nothing_of_python_itself(saved, path):
    craft(
        saved.file, lambda config, metadata: metadata["kept"]["objects"][0].update({"import": path, "reference": None})
    )
    assert saved.elsewhere(LOAD).error["type"] == "UnsafeContentError"


NODES = {
    "a function that downloads": {"module": "keras.utils", "class_name": "function", "config": "get_file", "registered_name": "get_file"},
    "a lambda that stock Keras marshalled": {"class_name": "__lambda__", "config": {"value": ["", None, None]}},
}  # fmt: skip


@pytest.mark.parametrize("name", NODES)
def test_the_config_of_an_object_inside_a_value_is_judged_as_the_config_of_the_model(saved, name):
    craft(saved.file, lambda config, metadata: metadata["kept"]["state"].update({"nodes": [NODES[name]]}))
    assert saved.elsewhere(LOAD).error["type"] == "UnsafeContentError"


def test_a_class_inside_a_value_that_the_record_does_not_list_needs_trust(saved):
    node = {"module": "acme.parts", "class_name": "Loss", "config": {}, "registered_name": "acme>Loss"}
    craft(saved.file, lambda config, metadata: metadata["kept"]["state"].update({"nodes": [node]}))
    error = saved.elsewhere(LOAD).error
    assert error["type"] == "UntrustedCodeError"
    assert "acme>Loss" in error["text"]


CODES = {
    "a token that is not listed": {"$": "reference", "value": "@7"},
    "an object that is not there": {"$": "keras", "value": 5},
    "an object written into the value": {"$": "keras", "value": {"class_name": "Dense", "module": "keras.layers", "config": {}}},
    "an unknown tag": {"$": "pickle", "value": "gASV"},
}  # fmt: skip


@pytest.mark.parametrize("name", CODES)
def test_a_value_that_leads_nowhere_is_damage(saved, name):
    craft(saved.file, lambda config, metadata: value_of(config, CODES[name]))
    required = saved.elsewhere(LOAD).error["required"]
    assert saved.elsewhere(f"import kept\nkept.load(file, trusted={required!r})").error["type"] == "CorruptFileError"
