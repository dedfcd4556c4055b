"""An optimizer does not take what the config says.

What Keras says:
    `ValueError: Argument(s) not recognized: {'lr': 0.01}`.

When:
    Loading an `.h5` file or an optimizer's config of an older Keras, or calling an optimizer with `lr=` or
    `decay=`.

Why:
    Optimizers of Keras 3 have other arguments: `lr` is `learning_rate`, `decay` is a schedule.

What to do:
    `load_model(path, compile=False)` and compile again. The optimizer's state in such a file cannot be used either
    way.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=r"Argument\(s\) not recognized: (?P<arguments>\{[^}]{0,300}\})",
    cause="the optimizer does not take {arguments}: the file, or the call, is of an older Keras",
    edit="load with compile=False and compile again",
)
