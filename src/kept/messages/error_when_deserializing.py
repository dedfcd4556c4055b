"""A constructor does not accept what its config holds.

What Keras says:
    `TypeError: Error when deserializing class 'Scaled' using config={...}. Exception encountered: ...`

When:
    `load_model`, `from_config` or `clone_model`: Keras calls `Scaled(**config)`, and that raises.

Why:
    The config comes from `get_config`, at the time of saving; the constructor is that of today. They must agree:
    each key is an argument, each argument without a default is a key.

What to do:
    Read what follows `Exception encountered`. Mostly an argument is missing in `get_config`, or the constructor
    does not pass `**kwargs` on to `super().__init__`.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=r"Error when deserializing class '(?P<cls>\w+)' using config=",
    cause="{cls}(**config) raised an error; the cause is what follows 'Exception encountered'",
    edit="make the keys of {cls}.get_config and the arguments of {cls}.__init__ agree",
    rules=("rebuild-fails",),
    wraps=True,
)
