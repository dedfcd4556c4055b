"""Does in one process what the pages of the rules show, and loads in a fresh one what the first has saved.

`python trying.py make FOLDER` and `python trying.py load FOLDER`: the folder holds modules. A module is imported; if it
makes a `model`, that is saved with plain Keras. What happened to each comes back as JSON on the last line.
"""

import importlib
import json
import sys
import traceback
import warnings
from pathlib import Path


def attempt(action):
    """The result of an action, or what it raised."""
    try:
        return {"result": action()}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}", "trace": traceback.format_exc()}


def saved(name):
    """Imports a module and saves its model as a checkpoint and its successor; the description of what was saved."""
    import keras

    from kept.runtime.snapshot import take

    model = getattr(importlib.import_module(name), "model", None)
    if model is None:
        return None
    before = take(model).to_dict()
    keras.saving.save_model(model, f"{name}.keras")
    keras.saving.save_model(model, f"{name}.keras")
    return before


def lost(name, before):
    """What plain Keras brings back otherwise, in a process that has imported the classes."""
    import keras

    from kept.runtime.compare import differences
    from kept.runtime.snapshot import Snapshot, take

    importlib.import_module(name)
    if before is None:
        return []
    after = take(keras.saving.load_model(f"{name}.keras"))
    return [f"{one.path} {one.name}" for one in differences(Snapshot.from_dict(before), after)]


def main(task, folder):
    sys.path.insert(0, folder)
    names = sorted(path.stem for path in Path(folder).glob("*.py"))
    if task == "make":
        return {name: attempt(lambda name=name: saved(name)) for name in names}
    made = json.loads(Path(folder, "made.json").read_text())
    there = {name: made[name]["result"] for name in names if "error" not in made[name]}
    return {name: attempt(lambda name=name: lost(name, there[name])) for name in there}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.stdout.write("\n" + json.dumps(main(*sys.argv[1:])) + "\n")
