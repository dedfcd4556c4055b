"""A path with an ending that Keras 3 does not save to or load from.

What it does:
    Looks at the paths that `save`, `save_weights` and `ModelCheckpoint` are given, where the text at their end is
    known, and at `load_model` of what the same file exports.

Why it matters:
    Keras 3 writes models to `.keras` and `.h5` only, weights to `.weights.h5` only, and nothing to files in memory. The
    call raises at the end of the training; what `export` writes can only be served, not loaded.

Example:
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.save("model")

Use instead:
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.save("model.keras")

Fix safety:
    Unsafe: the file gets another name, which the program that reads it must know.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.source.module import Module
from kept.source.registry import is_test
from kept.source.saving_calls import SavingCall, Verb, ending, is_buffer, saving_calls

__all__ = ["RULE", "check"]

RULE = Rule("KPT134", __name__, Severity.ERROR, edit=Applicability.UNSAFE)
_MODEL = (".keras", ".h5", ".hdf5")
_WEIGHTS = (".weights.h5",)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    if is_test(subject):
        return
    calls = list(saving_calls(subject))
    exported = {one.path.value for one in calls if one.verb is Verb.EXPORT and isinstance(one.path, ast.Constant)}
    for call in calls:
        if call.path is None:
            continue
        if call.verb is Verb.LOAD_MODEL:
            if isinstance(call.path, ast.Constant) and call.path.value in exported:
                yield _finding(subject, call, f"load_model reads {call.path.value!r}, which export has written", _LOAD)
            continue
        wanted = _wanted(call)
        if wanted and call.verb is not Verb.CHECKPOINT and is_buffer(subject, call.path):
            yield _finding(subject, call, f"{call.verb.value} is given a file in memory", _SAVE)
            continue
        tail = ending(subject, call.path)
        if wanted and tail is not None and not tail.endswith(wanted) and not tail.startswith("hf://"):
            message = f"{call.verb.value} is given a path that does not end in {' or '.join(wanted[:2])}"
            yield _finding(subject, call, message, _SAVE)


_SAVE = "the call raises ValueError because of the ending; nothing is written"
_LOAD = "raises ValueError: File format not supported; what export writes holds no layers"


def _wanted(call: SavingCall) -> tuple[str, ...]:
    """Endings that the call takes; none where it takes others too."""
    if call.verb is Verb.SAVE:
        return () if {"zipped", "save_format"} & set(call.keywords) or len(call.node.args) > 2 else _MODEL
    if call.verb is Verb.SAVE_WEIGHTS:
        return () if "max_shard_size" in call.keywords or "save_format" in call.keywords else _WEIGHTS
    if call.verb is Verb.CHECKPOINT:
        only = call.keywords.get("save_weights_only")
        if len(call.node.args) > 1 or (only is not None and not isinstance(only.value, ast.Constant)):
            return ()
        return _WEIGHTS if only is not None and getattr(only.value, "value", None) else (".keras", ".h5")
    return ()


def _finding(module: Module, call: SavingCall, message: str, stock: str) -> Finding:
    assert call.path is not None
    return RULE.finding(
        message,
        kind=call.verb.value,
        location=module.location(call.path),
        stock=stock,
        kept="keeps the model: kept.save writes a .keras file",
        fix=Fix("save to a path with that ending", "", Applicability.UNSAFE),
    )
