"""What a format is, and opening a file by what it holds rather than by what it is called.

A format is a module in this package with a `FORMAT`. Adding one is adding a file.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ..errors import CorruptFileError, KeptError, UnknownFormatError, UnsafeContentError, shown
from ..limits import DEFAULT_LIMITS, Limits
from .artifact import Artifact
from .hdf5 import SIGNATURE
from .places import Place, is_url, locate
from .source import Source
from .zip_layout import LOCAL

__all__ = ["Format", "Probe", "formats", "hdf5_start", "open_artifact", "refuse_second_reading"]

# The end record of a zip archive, and the longest comment after it.
_TAIL_NBYTES = 22 + 0xFFFF
_KEEPERS = "a .keras archive, an .h5, .npz, .safetensors or .json file, or the folder of a model"


@dataclass(frozen=True, slots=True)
class Probe:
    """What can be told of a path at a glance.

    Attributes:
        path: The file or folder; a `RemotePath` where it is a URL.
        names: Names in the folder; empty for a file.
        is_folder: Whether it is one.
        is_zip: Whether it begins as a zip archive.
        hdf5_at: Where HDF5 would find the beginning of an HDF5 file in it, None for nowhere.
        limits: The caps on looking into it.
    """

    path: Place
    names: frozenset[str]
    is_folder: bool
    is_zip: bool
    hdf5_at: int | None
    limits: Limits = DEFAULT_LIMITS


@dataclass(frozen=True, slots=True)
class Format:
    """One format on disk.

    Attributes:
        title: Its name for people.
        sniff: Whether a path is of this format; sees the `Probe` only, and may look into the file.
        open: Opens it, given its place and the limits.
        rank: Formats of lower rank are asked first; a format that accepts what others know better has a high one.
        reads_urls: False where it needs a library that opens paths of this machine alone.
    """

    title: str
    sniff: Callable[[Probe], bool]
    open: Callable[..., Artifact]
    rank: int = 0
    reads_urls: bool = True


@cache
def formats() -> dict[str, Format]:
    """Every format by the stem of its module, in the order in which they are asked."""
    package = importlib.import_module(__package__)
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    modules = {name: importlib.import_module(f"{__package__}.{name}") for name in names}
    found = {name: module.FORMAT for name, module in modules.items() if hasattr(module, "FORMAT")}
    return dict(sorted(found.items(), key=lambda item: item[1].rank))


def open_artifact(path: str | os.PathLike[str], limits: Limits = DEFAULT_LIMITS) -> Artifact:
    """Opens a model file or folder of any format; what it is called does not matter.

    Args:
        path: The file or folder, or any URL that fsspec knows (`s3://bucket/model.keras`).
        limits: The caps of the readers.

    Raises:
        MissingDependencyError: It is a URL, and what opens such URLs is not installed.
        UnknownFormatError: Nothing is there, or no format recognises it.
        CorruptFileError: It is damaged or cut.
        LimitExceededError: It is larger or deeper than `limits` allows.
        UnsafeContentError: It asks for something that no model needs.
        UnsupportedVersionError: A newer kept wrote it.
    """
    probe = _probe(locate(path, limits), limits)
    for candidate in formats().values():
        if candidate.sniff(probe):
            if not candidate.reads_urls and is_url(probe.path):
                told = f"{candidate.title}: kept cannot read it behind a URL"
                raise KeptError(told, path=path, hint="copy it to this machine first")
            return candidate.open(probe.path, limits)
    raise UnknownFormatError("no format recognises it", path=path, expected=_KEEPERS, found=_found(probe))


def _probe(path: Place, limits: Limits) -> Probe:
    try:
        if path.is_dir():
            return Probe(path, frozenset(one.name for one in path.iterdir()), True, False, None, limits)
        path.stat()
    except FileNotFoundError as error:
        raise UnknownFormatError("no such file or folder", path=path, hint=_hint(path)) from error
    except OSError as error:
        raise UnknownFormatError(f"cannot be read: {error.strerror}", path=path) from error
    if not path.is_file():
        raise UnknownFormatError("is neither a file nor a folder", path=path, expected=_KEEPERS)
    with Source(path) as source:
        source.expect([(0, 1), *_signature_places(source), (source.nbytes - _TAIL_NBYTES, source.nbytes)])
        if not source.nbytes:
            raise CorruptFileError(
                "the file is empty", path=path, hint="a save that failed leaves such a file; look for an older copy"
            )
        is_zip = source.read_at(0, 4) == LOCAL
        hdf5_at = hdf5_start(source)
        if not is_zip and _ends_as_zip(source):
            raise _two_readings(source, "what does not begin as a zip archive and ends as one")
        return Probe(path, frozenset(), False, is_zip, hdf5_at, limits)


def hdf5_start(source: Source) -> int | None:
    """Where HDF5 finds its signature: at 0, or at the first power of two from 512 that has it."""
    places = _signature_places(source)
    source.expect(places)
    return next((at for at, end in places if source.read_at(at, end - at) == SIGNATURE), None)


def _signature_places(source: Source) -> list[tuple[int, int]]:
    places = [0, *(1 << power for power in range(9, source.nbytes.bit_length()))]
    return [(at, at + len(SIGNATURE)) for at in places if at < source.nbytes]


def refuse_second_reading(source: Source, *, hdf5_at: int | None = None, is_zip: bool = False) -> None:
    """Refuses what HDF5, or a reader of zip archives, would open as a file of its own.

    Args:
        source: The file.
        hdf5_at: Where HDF5 may find one all the same, which is then part of this format.
        is_zip: Whether this format is a zip archive.

    Raises:
        UnsafeContentError: It reads as two different files.
    """
    found = hdf5_start(source)
    if found is not None and found != hdf5_at:
        raise _two_readings(source, f"an HDF5 file at byte {found}")
    if not is_zip and _ends_as_zip(source):
        raise _two_readings(source, "the end of a zip archive")


def _two_readings(source: Source, found: str) -> UnsafeContentError:
    return UnsafeContentError("reads as two different files", path=source.path, expected="one content", found=found)


def _ends_as_zip(source: Source) -> bool:
    start = max(0, source.nbytes - _TAIL_NBYTES)
    tail = source.read_at(start, source.nbytes - start)
    at = tail.rfind(b"PK\x05\x06")
    return at >= 0 and len(tail) - at >= 22 and len(tail) - at - 22 == int.from_bytes(tail[at + 20 : at + 22], "little")


def _hint(path: Place) -> str:
    """What somebody may have meant: the name of a checkpoint of TensorFlow, or a URL whose slash a path took away."""
    if isinstance(path, Path) and path.name and (index := path.with_name(f"{path.name}.index")).is_file():
        return f"{index.name} is there"
    mangled = re.match(r"([a-z][a-z0-9+.-]+):/(?=[^/])", str(path))
    return f"give a URL as a text: '{mangled[1]}://{str(path)[mangled.end() :]}'" if mangled else ""


def _found(probe: Probe) -> str:
    if probe.is_folder:
        names = sorted(probe.names)
        return f"a folder of {', '.join(names[:5])}{', ...' if len(names) > 5 else ''}" if names else "an empty folder"
    with Source(probe.path) as source:
        return f"a file that begins with {shown(source.read_at(0, 16))}"
