"""A config holds a value that Keras cannot write.

What Keras says:
    `TypeError: Cannot serialize object {1, 2} of type <class 'set'>. To be serializable, a class must implement the
    get_config() method.`, and for `.h5` files `TypeError: Unable to serialize {1, 2} to JSON. Unrecognized type
    <class 'set'>.`

When:
    `model.save`, `to_json`, `ModelCheckpoint`. The file that was there is empty afterwards.

Why:
    A config becomes JSON. Sets, complex numbers, paths, enums, generators and objects of your own have no form
    there.

What to do:
    Return a value that JSON has, and turn it back in the constructor or in `from_config`: `sorted(self.ids)` for a
    set, `str(self.path)` for a path, `self.mode.value` for an enum. `kept.save` writes values of all these types
    (docs/codecs.md).
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"(?:Cannot serialize object (?!\{obj).{1,2000}? of type <class '(?P<type>[\w.<>]+)'>|Unable to "
        r"serialize (?!\{obj).{1,2000}? to JSON\. Unrecognized type <class '(?P<type_2>[\w.<>]+)'>)"
    ),
    cause="get_config returns a value of a type that Keras cannot write: {type}",
    edit="return a plain value from get_config and turn it back in __init__ or from_config",
    rules=(
        "unserialisable-config-value",
        "config-not-json",
    ),
)
