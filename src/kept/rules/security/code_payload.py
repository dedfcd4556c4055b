"""There is compiled code in the file.

What it does:
    Reports Python bytecode at any depth of any config: lambdas that Keras marshalled, the lists in which Keras 2 kept
    them, `Lambda` layers with a body, and texts that are marshalled or pickled Python in base64.

Why it matters:
    To unmarshal and to call it is to run whatever its author wrote, with all that you may do. Keras refuses in safe
    mode, in formats and at places that it knows of: legacy `.h5` files were not among them for long (CVE-2024-3660,
    CVE-2025-9905).

Example:
    import json
    from pathlib import Path

    function = {"class_name": "__lambda__", "config": {"value": "bytecode", "defaults": None, "closure": None}}
    config = {"name": "l", "function": function}
    layer = {"module": "keras.layers", "class_name": "Lambda", "config": config, "registered_name": None}
    model = {"module": "keras", "class_name": "Sequential", "config": {"name": "m", "layers": [layer]}}
    Path("model.json").write_text(json.dumps(model))

Use instead:
    import json
    from pathlib import Path

    config = {"name": "l", "scale": 0.5, "offset": 0.0}
    layer = {"module": "keras.layers", "class_name": "Rescaling", "config": config, "registered_name": None}
    model = {"module": "keras", "class_name": "Sequential", "config": {"name": "m", "layers": [layer]}}
    Path("model.json").write_text(json.dumps(model))

Fix safety:
    There is no fix in the file. Whoever made it can write a layer of Keras, or a class, in place of the lambda; `kept
    fix` does it for source, and `kept.save` keeps the source of a lambda as text.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from kept.findings import Finding, Rule, Severity
from kept.rules.positions import LONG, Placed, Text, survey
from kept.rules.subject import FileSubject
from kept.tree.nodes import Form

__all__ = ["RULE", "check"]

RULE = Rule("KPT306", __name__, Severity.ERROR)
_FUNCTIONS = ("function", "output_shape", "mask")
_STARTS = ("4", "Y", "gA")  # base64 of how marshal and pickle begin
_NUMBERS = 5  # of arguments and the like, four bytes each, with which marshal has a function begin


def check(subject: FileSubject) -> Iterator[Finding]:
    """Yields what the page above describes."""
    found = survey(subject)
    told: list[str] = []
    for placed in found.objects:
        if placed.form is Form.CODE:
            yield RULE.finding("Python bytecode of a lambda, as Keras marshals it", where=(placed.node.path,))
            told.append(f"{placed.node.path}.")
        elif placed.node.class_name == "Lambda":
            yield from _in_lambda(placed)
    for text in found.texts:
        if (kind := _payload(text)) and not text.path.startswith(tuple(told)):
            yield RULE.finding(f"a text is {kind} in base64", where=(text.path,))


def _in_lambda(placed: Placed) -> Iterator[Finding]:
    """The lists in which Keras 2 keeps code, defaults and values of a closure."""
    config = placed.node.config
    for key in _FUNCTIONS:
        value = config.get(key)
        is_code = config.get(f"{key}_type") in ("lambda", "raw") or (key == "function" and value is not None)
        if isinstance(value, tuple) and is_code and not _is_shape(value):
            yield RULE.finding("Python bytecode of a lambda, as Keras 2 keeps it", where=(f"{placed.node.path}.{key}",))


def _is_shape(value: tuple[object, ...]) -> bool:
    return all(one is None or isinstance(one, int) for one in value)


def _payload(text: Text) -> str:
    """What a text is in truth; empty for every other."""
    found = text.text
    if len(found) < LONG or not found.startswith(_STARTS):
        return ""
    try:
        head = base64.b64decode(found[:LONG], validate=True)
    except (binascii.Error, ValueError):
        return ""
    if head[0] in (0x63, 0xE3) and all(head[at : at + 2] == b"\0\0" for at in range(3, 4 * _NUMBERS - 4, 4)):
        return "marshalled Python"
    return "pickled Python" if head[0] == 0x80 and head[1] in range(2, 6) and head[2:3] in b"]}(cXN\x95K" else ""
