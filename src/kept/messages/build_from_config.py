"""A subclassed model comes back with random weights.

What Keras says:
    `UserWarning: Model 'm' had a build config, but the model cannot be built automatically in
    build_from_config(config). You should implement def build_from_config(self, config) ...`

When:
    `load_model` of a subclassed model whose `call` takes more than one input, or something that is no array.

Why:
    Keras builds the model while loading by calling it with a shape from the file, which works for one input only.
    Without that there are no variables to load into: the first call makes new ones, and the weights in the file are
    left aside. There is only this warning.

What to do:
    Write `build`, so that no call is needed; with two inputs it may take `x_shape` and `y_shape`:

        def build(self, input_shape):
            self.dense.build(input_shape)

    Or take one dict or list as the only input.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern="Model '(?P<model>[^'{]+)' had a build config, but the model cannot be built automatically",
    cause="Keras cannot build the model '{model}' while loading, so its weights are random afterwards",
    edit="write a build method that builds every layer inside",
    rules=(
        "missing-build",
        "unbuilt",
    ),
)
