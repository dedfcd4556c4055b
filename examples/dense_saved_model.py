"""A dense layer of one's own, saved as advice for older Keras says: `save_format="tf"`, a SavedModel.

Run it with `kept run examples/dense_saved_model.py [FOLDER]` on the TensorFlow backend; plain Keras 3 refuses it.
TensorFlow Serving can serve the folder, and `kept.load` gives back the whole model, ready to train on.
"""

import sys
from pathlib import Path

import keras
import numpy as np

keras.utils.set_random_seed(3)
folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")


class CosineDense(keras.layers.Layer):
    def __init__(self, units, sharpness):
        super().__init__()
        self.units = units
        self.sharpness = sharpness

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer="random_normal")

    def call(self, inputs):
        directions = keras.ops.normalize(self.kernel, axis=0)
        return self.sharpness * keras.ops.matmul(keras.ops.normalize(inputs, axis=-1), directions)


x = np.random.default_rng(3).normal(size=(256, 4)).astype("float32")
y = np.argmax(x[:, :3], axis=1)

model = keras.Sequential([keras.Input((4,)), CosineDense(16, sharpness=3.0), keras.layers.Dense(3)])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
history = model.fit(x, y, epochs=5, verbose=0).history["loss"]
print(f"loss {history[0]:.3f} -> {history[-1]:.3f}")

path = folder / "dense_saved_model"
model.save(path, save_format="tf")
print(f"saved {path}")
