"""Small model files without Keras, and what the rules on integrity say of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from kept.formats import keras_archive, weights_h5
from kept.formats.artifact import Written
from kept.rules import judge, rules
from kept.scanning.reading import opened
from tests.formats.samples import new_tensors

KERNEL, BIAS = "layers/dense/vars/0", "layers/dense/vars/1"
ARRAYS = {KERNEL: np.arange(12, dtype="<f4").reshape(3, 4), BIAS: np.ones(4, "<f4")}


def layer(class_name: str = "Dense", built: Any = (None, 3), **config: Any) -> dict[str, Any]:
    """The config of a layer; of a Dense where nothing else is said."""
    settings = {"name": "dense", "units": 4, "use_bias": True, **config}
    found = {"module": "keras.layers", "class_name": class_name, "config": settings, "registered_name": None}
    return found if built is None else {**found, "build_config": {"input_shape": list(built)}}


def model(*layers: dict[str, Any], class_name: str = "Sequential", **fields: Any) -> dict[str, Any]:
    """The config of a model with these layers."""
    config = {"name": "model", "layers": list(layers) or [layer()]}
    return {"module": "keras", "class_name": class_name, "config": config, "registered_name": None, **fields}


def own_record(written: Written, **changed: Any) -> dict[str, Any]:
    """kept's record of what was written, with some of it changed."""
    tensors = {path: tensor.to_dict() for path, tensor in written.tensors.items()}
    return {"format": 1, "tensors": tensors, "weights_crc": written.weights_crc, "sources": {}, **changed}


def archive(path: Path, arrays: Any = None, config: Any = None, record: Any = None, names: bool = True) -> Path:
    """A `.keras` of one Dense; with a record where `record(written)` makes one."""
    told = {"layers/dense/vars": {"name": "dense"}} if names else {}
    keras_archive.write(
        str(path),
        config=config or model(),
        tensors=new_tensors(ARRAYS if arrays is None else arrays),
        metadata=lambda written: {"kept": record(written)} if record else {},
        attributes=told,
    )
    return path


def weights(path: Path, arrays: Any = None, record: Any = None) -> Path:
    """A `.weights.h5`."""
    weights_h5.write(str(path), new_tensors(ARRAYS if arrays is None else arrays), record=record)
    return path


def said(path: Path) -> dict[str, tuple[str, ...]]:
    """Name of each rule that finds something -> the places."""
    with opened(path) as subject:
        found = judge(subject, rules("integrity"))
    places: dict[str, tuple[str, ...]] = {}
    for one in found:
        places[one.rule] = (*places.get(one.rule, ()), *one.where)
    return places


def changed(path: Path, old: bytes, new: bytes) -> Path:
    """The file with some bytes replaced."""
    content = path.read_bytes()
    assert content.count(old) >= 1
    path.write_bytes(content.replace(old, new))
    return path


def text(value: Any) -> bytes:
    """JSON as the writers of kept make it."""
    return json.dumps(value).encode()
