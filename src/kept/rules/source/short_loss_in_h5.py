"""A loss by its short name goes into an `.h5` file, which then is not loaded.

What it does:
    Looks for models that are compiled with `"mse"`, `"mae"` and the other abbreviations, and saved to a path that ends
    in `.h5` in the same file. Files whose every `load_model` has `compile=False` are left out.

Why it matters:
    An `.h5` file holds the abbreviation, and loading looks for a function of that name where there is none: `Could not
    locate function 'mse'`. A `.keras` file holds it as well, and loads.

Example:
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", loss="mse")
    model.save("model.h5")
    keras.saving.load_model("model.h5")

Use instead:
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile("sgd", loss="mse")
    model.save("model.keras")
    keras.saving.load_model("model.keras")

Fix safety:
    None is made: what reads the file must know its new name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from kept.findings import Finding, Fix, Rule, Severity
from kept.source.callables import compile_calls
from kept.source.module import Module
from kept.source.registry import is_test
from kept.source.saving_calls import SavingCall, Verb, ending, saving_calls
from kept.source.walking import nodes

__all__ = ["RULE", "check"]

RULE = Rule("KPT142", __name__, Severity.ERROR)
_SHORT = frozenset({"mse", "mae", "mape", "msle", "kld", "bce"})


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    if is_test(subject):
        return
    calls = saving_calls(subject)
    saved = [one for one in calls if one.verb is Verb.SAVE and _is_h5(subject, one)]
    loaded = [one for one in calls if one.verb is Verb.LOAD_MODEL]
    if not saved or (loaded and all(_is_bare(one) for one in loaded)):
        return
    losses = {
        ast.unparse(call.func.value): _short_loss(call)
        for call in compile_calls(subject)
        if isinstance(call.func, ast.Attribute)
    }
    for one in saved:
        loss = losses.get(ast.unparse(one.model), "") if one.model is not None else ""
        if loss and one.path is not None:
            yield RULE.finding(
                f"a model with the loss {loss!r} is saved to an .h5 file",
                kind=loss,
                location=subject.location(one.path),
                stock=f"saves, and load_model raises: Could not locate function {loss!r}, or Could not deserialize it",
                kept="keeps the model: kept.save writes a .keras file",
                fix=Fix("save to a path that ends in .keras"),
            )


def _is_h5(module: Module, call: SavingCall) -> bool:
    tail = ending(module, call.path) if call.path is not None else None
    return tail is not None and tail.endswith((".h5", ".hdf5")) and "include_optimizer" not in call.keywords


def _is_bare(call: SavingCall) -> bool:
    given = call.keywords.get("compile")
    return given is not None and isinstance(given.value, ast.Constant) and given.value.value is False


def _short_loss(call: ast.Call) -> str:
    given = [one.value for one in call.keywords if one.arg == "loss"] or call.args[1:2]
    texts = (node.value for one in given for node in nodes(one) if isinstance(node, ast.Constant))
    return next((text for text in texts if isinstance(text, str) and text.lower() in _SHORT), "")
