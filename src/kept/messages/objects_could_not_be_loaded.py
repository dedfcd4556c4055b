"""Some layers did not get their weights.

What Keras says:
    `ValueError: A total of 3 objects could not be loaded. Example error message for object <Dense name=dense,
    built=True>: ...`, then one error and the list of all objects.

When:
    `load_model` and `load_weights`; a warning with `skip_mismatch=True`.

Why:
    Keras tries every object, and tells the first error only. The other objects may have failed for other reasons.

What to do:
    Read the example: the number of variables, their shape, or a layer that was never built. `kept.load` lists every
    mismatch.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"A total of (?P<count>\d+) objects could not be loaded\. Example error message for object "
        r"(?P<object><[^>]{1,300}>)"
    ),
    cause="{count} objects did not get their weights; the first is {object}",
    edit="mend what the example says, then load again: the others may have failed for other reasons",
    rules=(
        "rebuild-differs",
        "unbuilt",
    ),
    wraps=True,
)
