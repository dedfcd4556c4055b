"""A dense layer of one's own, written without a thought of saving: no `get_config`, nothing registered.

Run it with `kept run examples/dense_without_config.py [FOLDER]`. Plain Keras writes the file and cannot load it.
"""

import sys
from pathlib import Path

import keras
import numpy as np

keras.utils.set_random_seed(1)
folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")


class ScaledDense(keras.layers.Layer):
    def __init__(self, width, activation, scale):
        super().__init__()
        self.units = 2 * width
        self.activation = keras.activations.get(activation)
        self.scale = scale

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer="glorot_uniform")
        self.bias = self.add_weight(shape=(self.units,), initializer="zeros")

    def call(self, inputs):
        return self.activation(keras.ops.matmul(inputs, self.kernel) + self.bias) * self.scale


x = np.random.default_rng(1).normal(size=(256, 4)).astype("float32")
y = np.sin(x.sum(axis=1, keepdims=True))

model = keras.Sequential([keras.Input((4,)), ScaledDense(8, "tanh", scale=2.0), keras.layers.Dense(1)])
model.compile("adam", "mse")
history = model.fit(x, y, epochs=5, verbose=0).history["loss"]
print(f"loss {history[0]:.3f} -> {history[-1]:.3f}")

path = folder / "dense_without_config.keras"
model.save(path)
print(f"saved {path}")
