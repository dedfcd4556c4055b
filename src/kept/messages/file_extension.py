"""A model is saved under a name without `.keras`.

What Keras says:
    `ValueError: Invalid filepath extension for saving. Please add either a .keras extension for the native Keras
    format (recommended) or a .h5 extension.`

When:
    `model.save('name')`, `model.save('folder/')`, or a name such as `model.pb`; usual with code that was written
    for Keras 2, where it made a SavedModel.

Why:
    Keras 3 chooses the format by the extension, and no longer saves SavedModels with `save`.

What to do:
    `model.save('name.keras')`. To serve the model: `model.export('folder')`. Under `kept run` and `kept.install()`
    the old call writes a SavedModel again (TensorFlow backend), or a `.keras`.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"Invalid filepath extension for saving\. .{0,400}?Received: filepath=(?P<path>(?!\{)\S+?)\.?(?: "
        r"|$)"
    ),
    cause="'{path}' has no extension that says which format to write",
    edit="save as {path}.keras; export('{path}') makes a SavedModel for serving",
    rules=("saved-without-extension",),
)
