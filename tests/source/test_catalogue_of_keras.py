"""What the catalogue says is what Keras itself says, asked in a process of its own."""

import importlib.metadata
import json

import pytest

from kept.source.catalogue import catalogue
from kept.source.kinds import Kind
from tests.conftest import ROOT, Python

VERSION = importlib.metadata.version("keras")
SWAPS = """
import json
import warnings

import keras

warnings.simplefilter("ignore")


def there_and_back(argument, given):
    layer = keras.layers.Dense(1, **{argument: given})
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(layer)))
    return getattr(keras.saving.deserialize_keras_object(config), argument)


def class_of(base, name):
    members = {"__call__": lambda self, *args, **kwargs: 1, "get_config": lambda self: {}, "__module__": "shop"}
    return type(name, (base,), members)


def path_of(one):
    named = one if hasattr(one, "__qualname__") else type(one)
    return f"{named.__module__}.{named.__qualname__}"


def function(name):
    def custom(*args):
        return 1

    custom.__name__ = custom.__qualname__ = name
    return custom


functions, classes = {}, {}
for name in ("dice", "gelu", "Adam", "mean_squared_error", "swish", "mse", "custom"):
    config = json.loads(json.dumps(keras.saving.serialize_keras_object(function(name))))
    try:
        functions[name] = path_of(keras.saving.deserialize_keras_object(config))
    except TypeError:
        functions[name] = None
for kind, argument, base, name in (
    ("initializer", "kernel_initializer", keras.Initializer, "HeNormal"),
    ("initializer", "kernel_initializer", keras.Initializer, "zero"),
    ("regularizer", "kernel_regularizer", keras.Regularizer, "L2"),
    ("constraint", "kernel_constraint", keras.constraints.Constraint, "NonNeg"),
):
    classes[name] = [kind, path_of(there_and_back(argument, class_of(base, name)()))]
print(json.dumps([functions, classes]))
"""


@pytest.fixture(scope="module")
def swapped(tmp_path_factory):
    """What Keras gives back for functions and classes of a user that have its own names."""
    python = Python(tmp_path_factory.mktemp("swaps"))
    python.write("s.py", SWAPS)
    ended = python("s.py", KERAS_BACKEND="torch")
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def test_the_catalogue_of_the_installed_keras_is_current(python):
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from tests import keras_catalogue as k; "
    ended = python("-c", f"{code}sys.stdout.write(k.text(k.catalogue()))", KERAS_BACKEND="torch")
    file = ROOT / "src" / "kept" / "source" / f"keras_{VERSION.replace('.', '_')}.json"
    assert ended.out == file.read_text(), "run python -m tests.keras_catalogue --write"


def test_a_function_of_a_user_comes_back_as_the_catalogue_says(swapped):
    keras, (functions, _) = catalogue(VERSION), swapped
    told = {name: keras.instead_of_function(name) for name in functions}
    assert {name: path and source(keras, path) for name, path in told.items()} == functions


def test_a_class_of_a_user_comes_back_as_the_catalogue_says(swapped):
    keras, (_, classes) = catalogue(VERSION), swapped
    told = {name: keras.instead_of_class(name, Kind(kind)) for name, (kind, _) in classes.items()}
    assert {name: source(keras, path) for name, path in told.items()} == {
        name: path for name, (_, path) in classes.items()
    }


def source(keras, path):
    """Where Keras defines what it exports under a path."""
    return (keras.find(path) or keras.function(path)).source
