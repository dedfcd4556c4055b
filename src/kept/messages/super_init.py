"""A constructor does not call that of its base class.

What Keras says:
    `RuntimeError: In layer 'Scaled', you forgot to call super().__init__() as the first statement in the __init__()
    method. Go add it!`; on the Torch backend `AttributeError: cannot assign module before Module.__init__() call`.

When:
    Making an object, or loading one.

Why:
    Keras prepares the tracking of layers and variables there; what is set before is not tracked, and not saved.

What to do:
    Call `super().__init__(**kwargs)` first, before any attribute is set.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"In (?P<kind>layer|optimizer|metric) '(?P<cls>\w+)', you forgot to call "
        r"`super\(\)\.__init__\(\)`|cannot assign module before Module\.__init__\(\) call"
    ),
    cause="the constructor of {cls} does not begin with super().__init__",
    edit="call super().__init__(**kwargs) as the first statement of __init__",
)
