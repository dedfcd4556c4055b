"""Saves ordinary models in every way and judges the files: `python -m tests.benign [--write] [GROUP...]`.

No finding may be above a note. `--write` makes the page `docs/scanned-models.md`; without GROUP all are judged.
"""

from __future__ import annotations

import argparse
import inspect
import os
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import applications

__all__ = ["GROUPS", "Tally", "sweep"]

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "scanned-models.md"
SHAPES = ((4,), (6, 4), (8, 8, 3), (6, 6, 6, 2))
ABOUT = """# Models in which `kept scan` finds nothing

A false alarm is a defect. `python -m tests.benign --write` saves the models below with stock Keras and with kept, as
`.keras`, folder, legacy `.h5`, `.weights.h5`, shards and architecture `.json`, as far as each model allows it, judges
the files and writes this page. What is found and no more than a note is code that the file needs to be trusted.

"""


@dataclass
class Tally:
    """What came of one group.

    Attributes:
        models: How many were made.
        files: How many were judged.
        notes: How many findings are notes.
        alarms: Every other finding, with the model and the way of saving.
    """

    models: int = 0
    files: int = 0
    notes: int = 0
    alarms: list[str] = field(default_factory=list)


Models = Iterator[tuple[str, Any]]


def every_application(every: int = 1) -> Models:
    import keras

    for name in applications.names()[::every]:
        with suppress(applications.NotMadeError):
            yield name, applications.made(name)[0]
            keras.backend.clear_session()


def instance(cls: Any) -> Any:
    """An object of a class of Keras, made with simple arguments; None where they do not do."""
    from tests.keras_classes import ARGUMENTS, OF_ONE

    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    parameters = [one for one in list(inspect.signature(cls.__init__).parameters.values())[1:] if one.kind in named]
    needed = [one.name for one in parameters if one.default is one.empty]
    given = {name: ARGUMENTS[name]() if name in ARGUMENTS else 2 for name in needed}
    try:
        return cls(**{**given, **OF_ONE.get(cls.__name__, dict)()})
    except Exception:  # whatever a constructor has against these arguments
        return None


def exported(module: str) -> list[Any]:
    import keras

    found = vars(getattr(keras, module)).values()
    return sorted({one for one in found if inspect.isclass(one)}, key=lambda one: str(one.__name__))


def every_layer(every: int = 1) -> Models:
    import keras

    for cls in exported("layers")[::every]:
        made = instance(cls)
        if isinstance(made, keras.Layer) and not isinstance(made, keras.layers.InputLayer):
            yield cls.__name__, holding(cls, made)


def holding(cls: Any, layer: Any) -> Any:
    """A model with a layer in it, called with whatever it takes."""
    import keras

    for shape in SHAPES:
        for call in (lambda one, x: one(x), lambda one, x: one([x, x]), lambda one, x: one(x, x)):
            x = keras.Input(shape)
            with suppress(Exception):
                return keras.Model(x, call(layer, x))
            layer = instance(cls)
    return keras.Sequential([layer])


def dense(**settings: Any) -> Any:
    import keras

    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, **settings), keras.layers.Dense(2)])


def every_part(every: int = 1) -> Models:
    """Optimizers, losses and metrics, and what layers are given."""
    import numpy as np

    arguments = {"initializers": "kernel_initializer", "regularizers": "kernel_regularizer"}
    for module, argument in {**arguments, "constraints": "kernel_constraint"}.items():
        for cls in exported(module)[::every]:
            with suppress(Exception):  # base classes, and those that want another shape
                model = dense(**{argument: instance(cls)})
                model(np.ones((1, 4)))
                yield f"{module}.{cls.__name__}", model
    for module, argument in {"optimizers": "optimizer", "losses": "loss", "metrics": "metrics"}.items():
        for cls in exported(module)[::every]:
            if (made := instance(cls)) is not None:
                model = dense()
                with suppress(Exception):
                    model.compile(**{"loss": "mse", argument: [made] if argument == "metrics" else made})
                    yield f"{module}.{cls.__name__}", model
    for name in ("relu", "gelu", "softmax", "swish", "leaky_relu"):
        yield f"activations.{name}", dense(activation=name)


