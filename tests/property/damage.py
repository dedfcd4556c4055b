"""Files of every format, damaged byte by byte and judged: `python -m tests.property.damage [--count N] [NAME...]`.

A child process does it, with little memory to spend. What it prints is what went wrong: an error that is none of
kept's, a judgement that took long, or tensors that changed without a finding. Without `--count` every byte is tried.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import json
import os
import random
import resource
import shutil
import sys
import tempfile
import time
import traceback
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from kept import rules
from kept.errors import KeptError
from kept.findings import Finding, Severity
from kept.formats import keras_archive, keras_directory, legacy_h5, safetensors, sharded_weights, weights_h5
from kept.formats.base import open_artifact
from kept.scanning.reading import opened
from tests.formats.samples import GOLDEN, new_tensors, record

__all__ = ["CHECKED", "SAMPLES", "changes", "judged", "survey", "tensors_in"]

ADDRESS_SPACE_BYTES = 512 << 20
GROWTH_BYTES = 96 << 20
LONGEST_SECONDS = 2.0
DENSE = {
    "module": "keras.layers",
    "class_name": "Dense",
    "config": {"name": "dense", "units": 4, "use_bias": True},
    "registered_name": None,
    "build_config": {"input_shape": [None, 3]},
}
CONFIG = {"module": "keras", "class_name": "Sequential", "config": {"name": "m", "layers": [DENSE]}}
ARRAYS = {
    "layers/dense/vars/0": np.linspace(-1, 1, 12, dtype="<f4").reshape(3, 4),
    "layers/dense/vars/1": np.arange(4, dtype="<f4"),
}
NAMES = {"layers/dense/vars": {"name": "dense"}}


def own_record(written: Any) -> Any:
    return {**record(written)["kept"], "weights_crc": written.weights_crc}


def metadata(written: Any) -> Any:
    return {"keras_version": "3.15.1", "kept": own_record(written)}


MODEL: dict[str, Any] = {"config": CONFIG, "metadata": metadata, "attributes": NAMES}


def archive(path: Path) -> None:
    keras_archive.write(str(path), tensors=new_tensors(ARRAYS), assets={"words.txt": b"one\n"}, **MODEL)


def deflated(path: Path) -> None:
    stored = io.BytesIO()
    archive(path)
    with zipfile.ZipFile(path) as given, zipfile.ZipFile(stored, "w", zipfile.ZIP_DEFLATED) as made:
        for member in given.infolist():
            made.writestr(member.filename, given.read(member))
    path.write_bytes(stored.getvalue())


def directory(path: Path) -> None:
    path.mkdir()
    keras_directory.write(str(path), tensors=new_tensors(ARRAYS), **MODEL)


def weights(path: Path) -> None:
    weights_h5.write(str(path), new_tensors(ARRAYS), NAMES, own_record)


def shards(path: Path) -> None:
    parted = {"layers/one/vars/0": ARRAYS["layers/dense/vars/0"], "layers/two/vars/0": ARRAYS["layers/dense/vars/0"]}
    path.mkdir()
    sharded_weights.write(str(path / "m.weights.json"), new_tensors(parted), {}, own_record, shard_nbytes=60)


def npz(path: Path) -> None:
    with path.open("wb") as file:
        np.savez(file, **ARRAYS)


def npz_deflated(path: Path) -> None:
    with path.open("wb") as file:
        np.savez_compressed(file, **ARRAYS)


def tensors(path: Path) -> None:
    safetensors.write(str(path), new_tensors(ARRAYS), {"format": "keras"})


def legacy(path: Path) -> None:
    shutil.copy(GOLDEN / "keras_3_15_1" / "legacy.h5", path)


def legacy_with_record(path: Path) -> None:
    legacy(path)
    legacy_h5.add_kept(str(path), config=CONFIG, metadata=metadata, tensors=new_tensors(ARRAYS))


def stock(path: Path) -> None:
    shutil.copy(GOLDEN / "keras_3_15_1" / "trained.keras", path)


def saved_model(path: Path) -> None:
    shutil.copytree(GOLDEN / "tensorflow_2_21" / "keras_2_4", path)


def checkpoint(path: Path) -> None:
    shutil.copytree(GOLDEN / "tensorflow_2_21" / "checkpoint", path)


def orbax(path: Path) -> None:
    shutil.copytree(GOLDEN / "orbax_0_12" / "tree", path)


def architecture(path: Path) -> None:
    path.write_text(json.dumps(CONFIG))


SAMPLES: dict[str, Callable[[Path], None]] = {
    "SavedModel": saved_model,
    "architecture": architecture,
    "archive": archive,
    "archive of Keras": stock,
    "archive, deflated": deflated,
    "checkpoint": checkpoint,
    "directory": directory,
    "legacy": legacy,
    "legacy with a record": legacy_with_record,
    "npz": npz,
    "npz, deflated": npz_deflated,
    **({"orbax": orbax} if importlib.util.find_spec("tensorstore") else {}),
    "safetensors": tensors,
    "shards": shards,
    "weights": weights,
}
CHECKED = frozenset(SAMPLES) - {"architecture", "legacy", "orbax", "safetensors"}
"""Those that have checksums of their tensors."""


def judged(path: Path) -> list[Finding]:
    """Every finding of every rule, whatever it costs."""
    modules = (*rules.rules("security"), *rules.rules("integrity"))
    with opened(_entry(path)) as subject:
        return list(rules.judge(subject, modules))


def _entry(path: Path) -> Path:
    index = path / "m.weights.json"
    return index if path.is_dir() and index.exists() else path


def tensors_in(path: Path) -> dict[str, bytes] | None:
    """The bytes of every tensor; None where the file cannot be opened or read."""
    with suppress(KeptError), open_artifact(_entry(path)) as artifact:
        return {tensor.path: tensor.read().tobytes() for tensor in artifact if tensor.dtype != "string"}
    return None


def changes(content: bytes, count: int | None, stream: random.Random) -> Iterator[bytes]:
    """The content, cut at or changed in one byte: each of them, or some."""
    places = range(len(content))
    chosen = places if count is None or count >= len(content) else sorted(stream.sample(places, count))
    for at in chosen:
        yield content[:at] + bytes([content[at] ^ 1 << stream.randrange(8)]) + content[at + 1 :]
        yield content[:at] + bytes([stream.choice((0, 0xFF, content[at] ^ 0xFF))]) + content[at + 1 :]
        if count is None or at % 4 == 0:
            yield content[:at]


def survey(name: str, count: int | None) -> Iterator[str]:
    """What went wrong with one sample."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model")
        SAMPLES[name](path)
        honest = tensors_in(path)
        if worst := [one for one in judged(path) if one.severity is not Severity.NOTE]:
            yield f"{name}: a finding in the honest file: {worst[0]}"
        files = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
        for file in files:
            content = file.read_bytes()
            part = count and max(1, count * len(content) // sum(one.stat().st_size for one in files))
            for index, changed in enumerate(changes(content, part, random.Random(name))):
                file.write_bytes(changed)
                yield from (f"{name}, {file.name}, change {index}: {one}" for one in _faults(name, path, honest))
            file.write_bytes(content)


def _faults(name: str, path: Path, honest: dict[str, bytes] | None) -> Iterator[str]:
    began = time.perf_counter()
    try:
        found = judged(path)
        now = tensors_in(path)
    except Exception:
        yield traceback.format_exc(limit=-6)
        return
    if time.perf_counter() - began > LONGEST_SECONDS:
        yield "took long"
    if (
        name in CHECKED
        and now is not None
        and now != honest
        and all(one.severity is not Severity.ERROR for one in found)
    ):
        yield f"tensors changed without an error: {found}"


def _high_water() -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) << 10
    return 0


def main(words: list[str]) -> int:
    """Prints what went wrong; the exit code is 0 if nothing did."""
    parser = argparse.ArgumentParser(prog="python -m tests.property.damage")
    parser.add_argument("--count", type=int)
    parser.add_argument("names", nargs="*")
    asked = parser.parse_args(words)
    warnings.simplefilter("error")
    list(survey("archive", 20))  # what is imported on the way is no growth
    used = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (used + ADDRESS_SPACE_BYTES, used + ADDRESS_SPACE_BYTES))
    before, faults = _high_water(), 0
    for name in asked.names or SAMPLES:
        for fault in survey(name, asked.count):
            sys.stdout.write(fault + "\n")
            faults += 1
        if _high_water() - before > GROWTH_BYTES:
            sys.stdout.write(f"{name}: memory grew by {_high_water() - before} bytes\n")
            faults += 1
    return int(faults > 0)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
