"""An `.h5` file names a class that nobody has handed over.

What Keras says:
    `ValueError: Unknown layer: 'Scaled'. Please ensure you are using a keras.utils.custom_object_scope and that
    this object is included in the scope.` The same for `Unknown loss`, `Unknown metric`, `Unknown optimizer`.

When:
    `load_model('model.h5')` of a model with a custom layer, loss or metric, also where the class is registered but
    its module is not imported.

Why:
    The old format knows a class by its bare name only, and looks it up among the registered ones and in
    `custom_objects`.

What to do:
    `load_model(path, custom_objects={'Scaled': Scaled})`, and save again as `.keras`. For losses and metrics,
    `compile=False` is enough to predict.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"Unknown (?P<kind>layer|loss|loss function|metric|metric "
        r"function|optimizer|initializer|regularizer|constraint|activation|activation "
        r"function|object|learning rate schedule|decay|model): '?(?P<name>[\w>.]+)'?\. Please ensure"
    ),
    cause="the file names the {kind} '{name}', which is neither of Keras nor handed over",
    edit="load_model(path, custom_objects={{'{name}': {name}}}), then save as .keras",
    rules=(
        "unregistered-custom-object",
        "unregistered",
    ),
)
