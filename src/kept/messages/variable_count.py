"""A layer has another number of weights than the file.

What Keras says:
    `Layer 'dense' expected 1 variables, but received 2 variables during loading. Expected: ['kernel']`. Mostly
    inside `A total of N objects could not be loaded`.

When:
    `load_weights` into a model that is built otherwise, or `load_model` of a class that makes other weights than it
    did: an argument that is missing in `get_config`, weights made in `call`, layers in another order. `received 0`
    means that the file has nothing in that place.

Why:
    Keras matches by the place in the model and by order, not by name. The file was written by other code, by the
    same code with other arguments, or before the layer was built.

What to do:
    Compare the two models: `model.summary()` here, and the file in h5py. If the class takes arguments, return all
    of them from `get_config`. Make weights in `__init__` or `build`, never in `call`.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"Layer '(?P<layer>[^'{]+)' expected (?P<expected>\d+) variables, but received (?P<received>\d+) "
        r"variables during loading"
    ),
    cause="the layer '{layer}' has {expected} variables here and {received} in the file",
    edit=(
        "build the model as it was when it was saved: the same arguments, the same order of layers, "
        "weights made in build"
    ),
    rules=(
        "incomplete-get-config",
        "weight-created-in-call",
        "missing-build",
        "rebuild-differs",
    ),
)
