"""A model whose own `compile` is not repeated when it is loaded.

What it does:
    Looks for models that define `compile`, and neither `compile_from_config` nor both it and `get_compile_config`.

Why it matters:
    Keras does not know the arguments of such a `compile`, and does not call it on loading: there is a warning, and a
    model without optimizer, losses and metrics. The optimizer's state is in the file and finds no taker.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Net(keras.Model):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.dense = keras.layers.Dense(1)

        def call(self, x):
            return self.dense(x)

        def compile(self, optimizer, loss, penalty=0.1):
            super().compile(optimizer=optimizer, loss=loss)
            self.penalty = penalty

    model = Net()
    model(keras.ops.ones((2, 3)))
    model.compile("sgd", "mse", penalty=0.5)

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Net(keras.Model):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.dense = keras.layers.Dense(1)

        def call(self, x):
            return self.dense(x)

        def compile(self, optimizer, loss, penalty=0.1):
            super().compile(optimizer=optimizer, loss=loss)
            self.penalty = penalty

        def get_compile_config(self):
            return {"optimizer": self.optimizer, "loss": self.loss, "penalty": self.penalty}

        def compile_from_config(self, config):
            self.compile(**keras.saving.deserialize_keras_object(config))
            self.optimizer.build(self.trainable_variables)

    model = Net()
    model(keras.ops.ones((2, 3)))
    model.compile("sgd", "mse", penalty=0.5)

Fix safety:
    None is made: which of the arguments a file can hold is for the author to say.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Finding, Fix, Rule, Severity
from kept.source.kinds import Kind
from kept.source.module import Module
from kept.source.state import stateful_classes

__all__ = ["RULE", "check"]

RULE = Rule("KPT133", __name__, Severity.WARNING)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in stateful_classes(subject):
        if one.kind is Kind.MODEL and "compile" in one.methods and one.defines("compile_from_config") is None:
            yield RULE.finding(
                f"{one.name} has its own compile, and no compile_from_config",
                kind=one.name,
                location=subject.location(one.methods["compile"]),
                stock="saves; load_model does not compile it, and the state of its optimizers is lost",
                kept="keeps it where the arguments of compile can be captured, and refuses otherwise",
                fix=Fix("write get_compile_config and compile_from_config"),
            )
