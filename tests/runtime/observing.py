"""What two processes compare: every variable of a model as text, and its outputs."""

import hashlib
import pickle
from pathlib import Path

import keras
import numpy as np
from keras import ops


def as_text(variable):
    array = np.ascontiguousarray(ops.convert_to_numpy(variable))
    return f"{array.dtype}{list(array.shape)} {hashlib.sha256(array.tobytes()).hexdigest()[:16]}"


def variables(model):
    """Weights, metric state, seed generators and optimizer."""
    optimizer = getattr(model, "optimizer", None)
    return {
        "variables": [as_text(one) for one in model.variables],
        "metrics": [as_text(one) for metric in model.metrics for one in metric.variables],
        "optimizer": [as_text(one) for one in optimizer.variables] if optimizer else [],
        "layers": [type(one).__name__ for one in model._flatten_layers()],
    }


def observe(model, x):
    """The variables, and then the outputs of a call."""
    return {**variables(model), "outputs": outputs(model, x)}


def outputs(model, x):
    tensors = keras.tree.map_structure(ops.convert_to_tensor, x)
    flat = keras.tree.flatten(model(tensors, training=False))
    return [np.asarray(ops.convert_to_numpy(one)).astype("float64").ravel().tolist() for one in flat]


def keep(folder, x):
    """Leaves inputs for the other process."""
    Path(folder, "inputs").write_bytes(pickle.dumps(x))


def kept_inputs(folder):
    return pickle.loads(Path(folder, "inputs").read_bytes())
