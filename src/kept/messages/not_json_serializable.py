"""A value cannot be written as JSON.

What Keras says:
    `TypeError: Object of type float32 is not JSON serializable`, and `TypeError: keys must be str, int, float, bool
    or None, not tuple`.

When:
    `json.dumps` of a `history.history` or of a `get_config()`; `model.save` where a dict in a config has a tuple as
    key.

Why:
    JSON has strings, numbers, lists and dicts with strings as keys. Numbers of numpy, bytes and tuples as keys are
    none of them.

What to do:
    Return plain values: `float(x)`, `array.tolist()`, `[list(item) for item in table.items()]`. In a notebook:
    `json.dumps(history.history, default=float)`.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"(?:Object of type (?P<type>\w+) is not JSON serializable|keys must be str, int, float, bool or "
        r"None, not (?P<type_2>\w+))"
    ),
    cause="a value, or a key of a dict, has a type that JSON does not know: {type}",
    edit="make it a plain number, string, list or dict before it is written",
    rules=(
        "unserialisable-config-value",
        "config-not-json",
    ),
)
