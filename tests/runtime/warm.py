"""A process that has imported Keras once and then runs one script after the other; started by `laboratory.py`.

A script runs as `__main__`, in this process or in a fork of it. What it leaves in `result` is the answer.
"""

import json
import linecache
import os
import sys
import threading
import traceback
import types
import warnings
from multiprocessing.connection import Connection
from pathlib import Path


def run(path, given):
    """Runs a script as `__main__` with the names in `given` defined."""
    as_at_the_start()
    module = types.ModuleType("__main__")
    module.__dict__.update(given, __file__=path)
    sys.modules["__main__"] = module
    linecache.checkcache()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            exec(compile(Path(path).read_text(), path, "exec"), module.__dict__)
            answer = {"result": module.__dict__.get("result")}
        except BaseException as error:  # everything that a script can end with is an answer
            answer = {"error": described(error)}
    return {**answer, "warnings": [f"{one.category.__name__}: {one.message}" for one in caught]}


def described(error):
    return {
        "type": type(error).__name__,
        "text": str(error),
        "required": list(getattr(error, "required", [])),
        "places": [problem.where for problem in getattr(error, "problems", [])],
        "rescue": getattr(error, "rescue", None),
        "trace": traceback.format_exc(),
    }


def as_at_the_start():
    """Nothing of the script before is left: names, registrations, policy, seeds."""
    import keras
    from keras.src.backend.common import global_state

    from kept.runtime.keras_seams import without_importing_tensorflow

    global_state.GLOBAL_STATE_TRACKER = threading.local()  # what `clear_session` does, less what it imports
    keras.saving.get_custom_objects().clear()
    keras.config.set_dtype_policy("float32")
    with without_importing_tensorflow():
        keras.utils.set_random_seed(7)


def main():
    connection = Connection(int(sys.argv[1]))

    import kept
    from kept.runtime import load, prover

    assert callable(kept.load)
    assert callable(load.load)
    if sys.argv[2] == "saves":
        prover.prover()
    while True:
        try:
            request = json.loads(connection.recv_bytes())
        except EOFError:
            return
        if not request["fork"]:
            connection.send_bytes(json.dumps(run(request["path"], request["given"])).encode())
            continue
        pid = os.fork()
        if pid == 0:
            try:
                connection.send_bytes(json.dumps(run(request["path"], request["given"])).encode())
            finally:
                os._exit(0)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
