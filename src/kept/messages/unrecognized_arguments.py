"""A class of Keras does not take what the config says.

What Keras says:
    `ValueError: Unrecognized keyword arguments passed to LSTM: {'time_major': False}`, and the like for
    `DepthwiseConv2D` and `groups`, `InputLayer` and `batch_shape`.

When:
    Loading a model that another version of Keras saved, mostly one of Keras 2 in Keras 3. Also when a class of your
    own passes all its `**kwargs` on, with keys in it that its base class does not take.

Why:
    Arguments come and go between versions; Keras hands every key of the config to the constructor of today.

What to do:
    For your own class, take the argument out before `super().__init__(**kwargs)`. For a class of Keras in an `.h5`
    file, load with a subclass that drops the key, and save again as `.keras`:

        class LSTM(keras.layers.LSTM):
            def __init__(self, *args, time_major=False, **kwargs):
                super().__init__(*args, **kwargs)

        model = keras.saving.load_model(path, custom_objects={"LSTM": LSTM})

    In a `.keras` file Keras does not look for its own classes in `custom_objects`. Load it with the version that wrote
    it (`metadata.json` in the archive names it), or build the model in code and load the weights.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=(
        r"(?:Unrecognized keyword arguments(?: passed to (?P<cls>\w+))?:'?,? "
        r"(?P<arguments>\{[^}]{0,300}\}|(?:dict_keys\()?\[[^\]]{0,300}\]\)?)|"
        r"Keyword argument not understood:'?, (?P<arguments_2>'\w+'))"
    ),
    cause=(
        "{cls} of this Keras does not take {arguments}; the file is of another version, or a class "
        "passes on what is its own"
    ),
    edit=(
        "load an .h5 file with a subclass of {cls} that drops the argument, in custom_objects; load a .keras file with "
        "the version of Keras that wrote it"
    ),
    rules=("unaccepted-config-key",),
)
