"""What rules on files are given: a file that was opened and read, or why it could not be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kept.errors import KeptError
from kept.limits import DEFAULT_LIMITS, Limits
from kept.tree.nodes import Node
from kept.tree.walk import walk

if TYPE_CHECKING:
    from kept.formats.artifact import Artifact

__all__ = ["FileSubject"]


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
    """

    path: str
    artifact: Artifact | None = None
    failure: KeptError | None = None
    trees: Mapping[str, Node] = field(default_factory=dict)
    record: Mapping[str, Any] | None = None
    limits: Limits = DEFAULT_LIMITS
    trusted: tuple[str, ...] = ()
    facts: dict[str, Any] = field(default_factory=dict, compare=False)

    def nodes(self) -> Iterator[Node]:
        """Every node of every config, parents first."""
        for tree in self.trees.values():
            yield from walk(tree)
