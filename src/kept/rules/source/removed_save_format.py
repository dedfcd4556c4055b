"""Saving with an argument that Keras 3 has removed.

What it does:
    Looks at calls that save or load a model, its weights or checkpoints, for `save_format`, `signatures`,
    `save_traces`, `options`, `period` and others that Keras 3 no longer takes. `save_format` beside a path that ends in
    `.keras` or `.h5` is ignored by Keras, and is left out here.

Why it matters:
    The call raises, at the end of the training. `save_format="tf"` is the old advice for models that could not be
    saved otherwise; directories of that format are no longer loaded either.

Example:
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.save("model", save_format="tf")

Use instead:
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.save("model.keras")

Fix safety:
    Unsafe: the file gets another name and format, which the program that reads it must know.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.source.module import Module
from kept.source.registry import is_test
from kept.source.saving_calls import SavingCall, Verb, ending, saving_calls

__all__ = ["RULE", "check"]

RULE = Rule("KPT122", __name__, Severity.ERROR, edit=Applicability.UNSAFE)
_REMOVED = {
    Verb.SAVE: ("signatures", "options", "save_traces"),
    Verb.SAVE_WEIGHTS: ("save_format", "options"),
    Verb.LOAD_MODEL: ("options",),
    Verb.LOAD_WEIGHTS: ("options",),
    Verb.CHECKPOINT: ("period", "options", "load_weights_on_restart"),
}
_EXTENSIONS = (".keras", ".h5", ".hdf5")


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    if is_test(subject):
        return
    for call in saving_calls(subject):
        for name in _REMOVED.get(call.verb, ()):
            if name in call.keywords:
                yield _finding(subject, call, name, "TypeError or ValueError: the argument is not supported")
        if call.verb is Verb.SAVE and "save_format" in call.keywords and _raises(subject, call):
            yield _finding(subject, call, "save_format", "ValueError: `save_format` is deprecated in Keras 3")


def _raises(module: Module, call: SavingCall) -> bool:
    """Whether the path surely has none of the endings with which Keras ignores `save_format`."""
    tail = ending(module, call.path) if call.path is not None else None
    if tail is not None:
        return not tail.endswith(_EXTENSIONS)
    value = call.keywords["save_format"].value
    return isinstance(value, ast.Constant) and value.value == "tf"


def _finding(module: Module, call: SavingCall, name: str, error: str) -> Finding:
    given = call.keywords[name]
    return RULE.finding(
        f"{call.verb.value} is given {name}, which Keras 3 has removed",
        kind=call.verb.value,
        location=module.location(given),
        stock=f"the call raises {error}; nothing is written",
        kept="keeps the model: kept.save writes a .keras file, and kept run passes over the argument",
        fix=Fix("leave it out, and end the path in .keras", "", Applicability.UNSAFE),
    )
