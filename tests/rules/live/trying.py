"""Tries the examples of the rules in one process, or loads in a fresh one what the first has saved.

`python trying.py make FOLDER` and `python trying.py load FOLDER`: the folder holds modules, each of which makes a
`model`; what happened to each comes back as JSON on the last line.
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


def fresh(name):
    """The model of a module, made anew."""
    sys.modules.pop(name, None)
    return importlib.import_module(name).model


def checked(name):
    import kept

    return [finding.to_dict() for finding in kept.check(fresh(name))]


def saved_twice(name):
    """Saves with plain Keras, as a checkpoint and its successor; the description of what was saved."""
    import keras

    from kept.runtime.snapshot import take

    model = fresh(name)
    before = take(model).to_dict()
    keras.saving.save_model(model, f"{name}.keras")
    keras.saving.save_model(model, f"{name}.keras")
    return before


def kept_save(name):
    import kept

    kept.save(fresh(name), f"{name}-kept.keras")


def lost(name, before):
    """What plain Keras brings back otherwise, in a process that has imported the classes."""
    import keras

    from kept.runtime.compare import differences
    from kept.runtime.snapshot import Snapshot, take

    importlib.import_module(name)
    after = take(keras.saving.load_model(f"{name}.keras"))
    return [f"{one.path} {one.name}" for one in differences(Snapshot.from_dict(before), after)]


def main(task, folder):
    sys.path.insert(0, folder)
    names = sorted(path.stem for path in Path(folder).glob("*.py"))
    told = {}
    if task == "make":
        for name in names:
            told[name] = {"checked": attempt(lambda name=name: checked(name))}
            if name.startswith("example_"):
                told[name]["kept"] = attempt(lambda name=name: kept_save(name))
                told[name]["stock"] = attempt(lambda name=name: saved_twice(name))
    else:
        made = json.loads(Path(folder, "made.json").read_text())
        for name in names:
            before = made[name].get("stock", {}).get("result")
            if before is not None:
                told[name] = attempt(lambda name=name, before=before: lost(name, before))
    return told


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.stdout.write("\n" + json.dumps(main(*sys.argv[1:])) + "\n")
