"""`set_weights` is given other arrays than the layer has.

What Keras says:
    `ValueError: You called set_weights(weights) on layer 'dense' with a weight list of length 2, but the layer was
    expecting 0 weights.`, and `Layer dense weight shape (3, 4) is not compatible with provided weight shape (3,
    3).`

When:
    `layer.set_weights(arrays)` or `model.set_weights(arrays)` with arrays of another model, or before the layer is
    built (`expecting 0 weights`).

Why:
    The arrays are taken in the order of `layer.weights`, so their number and shapes must be those of the layer.

What to do:
    Build the layer first, with the same arguments. To move weights between models, save and load them:
    `save_weights` and `load_weights` compare more than order and shape.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"You called `set_weights\(weights\)` on (?:layer|model|optimizer) '(?P<layer>[^'{]+)' with a "
        r"weight list of length (?P<given>\d+), but the \w+ was expecting (?P<expected>\d+) weights|Layer "
        r"(?P<layer_2>[\w/]+) weight shape (?P<expected_2>\([^)]*\)) is not compatible with provided "
        r"weight shape (?P<given_2>\([^)]*\))"
    ),
    cause="the arrays do not fit '{layer}': {given} given, {expected} expected",
    edit=("build '{layer}' first, with the arguments that it had, and give the arrays in the order of its weights"),
    rules=(
        "missing-build",
        "unbuilt",
    ),
)
