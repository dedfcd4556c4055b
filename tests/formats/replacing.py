"""What the tests of `kept.formats.target` share."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kept.errors import WriteError
from kept.formats import target as module
from kept.formats.target import Target

SOURCE = Path(module.__file__).parents[2]
WAYS = ("unnamed", "named")
PRELUDE = """
import os, resource, signal, sys, time
from kept.formats import target, temporary
from kept.formats.target import Target, WriteError, writing
path, way = sys.argv[1:3]
if way == "named":
    target.open_unnamed = lambda folder: None
def write(t, data):
    with writing(t.path), open(t.file, "wb") as file:
        for start in range(0, len(data), 20_000):
            file.write(data[start : start + 20_000])
"""


@pytest.fixture(params=WAYS)
def way(request, monkeypatch):
    """Both kinds of temporary, wherever the system has both."""
    if request.param == "named":
        monkeypatch.setattr(module, "open_unnamed", lambda folder: None)
    return request.param


@pytest.fixture
def model(tmp_path):
    """A folder that holds nothing but a file with old content."""
    folder = tmp_path / "models"
    folder.mkdir()
    path = folder / "model.keras"
    path.write_bytes(b"old")
    return path


def save(path, data=b"new", **options):
    with Target(path, **options) as target:
        Path(target.file).write_bytes(data)
        target.commit()


def refusal(path, **options):
    with pytest.raises(WriteError) as caught, Target(path, **options):
        pass
    return caught.value


def command(code, path, way):
    return [sys.executable, "-c", PRELUDE + code, str(path), way]


def start(code, path, way="unnamed"):
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    return subprocess.Popen(command(code, path, way), env=environment, text=True, stdout=subprocess.PIPE)


def output(code, path, way):
    process = start(code, path, way)
    text, _ = process.communicate(timeout=20)
    assert process.returncode == 0, text
    return text.strip()


def strays(path):
    return sorted(set(os.listdir(path.parent)) - {path.name})
