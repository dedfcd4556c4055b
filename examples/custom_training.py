"""A subclassed model with its own loss, metric and `train_step`, on TensorFlow, JAX and Torch.

Run it with `KERAS_BACKEND=jax kept run examples/custom_training.py [FOLDER]`.
"""

import sys
from pathlib import Path

import keras
import numpy as np

if keras.backend.backend() == "tensorflow":
    import tensorflow as tf
elif keras.backend.backend() == "jax":
    import jax
else:
    import torch

keras.utils.set_random_seed(4)
folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")


class LogCosh(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return keras.ops.mean(keras.ops.log(keras.ops.cosh(2.0 * (y_pred - y_true))), axis=-1)


class Within(keras.metrics.Mean):
    def __init__(self, name="within", dtype=None):
        super().__init__(name=name, dtype=dtype)

    def update_state(self, y_true, y_pred, sample_weight=None):
        return super().update_state(keras.ops.abs(y_pred - y_true) < 0.25, sample_weight)


class Regressor(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = keras.layers.Dense(16, activation="tanh")
        self.head = keras.layers.Dense(1)

    def call(self, inputs):
        return self.head(self.hidden(inputs))

    def train_step(self, *state_and_data):
        if keras.backend.backend() == "jax":
            return self.jax_step(*state_and_data)
        x, y = state_and_data[0]
        if keras.backend.backend() == "tensorflow":
            with tf.GradientTape() as tape:
                y_pred = self(x)
                loss = self.compute_loss(x, y, y_pred)
            self.optimizer.apply(tape.gradient(loss, self.trainable_weights), self.trainable_weights)
        else:
            self.zero_grad()
            y_pred = self(x)
            self.compute_loss(x, y, y_pred).backward()
            with torch.no_grad():
                self.optimizer.apply([weight.value.grad for weight in self.trainable_weights], self.trainable_weights)
        return self.compute_metrics(x, y, y_pred)

    def jax_step(self, state, data):
        (trainable, others, optimizer, metrics), (x, y) = state, data

        def forward(trainable, others):
            y_pred, others = self.stateless_call(trainable, others, x)
            return self.compute_loss(x, y, y_pred), (y_pred, others)

        (_, (y_pred, others)), gradients = jax.value_and_grad(forward, has_aux=True)(trainable, others)
        trainable, optimizer = self.optimizer.stateless_apply(optimizer, gradients, trainable)
        with keras.StatelessScope(list(zip(self.metrics_variables, metrics, strict=True))) as scope:
            logs = self.compute_metrics(x, y, y_pred)
        metrics = [scope.get_current_value(variable) for variable in self.metrics_variables]
        return logs, (trainable, others, optimizer, metrics)


x = np.random.default_rng(4).normal(size=(256, 4)).astype("float32")
y = np.tanh(x[:, :1] - x[:, 1:2])

model = Regressor()
model.compile("adam", LogCosh(), metrics=[Within()])
history = model.fit(x, y, epochs=5, verbose=0).history["within"]
print(f"within the tolerance: {history[0]:.0%} -> {history[-1]:.0%}")

path = folder / "custom_training.keras"
model.save(path)
print(f"saved {path}")
