"""Trying a model: inputs made from what it says of itself, its outputs on them, and one training step."""

from __future__ import annotations

import contextlib
import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from ..errors import shown
from . import keras_seams as seams
from .snapshot import as_array

__all__ = ["Recipe", "Unanswerable", "device", "outputs", "recipes", "step"]

_BATCH = 2
_FREE_SIZES = (8, 32, 128, 224)
_SEED = 20


class Unanswerable(Exception):
    """Why something could not be tried; `str` of it is a clause without a full stop."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to make inputs anywhere: a structure whose leaves are `{"shape": [...], "dtype": ...}`.

    Attributes:
        args: Structure of the positional argument, as `{"list": [...]}`, `{"dict": {...}}` or a leaf; None without one.
        kwargs: Name -> structure.
    """

    args: Any
    kwargs: dict[str, Any]

    def make(self) -> tuple[list[Any], dict[str, Any]]:
        """Arrays for one call; the same ones in every process (PCG64)."""
        stream = np.random.Generator(np.random.PCG64(_SEED))
        args = [] if self.args is None else [_array(self.args, stream)]
        return args, {name: _array(one, stream) for name, one in self.kwargs.items()}


def _array(structure: Any, stream: np.random.Generator) -> Any:
    if "list" in structure:
        return [_array(one, stream) for one in structure["list"]]
    if "dict" in structure:
        return {key: _array(one, stream) for key, one in structure["dict"].items()}
    shape, dtype = tuple(structure["shape"]), structure["dtype"]
    if dtype == "string":
        return stream.choice(np.array(["a", "b", "kept"]), size=shape)
    if dtype == "bool":
        return stream.integers(0, 2, size=shape).astype(bool)
    if "int" in dtype:
        return stream.integers(0, 2, size=shape).astype(dtype)
    return stream.random(size=shape, dtype=np.float64).astype("float32" if dtype == "bfloat16" else dtype)


def _is_shape(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(n is None or isinstance(n, int) for n in value)


def _leaf(shape: Any, dtype: str, free: int) -> dict[str, Any]:
    sizes = [_BATCH if i == 0 and n is None else free if n is None else int(n) for i, n in enumerate(shape)]
    return {"shape": sizes, "dtype": dtype}


def _structure(value: Any, free: int) -> Any:
    """From shapes (build config) or symbolic tensors (Functional inputs)."""
    if isinstance(value, dict):
        return {"dict": {key: _structure(one, free) for key, one in value.items()}}
    if _is_shape(value):
        return _leaf(value, keras.config.floatx(), free)
    if isinstance(value, (list, tuple)):
        return {"list": [_structure(one, free) for one in value]}
    if hasattr(value, "shape"):
        return _leaf(value.shape, keras.backend.standardize_dtype(value.dtype), free)
    raise Unanswerable(f"no inputs can be made for {shown(value)}")


def recipes(model: Any) -> list[Recipe]:
    """Recipes to try, in order: by the input spec of a Functional or Sequential model, else by its build shapes.

    Raises:
        Unanswerable: The model says nothing of its inputs.
    """
    if not model.built:
        raise Unanswerable("the model has never been built")
    symbolic = _symbolic_inputs(model)
    build = None if symbolic is not None else _build_shapes(model)
    made: list[Recipe] = []
    for free in _FREE_SIZES:
        if symbolic is not None:
            recipe = Recipe(_structure(symbolic, free), {})
        elif build is None:
            raise Unanswerable("the model does not record the shapes of its inputs")
        elif "input_shape" in build:
            recipe = Recipe(_structure(build["input_shape"], free), {})
        else:
            shapes = build["shapes_dict"]
            named = {key.removesuffix("_shape"): one for key, one in shapes.items() if one is not None}
            recipe = Recipe(None, {key: _structure(one, free) for key, one in named.items()})
        if recipe not in made:
            made.append(recipe)
    return made


def _symbolic_inputs(model: Any) -> Any:
    try:
        tensors = model.inputs
    except (AttributeError, ValueError):
        return None
    if not tensors:
        return None
    if isinstance(model, keras.Sequential):
        return tensors[0]
    structure = seams.inputs_structure(model)
    return structure if structure is not None else (tensors[0] if len(tensors) == 1 else list(tensors))


def _build_shapes(model: Any) -> dict[str, Any] | None:
    try:
        config = model.get_build_config()
    except Exception:  # user code; without build shapes there are no inputs to be made, and the report says so
        return None
    if isinstance(config, dict) and (config.get("input_shape") is not None or config.get("shapes_dict")):
        return config
    return None


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
        with _no_gradients():
            result = model(*args, training=False, **kwargs)
        flat = [one for one in keras.tree.flatten(result) if one is not None]
        return [_dense(one) for one in flat]
    except Exception as error:
        first = next(iter(str(error).strip().splitlines()), "")
        raise Unanswerable(f"calling the model raises {type(error).__name__}: {first[:200]}") from error


def _dense(value: Any) -> np.ndarray:
    if type(value).__name__ in ("RaggedTensor", "SparseTensor"):
        value = value.to_tensor() if hasattr(value, "to_tensor") else value.values
    array = as_array(value)
    return array.astype("float32") if str(array.dtype) == "bfloat16" else array


def _targets(model: Any, results: list[np.ndarray]) -> Any:
    stream = np.random.Generator(np.random.PCG64(_SEED + 1))
    sparse = "sparse" in repr(model.get_compile_config()).lower()
    made = []
    for one in results:
        if sparse and one.ndim > 1:
            made.append(stream.integers(0, one.shape[-1], size=one.shape[:-1]))
        else:
            made.append(stream.random(size=one.shape).astype("float32"))
    names = getattr(model, "output_names", None)
    if len(made) == 1:
        return made[0]
    return dict(zip(names, made, strict=True)) if isinstance(model.output, dict) and names else made


def _seed_global_streams() -> None:
    """The process's own random streams are no part of a model; a step starts from the same ones everywhere."""
    random.seed(_SEED)
    np.random.seed(_SEED)
    if "torch" in sys.modules:
        sys.modules["torch"].default_generator.manual_seed(_SEED)
        if seams.torch_uses_cuda():  # else it would be seeded later, when it begins
            sys.modules["torch"].cuda.manual_seed_all(_SEED)
    seams.set_global_rng(keras.random.SeedGenerator(_SEED))


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
        logs = model.train_on_batch(args[0], wanted, return_dict=True)
        return {key: float(as_array(one)) for key, one in logs.items() if np.ndim(as_array(one)) == 0}
    except Unanswerable:
        raise
    except Exception as error:
        first = next(iter(str(error).strip().splitlines()), "")
        raise Unanswerable(f"train_on_batch raises {type(error).__name__}: {first[:200]}") from error


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
