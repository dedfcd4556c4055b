"""Writes `orbax_0_12` beside this script: what Orbax and Keras's `OrbaxCheckpoint` write, small.

    KERAS_BACKEND=jax python tests/golden/make_orbax.py     (with orbax-checkpoint==0.12 and keras==3.15.1)

    tree       a tree of arrays, in one database
    zarr3      the same in the third version of zarr, with a text
    folders    the same with a folder for each array
    steps      two steps of a manager, each with arrays and a JSON document
    keras      a model in training, after its second epoch

Beside them, `expected.npz` has the bytes of every array, by folder and path, as Orbax was given them.
"""

import shutil
from pathlib import Path

import jax
import jax.numpy as jnp
import keras
import numpy as np
import orbax.checkpoint as ocp

FOLDER = Path(__file__).resolve().parent / "orbax_0_12"
TREE = {
    "params": {"dense": {"kernel": jnp.arange(12.0).reshape(3, 4), "bias": jnp.ones(4, jnp.bfloat16)}},
    "list": [jnp.zeros(2, bool), np.arange(3, dtype="int8")],
    "step": 7,
    "nothing": None,
}


def flat(tree):
    """Arrays by path, as bytes."""
    found = {}
    for keys, value in jax.tree_util.tree_flatten_with_path(tree)[0]:
        path = "/".join(str(getattr(key, "key", getattr(key, "idx", ""))) for key in keys)
        if not isinstance(value, str):
            found[path] = np.frombuffer(np.asarray(value).tobytes(), "uint8")
    return found


def steps():
    options = ocp.CheckpointManagerOptions(max_to_keep=2)
    with ocp.CheckpointManager(FOLDER / "steps", options=options) as manager:
        for step in (9, 10):
            tree = {**TREE, "step": step}
            args = ocp.args.Composite(state=ocp.args.StandardSave(tree), about=ocp.args.JsonSave({"rate": step / 10}))
            manager.save(step, args=args)
        manager.wait_until_finished()
    return {f"state/{path}": array for path, array in flat(tree).items()}


def model():
    keras.utils.set_random_seed(1)
    layers = [keras.Input((3,)), keras.layers.Dense(4, name="hidden"), keras.layers.Dense(1, name="out")]
    made = keras.Sequential(layers, name="small")
    made.compile("adam", "mse")
    saving = keras.callbacks.OrbaxCheckpoint(directory=str(FOLDER / "keras"), save_freq="epoch", max_to_keep=1)
    made.fit(np.ones((4, 3), "float32"), np.ones((4, 1), "float32"), epochs=2, verbose=0, callbacks=[saving])
    return {f"pytree/{path}": array for path, array in flat(made.get_state_tree()).items()}


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    standard = ocp.StandardCheckpointer()
    standard.save(FOLDER / "tree", TREE)
    standard.wait_until_finished()
    for name, in_one, is_v3 in (("zarr3", True, True), ("folders", False, False)):
        checkpointer = ocp.PyTreeCheckpointer(use_ocdbt=in_one, use_zarr3=is_v3)
        checkpointer.save(FOLDER / name, {**TREE, "name": "un"})
        checkpointer.close()
    found = {name: flat(TREE) for name in ("tree", "zarr3", "folders")} | {"steps": steps(), "keras": model()}
    arrays = {f"{name}:{path}": array for name, held in found.items() for path, array in held.items()}
    np.savez_compressed(FOLDER / "expected.npz", **arrays)
    for left in FOLDER.rglob("ocdbt.process_0"):  # what each process wrote before the parts were merged
        shutil.rmtree(left)
    for left in FOLDER.rglob("commit_success.txt"):  # the path of whoever ran this
        left.unlink()


if __name__ == "__main__":
    main()
