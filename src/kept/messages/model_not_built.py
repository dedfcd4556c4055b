"""The model has no weights yet.

What Keras says:
    `ValueError: You are loading weights into a model that has not yet been built. Try building the model first by
    calling it on some data or by using build().` The same when saving; `model.save` only warns.

When:
    `load_weights` or `save_weights` of a Sequential model without an `Input`, or of a subclassed model that has
    never been called.

Why:
    Weights are made when a model sees the shape of its input.

What to do:
    Begin a Sequential with `keras.Input(shape)`, or call the model once, or `model.build((None, 3))`.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern="You are (?P<what>loading weights into|saving) a model that has not yet been built",
    cause="the model has no weights yet: it has never seen the shape of its input",
    edit="call the model once, or call build with the shape of the input, before {what} it",
    rules=(
        "missing-build",
        "unbuilt",
    ),
)
