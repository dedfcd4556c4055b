"""Trying a model: inputs made from what it says of itself, its outputs on them, and one training step."""

from __future__ import annotations

import contextlib
import random
import sys
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from . import compile_seams
from . import keras_seams as seams
from .backends import as_array
from .causes import raised
from .recipe import SEED, Unanswerable

__all__ = ["dense", "device", "outputs", "precision", "step"]

# To compile a call takes a time for each layer, to run it step by step one for each kind of operation in it.
_MOST_LAYERS = 1000


@contextlib.contextmanager
def _no_gradients() -> Iterator[None]:
    if keras.backend.backend() == "torch":
        with sys.modules["torch"].no_grad():
            yield
    else:
        yield


def outputs(model: Any, args: list[Any], kwargs: dict[str, Any]) -> list[np.ndarray]:
    """Outputs of one inference call, flattened in the order of `keras.tree`, as numpy arrays.

    Raises:
        Unanswerable: The call raises.
    """
    try:
        result = _result(model, args, kwargs)
        flat = [one for one in keras.tree.flatten(result) if one is not None]
        return [dense(one) for one in flat]
    except Exception as error:
        raise Unanswerable(f"calling the model raises {raised(error)}") from error


def _result(model: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    if keras.backend.backend() == "jax" and _may_be_compiled(seams.flat_layers(model)):
        with contextlib.suppress(Exception):  # code that looks at values can only be run step by step
            return _compiled_result(model, args, kwargs)
    with _no_gradients():
        return model(*args, training=False, **kwargs)


def _may_be_compiled(layers: list[Any]) -> bool:
    return len(layers) <= _MOST_LAYERS and all(getattr(one, "built", True) for one in layers)


def _compiled_result(model: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """On JAX, all of a call is compiled in a fraction of the time that its operations take one by one."""
    variables = list({id(one): one for one in model.variables}.values())

    def call(values: list[Any], args: list[Any], kwargs: dict[str, Any]) -> Any:
        with keras.StatelessScope(state_mapping=zip(variables, values, strict=True)):
            return model(*args, training=False, **kwargs)

    return sys.modules["jax"].jit(call)([one.value for one in variables], args, kwargs)


def dense(value: Any) -> np.ndarray:
    """An output as an array that can be sent and compared: bfloat16 as float32, ragged and sparse ones filled."""
    if type(value).__name__ in ("RaggedTensor", "SparseTensor"):
        value = value.to_tensor() if hasattr(value, "to_tensor") else value.values
    array = as_array(value)
    return array.astype("float32") if str(array.dtype) == "bfloat16" else array


def _targets(model: Any, results: list[np.ndarray]) -> Any:
    stream = np.random.Generator(np.random.PCG64(SEED + 1))
    names = list(getattr(model, "output_names", None) or ())
    made = []
    for index, one in enumerate(results):
        name = names[index] if index < len(names) else ""
        if one.ndim > 1 and _takes_classes(model, index, name, len(results)):
            made.append(stream.integers(0, one.shape[-1], size=one.shape[:-1]))
        else:
            made.append(stream.random(size=one.shape).astype("float32"))
    if len(made) == 1:
        return made[0]
    return dict(zip(names, made, strict=True)) if isinstance(model.output, dict) and names else made


def _takes_classes(model: Any, index: int, name: str, count: int) -> bool:
    """Whether a compiled loss or metric wants the numbers of classes as targets for an output."""
    settings = compile_seams.compile_settings(model)
    given = [_of_output(settings.get(key), index, name, count) for key in ("loss", "metrics", "weighted_metrics")]
    given.append(_of_output(compile_seams.built_losses(model), index, name, count))
    return any("sparse" in _called(one).lower() for one in keras.tree.flatten(given))


def _called(part: Any) -> str:
    """What a loss or metric calls itself: a wrapped function goes by its own name."""
    part = getattr(part, "fn", part)
    return part if isinstance(part, str) else getattr(part, "__name__", type(part).__name__)


def _of_output(setting: Any, index: int, name: str, count: int) -> Any:
    """The part of a setting of `compile` that is for one output; all of it where it is for every output."""
    if isinstance(setting, dict):
        return setting.get(name)
    if isinstance(setting, (list, tuple)) and len(setting) == count:
        return setting[index]
    return setting


def _seed_global_streams() -> None:
    """The process's own random streams are no part of a model; a step starts from the same ones everywhere."""
    random.seed(SEED)
    np.random.seed(SEED)
    if "torch" in sys.modules:
        sys.modules["torch"].default_generator.manual_seed(SEED)
        if seams.torch_uses_cuda():  # else it would be seeded later, when it begins
            sys.modules["torch"].cuda.manual_seed_all(SEED)
    seams.set_global_rng(keras.random.SeedGenerator(SEED))


def _tensor(value: Any) -> Any:
    """Targets as `fit` hands them over: on Torch, `train_on_batch` leaves arrays as they are."""
    is_numeric = isinstance(value, np.ndarray) and value.dtype.kind in "biuf"
    return keras.ops.convert_to_tensor(value) if is_numeric else value


def step(model: Any, args: list[Any], kwargs: dict[str, Any], targets: Any = None) -> dict[str, float]:
    """One `train_on_batch`; changes the model.

    Args:
        model: A compiled model whose optimizer is built.
        args: One positional argument.
        kwargs: Must be empty: `train_on_batch` takes no other inputs.
        targets: What to train towards; made from the shapes of the outputs when None.

    Returns:
        The logs of the step, as Python floats.

    Raises:
        Unanswerable: There is nothing to train, or the step raises.
    """
    if not getattr(model, "compiled", False) or getattr(model, "optimizer", None) is None:
        raise Unanswerable("the model is not compiled")
    if kwargs or len(args) != 1:
        raise Unanswerable("train_on_batch takes one structure of inputs")
    if not model.optimizer.built:
        raise Unanswerable("the optimizer has not been built; train one step first")
    _seed_global_streams()
    try:
        wanted = _targets(model, outputs(model, args, kwargs)) if targets is None else targets
        logs = model.train_on_batch(args[0], keras.tree.map_structure(_tensor, wanted), return_dict=True)
        return {key: float(as_array(one)) for key, one in logs.items() if np.ndim(as_array(one)) == 0}
    except Unanswerable:
        raise
    except Exception as error:
        raise Unanswerable(f"train_on_batch raises {raised(error)}") from error


def device() -> str:
    """Where this process computes: `cpu`, `gpu`, `cuda`, `tpu`."""
    backend = keras.backend.backend()
    if backend == "torch":
        return "cuda" if sys.modules["torch"].cuda.is_available() else "cpu"
    if backend == "jax":
        return str(sys.modules["jax"].default_backend())
    if backend == "tensorflow":
        return "gpu" if sys.modules["tensorflow"].config.list_physical_devices("GPU") else "cpu"
    return "cpu"


def precision(model: Any) -> str:
    """The narrowest floating-point type in which a layer computes: `float32`, `bfloat16`, `float8`, ..."""
    return min((_computes_in(one) for one in seams.flat_layers(model)), key=_width, default="float32")


def _computes_in(layer: Any) -> str:
    policy = str(getattr(getattr(layer, "dtype_policy", None), "name", ""))
    return "float8" if policy.startswith("float8") else str(getattr(layer, "compute_dtype", None) or "float32")


def _width(dtype: str) -> int:
    """Rank of a type, that with the fewest bits of fraction first; of others nobody knows how they are rounded."""
    order = ("float8", "bfloat16", "float16", "float32")
    return order.index(dtype) if dtype in order else len(order)
