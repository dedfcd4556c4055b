"""A training that goes on where it was ended, whatever ended it.

Run it with `python examples/resumed_training.py [FOLDER]`, end it with Ctrl-C or `kill -9`, and run it again: it prints
what it would have printed had nothing happened.
"""

import sys
from pathlib import Path

import keras
import numpy as np

import kept

keras.utils.set_random_seed(4)
folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")

x = np.random.default_rng(4).normal(size=(2000, 8)).astype("float32")
y = (x[:, :1] * x[:, 1:2] > 0).astype("float32")
model = keras.Sequential(
    [keras.Input((8,)), keras.layers.Dense(32, "relu"), keras.layers.Dropout(0.2), keras.layers.Dense(1, "sigmoid")]
)
model.compile("adam", "binary_crossentropy")
history = model.fit(
    x,
    y,
    epochs=8,
    validation_split=0.2,
    verbose=0,
    callbacks=[
        kept.Checkpoint(folder / "resumed_training", save_freq=20),
        keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True),
    ],
).history
print(
    f"loss {history['loss'][0]:.6f} -> {history['loss'][-1]:.6f}, weights {float(np.sum(model.get_weights()[0])):.6f}"
)
