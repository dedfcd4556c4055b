"""A name list is too long for an `.h5` file.

What Keras says:
    `RuntimeError: The following attributes cannot be saved to HDF5 file because they are larger than 64512 bytes:
    [...]`; h5py says `Unable to create attribute (object header message is too large)`.

When:
    `model.save('model.h5')` or `save_weights`, for models with very many or very long names of layers and weights.

Why:
    The old format lists names in attributes, which HDF5 limits to 64 kB.

What to do:
    Save as `.keras`, which does not list names, or shorten the names of layers.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"(?:The following attributes cannot be saved to HDF5 file because they are larger than "
        r"(?P<limit>\d+) bytes|object header message is too large)"
    ),
    cause="names of layers or weights do not fit into an attribute of an .h5 file",
    edit="save as .keras, or shorten the names of the layers",
)
