"""Building an object from its config raised an error.

What Keras says:
    `TypeError: <class '...'> could not be deserialized properly. Please ensure that components that are Python
    object instances (layers, models, etc.) returned by get_config() are explicitly deserialized ...`, then the
    whole config, then `Exception encountered:` and the real error.

When:
    `load_model`, when `from_config` or the constructor of a class in the file raises a TypeError, or another error
    that Keras made one of.

Why:
    Keras wraps each error once for every level of nesting, so the outermost class is named first (mostly
    `Functional` or `Sequential`, which is not at fault), and the cause stands at the very end. The advice in the
    message is about one cause of many.

What to do:
    Read the last line, after the last `Exception encountered:`. `kept explain` finds it for you: paste the whole
    text.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=r"<class '(?P<cls>[\w.<>]+)'> could not be deserialized properly",
    cause=("building {cls} from the file raised an error; the cause is what follows the last 'Exception encountered'"),
    edit="paste the text up to its very end, where the cause stands",
    rules=("rebuild-fails",),
    wraps=True,
)
