"""A config holds bytes that are no text.

What Keras says:
    `UnicodeDecodeError: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte`, out of
    `model.save`.

When:
    `model.save` of an object whose `get_config` returns bytes: a compressed vocabulary, a hash, a pickled value.

Why:
    Keras writes bytes by decoding them as UTF-8, which not all bytes are. What is decoded comes back as a string
    where it is.

What to do:
    Return text: `base64.b64encode(value).decode()`, and decode it in the constructor. `kept.save` writes bytes as
    they are.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern="UnicodeDecodeError: 'utf-8' codec can't decode byte (?P<byte>0x[0-9a-f]+)",
    cause="get_config returns bytes that are no UTF-8 text (the first such byte is {byte})",
    edit="return base64 text instead of the bytes, and decode it in __init__",
    rules=(
        "unserialisable-config-value",
        "config-raises",
    ),
    near=r"serialization_lib\.py",
)
