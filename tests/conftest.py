"""What every test may ask for: fresh Python processes, and the backends that are installed."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
BACKENDS = ("tensorflow", "jax", "torch")
# `KEPT_ACCELERATOR=1 python -m pytest tests/runtime` runs what a GPU may change on this machine's own.
ON_CPU = {} if os.environ.get("KEPT_ACCELERATOR") else {"CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu"}
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0", **ON_CPU}


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    code: int
    out: str
    err: str


class Python:
    """Starts fresh Python processes in one folder; none of them imports anything from the tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: str, stdin: str = "", timeout: float = 240, **environment: str) -> Ended:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            env={**os.environ, **QUIET, "PYTHONPATH": str(ROOT / "src"), **environment},
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    def started(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """One that is talked to while it runs."""
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **QUIET, "PYTHONPATH": str(ROOT / "src"), **environment},
        )

    def kept(self, *arguments: str, **options: str) -> Ended:
        """The `kept` command, started as its console script starts it."""
        return self("-c", "from kept.cli import main; main()", *arguments, **options)

    def write(self, name: str, source: str) -> str:
        """A file of source in the folder; returns its name."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
        return name


@pytest.fixture
def python(tmp_path: Path) -> Python:
    """Fresh Python processes in an empty folder."""
    return Python(tmp_path)


@pytest.fixture(scope="session")
def object_store() -> Iterator[tuple[str, Any]]:
    """URL and log of an S3 server on this machine."""
    from tests.remote import server

    with server() as running:
        yield running


@pytest.fixture
def bucket(object_store: tuple[str, Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A bucket of its own, which fsspec finds; nothing can be asked of any other machine."""
    from s3fs import S3FileSystem

    from tests.remote import Bucket, environment

    for name, value in environment(object_store[0]).items():
        monkeypatch.delenv(name, raising=False) if value is None else monkeypatch.setenv(name, value)
    S3FileSystem.clear_instance_cache()
    made = Bucket(f"models-{uuid.uuid4().hex}", *object_store)
    yield made
    made.log.answer = made.log.most = None
    S3FileSystem.clear_instance_cache()


def require_backend(name: str) -> None:
    """Skips the test where a backend is not installed; fails it where all of them must be."""
    if importlib.util.find_spec(name) is not None:
        return
    if os.environ.get("KEPT_ALL_BACKENDS"):
        pytest.fail(f"{name} is not installed, and KEPT_ALL_BACKENDS asks for every backend")
    pytest.skip(f"{name} is not installed")


def named(value: object) -> str:
    """A value as part of a test's name, which must be the same in every process."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begins with the file that takes longest, so that two workers end at about the same time."""
    items.sort(key=lambda item: item.path.name != "test_cases.py")


def pytest_report_header() -> Sequence[str]:
    """Which backends this run sees."""
    there = [name for name in BACKENDS if importlib.util.find_spec(name) is not None]
    return [f"backends: {', '.join(there) or 'none'}"]
