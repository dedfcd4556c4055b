"""Two weights have one name in an `.h5` file.

What Keras says:
    `ValueError: Unable to synchronously create dataset (name already exists)`; older h5py says `Unable to create
    dataset (name already exists)` or `Unable to create link (name already exists)`.

When:
    `model.save('model.h5')` or `save_weights` to `.h5`, when two weights of one layer, or two layers, have the same
    name.

Why:
    The old format names each array after its variable, and a second one has no place. The file is left half
    written.

What to do:
    Give each weight a name of its own:

        self.scale = self.add_weight(shape=(n,), name="scale")
        self.shift = self.add_weight(shape=(n,), name="shift")

    The `.keras` format numbers them and has no such limit.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"Unable to (?:synchronously )?create (?:dataset|link|group) \((?P<what>name already "
        r"exists|unable to create link \(name already exists\))\)"
    ),
    cause="two weights of the model have the same name, and the .h5 format has one place for them",
    edit="name each weight in add_weight, or save as .keras",
    rules=("duplicate-inner-path",),
)
