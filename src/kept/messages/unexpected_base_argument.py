"""A constructor does not take the arguments that every layer has.

What Keras says:
    `TypeError: Scaled.__init__() got an unexpected keyword argument 'trainable'` (or `'dtype'`, `'name'`).

When:
    `load_model`, `from_config` or `clone_model` of a class whose `get_config` begins with `super().get_config()`
    and whose constructor has no `**kwargs`.

Why:
    The config of the base class holds `name`, `trainable` and `dtype`, and Keras hands all of them to the
    constructor. The model saves without complaint; only the next process fails.

What to do:
    Take them and pass them on:

        def __init__(self, scale=1.0, **kwargs):
            super().__init__(**kwargs)
            self.scale = scale

    `kept fix` writes it.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"(?:(?<![\w.<>])(?P<cls>[\w.<>]{1,300})\.)?__init__\(\) got an unexpected keyword argument "
        r"'(?P<argument>name|trainable|dtype|autocast|activity_regularizer|reduction)'"
    ),
    cause="{cls} does not take '{argument}', which Keras hands to it when it is loaded",
    edit="add **kwargs to {cls}.__init__ and call super().__init__(**kwargs)",
    rules=(
        "init-without-kwargs",
        "rebuild-fails",
    ),
)
