"""The whole-model `.h5` of Keras 1 and 2, and what kept adds to one so that nothing is lost in it.

The old format has no room for what Keras 3 saves. kept lets Keras write it, then adds the group `/_kept` with config,
metadata, assets and every tensor under its inner path; a tensor that the old part has already becomes a second path
to the same bytes. A file with that group opens as if it were a `.keras`; extras: `legacy`, the old part as below,
and `model_config` in it.

Extras of a file without it: `layers` (inner paths of each layer's weights, in order, by layer name), `optimizer`
(inner paths of the optimizer's, in order), `training_config` (JSON object or None), `source` (the open file). Of both:
`foreign_bytes`, how many bytes of the file lie before its HDF5 content, and how many behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import CorruptFileError
from ..limits import DEFAULT_LIMITS, Limits
from . import strict_json
from .artifact import Artifact, Asset, NewTensor, Tensor, TensorRecord, Written, check_version
from .base import Format, Probe, hdf5_start
from .checksums import crc32
from .dtypes import byte_view
from .hdf5 import Contents, Hdf5, foreign_bytes
from .output import Output
from .pages import Pages
from .places import Place
from .source import Source
from .weights_h5 import document, extend

__all__ = ["FORMAT", "add_kept", "rewrite_documents"]

GROUP, CONFIG, METADATA = "_kept", "_kept/config", "_kept/metadata"
WEIGHTS, ASSETS = "_kept/weights", "_kept/assets"
_COMPARED_NBYTES = 1 << 20


def add_kept(
    file: str,
    *,
    config: dict[str, Any],
    metadata: Callable[[Written], dict[str, Any]],
    tensors: Mapping[str, NewTensor],
    attributes: Mapping[str, Mapping[str, str]] | None = None,
    assets: Mapping[str, bytes | Path] | None = None,
) -> Written:
    """Adds the group `/_kept` to a legacy file that Keras has written; one that is there already is replaced.

    Args:
        file: The file. May be `/proc/self/fd/N`.
        config: The model's Keras 3 config.
        metadata: Makes the metadata once it is known where every tensor lies.
        tensors: By inner path.
        attributes: Text attributes by group path; groups named here exist even when empty.
        assets: Contents, or files to copy, by name.

    Raises:
        WriteError: The system refuses.
        SerializationError: A tensor, config or metadata cannot be written.
        FormatError: `file` is not an HDF5 file.
    """
    from .hdf5.write import Layout, write_tensors

    with Output(file, truncate=False) as output:
        present, missing = _divide(file, tensors)
        with Layout(Pages(output.fd)) as layout:
            layout.remove(GROUP)
            layout.group(WEIGHTS)
            for path, texts in (attributes or {}).items():
                layout.text(f"{WEIGHTS}/{path}", texts)
            for path, (existing, _) in present.items():
                layout.link(f"{WEIGHTS}/{path}", existing)
            for path, tensor in missing.items():
                layout.tensor(f"{WEIGHTS}/{path}", tensor)
            for path, content in _documents(config, assets or {}).items():
                layout.tensor(path, document(content))
            plan = layout.finish()
        output.reserve(plan.pages.nbytes)
        made, _ = write_tensors(output, plan, checked=False)
        records = {path: present[path][1] if path in present else made[f"{WEIGHTS}/{path}"] for path in tensors}
        written = Written(records)
        extend(output, {METADATA: document(strict_json.dump(metadata(written), METADATA))})
    return written


def rewrite_documents(file: str, *, config: dict[str, Any], metadata: dict[str, Any]) -> None:
    """Replaces config and metadata of a file that has the group `/_kept`; no tensor is touched.

    Raises:
        WriteError: The system refuses.
        SerializationError: Config or metadata cannot be written.
    """
    contents = {CONFIG: strict_json.dump(config, CONFIG), METADATA: strict_json.dump(metadata, METADATA)}
    with Output(file, truncate=False) as output:
        extend(output, {path: document(content) for path, content in contents.items()})


def _documents(config: dict[str, Any], assets: Mapping[str, bytes | Path]) -> dict[str, bytes]:
    contents = {CONFIG: strict_json.dump(config, CONFIG)}
    for name, content in assets.items():
        contents[f"{ASSETS}/{name}"] = content if isinstance(content, bytes) else content.read_bytes()
    return contents


def _divide(
    file: str, tensors: Mapping[str, NewTensor]
) -> tuple[dict[str, tuple[str, TensorRecord]], dict[str, NewTensor]]:
    """The tensors whose very bytes the file has, with the path of the dataset, and the others."""
    present: dict[str, tuple[str, TensorRecord]] = {}
    with Source(Path(file)) as source:
        hdf5 = Hdf5(source, 0, source.nbytes, DEFAULT_LIMITS)
        alike: dict[tuple[tuple[int, ...], str], list[Tensor]] = {}
        for stored in hdf5.walk(skip=(GROUP,)).tensors.values():
            if stored.offset is not None:
                alike.setdefault((stored.shape, stored.dtype), []).append(stored)
        for path, tensor in tensors.items():
            candidates = alike.get((tensor.shape, tensor.dtype), [])
            data = byte_view(tensor.read()) if candidates else memoryview(b"")
            twin = next((stored for stored in candidates if _equal(byte_view(stored.read()), data)), None)
            if twin is not None:
                checksum = f"crc32:{crc32(data):08x}"
                present[path] = (twin.path, TensorRecord(twin.offset, twin.shape, twin.dtype, twin.nbytes, checksum))
        hdf5.close()
    return present, {path: tensor for path, tensor in tensors.items() if path not in present}


def _equal(a: memoryview, b: memoryview) -> bool:
    steps = range(0, a.nbytes, _COMPARED_NBYTES)
    return a.nbytes == b.nbytes and all(
        bytes(a[at : at + _COMPARED_NBYTES]) == bytes(b[at : at + _COMPARED_NBYTES]) for at in steps
    )


@dataclass(frozen=True, slots=True)
class _Opened:
    """A file that is being looked into."""

    path: Place
    limits: Limits
    hdf5: Hdf5

    def json(self, data: bytes, where: str) -> dict[str, Any]:
        return strict_json.parse(data, path=self.path, where=where, limits=self.limits, finite=where == METADATA)

    def old_config(self, attributes: Mapping[str, Any], name: str) -> dict[str, Any] | None:
        text = attributes.get(name)
        if text is not None and not isinstance(text, str):
            raise CorruptFileError("not a text", path=self.path, where=name, found=type(text).__name__)
        return None if text is None else self.json(text.encode(), name)

    def old_part(self, attributes: Mapping[str, Any], contents: Contents) -> dict[str, Any]:
        """Which tensors belong to which layer, in the order in which Keras sets them."""
        root = "model_weights" if "model_weights" in self.hdf5.names() else ""
        top = self.hdf5.attributes(root) if root else attributes
        layers = {
            name: self._weights("/".join(filter(None, (root, name))), contents) for name in _listed(top, "layer_names")
        }
        optimizer = self._weights("optimizer_weights", contents) if "optimizer_weights" in self.hdf5.names() else []
        return {
            "layers": layers,
            "optimizer": optimizer,
            "training_config": self.old_config(attributes, "training_config"),
        }

    def _weights(self, group: str, contents: Contents) -> list[str]:
        paths = [f"{group}/{name}" for name in _listed(self.hdf5.attributes(group), "weight_names")]
        lost = [path for path in paths if path not in contents.tensors]
        if lost:
            raise CorruptFileError("a weight that its group lists is not there", path=self.path, where=lost[0])
        return paths


def _listed(attributes: Mapping[str, Any], name: str) -> list[str]:
    """A list of names, which Keras splits over `name0`, `name1`, ... when it is long."""
    found = list(attributes.get(name) or [])
    index = 0
    while f"{name}{index}" in attributes:
        found += attributes[f"{name}{index}"]
        index += 1
    return [str(item) for item in found]


def _sniff(probe: Probe) -> bool:
    if probe.hdf5_at is None or probe.is_zip:
        return False
    with Source(probe.path) as source, ExitStack() as resources:
        hdf5 = Hdf5(source, 0, source.nbytes, DEFAULT_LIMITS)
        resources.callback(hdf5.close)
        return bool(hdf5.attributes().keys() & {"model_config", "layer_names", "layer_names0"})


def _open(path: Place, limits: Limits) -> Artifact:
    with ExitStack() as resources:
        source = resources.enter_context(Source(path))
        hdf5 = Hdf5(source, 0, source.nbytes, limits)
        resources.callback(hdf5.close)
        opened = _Opened(path, limits, hdf5)
        attributes = hdf5.attributes()
        contents = hdf5.walk(skip=(GROUP,))
        legacy = opened.old_part(attributes, contents)
        legacy["foreign_bytes"] = foreign_bytes(source, hdf5_start(source) or 0)
        artifact = Artifact(
            path,
            "legacy_h5",
            opened.old_config(attributes, "model_config"),
            {name: attributes[name] for name in ("keras_version", "backend") if name in attributes},
            contents.tensors,
            attributes=contents.attributes,
            extras={**legacy, "source": source},
            _resources=resources.pop_all(),
        )
        return _with_kept(opened, artifact) if GROUP in hdf5.names() else artifact


def _with_kept(opened: _Opened, artifact: Artifact) -> Artifact:
    hdf5 = opened.hdf5
    metadata = opened.json(hdf5.document(METADATA), METADATA)
    check_version(metadata.get("kept"), opened.path)
    contents = hdf5.walk(WEIGHTS)
    files = hdf5.walk(ASSETS).tensors if "assets" in hdf5.names(GROUP) else {}
    return replace(
        artifact,
        config=opened.json(hdf5.document(CONFIG), CONFIG),
        metadata=metadata,
        tensors=contents.tensors,
        attributes=contents.attributes,
        assets={name: _asset(name, tensor) for name, tensor in files.items()},
        extras={
            "legacy": {**artifact.extras, "model_config": artifact.config},
            "foreign_bytes": artifact.extras["foreign_bytes"],
        },
    )


def _asset(name: str, tensor: Tensor) -> Asset:
    def beginning(count: int) -> bytes:
        return tensor.read().reshape(-1)[:count].tobytes()[:count]

    return Asset(name, tensor.nbytes, lambda: tensor.read().tobytes(), beginning)


FORMAT = Format("legacy whole-model .h5 file", _sniff, _open, rank=1)
