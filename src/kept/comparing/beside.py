"""What stands beside the layers: versions, how the model was compiled, files and source inside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kept.report import Stored, is_weight
from kept.tree.change import Change, Kind
from kept.tree.nodes import Node
from kept.tree.parse import parse
from kept.tree.values import changes

from .sides import Side

__all__ = ["assets_of", "both_hold", "compiled_of", "holds_states", "only_in", "sources_of", "states_of", "versions_of"]

_VERSIONS = {"keras": "Keras", "backend": "backend", "python": "Python", "kept": "kept"}


def both_hold(a: Side, b: Side) -> bool:
    """Whether each file has a place for all that the other has."""
    return (a.is_whole and b.is_whole) or a.artifact.format == b.artifact.format


def versions_of(a: Side, b: Side) -> Iterator[Change]:
    """Versions that both files say."""
    for name, one in a.found.versions.items():
        other = b.found.versions.get(name, one)
        if one != other:
            yield Change(_VERSIONS.get(name, name), Kind.CHANGED, one, other)


def compiled_of(a: Side, b: Side) -> Iterator[Change]:
    """How the models were compiled; settings that one kind of file alone has are left out."""
    one, other = _settings(a), _settings(b)
    if not both_hold(a, b):
        one, other = ({key: held[key] for key in held if key in one and key in other} for held in (one, other))
    if bool(one) is bool(other):
        yield from changes(one, other)
    elif one:
        yield Change("compile", Kind.REMOVED, _optimizer(a), None)
    else:
        yield Change("compile", Kind.ADDED, None, _optimizer(b))


def _settings(side: Side) -> Mapping[str, Any]:
    """As `.keras` has them; a legacy `.h5` calls the optimizer by another name."""
    found: Any = side.tree.fields.get("compile_config") if side.tree is not None else None
    if found:
        return found.fields if isinstance(found, Node) else found if isinstance(found, Mapping) else {}
    old = side.artifact.extras.get("training_config")
    if not isinstance(old, dict):
        return {}
    fields = parse(old).fields
    return {"optimizer" if key == "optimizer_config" else key: value for key, value in fields.items()}


def _optimizer(side: Side) -> str:
    return side.found.compiled.optimizer if side.found.compiled is not None else ""


def assets_of(a: Side, b: Side, read: bool) -> Iterator[Change]:
    """Files inside that differ, with their sizes; of equal size are those whose bytes differ, where they are read."""
    if not both_hold(a, b) and not (a.artifact.assets and b.artifact.assets):
        return
    for name, asset in a.artifact.assets.items():
        other = b.artifact.assets.get(name)
        if other is None:
            yield Change(name, Kind.REMOVED, asset.nbytes, None)
        elif asset.nbytes != other.nbytes or (read and asset.read() != other.read()):
            yield Change(name, Kind.CHANGED, asset.nbytes, other.nbytes)
    for name, asset in b.artifact.assets.items():
        if name not in a.artifact.assets:
            yield Change(name, Kind.ADDED, None, asset.nbytes)


def sources_of(a: Side, b: Side) -> Iterator[Change]:
    """Embedded source that differs, with its hashes, where kept has written both files."""
    if not (a.has_record and b.has_record):
        return
    one, other = ({source.module: source.sha256 for source in side.found.sources} for side in (a, b))
    yield from changes(one, other)


def only_in(side: Side, other: Side) -> Iterator[str]:
    """What one file holds and the other has no room for, in short."""
    here, there = side.found, other.found
    if not both_hold(side, other):
        if side.tree is not None and other.tree is None:
            yield "the config"
        if _settings(side) and not _settings(other):
            yield "how it was compiled"
        if here.model.every_tensor and not there.tensors:
            yield _counted(len(here.model.every_tensor), "weight")
        elif random := _random_count(side) if not _random_count(other) else 0:
            yield _counted(random, "state") + " of random generators"
        if states_of(side) and not states_of(other):
            yield f"{_counted(len(states_of(side)), 'tensor')} of the optimizer"
        if side.artifact.assets and not other.artifact.assets:
            yield _counted(len(side.artifact.assets), "asset")
    if here.others and not there.others and not (both_hold(side, other) and side.has_record is other.has_record):
        yield f"{_counted(len(here.others), 'tensor')} of no layer"
    if side.has_record and not other.has_record:
        yield "kept's record" + (" with embedded source" if here.sources else "")


def states_of(side: Side) -> tuple[Stored, ...]:
    """The state of the optimizer."""
    return side.found.compiled.tensors if side.found.compiled is not None else ()


def holds_states(side: Side) -> bool:
    """Whether the file has states of random generators."""
    return _random_count(side) > 0


def _random_count(side: Side) -> int:
    return sum(not is_weight(tensor) for tensor in side.found.model.every_tensor)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
