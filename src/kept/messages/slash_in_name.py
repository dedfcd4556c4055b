"""A name holds a slash.

What Keras says:
    `ValueError: Argument name must be a string and cannot contain character /. Received: name=block/conv (of type
    <class 'str'>)`

When:
    Making a layer, or loading a model of Keras 2, whose names had slashes (`conv1/relu`, models from TensorFlow Hub
    or ported from TF 1).

Why:
    In Keras 3 the slash separates the parts of a variable's path.

What to do:
    Write `_` instead. For a config of Keras 2: load it with Keras 2, rename the layers (`layer._name = ...`), save
    again.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"Argument `name` must be a string and cannot contain character `/`\. Received: "
        r"name=(?P<name>(?!\{)\S+) \(of type"
    ),
    cause="'{name}' has a slash, or is no string",
    edit="replace the slash in '{name}' by an underscore",
)
