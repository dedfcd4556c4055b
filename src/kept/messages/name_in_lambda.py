"""A lambda has lost the modules that it uses.

What Keras says:
    `NameError: Exception encountered when calling Lambda.call(). name 'tf' is not defined`.

When:
    `load_model(..., safe_mode=False)` of a model with `Lambda(lambda x: tf.reduce_sum(x))`, while loading or at the
    first call.

Why:
    Only the bytecode of the lambda is in the file. The names that it uses are looked up in a module of Keras, where
    `tf` or `np` or your function does not exist.

What to do:
    Write a function that imports what it needs, and register it:

        @keras.saving.register_keras_serializable(package="shop")
        def total(x):
            return keras.ops.sum(x)

    For a file that exists already: import inside the lambda and save again, or write a layer with the same output
    in its place.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=r"name '(?P<name>\w+)' is not defined",
    cause="a lambda that came out of the file uses '{name}', which is not in the file",
    edit="write a registered function in place of the lambda",
    rules=(
        "lambda-in-model",
        "marshalled-lambda",
    ),
    near=r"Lambda\.call|lambda_layer\.py",
)
