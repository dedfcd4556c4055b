"""A lambda is being saved as bytecode.

What Keras says:
    `UserWarning: The object being serialized includes a lambda. This is unsafe. In order to reload the object, you
    will have to pass safe_mode=False to the loading function.`

When:
    `model.save`, `get_config` or `clone_model` of a model with a lambda in it.

Why:
    The file is written, and will not load by default.

What to do:
    Write a named function and register it before you train.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"The object being serialized includes a `lambda`\. This is unsafe\. In order to reload the "
        r"object, you will have to pass"
    ),
    cause="a lambda goes into the file as bytecode, and load_model will refuse it",
    edit="write a named function, register it, and use it in place of the lambda",
    rules=(
        "lambda-in-model",
        "marshalled-lambda",
    ),
)