def every_adapted(every: int = 1) -> Models:
    """Quantised, with low rank matrices, and in mixed precision."""
    import keras
    import numpy as np

    def net() -> Any:
        sizes = {"input_dim": 16, "output_dim": 16}
        layers = keras.layers
        return keras.Sequential([keras.Input((8,)), layers.Embedding(**sizes), layers.Dense(16), layers.Dense(4)])

    for mode in ("int8", "int4", "float8"):
        with suppress(NotImplementedError, ValueError):
            model = net()
            model(np.ones((1, 8)))
            model.quantize(mode)
            yield mode, model
    model = net()
    for layer in model.layers:
        layer.enable_lora(2)
    yield "LoRA", model
    quantised = net()
    quantised.quantize("int8")
    quantised.layers[1].enable_lora(2)
    yield "int8 with LoRA", quantised
    for policy in ("mixed_float16", "mixed_bfloat16", "bfloat16", "float64"):
        keras.config.set_dtype_policy(policy)
        model = net()
        keras.config.set_dtype_policy("float32")
        model.compile("adam", "mse")
        yield policy, model


def every_preprocessing(every: int = 1) -> Models:
    """Layers with a vocabulary or other things that they have learned."""
    import keras

    layers, words, texts = keras.layers, ["un", "deux", "trois"], keras.Input((1,), dtype="string")
    with suppress(Exception):  # only TensorFlow has tensors of texts
        yield "StringLookup", keras.Model(texts, layers.StringLookup(vocabulary=words)(texts))
        yield "TextVectorization", keras.Model(texts, layers.TextVectorization(vocabulary=words)(texts))
    for layer in (
        layers.StringLookup(vocabulary=words, output_mode="multi_hot"),
        layers.IntegerLookup(vocabulary=[3, 5, 7]),
        layers.Discretization(bin_boundaries=[0.0, 1.0]),
        layers.Normalization(mean=[1.0, 2.0], variance=[1.0, 4.0]),
        layers.CategoryEncoding(num_tokens=4),
        layers.Hashing(num_bins=4),
        layers.Rescaling(1 / 255, offset=-1),
    ):
        yield type(layer).__name__, keras.Sequential([layer])


def every_shape_of_model(every: int = 1) -> Models:
    """Graphs with shared, nested, wrapped and recurrent layers."""
    import keras

    layers = keras.layers
    x = keras.Input((6, 4))
    shared = layers.Dense(4, name="shared")
    inner = keras.Sequential([keras.Input((6, 4)), shared, layers.LayerNormalization()], name="inner")
    yield "a layer in two models", keras.Model(x, layers.Add()([inner(x), shared(x)]))
    wrapped = layers.TimeDistributed(layers.Dense(3))(layers.Bidirectional(layers.LSTM(3, return_sequences=True))(x))
    yield "wrapped", keras.Model(x, layers.GRU(2)(wrapped))
    cells = layers.RNN(layers.StackedRNNCells([layers.LSTMCell(3), layers.GRUCell(2)]))
    yield "cells", keras.Model(x, cells(x))
    attention = layers.MultiHeadAttention(2, 2)(x, x)
    yield "attention", keras.Model(x, keras.ops.mean(layers.LayerNormalization()(attention + x), axis=1))
    held = keras.Model(x, layers.Dense(2)(inner(x)))
    held.encoder = inner
    yield "a layer that is an attribute, too", held
    yield "a model in a model in a model", keras.Sequential([keras.Input((6, 4)), keras.Sequential([inner])])
    frozen = dense()
    frozen.layers[0].trainable = False
    frozen.compile("sgd", "mse")
    yield "frozen", frozen


