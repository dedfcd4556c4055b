"""What rules on files are given: a file that was opened and read, or why it could not be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kept.errors import CorruptFileError, KeptError
from kept.limits import DEFAULT_LIMITS, Limits
from kept.tree.layers import ModelWeights
from kept.tree.nodes import Node
from kept.tree.walk import walk

if TYPE_CHECKING:
    from kept.formats.artifact import Artifact

__all__ = ["FileSubject", "Values"]


@dataclass(frozen=True, slots=True)
class Values:
    """What reading everything in a file found.

    Attributes:
        differing: Inner path of each tensor whose bytes are not those that were recorded: recorded and found checksum.
        nan: Inner paths of tensors with NaN in them.
        infinite: Inner paths of tensors with infinite numbers in them.
        damage: What could not be read, or has another checksum than the file itself says.
    """

    differing: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    nan: tuple[str, ...] = ()
    infinite: tuple[str, ...] = ()
    damage: tuple[KeptError, ...] = ()


@dataclass(frozen=True, slots=True)
class FileSubject:
    """A model file as rules see it. Nothing in it is imported or run.

    Attributes:
        path: As the caller named it.
        artifact: The open file; None where it could not be opened.
        failure: Why it could not be opened, or its config not be understood; None where it could.
        trees: The configs in the file by what they are: `""` is the model's own, `training_config` that of a legacy
            `.h5`, `model_config` what plain Keras reads in an `.h5` of kept, `#3` that of an object which a value in
            kept's record holds. Paths of the nodes begin with that name.
        record: kept's record; None where kept did not write the file.
        limits: The caps of the readers.
        trusted: Modules and `sha256:...` of embedded sources that the caller trusts.
        facts: What rules have found out about the file and share, by name.
        weights: Compares the config with the tensors, on the first call.
        values: Reads the whole file, on the first call; None for a caller who reads it anyway, as loading does.
    """

    path: str
    artifact: Artifact | None = None
    failure: KeptError | None = None
    trees: Mapping[str, Node] = field(default_factory=dict)
    record: Mapping[str, Any] | None = None
    limits: Limits = DEFAULT_LIMITS
    trusted: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict, compare=False)
    weights: Callable[[], ModelWeights] = ModelWeights
    values: Callable[[], Values] | None = None

    @property
    def lacks_part(self) -> bool:
        """Whether it could not be opened for want of another file that belongs to it."""
        failure = self.failure
        return isinstance(failure, CorruptFileError) and isinstance(failure.__cause__, FileNotFoundError)

    def recorded_tensors(self) -> Mapping[str, Mapping[str, Any]]:
        """What kept's record says of each tensor, by inner path; empty where it says nothing that can be read."""
        told = self.record.get("tensors") if self.record else None
        entries = told.items() if isinstance(told, Mapping) else ()
        return {str(path): one for path, one in entries if isinstance(one, Mapping)}

    def nodes(self) -> Iterator[Node]:
        """Every node of every config, parents first."""
        for tree in self.trees.values():
            yield from walk(tree)
