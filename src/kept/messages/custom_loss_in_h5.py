"""An `.h5` file was compiled with a loss or metric of your own.

What Keras says:
    `TypeError: string indices must be integers, not 'str'`, out of `compile_args_from_training_config`.

When:
    `load_model('model.h5')` of a model that was compiled with a function of your own as loss or metric.

Why:
    The old format writes the name of the function only, and Keras 3 expects the config of a class. The layers and
    weights in the file are sound.

What to do:
    `load_model(path, custom_objects={"my_loss": my_loss})`, or `compile=False` and compile again. Then save as
    `.keras`.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=r"TypeError: string indices must be integers",
    cause="the .h5 file names a loss or metric that is not one of Keras",
    edit="hand the function over in custom_objects, or load with compile=False, compile again, and save as .keras",
    rules=("unregistered-custom-object", "unregistered"),
    near=r"compile_args_from_training_config|legacy_h5_format",
)
