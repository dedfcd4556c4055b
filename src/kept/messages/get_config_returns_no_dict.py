"""A `get_config` does not return a dict.

What Keras says:
    `TypeError: The get_config() method of <Scaled name=scaled, built=True> should return a dict. It returned: None`

When:
    `model.save`. The file that was there is empty afterwards.

Why:
    Mostly a forgotten `return`: `config.update(...)` changes the dict and returns nothing.

What to do:
    Return the dict:

        def get_config(self):
            return {**super().get_config(), "scale": self.scale}
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"The `get_config\(\)` method of (?P<object><[^>{]{1,300}>|\w+) should return a dict\. It "
        r"returned: (?P<value>\S{1,80})"
    ),
    cause="get_config of {object} returns {value} and no dict",
    edit="return the dict from get_config",
    rules=(
        "get-config-returns-nothing",
        "config-raises",
    ),
)
