"""`ModelCheckpoint` wants a name that ends in `.keras`.

What Keras says:
    `ValueError: The filepath provided must end in .keras (Keras model format). Received: filepath=checkpoint`

When:
    `ModelCheckpoint('checkpoint')` or `ModelCheckpoint('weights.{epoch:02d}')`, usual in code for Keras 2.

Why:
    Keras 3 chooses the format by the extension.

What to do:
    `ModelCheckpoint('checkpoint.keras')`.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"The filepath provided must end in `\.keras` \(Keras model format\)\. Received: "
        r"filepath=(?P<path>(?!\{self)\S+)"
    ),
    cause="'{path}' has no extension that says which format to write",
    edit="write ModelCheckpoint('{path}.keras')",
    rules=("saved-without-extension",),
)
