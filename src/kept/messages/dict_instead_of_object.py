"""A layer inside a layer came back as a dict.

What Keras says:
    `AttributeError: 'dict' object has no attribute 'units'`, or `TypeError: 'dict' object is not callable`, while a
    model is loaded.

When:
    `load_model` or `clone_model` of a class that takes a layer, a model, a regularizer or another object of Keras
    as an argument and returns it serialised from `get_config`.

Why:
    `serialize_keras_object` turns the object into a dict. Nothing turns it back: the constructor gets the dict.

What to do:
    Turn it back in `from_config`:

        @classmethod
        def from_config(cls, config):
            config["inner"] = keras.saving.deserialize_keras_object(config["inner"])
            return cls(**config)

    `kept fix` writes it.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=r"'dict' object (?:has no attribute '(?P<attribute>\w+)'|is not (?P<what>callable))",
    cause="an object in the config, a layer or the like, reached the constructor as a dict",
    edit="deserialise it in from_config with keras.saving.deserialize_keras_object",
    rules=(
        "raw-nested-object",
        "rebuild-fails",
    ),
    near=r"deserializ|from_config|load_model",
)
