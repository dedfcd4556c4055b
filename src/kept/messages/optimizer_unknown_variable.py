"""An optimizer is asked to train a variable that it was not built with.

What Keras says:
    `ValueError: Unknown variable: <Variable path=sequential/dense/kernel, ...>. This optimizer can only be called
    for the variables it was originally built with.`; TensorFlow with Keras 2 says `KeyError: 'The optimizer cannot
    recognize variable ...'`.

When:
    Training on after loading and then adding or unfreezing layers; one optimizer compiled into two models;
    `optimizer.build` before the last layer was made.

Why:
    An optimizer makes its slots for the variables that train when it is built, and finds them by identity. A
    variable that comes later has none.

What to do:
    Compile again, with a new optimizer, after the set of training variables has changed. To keep the state of the
    others, freeze and unfreeze before the first `compile`.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        "Unknown variable: <Variable path=(?P<variable>[^,>]+).{0,2000}? This optimizer can only be "
        "called for the variables|optimizer cannot recognize variable (?P<variable_2>[^ ,]+)"
    ),
    cause="the optimizer was built before the variable {variable} was one of those that train",
    edit="compile again with a new optimizer after adding or unfreezing layers",
    rules=(
        "settings-after-build",
        "frozen-after-compile",
    ),
)
