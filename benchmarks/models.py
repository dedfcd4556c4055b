"""The models that are saved and loaded, built the same in every process; values are drawn by numpy, not by Keras."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

from .arrays import variables

__all__ = ["build"]

RANDOM = ("RandomNormal", "RandomUniform", "TruncatedNormal", "VarianceScaling")
layers = keras.layers


def dense(tiny: bool) -> Any:
    """Four layers of 100 MB each."""
    width = 16 if tiny else 5000
    return keras.Sequential([keras.Input((width,)), *(layers.Dense(width) for _ in range(4))])


def efficient_net(tiny: bool) -> Any:
    """EfficientNetB0 as Keras ships it, for 1,000 classes."""
    if tiny:
        return keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(4, 3), layers.BatchNormalization()])
    return keras.applications.EfficientNetB0(weights=None)


def many_variables(tiny: bool) -> Any:
    """2,500 batch normalisations side by side, of 4 variables of 4 values each."""
    x = keras.Input((4,))
    return keras.Model(x, layers.Add()([layers.BatchNormalization()(x) for _ in range(10 if tiny else 2500)]))


def transformer(tiny: bool) -> Any:
    """A transformer of 12 blocks (1 in a test) and the state of Adam, which is twice as large as the weights."""
    length, width, words, blocks = (4, 8, 16, 1) if tiny else (128, 256, 8000, 12)
    tokens = keras.Input((length,), dtype="int32")
    x = layers.Embedding(words, width)(tokens)
    for _ in range(blocks):
        normal = layers.LayerNormalization()(x)
        x = layers.Add()([x, layers.MultiHeadAttention(4, width // 4)(normal, normal)])
        normal = layers.LayerNormalization()(x)
        x = layers.Add()([x, layers.Dense(width)(layers.Dense(4 * width, activation="gelu")(normal))])
    model = keras.Model(tokens, layers.Dense(words)(x))
    model.compile("adam", "sparse_categorical_crossentropy")
    model.optimizer.build(model.trainable_variables)
    return model


def text(tiny: bool) -> Any:
    """A text classifier with a vocabulary of 20,000 words and a table of 1,000 labels (TensorFlow alone)."""
    words, labels = (20, 5) if tiny else (20000, 1000)
    vectorize = layers.TextVectorization(output_sequence_length=32, vocabulary=[f"word{n}" for n in range(words)])
    lookup = layers.StringLookup(vocabulary=[f"label{n}" for n in range(labels)])
    sentence, label = keras.Input((1,), dtype="string"), keras.Input((1,), dtype="string")
    x = layers.Embedding(words + 2, 16)(vectorize(sentence))
    y = layers.Flatten()(layers.Embedding(labels + 1, 16)(lookup(label)))
    return keras.Model([sentence, label], layers.Dense(1)(layers.Add()([layers.GlobalAveragePooling1D()(x), y])))


def small(tiny: bool) -> Any:
    """Two layers, compiled; it has 5 variables, and 13 with the state of Adam."""
    model = keras.Sequential([keras.Input((4,)), layers.Dense(8), layers.Dense(1)])
    model.compile("adam", "mse")
    return model


MODELS: dict[str, Callable[[bool], Any]] = {
    made.__name__: made for made in (dense, efficient_net, many_variables, transformer, text, small)
}


def build(name: str, *, tiny: bool) -> Any:
    """The model of that name; every variable of floats holds values of its own."""
    with _without_initialisers():
        model = MODELS[name](tiny)
    drawn = np.random.default_rng(0)
    for variable in variables(model):
        if variable.dtype == "float32":
            variable.assign(drawn.random(tuple(variable.shape), np.float32))
    return model


@contextmanager
def _without_initialisers() -> Iterator[None]:
    """Random initialisers give zeros meanwhile: on JAX, compiling them takes half a minute that is not measured."""
    kinds = [getattr(keras.initializers, name) for name in RANDOM]
    originals = {kind: kind.__call__ for kind in kinds}
    for kind in originals:
        kind.__call__ = lambda self, shape, dtype=None, **_: keras.ops.convert_to_tensor(np.zeros(shape, dtype))
    try:
        yield
    finally:
        for kind, original in originals.items():
            kind.__call__ = original
