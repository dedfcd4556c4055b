"""Training goes on from weights, and the optimizer starts from nothing.

What it does:
    Looks for `load_weights` on a model whose training then goes on with `fit(initial_epoch=...)` in the same function,
    where nothing builds the optimizer in between.

Why it matters:
    The file holds the optimizer's state, too, but a model that was only compiled has no variables to take it: momentum,
    step count and schedule start at zero. Compiled before loading, that is one warning; compiled after, none.

Example:
    import keras

    def build():
        return keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])

    def train(path):
        model = build()
        model.load_weights(path)
        model.compile("adam", loss="mse")
        model.fit(keras.ops.ones((2, 3)), keras.ops.ones((2, 1)), initial_epoch=3, epochs=4, verbose=0)
        return model

    first = build()
    first.compile("adam", loss="mse")
    first.fit(keras.ops.ones((2, 3)), keras.ops.ones((2, 1)), epochs=3, verbose=0)
    first.save_weights("three.weights.h5")
    again = train("three.weights.h5")
    if int(again.optimizer.iterations) != 4:
        raise ValueError("the optimizer has started anew")

Use instead:
    import keras

    def build():
        return keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])

    def train(path):
        model = keras.saving.load_model(path)
        model.fit(keras.ops.ones((2, 3)), keras.ops.ones((2, 1)), initial_epoch=3, epochs=4, verbose=0)
        return model

    first = build()
    first.compile("adam", loss="mse")
    first.fit(keras.ops.ones((2, 3)), keras.ops.ones((2, 1)), epochs=3, verbose=0)
    first.save("three.keras")
    again = train("three.keras")
    if int(again.optimizer.iterations) != 4:
        raise ValueError("the optimizer has started anew")

Fix safety:
    A person writes it: save and load the whole model, or call `optimizer.build` before `load_weights`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from kept.findings import Finding, Fix, Rule, Severity
from kept.source.instances import assigned
from kept.source.module import Module
from kept.source.registry import is_test
from kept.source.saving_calls import SavingCall, Verb, saving_calls

__all__ = ["RULE", "check"]

RULE = Rule("KPT125", __name__, Severity.WARNING)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    if is_test(subject):
        return
    if "initial_epoch" not in subject.text or "optimizer.build(" in subject.text:
        return
    for call in saving_calls(subject):
        if call.verb is Verb.LOAD_WEIGHTS and call.model is not None and _is_resumed(subject, call):
            yield RULE.finding(
                "training goes on from weights, without the state of the optimizer",
                kind=ast.unparse(call.model),
                location=subject.location(call.node),
                stock="loads the weights; the optimizer starts again from zero",
                kept="keeps the optimizer: kept.save and kept.load bring back the whole training state",
                fix=Fix("load the whole model, or build the optimizer first", "model.optimizer.build(...)"),
            )


def _is_resumed(module: Module, call: SavingCall) -> bool:
    scope = module.scope_of(call.node)
    name = ast.unparse(call.model) if call.model is not None else ""
    same = [one for one in module.calls if module.scope_of(one) is scope and isinstance(one.func, ast.Attribute)]
    after = [one for one in same if one.lineno > call.node.lineno]
    before = [one for one in same if one.lineno < call.node.lineno]
    ready = any(_is_method(one, name, ("fit", "train_on_batch")) for one in before)
    made = assigned(module, call.model) if isinstance(call.model, ast.Name) else None
    if isinstance(made, ast.Call) and (module.dotted(made.func) or "").endswith(".load_model"):
        return False
    return not ready and any(
        _is_method(one, name, ("fit",)) and any(word.arg == "initial_epoch" for word in one.keywords) for one in after
    )


def _is_method(call: ast.Call, name: str, methods: tuple[str, ...]) -> bool:
    assert isinstance(call.func, ast.Attribute)
    return call.func.attr in methods and ast.unparse(call.func.value) == name
