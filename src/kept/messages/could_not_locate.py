"""A class or function in the file is not known by its name.

What Keras says:
    `TypeError: Could not locate class 'Scaled'. Make sure custom classes and functions are decorated with ...`, and
    the same for a function. Mostly inside `... could not be deserialized properly`.

When:
    `load_model`, `from_config`, `clone_model` or `copy.deepcopy` in a process that has not registered the class or
    function, or has not imported the module that registers it. Also for `'mse'` and other short names in an `.h5` file.

Why:
    A file holds names, not code. Keras looks a name up among its own, in `custom_objects` and among the registered
    ones. The file names the module as well, but Keras looks into none but those of its own packages: a class that is
    not registered is not found even where its module has been imported.

What to do:
    Register the class or function, and import its module before loading:

        @keras.saving.register_keras_serializable(package="shop")
        class Scaled(keras.layers.Layer): ...

    For a file that exists already: `load_model(path, custom_objects={"Scaled": Scaled})`, or `{"shop>Scaled": Scaled}`
    if the class was registered when the file was saved; `kept.load` takes either name. For `'mse'` in an `.h5` file:
    `load_model(path, compile=False)`, compile again, and save as `.keras`. `kept.save` puts the source of the class
    into the file.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern="Could not locate (?P<kind>class|function) '(?P<name>[^'{]+)'",
    cause="no {kind} is known as '{name}' in the process that loads the file",
    edit=(
        "register {name} with @keras.saving.register_keras_serializable and import its module before "
        "loading, or hand it over in custom_objects"
    ),
    rules=(
        "unregistered-custom-object",
        "unregistered",
        "local-class",
        "short-loss-in-h5",
    ),
)
