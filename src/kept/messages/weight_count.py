"""A layer has another number of weights than in the `.h5` file.

What Keras says:
    `ValueError: Weight count mismatch for layer #0 (named dense in the current model, dense_1 in the save file).
    Layer expects 1 weight(s). Received 2 saved weight(s)`

When:
    `load_weights` or `load_model` of an `.h5` file whose layer had, for example, a bias where this one has none.

Why:
    The layer here was made with other arguments, or makes its weights elsewhere (in `call`).

What to do:
    Build the layer as it was. If it is a class of your own, return every argument from `get_config`.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=r"Weight count mismatch for (?:layer #\d+ \(named (?P<layer>[^){ ]+)|top-level weights)",
    cause="the layer '{layer}' has another number of weights than in the file",
    edit="build '{layer}' with the arguments that it had when it was saved",
    rules=(
        "incomplete-get-config",
        "weight-created-in-call",
    ),
)
