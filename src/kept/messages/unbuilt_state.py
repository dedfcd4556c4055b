"""A layer with layers inside has no `build`.

What Keras says:
    `UserWarning: build() was called on layer 'block', however the layer does not have a build() method implemented
    and it looks like it has unbuilt state. This will cause the layer to be marked as built, despite not being
    actually built ...`

When:
    Making a model of such layers, saving it, or loading it.

Why:
    The layers inside were made and not built: their `call` never ran with this input, or does not use them. They
    have no weights to save.

What to do:
    Build them:

        def build(self, input_shape):
            self.dense.build(input_shape)
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"`build\(\)` was called on layer '(?P<layer>[^'{]+)', however the layer does not have a "
        r"`build\(\)` method implemented"
    ),
    cause="the layers inside '{layer}' have no weights, and nothing will make them",
    edit="write a build method in the class of '{layer}' that builds every layer inside",
    rules=(
        "missing-build",
        "unbuilt",
    ),
)
