"""The model has another number of layers than the `.h5` file.

What Keras says:
    `ValueError: Layer count mismatch when loading weights from file. Model expected 0 layers, found 1 saved
    layers.`; older Keras says `You are trying to load a weight file containing 7 layers into a model with 0
    layers`.

When:
    `load_weights('model.h5')` into a model that is not built yet (`expected 0 layers`), or into another model.

Why:
    Without `by_name`, layers are matched by order, so their number must be equal. A subclassed or input-less
    Sequential model has no layers with weights before it sees an input.

What to do:
    Build the model first: `model.build((None, 3))`, or call it once. For a part of the layers: `load_weights(path,
    by_name=True)`.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"(?:Layer count mismatch when loading weights from file\. Model expected (?P<here>\d+) layers, "
        r"found (?P<file>\d+) saved layers|trying to load a weight file containing (?P<file_2>\d+) layers "
        r"into a model with (?P<here_2>\d+) layers)"
    ),
    cause="the model has {here} layers with weights and the .h5 file {file}",
    edit="build the model before load_weights, with the same layers as when it was saved",
)