GROUPS: dict[str, Callable[[int], Models]] = {
    "applications": every_application,
    "layers": every_layer,
    "parts": every_part,
    "quantised, LoRA, mixed precision": every_adapted,
    "preprocessing": every_preprocessing,
    "graphs": every_shape_of_model,
}
LARGE = {"applications": ("keras.keras", "keras.weights.h5", "kept.keras")}
"""The ways in which large models are saved."""


def saved(model: Any, folder: Path, only: Collection[str] = ()) -> Iterator[tuple[str, Path]]:
    """The ways of saving a model, all or some, and the files; a way that refuses it is left out."""
    import kept

    def written(name: str, save: Callable[[str], Any]) -> Path | None:
        path = folder / name
        with suppress(Exception):  # a legacy format cannot hold everything, and an unbuilt model has no weights
            save(str(path))
            return path
        return None  # Keras leaves what it has begun

    ways: dict[str, Callable[[str], Any]] = {
        "keras.keras": model.save,
        "keras.h5": model.save,
        "keras.weights.h5": model.save_weights,
        "keras.weights.json": lambda path: model.save_weights(path, max_shard_size=0.01),
        "keras.json": lambda path: Path(path).write_text(model.to_json()),
        "kept.keras": lambda path: kept.save(model, path, verify=False),
        "kept": lambda path: kept.save(model, path, verify=False, zipped=False),
        "kept.h5": lambda path: kept.save(model, path, verify=False),
        "kept.weights.h5": lambda path: kept.save_weights(model, path),
    }
    for name, save in ways.items():
        if (not only or name in only) and (path := written(name, save)) is not None:
            yield name, path


def sweep(group: str, only: Collection[str] = (), every: int = 1, told: Callable[[str], object] = str) -> Tally:
    """Makes, saves and judges the models of one group, in all ways or some; of a large one each, or each so many."""
    from kept.findings import Severity
    from kept.scanning.run import scan_file

    tally = Tally()
    for name, model in GROUPS[group](every):
        tally.models += 1
        with tempfile.TemporaryDirectory() as folder:
            for way, path in saved(model, Path(folder), only):
                found = scan_file(path)
                tally.files += 1
                tally.notes += sum(one.severity is Severity.NOTE for one in found.findings)
                alarms = [one for one in found.findings if one.severity is not Severity.NOTE]
                tally.alarms += [f"{name}, {way}: {one.rule}: {one.message} {one.where[:3]}" for one in alarms]
                tally.alarms += [f"{name}, {way}: skipped: {found.skipped}"] if found.skipped else []
        told(name)
    return tally


def page(tallies: dict[str, Tally], before: str) -> str:
    """The page of documentation, in which groups that were not judged now keep their rows."""
    rows = {line.split("|")[1].strip(): line for line in before.splitlines() if line.startswith("| ")}
    for group, one in tallies.items():
        rows[group] = f"| {group} | {one.models} | {one.files} | {one.notes} | {len(one.alarms)} |"
    head = ["| group | models | files | notes | findings above a note |", "|---|---|---|---|---|"]
    return ABOUT + "\n".join([*head, *(rows[group] for group in GROUPS if group in rows)]) + "\n"


def main(words: list[str]) -> int:
    """Prints the table; the exit code is 0 only if there is no alarm."""
    parser = argparse.ArgumentParser(prog="python -m tests.benign")
    parser.add_argument("--backend", default="torch")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("groups", nargs="*")
    asked = parser.parse_args(words)
    os.environ["KERAS_BACKEND"] = asked.backend
    tallies = {}
    for group in asked.groups or GROUPS:
        tallies[group] = sweep(group, LARGE.get(group, ()), told=lambda name: sys.stderr.write(f"{name}\n"))
        sys.stdout.write("\n".join([f"{group}: {len(tallies[group].alarms)}", *tallies[group].alarms]) + "\n")
        if asked.write:
            PAGE.write_text(page(tallies, PAGE.read_text() if PAGE.exists() else ""))
    return int(any(one.alarms for one in tallies.values()))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
