"""`save_format` is gone.

What Keras says:
    `ValueError: The save_format argument is deprecated in Keras 3. Please remove this argument and pass a file path
    with either .keras or .h5 extension. Received: save_format=tf`

When:
    `model.save(path, save_format=...)`: old advice for custom layers was `save_format='tf'`.

Why:
    Keras 3 chooses the format by the extension. SavedModels are written by `model.export`, and cannot be loaded as
    a model again.

What to do:
    `model.save('name.keras')`, with a `get_config` for each custom class. `kept fix` replaces the argument;
    `kept.save` needs no `get_config`.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"The `save_format` argument is deprecated in Keras 3\. .{0,200}?Received: "
        r"save_format=(?P<format>(?!\{)\w+)"
    ),
    cause="save_format={format} is an argument of Keras 2",
    edit="leave save_format out and give the path the extension .keras",
    rules=("removed-save-format",),
)
