"""Whether outputs are equal, or close within a stated tolerance, and how a file records them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..formats.artifact import checksum
from ..proof import Outcome

__all__ = ["described_outputs", "outputs_against_sample", "outputs_verdict", "tolerance"]

_LAST_BIT = 1e-6
_OTHER_MACHINE = 1e-5  # other processors add up in another order
_OTHER_STACK = 1e-3

# Half the distance of two neighbouring numbers around 1. Accelerators multiply float32 as TF32, which has 10 bits.
_ROUNDING = {"float32": 2**-11, "float16": 2**-11, "bfloat16": 2**-8, "float8": 2**-4}
# Errors of rounding add up from layer to layer: six of a transformer come to two or three times one of them, measured
# on NVIDIA's H200 beside a CPU in each of these types.
_ROUNDINGS = 16
_MOST = 0.25

_SAMPLE_COUNT = 256


def tolerance(before: str, after: str, precision: str, *, recorded: bool = False, same_stack: bool = True) -> float:
    """How far outputs of one model may lie apart, relative to the largest value.

    Args:
        before: Device that computed first: `cpu`, `cuda`, ...
        after: Device that computes now.
        precision: Narrowest type in which a layer computes: `float32`, `bfloat16`, `float8`, ...
        recorded: Whether the first outputs are those that a file records, maybe from another machine.
        same_stack: Whether the same versions of Keras and its backend compute.

    Returns:
        Least where one CPU computes twice; accelerators choose among ways to compute, and round otherwise.
    """
    if before == after == "cpu" and same_stack:
        return _OTHER_MACHINE if recorded else _LAST_BIT
    if before == after == "cpu":
        return _OTHER_STACK
    return min(_MOST, max(_OTHER_STACK, _ROUNDINGS * _ROUNDING.get(precision, 0.0)))


def outputs_verdict(before: list[np.ndarray], after: list[np.ndarray], tolerance: float) -> tuple[Outcome, str]:
    """Compares outputs: equal to the bit, or close within a tolerance relative to the largest value."""
    shapes = [one.shape for one in before], [one.shape for one in after]
    if shapes[0] != shapes[1]:
        return Outcome.DIFFERENT, f"shapes {shapes[0]} became {shapes[1]}"
    largest = 0.0
    for one, other in zip(before, after, strict=True):
        if one.dtype.kind not in "fc":
            if not np.array_equal(one, other):
                return Outcome.DIFFERENT, "values differ"
            continue
        if np.array_equal(one, other, equal_nan=True):
            continue
        wide, narrow = one.astype("complex128"), other.astype("complex128")
        if not np.array_equal(np.isnan(wide), np.isnan(narrow)):
            return Outcome.DIFFERENT, "NaN in other places"
        scale = float(np.nanmax(np.abs(wide), initial=0.0)) or 1.0
        largest = max(largest, float(np.nanmax(np.abs(wide - narrow), initial=0.0)) / scale)
    if largest == 0.0:
        return Outcome.EQUAL, ""
    note = f"largest difference {largest:.1e} of the largest value"
    return (Outcome.CLOSE if largest <= tolerance else Outcome.DIFFERENT), note


def described_outputs(results: list[np.ndarray]) -> list[dict[str, Any]]:
    """Outputs for the fingerprint: a digest for the same stack, a sample of magnitudes for any other."""
    described = []
    for array in results:
        entry: dict[str, Any] = {"shape": list(array.shape), "dtype": str(array.dtype), "digest": checksum(array)}
        if array.dtype.kind in "biufc":
            entry["sample"] = [float(value).hex() for value in _sample(array)]
        described.append(entry)
    return described


def _sample(array: np.ndarray) -> np.ndarray:
    flat = array.reshape(-1)
    few = flat[:: max(1, flat.size // _SAMPLE_COUNT)][:_SAMPLE_COUNT]
    return np.asarray(np.abs(few) if few.dtype.kind == "c" else few.astype("float64"))


def outputs_against_sample(
    described: list[Mapping[str, Any]], results: list[np.ndarray], tolerance: float
) -> tuple[Outcome, str]:
    """Compares outputs with a fingerprint: equal to the bit by digest, else the samples within a tolerance."""
    if [list(one.shape) for one in results] != [one["shape"] for one in described]:
        return Outcome.DIFFERENT, "outputs of another shape"
    if all(checksum(one) == told["digest"] for one, told in zip(results, described, strict=True)):
        return Outcome.EQUAL, ""
    before = [np.array([float.fromhex(value) for value in told.get("sample", [])]) for told in described]
    after = [_sample(one) if "sample" in told else np.array([]) for one, told in zip(results, described, strict=True)]
    outcome, note = outputs_verdict(before, after, tolerance)
    return (Outcome.CLOSE, "equal in a sample") if outcome is Outcome.EQUAL else (outcome, note)
