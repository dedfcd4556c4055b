"""The file is no HDF5 file, or is cut.

What Keras says:
    `OSError: Unable to synchronously open file (file signature not found)`, or `(truncated file: eof = 7776, ...,
    stored_eof = 15552)`.

When:
    `load_model` or `load_weights` of an `.h5` file that is a Git LFS pointer, a web page, a `.keras` under another
    name, or half of a download or of a save that died.

Why:
    The first bytes are not those of HDF5, or the file is shorter than it says.

What to do:
    Look at the size and at the first bytes (`head -c 200 model.h5`). `git lfs pull`, download again, or go back to
    the last good file: what is cut off is lost. `kept.save` replaces a file only after its successor has been
    loaded.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=r"Unable to (?:synchronously )?open file \((?P<what>file signature not found|truncated file)",
    cause="the file is no complete HDF5 file: {what}",
    edit="look at its size and first bytes; fetch it again, or take the last good one",
)
