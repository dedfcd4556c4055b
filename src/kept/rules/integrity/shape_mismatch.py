"""A tensor has another shape than the config says.

What it does:
    Compares the shapes of tensors with the config, for the layers of Keras where it says them for certain: by the
    units, filters, kernel size and axes of a layer, and by the shape of the inputs for which it was built.

Why it matters:
    The weights are those of another model, or the config was changed. Keras refuses to load it, after it has built
    the model; a file that claims huge shapes costs the memory first.

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
        file["layers/dense/vars/0"] = np.ones((3, 5), "float32")
        file["layers/dense/vars/1"] = np.zeros(2, "float32")
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

from collections.abc import Iterator, Sequence

from kept.findings import Finding, Rule, Severity
from kept.rules.subject import FileSubject

__all__ = ["RULE", "check"]

RULE = Rule("KPT405", __name__, Severity.ERROR)


def check(subject: FileSubject) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for layer in subject.weights().layers:
        for path, expected, tensor in layer.pairs():
            if expected is not None and tensor is not None and not expected.fits(tensor.shape):
                message = f"{expected.name} is {_said(tensor.shape)}, and the config says {_said(expected.shape)}"
                yield RULE.finding(message, where=(path,), kind=layer.node.class_name)


def _said(shape: Sequence[int | None]) -> str:
    return f"({', '.join('?' if length is None else str(length) for length in shape)})"
