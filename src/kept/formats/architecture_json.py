"""A model's config alone: a bare `config.json`, or what `model.to_json()` of Keras 1, 2 and 3 returns.

Metadata: the versions that Keras 1 and 2 write beside the config.
"""

from __future__ import annotations

from ..errors import UnknownFormatError, shown
from ..limits import Limits
from . import strict_json
from .artifact import Artifact
from .base import Format, Probe
from .places import Place
from .source import Source

__all__ = ["FORMAT"]

_VERSIONS = ("keras_version", "backend")
_HEAD_NBYTES = 1 << 10


def _sniff(probe: Probe) -> bool:
    if probe.is_folder or probe.is_zip or probe.hdf5_at is not None:
        return False
    with Source(probe.path) as source:
        return source.read_at(0, _HEAD_NBYTES).lstrip().startswith(b"{")


def _open(path: Place, limits: Limits) -> Artifact:
    with Source(path) as source:
        content = source.read_at(0, min(source.nbytes, limits.json_bytes + 1))
    document = strict_json.parse(content, path=path, where="", limits=limits, finite=False)
    if not isinstance(document.get("class_name"), str) or not isinstance(document.get("config"), dict | list):
        found = f"the keys {shown(list(document)[:5])}"
        expected = "class_name and config"
        raise UnknownFormatError("JSON, but not the config of a model", path=path, expected=expected, found=found)
    versions = {name: document[name] for name in _VERSIONS if name in document}
    return Artifact(path, "architecture_json", document, versions)


FORMAT = Format("config of a model (.json)", _sniff, _open, rank=9)
