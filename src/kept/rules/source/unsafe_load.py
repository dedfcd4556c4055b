"""Loading with the guard against code in the file switched off.

What it does:
    Looks for `safe_mode=False` in calls of Keras that load or deserialise, and for
    `keras.config.enable_unsafe_deserialization()`.

Why it matters:
    A file may hold the bytecode of lambdas. With the guard off, loading runs it, whoever has written it; and bytecode
    that another version of Python has written crashes the process.

Example:
    import sys

    import keras

    hostile = eval("lambda x: __import__('sys').modules.setdefault('intruder', 1) and x")
    keras.Sequential([keras.Input((3,)), keras.layers.Lambda(hostile)]).save("gift.keras")
    sys.modules.pop("intruder")

    keras.saving.load_model("gift.keras", safe_mode=False)
    if "intruder" in sys.modules:
        raise RuntimeError("the file has run code")

Use instead:
    import sys

    import keras

    hostile = eval("lambda x: __import__('sys').modules.setdefault('intruder', 1) and x")
    keras.Sequential([keras.Input((3,)), keras.layers.Lambda(hostile)]).save("gift.keras")
    sys.modules.pop("intruder")

    try:
        keras.saving.load_model("gift.keras")
    except ValueError as refused:
        print(refused)
    if "intruder" in sys.modules:
        raise RuntimeError("the file has run code")

Fix safety:
    Unsafe: what holds lambdas no longer loads, and has to be saved anew with registered functions.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.source.module import Module
from kept.source.names import last_part
from kept.source.registry import is_test

__all__ = ["RULE", "check"]

RULE = Rule("KPT124", __name__, Severity.WARNING, edit=Applicability.UNSAFE)
_SWITCH = "enable_unsafe_deserialization"
_LOADERS = frozenset({"load_model", "deserialize_keras_object", "from_config", "model_from_json", "SafeModeScope"})


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    if is_test(subject):
        return
    for call in subject.calls:
        called = last_part(call.func)
        if called == _SWITCH and (subject.dotted(call.func) or "").startswith("keras."):
            yield _finding(subject, call, f"{_SWITCH} lets every file run code")
        elif called in _LOADERS and "keras" in subject.text:
            for one in call.keywords:
                if one.arg == "safe_mode" and isinstance(one.value, ast.Constant) and one.value.value is False:
                    yield _finding(subject, one, f"{called} is told to run what the file holds")


def _finding(module: Module, node: ast.AST, message: str) -> Finding:
    return RULE.finding(
        message,
        location=module.location(node),
        stock="loads, and runs the bytecode of every lambda in the file, whoever has written it",
        kept="keeps lambdas as source, and runs only what was trusted by name or by hash",
        fix=Fix(
            "leave it out, and save the model anew with registered functions instead of lambdas",
            applicability=Applicability.UNSAFE,
        ),
    )
