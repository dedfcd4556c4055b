"""An argument is no plain value, and the class has no `get_config`.

What Keras says:
    `NotImplementedError: Object Scaled was created by passing non-serializable argument values in __init__(), and
    therefore the object must override get_config() in order to be serializable.` Keras 2 says `Layer Scaled ...`,
    and older ones `Layer Scaled has arguments [...] in __init__ and therefore must override get_config`.

When:
    `model.save`, `model.to_json`, `ModelCheckpoint` or `clone_model`. The file that was there is empty afterwards.

Why:
    Without a `get_config`, Keras keeps the arguments themselves, as long as they are numbers, strings, lists and
    dicts of them, or objects of Keras. An array, a function or an object of your own is none of these.

What to do:
    Write `get_config`, with values that JSON can hold, and build the rest from them:

        def get_config(self):
            return {**super().get_config(), "table": self.table.tolist()}

    `kept fix` writes it where it can; `kept.save` writes the model as it is.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"(?:Object|Layer) (?P<cls>\w+) (?:was created by passing non-serializable argument values in|has "
        r"arguments (?P<arguments>\[[^\]]{0,300}\]) in `__init__` and therefore must override)"
    ),
    cause="{cls} has no get_config, and an argument that Keras cannot write by itself",
    edit="write {cls}.get_config, with plain values for every argument of __init__",
    rules=(
        "missing-get-config",
        "unserialisable-config-value",
        "config-raises",
    ),
)
