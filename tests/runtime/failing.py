"""What the tests of failing saves share: one process that saves many models, none of which can be saved."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import BACKENDS, QUIET, ROOT

OLD = b"the last good model"
LIGHT = "import os, sys, time, keras, numpy as np\nfrom keras import layers\n"
WORKER = """
import importlib, json, os, sys
import keras, kept

for line in sys.stdin:
    name, path = json.loads(line)
    try:
        case = importlib.import_module(name)
        kept.save(case.model, path, **getattr(case, "options", {}))
        told = {"error": ""}
    except Exception as error:
        told = {
            "error": type(error).__name__, "bases": [one.__name__ for one in type(error).__mro__],
            "text": str(error), "rescue": getattr(error, "rescue", None),
        }
        if told["rescue"] and hasattr(case, "after"):
            told["after"] = case.after(told["rescue"])
    print("told", json.dumps(told), flush=True)
"""


@dataclass(frozen=True)
class Failed:
    """How a failing save ended, and what it left.

    Attributes:
        error: Name of the error's class; empty when nothing was raised.
        bases: Names of the classes it is.
        text: The error as text, without its path.
        rescue: Name of the rescue file; None without one.
        left: What lies in the folder, and is not the rescue file.
        content: Of the target.
        after: What the model's `after(rescue)` returned.
    """

    error: str
    bases: list[str]
    text: list[str]
    rescue: str | None
    left: list[str]
    content: bytes
    after: Any

    @property
    def costs_nothing(self) -> bool:
        """Whether the error is kept's own, the old file is as it was, and nothing but the rescue file is new."""
        return "KeptError" in self.bases and self.left == ["model.keras"] and self.content == OLD


class Worker:
    """A process that saves the models of one source file after another; its proving process stays warm."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count = 0
        self._process = subprocess.Popen(
            [sys.executable, "-c", WORKER],
            cwd=folder,
            env={**os.environ, **QUIET, "PYTHONPATH": f"{ROOT / 'src'}:{folder}", "KERAS_BACKEND": quickest()},
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def __call__(self, source: str) -> Failed:
        self._count += 1
        name = f"case_{self._count}"
        (self.folder / f"{name}.py").write_text(LIGHT + source)
        path = self.folder / name / "model.keras"
        path.parent.mkdir()
        path.write_bytes(OLD)
        told = self._ask(name, path)
        rescue = told.get("rescue") and Path(told["rescue"])
        text = told.get("text", "").replace(f"{path}: ", "").replace(str(rescue), "RESCUE")
        left = sorted(set(os.listdir(path.parent)) - {rescue.name if rescue else ""})
        return Failed(
            told["error"], told.get("bases", []), text.splitlines(), rescue.name if rescue else None, left,
            path.read_bytes(), told.get("after"),
        )  # fmt: skip

    def _ask(self, name: str, path: Path) -> Any:
        print(json.dumps([name, str(path)]), file=self._process.stdin, flush=True)
        while line := self._process.stdout.readline():
            if line.startswith("told "):
                return json.loads(line.removeprefix("told "))
        raise AssertionError("the saving process died")

    def close(self) -> None:
        self._process.communicate(timeout=30)


def quickest() -> str:
    """The installed backend that starts first."""
    import importlib.util

    for name in ("jax", "torch", *BACKENDS):
        if importlib.util.find_spec(name) is not None:
            return name
    pytest.skip("no backend is installed")


@pytest.fixture(scope="module")
def failing(tmp_path_factory):
    """Saves the `model` of a piece of source, which must fail."""
    worker = Worker(tmp_path_factory.mktemp("failing"))
    yield worker
    worker.close()
