"""A training that may be killed, and a process that forks one such training after the other."""

import json
import os
import signal
import subprocess
import sys
import warnings
import zlib

from tests.conftest import QUIET, ROOT

SERVE = """
import json, os, sys
if os.environ["KERAS_BACKEND"] != "tensorflow":
    sys.modules["tensorflow"] = None  # set_random_seed would import it in each training
import keras, numpy, kept
kept.Checkpoint
from tests.runtime.checkpoint import training
for line in sys.stdin:
    if (pid := os.fork()) == 0:
        training.end_with(**json.loads(line))
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
"""


class Trainings:
    """Trainings on one backend, each in a process of its own."""

    def __init__(self, backend, folder):
        self.folder = folder
        compiled = {"JAX_COMPILATION_CACHE_DIR": str(folder / "jax"), "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0"}
        path = {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "KERAS_BACKEND": backend}
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE], cwd=folder, env={**os.environ, **QUIET, **compiled, **path}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def run(self, name, kill="", **settings):
        """One training in the folder of that name: its exit code (-9 when it was killed), and what came of it."""
        result = self.folder / "result.json"
        result.unlink(missing_ok=True)
        ask = {"folder": str(self.folder / name), "result": str(result), "kill": kill, "settings": settings}
        print(json.dumps(ask), file=self.process.stdin, flush=True)
        code = int(self.process.stdout.readline())
        return code, json.loads(result.read_text()) if result.exists() else None

    def close(self):
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()


def end_with(folder, result, kill, settings):
    """Trains in this process, and ends it."""
    code = 1
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            answer = train(folder, kill, **settings)
        answer["warnings"] = [str(one.message) for one in caught if one.category.__name__ == "KeptWarning"]
        with open(result, "w") as file:
            json.dump(answer, file)
        code = 0
    except BaseException as error:
        with open(result, "w") as file:
            json.dump({"error": f"{type(error).__name__}: {error}"}, file)
    finally:
        os._exit(code)


def train(folder, kill, *, build=True, epochs=4, stop=False, checkpoint=(), more=False, per_execution=1):
    """A training with a state in every place where a training has one; returns all of it."""
    import keras
    import numpy as np

    import kept

    point, _, number = kill.partition(":")
    keras.utils.set_random_seed(7)
    rows = np.random.default_rng(0)
    x, y = rows.normal(size=(50, 6)).astype("float32"), rows.normal(size=(50, 1)).astype("float32")
    layers = keras.layers
    parts = [layers.Dense(8, "relu"), layers.BatchNormalization(), layers.Dropout(0.3), layers.Dense(1)]
    model = keras.Sequential([keras.Input((6,)), *parts] if build else parts)
    model.compile(keras.optimizers.Adam(0.01), "mse", metrics=["mae"], steps_per_execution=per_execution)
    counting = counter(int(number) if point == "batch" else 0)
    if point and point != "batch":
        kill_at(point, int(number))
    callbacks = [
        counting,
        kept.Checkpoint(folder, **dict(checkpoint)),
        keras.callbacks.ReduceLROnPlateau(patience=1),
        keras.callbacks.EarlyStopping(patience=1 if stop else 9, min_delta=100 * stop, restore_best_weights=True),
        *([kept.Checkpoint(folder + "-best", save_best_only=True, verify=False)] if more else []),
    ]
    history = model.fit(
        x, y, batch_size=10, epochs=epochs, validation_data=(x[:20], y[:20]), callbacks=callbacks, verbose=0
    )
    arrays = [keras.ops.convert_to_numpy(one) for one in [*model.variables, *model.optimizer.variables]]
    return {
        "variables": [f"{zlib.crc32(np.ascontiguousarray(one).tobytes()):08x}" for one in arrays],
        "history": [history.epoch, history.history],
        "counted": [counting.batches, counting.epochs, counting.seen],
        "plateau": [callbacks[2].wait, float(callbacks[2].best), float(callbacks[3].best)],
    }


def counter(last):
    """A user's callback; kills the process with that batch."""
    import keras

    class Counter(keras.callbacks.Callback):
        def __init__(self):
            super().__init__()
            self.batches, self.epochs, self.seen = 0, 0, {"losses": []}

        def on_epoch_begin(self, epoch, logs=None):
            self.epochs += 1

        def on_train_batch_end(self, batch, logs=None):
            self.batches += 1
            self.seen["losses"].append(float(logs["loss"]))
            if self.batches == last:
                die()

    return Counter()


def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


def kill_at(point, number):
    """Kills this process at a call of what writes, names or removes a checkpoint: before it, or "after" it."""
    from kept.formats import target
    from kept.formats.hdf5 import write
    from kept.runtime.checkpoint import folder

    name, _, when = point.partition(" ")
    places = {
        "write": (write, "write_tensors"),
        "name": (target.Target, "commit"),
        "remove": (folder.os, "unlink"),
    }
    owner, attribute = places[name]
    original, count = getattr(owner, attribute), 0

    def call(*args, **kwargs):
        nonlocal count
        count += 1
        if count == number and not when:
            die()
        answer = original(*args, **kwargs)
        if count == number:
            die()
        return answer

    setattr(owner, attribute, call)
