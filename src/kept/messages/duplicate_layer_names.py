"""Two layers have one name.

What Keras says:
    `ValueError: The name "dense" is used 2 times in the model. All operation names should be unique.`, and for
    Sequential `All layers added to a Sequential model should have unique names. Name 'dense' is already the name of
    a layer in this model.`

When:
    Making a model, or loading one, when a name is a constant: `super().__init__(name='block')`, or a `get_config`
    with a constant `'name'`.

Why:
    Places in the weights file are made of names, so they must differ.

What to do:
    Let Keras choose the name, or make it an argument: pass `**kwargs` on and do not set `name` in the class.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"(?:The name .(?P<name>[^ {]+). is used \d+ times in the model|Name '(?P<name_2>[^'{]+)' is "
        r"already the name of a layer in this model)"
    ),
    cause="two layers of the model have the same name, {name}",
    edit="let Keras choose the name, or pass name in from outside",
    rules=("constant-name-in-config",),
)
