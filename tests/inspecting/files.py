"""Model files to look into, written without Keras."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from kept.formats.artifact import NewTensor, Written
from tests.formats.samples import write_sample

SOURCE = "class Scaled:\n    pass\n"
TEXTS = {"layers/dense/vars": {"name": "stem"}, "layers/scaled/vars": {"name": "scaled"}, "vars": {"name": "small"}}
ARRAYS = {
    "layers/dense/vars/0": np.arange(12, dtype="float32").reshape(3, 4),
    "layers/dense/vars/1": np.array([0, np.nan, np.inf, 2], "float32"),
    "layers/scaled/vars/0": np.ones(4, "float32"),
    "layers/scaled/seed_generator/vars/0": np.array([1, 2], "uint32"),
    "optimizer/vars/0": np.array(4200, "int64"),
    "optimizer/vars/1": np.zeros((3, 4), "float32"),
    "_kept/variables/0": np.array(1, "int32"),
}


def layer(class_name: str, name: str, module: str | None = "keras.layers", **config: Any) -> dict[str, Any]:
    return {
        "module": module,
        "class_name": class_name,
        "registered_name": None if module else class_name,
        "config": {"name": name, "trainable": True, **config},
        "name": name,
    }


def model(*layers: dict[str, Any], **more: Any) -> dict[str, Any]:
    found = layer("Sequential", "small", "keras")
    return {**found, "config": {**found["config"], "layers": list(layers)}, **more}


SMALL = model(
    layer("InputLayer", "x", batch_shape=[None, 3]),
    layer("Dense", "stem", units=4, activation="relu"),
    layer("Scaled", "scaled", None, rate=0.5, trainable=False),
    compile_config={
        "optimizer": {"module": "keras.optimizers", "class_name": "Adam", "config": {"learning_rate": 0.001}},
        "loss": {"module": "builtins", "class_name": "function", "config": "my_loss", "registered_name": "function"},
        "metrics": ["mae"],
    },
)


def record(written: Written) -> dict[str, Any]:
    """What kept writes beside such a model."""
    scaled = {
        "import": "__main__:Scaled", "registered_name": "Scaled", "nodes": ["config.layers[2]"],
        "reference": "__main__:Scaled", "file": "/somewhere/train.py", "line": 9,
    }  # fmt: skip
    unit = {"text": SOURCE, "sha256": hashlib.sha256(SOURCE.encode()).hexdigest(), "module": "__main__"}
    return {
        "keras_version": "3.15.1",
        "date_saved": "2026-11-22@10:00:00",
        "kept": {
            "format": 1,
            "versions": {"kept": "0.1.0", "keras": "3.15.1", "backend": "jax", "python": "3.11.7"},
            "objects": [scaled],
            "sources": {"__main__": unit},
            "tensors": {path: tensor.to_dict() for path, tensor in written.tensors.items()},
            "weights_crc": written.weights_crc,
            "fingerprint": {"device": "cpu", "outputs": {"digest": "0"}},
        },
    }


def by_kept(file: Path, **changes: Any) -> Path:
    """An archive as kept writes it."""
    tensors = {path: NewTensor.of(array) for path, array in ARRAYS.items()}
    write_sample(file, **{"config": SMALL, "tensors": tensors, "attributes": TEXTS, "metadata": record} | changes)
    return file


def by_keras(file: Path, **changes: Any) -> Path:
    """An archive without kept's record."""
    return by_kept(file, **{"metadata": lambda written: {"keras_version": "3.15.1", "date_saved": ""}} | changes)
