"""A folder or checkpoint of TensorFlow is not loaded as a model.

What Keras says:
    `ValueError: File format not supported: filepath=folder. Keras 3 only supports V3 .keras files and legacy H5
    format files (.h5 extension). Note that the legacy SavedModel format is not supported by load_model() in Keras
    3.`

When:
    `load_model` of a folder with a `saved_model.pb`, or `load_weights` of a TensorFlow checkpoint (`name.index`,
    `name.data-00000-of-00001`).

Why:
    Keras 3 reads neither. A SavedModel holds graphs, not the classes and configs that a model is made of.

What to do:
    To predict: `keras.layers.TFSMLayer(folder, call_endpoint='serving_default')`. To train on: load it with Keras 2
    (`pip install tf-keras`), save it as `.h5` there, and load that. `kept.load(folder)` reads SavedModels that kept
    wrote, and others for prediction with `inference=True`.
"""

from __future__ import annotations

from kept.messages import Message

__all__ = ["MESSAGE"]

MESSAGE = Message(
    __name__,
    pattern=r"File format not supported: filepath=(?P<path>(?!\{)\S+?)\. Keras 3 only supports",
    cause="{path} is a SavedModel, a checkpoint or something else that Keras 3 does not load",
    edit="convert it with the Keras that wrote it, or load it for prediction with keras.layers.TFSMLayer",
    rules=("saved-without-extension",),
)
