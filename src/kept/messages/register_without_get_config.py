"""A class is registered that has no `get_config`.

What Keras says:
    `ValueError: Cannot register a class that does not have a get_config() method.`

When:
    `@keras.saving.register_keras_serializable()` above a class that does not derive from a class of Keras.

Why:
    Registering makes a name known. How the object becomes plain data and back, only its own methods can say.

What to do:
    Write both:

        def get_config(self):
            return {"size": self.size}

        @classmethod
        def from_config(cls, config):
            return cls(**config)

    `@kept.serializable` needs neither.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=r"Cannot register a class that does not have a get_config\(\) method",
    cause="a class that is registered has no get_config",
    edit="write get_config and from_config, or use @kept.serializable",
)
