"""A lambda is not loaded, because it is bytecode.

What Keras says:
    `ValueError: Requested the deserialization of a Lambda layer whose function is a Python lambda. This carries a
    potential risk of arbitrary code execution and thus it is disallowed by default.` In older Keras 3: `The
    function of this Lambda layer is a Python lambda. Deserializing it is unsafe.`

When:
    `load_model`, `clone_model` or unpickling of a model with `Lambda(lambda x: ...)`, or with a lambda as
    activation or initializer.

Why:
    A lambda has no name by which it could be found again, so Keras writes its bytecode. Bytecode can do anything,
    and is bound to one version of Python.

What to do:
    Give the function a name and register it:

        @keras.saving.register_keras_serializable(package="shop")
        def double(x):
            return 2 * x

    `safe_mode=False` loads the file, if it is yours and Python is the version that wrote it. `kept.save` keeps the
    source of a lambda instead.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"(?:Requested the deserialization of a (?P<layer>`Lambda` layer whose `function` is a )?Python "
        r"lambda\. This carries|`function` of this `Lambda` layer is a Python lambda\. Deserializing)"
    ),
    cause="the model holds a lambda, which is in the file as bytecode",
    edit=(
        "write a named function, register it, and use it in place of the lambda; or load your own file "
        "with safe_mode=False"
    ),
    rules=(
        "lambda-in-model",
        "marshalled-lambda",
    ),
)
