"""A weight or layer is made after the layer was built.

What Keras says:
    `ValueError: You cannot add new elements of state (variables or sub-layers) to a layer that is already built.
    All state must be created in the __init__() method or in the build() method.`

When:
    Calling or loading a layer or model that makes weights or layers in `call`, or in a method called later.

Why:
    What is made in `call` is not there when a file is loaded, so Keras forbids it once the layer is built.

What to do:
    Move `add_weight`, `keras.Variable(...)` and layers to `__init__` or `build`.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"You cannot add new elements of state \(variables or sub-layers\) to a layer that is already "
        r"built"
    ),
    cause="a weight or layer is made in call, after the layer was built",
    edit="make it in __init__ or build",
    rules=("weight-created-in-call",),
)
