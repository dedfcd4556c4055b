"""A subclassed model cannot be built from its config.

What Keras says:
    `TypeError: Unable to revive model from config. When overriding the get_config() method, make sure that the
    returned config contains all items used as arguments in the constructor ...`

When:
    `load_model` of a subclassed `keras.Model`, when `cls(**config)` raises.

Why:
    `Model.from_config` hands the config to the constructor. A key too few, a key too many, or a layer that is still
    a dict makes it fail; what failed stands after `Error encountered during deserialization`.

What to do:
    Return every argument of the constructor, and take `**kwargs`:

        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.units = units

        def get_config(self):
            return {**super().get_config(), "units": self.units}
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=r"Unable to revive model from config\. .{0,400}? constructor to <class '(?P<cls>[\w.<>]+)'>",
    cause="{cls} cannot be built from what its get_config returned",
    edit=("return every argument of {cls}.__init__ from get_config, and pass **kwargs on to super().__init__"),
    rules=(
        "incomplete-get-config",
        "init-without-kwargs",
        "rebuild-fails",
    ),
    wraps=True,
)
