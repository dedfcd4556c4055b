"""What every format promises, as tests that it inherits by naming itself."""

from __future__ import annotations

import gc
import os
import tracemalloc
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from ..errors import CorruptFileError, FormatError, KeptError, LimitExceededError
from ..formats.artifact import Artifact, Tensor
from ..formats.base import formats, open_artifact
from ..formats.source import Source
from ..limits import DEFAULT_LIMITS, Limits

__all__ = ["FormatTests"]

_FROM_EACH_END, _BETWEEN_COUNT = 300, 100
_LARGE = {"layers/large/vars/0": np.arange(1 << 20, dtype="<f4")}
_SMALL_LIMITS = Limits(expansion_free_bytes=1 << 20, json_bytes=1 << 20, attribute_bytes=1 << 20)
_MEMORY_BYTES = 16 << 20

Arrays = Mapping[str, np.ndarray[Any, Any]]


class FormatTests:
    """The conformance suite of a format; a subclass says which, and how an example of it is made.

        class TestMyFormat(FormatTests):
            format = "my_format"

            def write(self, path, tensors):
                my_format.write(str(path), tensors)

    Attributes:
        format: Stem of its module in `kept.formats`.
        name: What an example of it is called; its own tests show that a name does not matter.
        tensors: What an example holds; empty for a format without tensors.
        checked: Whether no byte of a tensor can change unnoticed.
        capped: Names of the `Limits` that an example exceeds when they are 0.
    """

    format: ClassVar[str]
    name: ClassVar[str] = "model.bin"
    tensors: ClassVar[Arrays] = {
        "layers/dense/vars/0": np.arange(12, dtype="<f4").reshape(3, 4),
        "layers/dense/vars/1": np.array([1.5, -2.0, np.nan, np.inf]),
        "layers/half/vars/0": np.ones((2, 1, 3), "<f2"),
        "layers/empty/vars/0": np.zeros((0, 4), "<f4"),
        "vars/0": np.array(7, "<i8"),
    }
    checked: ClassVar[bool] = False
    capped: ClassVar[tuple[str, ...]] = ()

    def write(self, path: Path, tensors: Arrays) -> None:
        """Makes an example at `path`: a file, a folder, or a file with others beside it."""
        raise NotImplementedError

    def parts(self, path: Path) -> list[Path]:
        """The files of an example whose every byte counts."""
        return sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]

    def verify(self, artifact: Artifact) -> None:
        """Compares every checksum that the example has.

        Raises:
            KeptError: One is wrong, or a tensor that has one is not there.
        """
        if "check" in artifact.extras:
            artifact.extras["check"]()
        record = artifact.record or {}
        recorded = {name: told.get("checksum") for name, told in record.get("tensors", {}).items()}
        found = {name: artifact.tensors[name].checksum() for name in recorded.keys() & artifact.tensors.keys()}
        wrong = sorted(name for name in recorded if found.get(name) != recorded[name])
        if wrong:
            raise CorruptFileError("not what was recorded", path=artifact.path, where=wrong[0])

    @pytest.fixture
    def example(self, tmp_path: Path) -> Path:
        """An example of the format with `tensors` in it."""
        path = tmp_path / self.name
        self.write(path, self.tensors)
        return path

    def test_the_format_is_found(self) -> None:
        """It is a module of `kept.formats` with a title for people."""
        assert formats()[self.format].title

    def test_it_is_recognised(self, example: Path) -> None:
        """What it wrote is opened as what it is."""
        with open_artifact(example) as artifact:
            assert artifact.format == self.format
            assert artifact.path == example

    def test_what_is_written_is_read_back(self, example: Path) -> None:
        """Paths, shapes, types and bytes of every tensor."""
        assert _contents(example) == _held(self.tensors)

    def test_the_example_is_sound(self, example: Path) -> None:
        """Its checksums hold."""
        with open_artifact(example) as artifact:
            self.verify(artifact)

    def test_a_tensor_tells_what_it_is_before_it_is_read(self, example: Path) -> None:
        """Shape, type and size are those of the array that is then read, which nobody can write to."""
        with open_artifact(example) as artifact:
            for tensor in artifact:
                array = tensor.read()
                assert (array.shape, array.dtype.name, array.nbytes) == (tensor.shape, tensor.dtype, tensor.nbytes)
                assert not array.flags.writeable

    def test_opening_reads_no_tensor(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Of a large file only a small part is read, and nothing is mapped."""
        if not self.tensors:
            pytest.skip("the format holds no tensors")
        self.write(tmp_path / self.name, _LARGE)
        counts: list[int] = []
        read_at = Source.read_at

        def counted(source: Source, offset: int, count: int) -> bytes:
            data = read_at(source, offset, count)
            counts.append(len(data))
            return data

        monkeypatch.setattr(Source, "read_at", counted)
        with open_artifact(tmp_path / self.name) as artifact:
            assert sum(counts) < _LARGE["layers/large/vars/0"].nbytes // 4
            assert artifact.tensors["layers/large/vars/0"].shape == (1 << 20,)

    def test_arrays_outlive_the_artifact(self, example: Path) -> None:
        """What was handed out stays, and what was not is either read or refused."""
        with open_artifact(example) as artifact:
            arrays = {tensor.path: tensor.read() for tensor in artifact}
        assert _held(arrays) == _held(self.tensors)
        refused = [str(error) for tensor in artifact if (error := _error_of(tensor))]
        assert all("the file was closed before" in error for error in refused)

    def test_a_file_cut_at_any_byte_is_refused(self, example: Path) -> None:
        """Nothing of it is loaded, the error names the file, and no file stays open."""
        opened = _open_files()
        for part in self.parts(example):
            whole = part.read_bytes()
            for at in _places(len(whole)):
                part.write_bytes(whole[:at])
                assert isinstance(self._refusal(example, DEFAULT_LIMITS), FormatError), f"{part.name} cut at {at}"
            part.write_bytes(whole)
        assert _open_files() == opened

    def test_a_part_that_is_missing_is_noticed(self, example: Path) -> None:
        """Of an example in several files each is needed."""
        for part in self.parts(example):
            whole = part.read_bytes()
            part.unlink()
            assert self._refusal(example, DEFAULT_LIMITS) is not None, part.name
            part.write_bytes(whole)

    def test_a_flipped_bit_is_noticed_or_harmless(self, example: Path) -> None:
        """Reading ends in an error that names the file, or, where there are checksums, in the very same tensors."""
        sound = _contents(example)
        for part in self.parts(example):
            whole = part.read_bytes()
            for at in _places(len(whole)):
                part.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :])
                refused = self._refusal(example, DEFAULT_LIMITS)
                assert refused or not self.checked or _contents(example) == sound, f"{part.name} at {at}"
            part.write_bytes(whole)

    def test_what_a_file_claims_is_not_believed(self, example: Path) -> None:
        """Numbers made as large as they go, anywhere in it, ask for no memory beyond the limits."""
        tracemalloc.start()
        try:
            for part in self.parts(example):
                whole = part.read_bytes()
                for at in _places(len(whole))[::3]:
                    part.write_bytes((whole[:at] + b"\xff\xff\xff\xff\xff\xff\xff\x7f" + whole[at + 8 :])[: len(whole)])
                    self._refusal(example, _SMALL_LIMITS)
                part.write_bytes(whole)
            assert tracemalloc.get_traced_memory()[1] < _MEMORY_BYTES
        finally:
            tracemalloc.stop()

    def test_limits_are_kept(self, example: Path) -> None:
        """A limit of 0 refuses the example where it applies, and changes nothing elsewhere."""
        refused = {name: self._refusal(example, Limits(**{name: 0})) for name in Limits.__dataclass_fields__}
        assert {name for name, error in refused.items() if error} == set(self.capped)
        assert all(isinstance(error, LimitExceededError) for error in refused.values() if error)

    def _refusal(self, path: Path, limits: Limits) -> KeptError | None:
        """The error that reading all of it ends in; every error but one of kept goes through."""
        refused = None
        try:
            with open_artifact(path, limits) as artifact:
                for part in (*artifact, *artifact.assets.values()):
                    part.read()
                self.verify(artifact)
        except KeptError as error:
            refused = error
        assert refused is None or str(refused.path).startswith(str(path.parent)), f"names no file: {refused}"
        return refused


def _error_of(tensor: Tensor) -> KeptError | None:
    try:
        tensor.read()
    except KeptError as error:
        return error
    return None


def _held(arrays: Arrays) -> dict[str, tuple[tuple[int, ...], str, bytes]]:
    """Arrays as they compare: NaN is equal to itself, and -0.0 is not 0.0."""
    return {path: (array.shape, array.dtype.name, array.tobytes()) for path, array in arrays.items()}


def _contents(path: Path) -> dict[str, tuple[tuple[int, ...], str, bytes]]:
    with open_artifact(path) as artifact:
        return _held({tensor.path: tensor.read() for tensor in artifact})


def _places(nbytes: int) -> list[int]:
    """Every byte of a small file; of a larger one all near both ends, and some between."""
    if nbytes <= 2 * _FROM_EACH_END:
        return list(range(nbytes))
    between = range(_FROM_EACH_END, nbytes - _FROM_EACH_END, max(1, nbytes // _BETWEEN_COUNT))
    return [*range(_FROM_EACH_END), *between, *range(nbytes - _FROM_EACH_END, nbytes)]


def _open_files() -> int:
    gc.collect()  # what was mapped stays open as long as its arrays
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
