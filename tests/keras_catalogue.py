"""What the catalogue of one release of Keras says: `python -m tests.keras_catalogue [--write]`.

Every class that Keras can save and every function that it exports is imported and asked. What does not depend on the
backend is taken: classes of `keras.src.backend.<name>` are left out of every chain. Prints the JSON, or writes it
into the package.
"""

import ast
import importlib
import inspect
import json
import pkgutil
import sys
import types
from functools import cache
from pathlib import Path

import keras
import keras.src
from keras.src.api_export import REGISTERED_NAMES_TO_OBJS, REGISTERED_OBJS_TO_NAMES
from keras.src.saving.keras_saveable import KerasSaveable
from keras.src.saving.serialization_lib import BUILTIN_MODULES
from keras.src.utils.python_utils import is_default

from kept.source.kinds import Kind
from tests.keras_classes import config_keys, source_facts, words

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "src" / "kept" / "source" / f"keras_{keras.__version__.replace('.', '_')}.json"
OF_A_BACKEND = tuple(
    f"keras.src.backend.{name}" for name in ("tensorflow", "jax", "torch", "numpy", "openvino", "mlx", "tests")
)
NO_OBJECTS = ("keras.src.legacy.saving.", "keras.src.testing")
KINDS = {
    Kind.MODEL: keras.Model,
    Kind.LAYER: keras.Layer,
    Kind.OPERATION: keras.Operation,
    Kind.LOSS: keras.Loss,
    Kind.METRIC: keras.Metric,
    Kind.OPTIMIZER: keras.src.optimizers.base_optimizer.BaseOptimizer,
    Kind.SCHEDULE: keras.optimizers.schedules.LearningRateSchedule,
    Kind.INITIALIZER: keras.Initializer,
    Kind.REGULARIZER: keras.Regularizer,
    Kind.CONSTRAINT: keras.constraints.Constraint,
    Kind.QUANTIZER: keras.Quantizer,
    Kind.DTYPE_POLICY: keras.DTypePolicy,
    Kind.CALLBACK: keras.callbacks.Callback,
}
LOOKED_UP = {
    Kind.ACTIVATION: "activations",
    Kind.CONSTRAINT: "constraints",
    Kind.DTYPE_POLICY: "dtype_policies",
    Kind.INITIALIZER: "initializers",
    Kind.LOSS: "losses",
    Kind.METRIC: "metrics",
    Kind.OPTIMIZER: "optimizers",
    Kind.QUANTIZER: "quantizers",
    Kind.REGULARIZER: "regularizers",
}


def modules(package=keras.src):
    """Every module of Keras that belongs to no backend (to import another one's does harm) and is no test."""
    for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        if not found.name.endswith("_test") and not found.name.startswith((*OF_A_BACKEND, *NO_OBJECTS)):
            module = importlib.import_module(found.name)
            yield module
            if found.ispkg:
                yield from modules(module)


def defined_at(thing):
    return f"{thing.__module__}.{thing.__qualname__}"


def canonical(thing):
    """The first public path, as Keras writes it into files, or where it is defined."""
    return REGISTERED_OBJS_TO_NAMES.get(thing, defined_at(thing))


def chain(cls):
    """The classes of Keras that a class is made of, itself first, in the order in which Python asks them."""
    return [one for one in cls.__mro__ if one.__module__.startswith("keras.src.") and belongs(one)]


def belongs(thing):
    return not thing.__module__.startswith((*OF_A_BACKEND, *NO_OBJECTS)) and "<locals>" not in thing.__qualname__


def classes(everything):
    """The classes that can be saved, the exported ones, and what they are made of."""
    found = {thing for module in everything for thing in vars(module).values() if isinstance(thing, type)}
    saved = [cls for cls in found if issubclass(cls, KerasSaveable) or hasattr(cls, "get_config")]
    exported = [thing for thing in REGISTERED_OBJS_TO_NAMES if isinstance(thing, type)]
    return sorted({one for cls in (*saved, *exported) for one in chain(cls)}, key=canonical)


def functions():
    return sorted((one for one in REGISTERED_OBJS_TO_NAMES if isinstance(one, types.FunctionType)), key=canonical)


def other_names(everything):
    """Thing -> the paths that lead to it besides the canonical one and where it is defined."""
    names = {}
    for thing in REGISTERED_OBJS_TO_NAMES:
        paths = vars(thing).get("_api_export_path", ()) if hasattr(thing, "__dict__") else ()
        for path in [paths] if isinstance(paths, str) else paths:
            names.setdefault(thing, set()).add(path.replace("keras._legacy.", "keras."))
    for module in everything:
        if not hasattr(module, "__path__") or module.__name__.startswith("keras.src.backend"):
            continue  # what a backend brings in is not there with every other
        for name, thing in vars(module).items():
            path = f"{module.__name__}.{name}"
            public = path.replace("keras.src.", "keras.")
            if isinstance(thing, type | types.FunctionType) and public not in names.get(thing, ()):
                names.setdefault(thing, set()).add(path)
    return {
        thing: sorted(paths - {canonical(thing), defined_at(thing)} - (set(REGISTERED_NAMES_TO_OBJS)))
        for thing, paths in names.items()
    }


