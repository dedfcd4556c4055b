"""The `.h5` file holds weights only.

What Keras says:
    `ValueError: No model config found in the file at model.weights.h5.`

When:
    `load_model` of a file that `save_weights` or `ModelCheckpoint(save_weights_only=True)` wrote.

Why:
    Such a file holds arrays and no word about the model that they belong to.

What to do:
    Build the model in code, then `model.load_weights(path)`. Save whole models with `model.save('name.keras')`.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"No model config found in the file at (?P<path>(?!\{)\S+?)\.(?: |$)|Checkpoint does not contain "
        r"model configuration\. This"
    ),
    cause="the file holds weights and no model: {path}",
    edit="build the model in code and call load_weights",
    rules=("saves-weights-only-without-optimizer",),
)
