"""A config holds a key that the constructor does not take.

What Keras says:
    `TypeError: Scaled.__init__() got an unexpected keyword argument 'rate'`.

When:
    `load_model`, `from_config` or `clone_model`, when `get_config` returns a key that is no argument, or the
    argument was renamed since the file was saved.

Why:
    Keras calls `Scaled(**config)`. Whatever `get_config` returns must be an argument of the constructor, unless
    `from_config` takes it out.

What to do:
    Return arguments only. State that is no argument belongs into `save_own_variables`, or into an argument with a
    default. After a renaming, accept the old name in `from_config`: `config['units'] = config.pop('size',
    config.get('units'))`.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"(?:(?<![\w.<>])(?P<cls>[\w.<>]{1,300})\.)?__init__\(\) got an unexpected keyword argument "
        r"'(?!(?:name|trainable|dtype|autocast|activity_regularizer|reduction)')(?P<argument>\w+)'"
    ),
    cause="{cls} does not take '{argument}', which its config holds",
    edit="leave '{argument}' out of {cls}.get_config, or make it an argument of {cls}.__init__",
    rules=(
        "unaccepted-config-key",
        "rebuild-fails",
    ),
)
