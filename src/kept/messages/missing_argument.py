"""A config lacks an argument that the constructor needs.

What Keras says:
    `TypeError: Scaled.__init__() missing 1 required positional argument: 'units'`.

When:
    `load_model`, `from_config`, `clone_model` or unpickling, when `get_config` returns fewer keys than the
    constructor needs; also for models that inherit a `get_config` which knows nothing of the new argument.

Why:
    Keras calls `Scaled(**config)`. What `get_config` does not return is not in the file.

What to do:
    Return every argument:

        def get_config(self):
            return {**super().get_config(), "units": self.units}

    `kept fix` writes it. For a file that exists already, give the argument a default, or pass it in `from_config`.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"(?:(?<![\w.<>])(?P<cls>[\w.<>]{1,300})\.)?__init__\(\) missing \d+ required "
        r"(?:positional|keyword-only) arguments?: (?P<arguments>'\w+'(?:(?:,|, and| and) '\w+')*)"
    ),
    cause="{cls} needs {arguments}, which its config does not hold",
    edit="return {arguments} from {cls}.get_config",
    rules=(
        "incomplete-get-config",
        "missing-get-config",
        "get-config-without-super",
        "rebuild-fails",
    ),
)
