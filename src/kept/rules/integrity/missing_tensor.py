"""A tensor is missing.

What it does:
    Compares the tensors in the file with kept's record, and with the config for the layers of Keras whose weights
    it says for certain: dense, convolutional, recurrent and normalising layers, and embeddings.

Why it matters:
    Where Keras notices it, it cannot load the file. Where it does not, as for the optimizer, the variable keeps
    what its initialiser made, and nobody is told.

Example:
    import io
    import json
    import zipfile

    import h5py
    import numpy as np

    dense = {"module": "keras.layers", "class_name": "Dense", "registered_name": None,
             "config": {"name": "dense", "units": 2, "use_bias": True}, "build_config": {"input_shape": [None, 3]}}
    model = {"module": "keras", "class_name": "Sequential", "registered_name": None,
             "config": {"name": "model", "layers": [dense]}}
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        file["layers/dense/vars/0"] = np.ones((3, 2), "float32")
    with zipfile.ZipFile("model.keras", "w") as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", json.dumps(model))
        archive.writestr("model.weights.h5", weights.getvalue())

Use instead:
    import io
    import json
    import zipfile

    import h5py
    import numpy as np

    dense = {"module": "keras.layers", "class_name": "Dense", "registered_name": None,
             "config": {"name": "dense", "units": 2, "use_bias": True}, "build_config": {"input_shape": [None, 3]}}
    model = {"module": "keras", "class_name": "Sequential", "registered_name": None,
             "config": {"name": "model", "layers": [dense]}}
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        file["layers/dense/vars/0"] = np.ones((3, 2), "float32")
        file["layers/dense/vars/1"] = np.zeros(2, "float32")
    with zipfile.ZipFile("model.keras", "w") as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", json.dumps(model))
        archive.writestr("model.weights.h5", weights.getvalue())

Fix safety:
    There is no fix: take another copy, or save again.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Finding, Rule, Severity
from kept.rules.subject import FileSubject

__all__ = ["RULE", "check"]

RULE = Rule("KPT403", __name__, Severity.ERROR)


def check(subject: FileSubject) -> Iterator[Finding]:
    """Yields what the page above describes."""
    recorded = subject.recorded_tensors()
    if subject.artifact is not None and (lost := [path for path in recorded if path not in subject.artifact.tensors]):
        yield RULE.finding("kept's record has this tensor, and the file does not", where=tuple(lost))
    weights = subject.weights()
    for layer in weights.layers:
        for path, expected, tensor in layer.pairs():
            if expected is not None and tensor is None and path not in recorded:
                message = f"the file has no {expected.name} for this layer"
                yield RULE.finding(message, where=(path,), kind=layer.node.class_name)
    for node in weights.absent:
        yield RULE.finding("the file has no weights for this layer", where=(node.path,), kind=node.class_name)
