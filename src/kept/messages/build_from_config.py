"""A subclassed model is loaded without its weights' places.

What Keras says:
    `UserWarning: Model 'm' had a build config, but the model cannot be built automatically in
    build_from_config(config). You should implement def build_from_config(self, config) ...`

When:
    `load_model` of a subclassed model whose `call` takes more than one input, or something that is no array.

Why:
    Keras tries to build the model by calling it with shapes from the file, which it has for one input only. The
    weights are then not loaded, or loaded late, and some stay random.

What to do:
    Write `build`, so that no call is needed:

        def build(self, input_shape):
            self.dense.build(input_shape)

    or take one dict or list as the only input.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern="Model '(?P<model>[^'{]+)' had a build config, but the model cannot be built automatically",
    cause="Keras cannot build the model '{model}' while loading, so its weights may stay random",
    edit="write a build method that builds every layer inside",
    rules=(
        "missing-build",
        "unbuilt",
    ),
)
