"""A file of weights must end in `.weights.h5`.

What Keras says:
    `ValueError: The filename must end in .weights.h5. Received: filepath=model.h5`; of
    `ModelCheckpoint(save_weights_only=True)`: `the filepath provided must end in .weights.h5`.

When:
    `save_weights('model.h5')`, `save_weights('checkpoint')` and callbacks that were written for Keras 2.

Why:
    Keras 3 tells weights from whole models by the name.

What to do:
    Name it `model.weights.h5`. If you mean to train on later, save the whole model as `.keras` instead: weights
    alone lose the optimizer.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"(?:filename|filepath provided) must end in `\.weights\.h5`.{0,60}?Received: "
        r"filepath=(?P<path>(?!\{)\S+)"
    ),
    cause="'{path}' does not end in .weights.h5",
    edit="name the file something.weights.h5, or save the whole model as .keras",
    rules=("saves-weights-only-without-optimizer",),
)
