"""A constructor with `*args` has no config of its own.

What Keras says:
    `NotImplementedError: Object Scaled was created by passing positional only or variadic positional arguments
    (e.g., *args) to __init__(), which is not supported by the automatic config generation.`

When:
    `model.save`, `get_config` or `clone_model`. The file that was there is empty afterwards.

Why:
    Where a class has no `get_config`, Keras notes the arguments by name. Those in `*args` and before a `/` have
    none.

What to do:
    Give the arguments names, or write `get_config` and `from_config`:

        def __init__(self, rates, **kwargs):
            super().__init__(**kwargs)
            self.rates = rates

    `kept.save` writes such a model as it is.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=r"Object (?P<cls>\w+) was created by passing positional only or variadic positional arguments",
    cause="{cls} takes positional-only arguments or *args, which have no name in a config",
    edit="give the arguments of {cls} names, or write get_config and from_config",
    rules=(
        "variadic-init",
        "config-raises",
    ),
)
