"""A weight has another shape than the one in the file.

What Keras says:
    `The shape of the target variable and the shape of the target value in variable.assign(value) must match.
    variable.shape=(3, 4), Received: value.shape=(3, 3).`, and for `.h5` files `Shape mismatch in layer #0 (named
    dense) for weight ...`.

When:
    `load_weights` into a model of another size, or `load_model` of a class that falls back to the default of an
    argument.

Why:
    The number of units, filters or inputs is not the one that was saved. After `load_model` the reason is an
    argument that `get_config` does not return: a subclassed model without `get_config` always comes back with its
    defaults.

What to do:
    Return every argument from `get_config`; for `load_weights`, build the model with the sizes of the file.
    `skip_mismatch=True` leaves such weights random.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"(?:must match\. variable\.shape=(?:torch\.Size\()?[\[(](?P<variable>[^\])]*)[\])]\)?, Received: "
        r"value\.shape=(?:torch\.Size\()?[\[(](?P<value>[^\])]*)[\])]|Weight expects shape "
        r"\((?P<variable_2>[^)]*)\)\. Received saved weight with shape \((?P<value_2>[^)]*)\))"
    ),
    cause=(
        "a weight has the shape ({variable}) here and ({value}) in the file: the model has another size "
        "than the saved one"
    ),
    edit=("build the model with the sizes of the file; return every argument from get_config so that load_model does"),
    rules=(
        "incomplete-get-config",
        "missing-get-config",
        "rebuild-differs",
    ),
)
