"""A layer inside has no weights yet when they are loaded.

What Keras says:
    `Layer 'dense' was never built and thus it doesn't have any variables. However the weights file lists 2
    variables for this layer.` Mostly inside `A total of N objects could not be loaded`.

When:
    `load_model` or `load_weights` of a model or layer whose `build` does not build the layers inside it.

Why:
    Keras makes weights when a layer sees its first input. While loading there is none: only `build` is called, with
    the shape in the file. A `build` that is empty, or that only says `self.built = True`, leaves the layers inside
    without weights, and some paths leave them random without a word.

What to do:
    Build what is inside, or write no `build` at all:

        def build(self, input_shape):
            self.dense.build(input_shape)

    `kept.save` notices it when it saves, and `kept.load` restores such weights.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"Layer '(?P<layer>[^'{]+)' was never built and thus it doesn't have any variables\. However the "
        r"weights file lists (?P<count>\d+)"
    ),
    cause="nothing builds the layer '{layer}' before its {count} variables are loaded",
    edit="build '{layer}' in the build method of the object that holds it",
    rules=(
        "missing-build",
        "unbuilt",
    ),
)
