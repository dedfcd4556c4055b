"""The file holds a tensor that belongs to nothing.

What it does:
    Compares the tensors in the file with kept's record, and with the config for the layers of Keras whose weights
    it says for certain.

Why it matters:
    Plain Keras passes over groups that it does not ask for. Weights of another model are taken for those of this
    one, or data travels along that nobody looks at. `kept.load` refuses the file.

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
        file["layers/dense/vars/1"] = np.zeros(2, "float32")
        file["layers/dense_1/vars/0"] = np.ones((2, 2), "float32")
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
    There is no fix: take another copy, or save again from the model that the weights belong to.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Finding, Rule, Severity
from kept.rules.subject import FileSubject

__all__ = ["RULE", "check"]

RULE = Rule("KPT404", __name__, Severity.ERROR)


def check(subject: FileSubject) -> Iterator[Finding]:
    """Yields what the page above describes."""
    recorded = subject.recorded_tensors()
    if recorded and subject.artifact is not None:
        others = tuple(path for path in subject.artifact.tensors if path not in recorded)
        if others:
            yield RULE.finding("kept's record does not have this tensor", where=others)
        return
    weights = subject.weights()
    for layer in weights.layers:
        if more := tuple(path for path, expected, _ in layer.pairs() if expected is None):
            yield RULE.finding("the layer has no such weight", where=more, kind=layer.node.class_name)
    if weights.unclaimed:
        yield RULE.finding("no layer of the config has this tensor", where=weights.unclaimed)
