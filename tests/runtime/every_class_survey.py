"""Saves every class of Keras here, loads it in a process that has seen none of them, and tells what became of each."""

import pickle
import time
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np

from tests.runtime.every_class_models import MODELS, OBSERVERS, made_of

ALONE = ("optimizers", "optimizers.schedules")  # one to a model


def save_all(folder, namespaces, saves):
    """Saves the models with each of `saves`: name -> what saves a model to a path.

    Returns:
        Namespace -> what was made of it: its classes with their changed arguments, those that were not made, and the
        files that could not be saved.
    """
    told = {}
    for namespace in namespaces:
        began = time.monotonic()
        found, not_made = made_of(namespace)
        groups = grouped(namespace, found)
        failed = {}
        for number, group in enumerate(groups):
            model = MODELS[namespace](group)
            for name, save in saves.items():
                try:
                    save(model, str(Path(folder, f"{name}-{namespace}-{number}.keras")))
                except Exception as error:  # what is told is that it was not saved, and why
                    failed[f"{name} {', '.join(group)}"] = str(error)
            seen = OBSERVERS[namespace](model, group)
            bare = {name: replace(made, kind=None, arguments={}) for name, made in group.items()}
            Path(folder, f"{namespace}-{number}.seen").write_bytes(pickle.dumps((bare, seen)))
        changed = {name: made.changed for name, made in found.items()}
        told[namespace] = {
            "changed": changed, "not made": not_made, "not saved": failed, "seconds": time.monotonic() - began,
        }  # fmt: skip
    return told


def grouped(namespace, found):
    """The classes that go into one model; one that Keras itself cannot bring back would keep it from the others."""
    together = {} if namespace in ALONE else {name: made for name, made in found.items() if comes_back(made)}
    alone = [{name: made} for name, made in found.items() if name not in together]
    return [together, *alone] if together else alone


def comes_back(made):
    try:
        keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(made()))
    except Exception:  # as ELU, which has no get_config, or AUC with label_weights
        return False
    return True


def load_all(folder, namespaces, name, load):
    """Namespace -> class -> what is not as it was; `load` loads a path."""
    told = {}
    for namespace in namespaces:
        differing = told[namespace] = {}
        for file in sorted(Path(folder).glob(f"{namespace}-*.seen")):
            group, before = pickle.loads(file.read_bytes())
            try:
                model = load(str(Path(folder, f"{name}-{file.stem}.keras")))
                after = OBSERVERS[namespace](model, group)
            except Exception as error:  # what is told is that it was not loaded, and why
                differing[", ".join(group)] = [f"{type(error).__name__}: {str(error)[:2000]}"]
                continue
            for one in group:
                told_before = {part: seen for part, seen in before[one].items() if seen is not None}
                parts = [
                    f"{part}: {', '.join(key for key in seen if not same(seen[key], after[one][part].get(key)))}"
                    if isinstance(seen, dict)
                    else part
                    for part, seen in told_before.items()
                    if not same(seen, after[one].get(part))
                ]
                if parts:
                    differing[one] = parts
    return told


def same(one, other):
    """Whether two observations are equal; arrays but for the last bit."""
    if isinstance(one, np.ndarray):
        shapes = isinstance(other, np.ndarray) and one.shape == other.shape
        if shapes and one.dtype.kind == "U":
            return np.array_equal(one, other)
        return shapes and np.allclose(one, other, rtol=1e-6, atol=1e-7, equal_nan=True)
    if isinstance(one, list):
        return (
            isinstance(other, list)
            and len(one) == len(other)
            and all(same(a, b) for a, b in zip(one, other, strict=True))
        )
    if isinstance(one, dict):
        return isinstance(other, dict) and all(same(one[key], other.get(key)) for key in one)
    return type(one) is type(other) and (one == other or one != one)


def stock_save(model, path):
    model.save(path)


def stock_load(path):
    return keras.saving.load_model(path)
