"""Writes the files of one folder beside this script, with the stock Keras that runs it.

    KERAS_BACKEND=jax python tests/golden/make.py
    KERAS_BACKEND=tensorflow python tests/golden/make.py     (adds a vocabulary and a SavedModel)

Beside them, `expected.npz` has the bytes of every array, by file and inner path, as h5py alone reads them.
"""

import io
import os
import zipfile
from pathlib import Path

import h5py
import keras
import numpy as np

FOLDER = Path(__file__).parent / f"keras_{keras.__version__.replace('.', '_')}"


def functional():
    keras.utils.set_random_seed(1)
    inputs = keras.Input((3,), name="x")
    hidden = keras.layers.Dense(4, activation="relu", name="hidden")(inputs)
    outputs = keras.layers.Dense(1, name="out")(keras.layers.BatchNormalization(name="norm")(hidden))
    return keras.Model(inputs, outputs, name="small")


def trained():
    model = functional()
    model.compile("adam", "mse")
    model.fit(np.ones((4, 3), "float32"), np.ones((4, 1), "float32"), verbose=0)
    return model


def low_precision():
    keras.utils.set_random_seed(2)
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, dtype="bfloat16", name="half")], name="low")


def vocabulary():
    words = keras.layers.StringLookup(name="words")
    words.adapt(["un", "deux", "deux", "trois", "trois", "trois"])
    inputs = keras.Input((1,), dtype="string")
    return keras.Model(inputs, keras.layers.Embedding(4, 2, name="vectors")(words(inputs)), name="text")


def stored(file):
    """Every array of the file, or of the shards of an index, as h5py alone reads it."""
    if file.suffix == ".json":
        shards = sorted(file.parent.glob(file.name.replace(".weights.json", "_*.weights.h5")))
        return {f"{file.name}:{key.partition(':')[2]}": array for one in shards for key, array in stored(one).items()}
    weights = io.BytesIO(zipfile.ZipFile(file).read("model.weights.h5")) if file.suffix == ".keras" else file
    found = {}

    def note(path, item):
        if isinstance(item, h5py.Dataset):
            found[f"{file.name}:{path}"] = np.frombuffer(item[()].tobytes(), "uint8")

    with h5py.File(weights, "r") as store:
        store.visititems(note)
    return found


def main():
    FOLDER.mkdir(exist_ok=True)
    trained().save(FOLDER / "trained.keras")
    low_precision().save(FOLDER / "bfloat16.keras")
    trained().save_weights(FOLDER / "trained.weights.h5")
    trained().save(FOLDER / "legacy.h5")
    functional().save_weights(FOLDER / "sharded.weights.json", max_shard_size=70 / 2**30)
    if keras.backend.backend() == "tensorflow":
        vocabulary().save(FOLDER / "vocabulary.keras")
        functional().export(FOLDER / "saved_model", verbose=False)
        os.remove(FOLDER / "saved_model" / "fingerprint.pb")
    arrays = {}
    for file in sorted(file for kind in ("*.keras", "*.h5", "*.json") for file in FOLDER.glob(kind)):
        arrays |= stored(file)
    np.savez_compressed(FOLDER / "expected.npz", **arrays)


if __name__ == "__main__":
    main()
