"""Inputs for a model, made from what it says of itself; the same ones in every process."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from ..errors import CorruptFileError, shown
from . import keras_seams as seams

__all__ = ["SEED", "Recipe", "Unanswerable", "recipes", "recorded_inputs"]

_BATCH = 2

_FREE_SIZES = (8, 32, 128, 224)

_LARGEST_COUNT = 2**28

SEED = 20


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
        """Arrays for one call; the same ones in every process (PCG64).

        Raises:
            Unanswerable: They would be larger than a check is worth.
        """
        count = sum(_count(one) for one in (self.args, *self.kwargs.values()) if one is not None)
        if count > _LARGEST_COUNT:
            raise Unanswerable(f"the inputs would have {count} values")
        stream = np.random.Generator(np.random.PCG64(SEED))
        args = [] if self.args is None else [_array(self.args, stream)]
        return args, {name: _array(one, stream) for name, one in self.kwargs.items()}


def recorded_inputs(recipe: Any) -> tuple[list[Any], dict[str, Any]]:
    """The inputs that a fingerprint names.

    Raises:
        CorruptFileError: It names none that can be made.
    """
    try:
        return Recipe(recipe["args"], recipe["kwargs"]).make()
    except (Unanswerable, KeyError, TypeError, ValueError, AttributeError, MemoryError, RecursionError) as error:
        raise CorruptFileError(
            "the inputs that the file records cannot be made", where="metadata.json", found=shown(recipe)
        ) from error


def _count(structure: Mapping[str, Any]) -> int:
    if "list" in structure:
        return sum(_count(one) for one in structure["list"])
    if "dict" in structure:
        return sum(_count(one) for one in structure["dict"].values())
    return abs(int(math.prod(structure["shape"])))


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
            first = _structure(build["input_shape"], free)
            recipe = Recipe(first, dict.fromkeys(_further_arguments(model), first))
        else:
            shapes = build["shapes_dict"]
            named = {key.removesuffix("_shape"): one for key, one in shapes.items() if one is not None}
            recipe = Recipe(None, {key: _structure(one, free) for key, one in named.items()})
        if recipe not in made:
            made.append(recipe)
    return made


def _further_arguments(model: Any) -> list[str]:
    """What `call` must be given beside its first argument; its shape is not recorded, so the first one's is tried."""
    parameters = list(inspect.signature(model.call).parameters.values())[1:]
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return [
        one.name
        for one in parameters
        if one.kind in named and one.default is one.empty and one.name not in ("training", "mask")
    ]


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
