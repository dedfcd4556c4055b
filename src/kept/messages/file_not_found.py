"""The file is not there, or is no archive.

What Keras says:
    `ValueError: File not found: filepath=model.keras. Please ensure the file is an accessible .keras zip file.`

When:
    `load_model('model.keras')`, also when the file is there: Keras says the same of a file that is no zip archive.

Why:
    Three causes are usual: the path is relative to another folder; the last `model.save` raised, which leaves an
    empty file where the good one was; the file is not the model but a pointer to it (Git LFS) or a web page.

What to do:
    Look at the size: `ls -l model.keras`. 0 bytes is a failed save, a hundred bytes of text is a pointer (`git lfs
    pull`). `kept.save` never leaves a broken file in the place of a good one.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"File not found: filepath=(?P<path>(?!\{)\S+?)\. Please ensure the file is an accessible "
        r"`\.keras` zip file"
    ),
    cause="{path} does not exist, or is empty, or is no .keras archive",
    edit=("look at the size of {path}: 0 bytes is a failed save, some text is a Git LFS pointer or a web page"),
)
