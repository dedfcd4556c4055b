"""Saves and loads the models of keras.applications: `python -m tests.applications [--backend torch] [NAME...]`.

Each is made without weights, for five classes and the smallest images that it takes; random numbers are put where they
begin as zeros and ones, so that every tensor matters. A table tells what came back.
"""

from __future__ import annotations

import argparse
import inspect
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

__all__ = ["FIVE", "names", "survey"]

SIDES = (32, 71, 75, 96, 128, 224)
FIVE = ["MobileNet", "MobileNetV2", "MobileNetV3Small", "EfficientNetB0", "ConvNeXtTiny"]


NOT_MADE = "Keras does not make it"


class NotMadeError(Exception):
    """Keras itself refuses to make a model."""


@dataclass(frozen=True)
class Row:
    """What became of one application.

    Attributes:
        name: Its name in `keras.applications`.
        side: Height and width of its images in pixels.
        weights: How many numbers its weights are.
        outcome: How the outputs in a fresh process compare, and those of a second load here; or the error.
        save_seconds: Saving and proving.
        load_seconds: Loading.
        alarms: What `kept scan` finds in the file, beyond notes.
    """

    name: str
    side: int
    weights: int
    outcome: str
    save_seconds: float
    load_seconds: float
    alarms: tuple[str, ...] = ()

    def __str__(self) -> str:
        numbers = f"{self.side:4} px {self.weights / 1e6:7.1f} M {self.save_seconds:7.1f} s {self.load_seconds:7.1f} s"
        return f"{self.name:20} {numbers}  {self.outcome}"


def names() -> list[str]:
    """Every application of the installed Keras."""
    import keras

    found = vars(keras.applications).items()
    return sorted(name for name, one in found if callable(one) and not inspect.isclass(one))


def made(name: str) -> tuple[Any, int]:
    """An application for the smallest images that it takes, and their side."""
    import keras

    failure: Exception | None = None
    for side in SIDES:
        try:
            model = getattr(keras.applications, name)(weights=None, input_shape=(side, side, 3), classes=5)
        except ValueError as error:  # the images are too small, or the backend cannot compute it
            failure = error
            continue
        return model, side
    raise NotMadeError(f"{NOT_MADE}: {failure}")


def varied(model: Any) -> None:
    """Moves the weights that begin as zeros and ones."""
    import numpy as np

    stream = np.random.default_rng(3)
    for one in model.weights:
        if len(one.shape) == 1:
            one.assign(one + stream.uniform(0.01, 0.1, size=one.shape).astype("float32"))


def examined(name: str, folder: str) -> Row:
    """Saves one application, proves it in a fresh process, and loads it once more."""
    import keras
    import numpy as np

    import kept

    try:
        model, side = made(name)
    except NotMadeError as refusal:
        return Row(name, 0, 0, str(refusal), 0.0, 0.0)
    varied(model)
    file = str(Path(folder, f"{name}.keras"))
    began = time.monotonic()
    try:
        proof = kept.save(model, file)
        saved = time.monotonic()
        loaded = kept.load(file)
        ended = time.monotonic()
        findings = kept.scan(file, jobs=0).files[0].findings
        alarms = tuple(one.message for one in findings if one.severity.value != "note")
    except kept.KeptError as error:
        return Row(name, side, model.count_params(), str(error), time.monotonic() - began, 0.0)
    finally:
        Path(file).unlink(missing_ok=True)
    x = keras.ops.convert_to_tensor(np.random.default_rng(5).random((1, side, side, 3)).astype("float32"))
    one, other = (keras.ops.convert_to_numpy(each(x, training=False)) for each in (model, loaded))
    outcome = proof.outputs.value if np.allclose(one, other, rtol=1e-5, atol=1e-6) else "different here"
    return Row(name, side, model.count_params(), outcome, saved - began, ended - saved, alarms)


def survey(chosen: list[str]) -> Iterator[dict[str, Any]]:
    """Examines applications one after the other; each row as plain data."""
    import keras

    with tempfile.TemporaryDirectory() as folder:
        for name in chosen:
            yield asdict(examined(name, folder))
            keras.backend.clear_session()


def main() -> int:
    """Prints the table; the exit code is 0 only if all came back."""
    parser = argparse.ArgumentParser(prog="python -m tests.applications")
    parser.add_argument("--backend", default="torch")
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_args()
    os.environ["KERAS_BACKEND"] = arguments.backend
    failed = 0
    for row in survey(arguments.names or names()):
        sys.stdout.write(f"{Row(**row)}\n")
        sys.stdout.flush()
        failed += row["outcome"] not in ("equal", "close") and not row["outcome"].startswith(NOT_MADE)
    return int(failed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
