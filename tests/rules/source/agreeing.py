"""`python agreeing.py FILE`: makes an object of every class in a JSON list of texts, and tells what Keras brings back.

Per text: `kept`, `lost`, `raises`, or `unmakeable`, as a JSON list on the last line.
"""

import inspect
import json
import sys
import types
from pathlib import Path

import keras


def outcome(text):
    """What becomes of an object that was made with other arguments than the defaults, and frozen."""
    module = sys.modules["gridded"] = types.ModuleType("gridded")
    exec(text, vars(module))
    try:
        one = made(module.A)
    except Exception:
        return "unmakeable"
    if hasattr(one, "trainable"):
        one.trainable = False
    try:
        config = json.loads(json.dumps(keras.saving.serialize_keras_object(one)))
        other = keras.saving.deserialize_keras_object(config)
    except Exception:
        return "raises"
    return "kept" if state(one) == state(other) else "lost"


def made(kind):
    """An object of a class of the grid, with every argument that it takes."""
    parameters = inspect.signature(kind.__init__).parameters
    by_place = "/" in str(inspect.signature(kind.__init__)) or "*units" in str(inspect.signature(kind.__init__))
    given = {"scale": 7.0} if "scale" in parameters else {}
    for name, value in (("name", "given"), ("dtype", "float16"), ("reduction", "sum")):
        try:
            _make(kind, by_place, {**given, name: value})
        except (TypeError, ValueError):
            continue
        given[name] = value
    return _make(kind, by_place, given)


def _make(kind, by_place, given):
    return kind(5, **given) if by_place else kind(units=5, **given)


def state(one):
    """What must come back; names that Keras has made up have a number."""
    names = ("units", "u", "scale", "trainable", "dtype", "reduction")
    found = {name: str(getattr(one, name, None)) for name in names}
    return found | {"name": "given" if getattr(one, "name", "") == "given" else ""}


if __name__ == "__main__":
    every = json.loads(Path(sys.argv[1]).read_text())
    sys.stdout.write("\n" + json.dumps([outcome(text) for text in every]) + "\n")