def kind(cls):
    return next((kind for kind, base in KINDS.items() if issubclass(cls, base)), Kind.OTHER)


def is_plain(value):
    if isinstance(value, tuple | list):
        return all(is_plain(one) for one in value)
    return value is None or (isinstance(value, bool | int | float | str) and repr(value) not in ("inf", "-inf", "nan"))


def signature(function, *, skip=0):
    """The parameters as Python writes them; a default that is no plain value is `...`."""
    parameters = list(inspect.signature(function).parameters.values())[skip:]
    bare = [
        one.replace(
            annotation=one.empty, default=one.default if one.default is one.empty or is_plain(one.default) else ...
        )
        for one in parameters
    ]
    return str(inspect.Signature(bare)).replace("Ellipsis", "...")[1:-1]


def facts_of_class(cls, names):
    """One row of the file. A list is its words; what a class inherits stands in the row of the base."""
    own = vars(cls)
    facts = source_facts(cls)
    bases = chain(cls)[1:]
    row = {
        "at": defined_at(cls) if canonical(cls) != defined_at(cls) else "",
        "kind": kind(cls).value,
        "bases": " ".join(canonical(one) for one in shortened(bases)),
        "names": words(names.get(cls, ())),
        "methods": words({name for name, one in own.items() if is_method(name, one)} | of_every_trainer(cls)),
        "reserved": words(name for name in own if is_sealed(cls, name)),
        "free": words(name for name in own if not is_sealed(cls, name) and any(is_sealed(b, name) for b in bases)),
        "attributes": words({*facts.attributes.split(), *(name for name in own if is_settable(cls, name))}),
        "extra": facts.extra_keywords,
        "open": facts.open,
        "revives": facts.revives,
    }
    if "__init__" in own:
        row["signature"] = signature(own["__init__"], skip=1)
    if "get_config" in own:
        row |= {"automatic": is_default(cls.get_config), "refuses": facts.refuses, **config_keys(cls)}
    return {key: value for key, value in row.items() if value or key in ("signature", "keys")}


def is_method(name, value):
    public = not name.startswith("_") or name in ("__init__", "__call__", "__new__", "__setattr__")
    return public and isinstance(value, types.FunctionType | classmethod | staticmethod)


def of_every_trainer(cls):
    """The public methods that `keras.Model` has with each backend, such as `train_step`."""
    if cls is not keras.Model:
        return set()
    folder = Path(keras.src.__file__).parent / "backend"
    methods = [methods_of_trainer(folder / name / "trainer.py") for name in ("tensorflow", "jax", "torch")]
    return {name for name in set.intersection(*methods) if not name.startswith("_")}


def methods_of_trainer(file):
    found = [one for one in ast.parse(file.read_text()).body if isinstance(one, ast.ClassDef)]
    trainer = next(one for one in found if one.name.lower().endswith("trainer"))
    return {one.name for one in trainer.body if isinstance(one, ast.FunctionDef) and not one.decorator_list}


@cache
def is_sealed(cls, name):
    """Whether the class has a property of that name to which nothing can be assigned."""
    own = vars(cls).get(name)
    return isinstance(own, property) and (own.fset is None or "raise AttributeError" in inspect.getsource(own.fset))


def is_settable(cls, name):
    return isinstance(vars(cls)[name], property) and not is_sealed(cls, name)


def shortened(bases):
    """A single base stands for itself and its own bases."""
    return bases[:1] if bases and bases[1:] == chain(bases[0])[1:] else bases


def facts_of_function(function, names):
    row = {"at": defined_at(function), "names": words(names.get(function, ())), "signature": signature(function)}
    return {key: value for key, value in row.items() if value or key == "signature"}


def looked_up(module):
    """Name -> canonical path, as the `get` of the module finds it."""
    found = importlib.import_module(f"keras.src.{module}").ALL_OBJECTS_DICT
    return {name: canonical(found[name]) for name in sorted(found)}


def catalogue():
    """All that the file says."""
    everything = list(modules())
    names = other_names(everything)
    return {
        "version": keras.__version__,
        "function modules": sorted(BUILTIN_MODULES),
        "built in": {kind.value: looked_up(module) for kind, module in LOOKED_UP.items()},
        "classes": {canonical(cls): facts_of_class(cls, names) for cls in classes(everything)},
        "functions": {canonical(function): facts_of_function(function, names) for function in functions()},
    }


def text(data):
    """JSON with one line for each class, function and kind, so that a change of Keras reads as one."""
    parts = []
    for key, value in data.items():
        if isinstance(value, dict):
            lines = [f"{json.dumps(name)}: {json.dumps(row, separators=(',', ':'))}" for name, row in value.items()]
            parts.append(f"{json.dumps(key)}: {{\n" + ",\n".join(lines) + "\n}")
        else:
            parts.append(f"{json.dumps(key)}: {json.dumps(value)}")
    return "{" + ",\n".join(parts) + "}\n"


if __name__ == "__main__":
    generated = text(catalogue())
    if "--write" in sys.argv:
        FILE.write_text(generated)
    else:
        sys.stdout.write(generated)
