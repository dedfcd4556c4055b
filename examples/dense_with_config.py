"""A dense layer of one's own with `get_config` and `from_config`, which knows its inner layer.

Run it with `kept run examples/dense_with_config.py [FOLDER]`. Nothing here needs a repair.
"""

import sys
from pathlib import Path

import keras
import numpy as np

keras.utils.set_random_seed(2)
folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")


@keras.saving.register_keras_serializable(package="examples")
class GatedDense(keras.layers.Layer):
    def __init__(self, units, gate, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.gate = gate

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), initializer="glorot_uniform", name="kernel")
        if not self.gate.built:
            self.gate.build(input_shape)

    def call(self, inputs):
        return keras.ops.matmul(inputs, self.kernel) * self.gate(inputs)

    def get_config(self):
        gate = keras.saving.serialize_keras_object(self.gate)
        return {**super().get_config(), "units": self.units, "gate": gate}

    @classmethod
    def from_config(cls, config):
        return cls(**{**config, "gate": keras.saving.deserialize_keras_object(config["gate"])})


x = np.random.default_rng(2).normal(size=(256, 4)).astype("float32")
y = (x[:, :1] * x[:, 1:2] > 0).astype("float32")

inputs = keras.Input((4,))
hidden = GatedDense(16, keras.layers.Dense(16, activation="sigmoid"))(inputs)
model = keras.Model(inputs, keras.layers.Dense(1, activation="sigmoid")(hidden))
model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
history = model.fit(x, y, epochs=5, verbose=0).history["loss"]
print(f"loss {history[0]:.3f} -> {history[-1]:.3f}")

path = folder / "dense_with_config.keras"
model.save(path)
print(f"saved {path}")
