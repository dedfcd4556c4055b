"""A name or a config stands for no activation, initializer or the like.

What Keras says:
    `ValueError: Could not interpret activation function identifier: swish2`, and the same for initializers,
    regularizers, losses, metrics and optimizers. While a model is loaded the identifier is a dict.

When:
    Making a layer with the name of a custom function, loading one whose function is not registered, or loading a
    lambda: Keras refuses its bytecode (`{'value': [...]}`) with these words.

Why:
    A string is looked up among the names of Keras and among those registered; a dict is deserialised. What neither
    finds cannot be used.

What to do:
    Register the function and import its module before, or hand the function itself over. Write a named function in
    place of a lambda.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"Could not interpret (?P<kind>[a-z][a-z ]+?) identifier: "
        r"(?P<value>(?!\{(?:identifier|initializer)\})\S{1,80})"
    ),
    cause="no {kind} is known as {value}",
    edit="register the function and import its module first; in place of a lambda, write a named function",
    rules=(
        "lambda-in-model",
        "unregistered-custom-object",
        "unregistered",
    ),
)
