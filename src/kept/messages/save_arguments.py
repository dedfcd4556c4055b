"""`save` does not take this argument any more.

What Keras says:
    `ValueError: The following argument(s) are not supported: ['include_traces']`.

When:
    `model.save(path, include_traces=...)`, `signatures=`, `options=` or `save_traces=`.

Why:
    They belonged to SavedModels, which `save` no longer writes.

What to do:
    Leave them out. For a SavedModel with signatures use `model.export` or `keras.export.ExportArchive`.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=r"The following argument\(s\) are not supported: (?P<arguments>\[[^\]{]{1,300}\])",
    cause="save of Keras 3 does not take {arguments}",
    edit="leave {arguments} out; use model.export for a SavedModel",
    rules=("removed-save-format",),
)
