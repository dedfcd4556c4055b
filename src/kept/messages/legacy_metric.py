"""An `.h5` file names losses or metrics that no longer load.

What Keras says:
    `ValueError: Could not deserialize 'keras.metrics.mse' because it is not a KerasSaveable subclass`; in older
    Keras 3 `TypeError: Could not locate function 'mse'`.

When:
    `load_model('model.h5')` of a model that was compiled with `'mse'`, `'mae'` or another short name.

Why:
    The old format writes the function; Keras 3 looks for a class of that name. The layers and weights in the file
    are sound.

What to do:
    `model = load_model(path, compile=False)`, then `model.compile(...)`, then `model.save('name.keras')`.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=r"Could not deserialize '(?P<name>[\w.]+)' because it is not a KerasSaveable subclass",
    cause="the compiled loss or metric '{name}' of an .h5 file is not found again",
    edit="load with compile=False, compile again, and save as .keras",
)
