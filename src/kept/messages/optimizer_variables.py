"""The optimizer starts from zero after loading.

What Keras says:
    `UserWarning: Skipping variable loading for optimizer 'adam', because it has 6 variables whereas the saved
    optimizer has 10 variables.`

When:
    `load_model` after layers were frozen or unfrozen since `compile`, or `load_weights` of a model that was
    compiled otherwise.

Why:
    The optimizer has a slot for each variable that it trains. If their number is another one, Keras drops the whole
    state: step, momentum, everything. There is only this warning.

What to do:
    Compile again after changing `trainable`, before training on. `kept.save` keeps the state either way.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"Skipping variable loading for optimizer '(?P<optimizer>[^'{]+)', because it has (?P<here>\d+) "
        r"variables whereas the saved optimizer has (?P<file>\d+) variables"
    ),
    cause=(
        "the optimizer '{optimizer}' trains other variables than when it was saved ({here} here, {file} "
        "in the file), and starts from zero"
    ),
    edit="call compile again after freezing or unfreezing layers, and before saving",
    rules=(
        "settings-after-build",
        "frozen-after-compile",
    ),
)
