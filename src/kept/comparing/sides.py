"""One of the two files, open: what is in it, and its tensors by inner path."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property

from kept.errors import KeptError
from kept.formats.artifact import Artifact, Tensor
from kept.formats.base import formats, open_artifact
from kept.formats.pieces import checksum_of
from kept.formats.threads import THREAD_COUNT
from kept.inspecting.run import look_into
from kept.limits import Limits
from kept.report import Inspection, Stored
from kept.tree.nodes import Node
from kept.tree.parse import parse

__all__ = ["Side", "opened"]

# Less is read sooner than threads are started.
_MANY_NBYTES = 1 << 25


@dataclass
class Side:
    """A file that is being compared.

    Attributes:
        path: As the caller named it.
        artifact: The open file; of a SavedModel the archive that kept put inside, where there is one.
        found: What a look into it finds.
        checksums: Of tensors by inner path, as far as they are known.
    """

    path: str
    artifact: Artifact
    found: Inspection
    checksums: dict[str, str] = field(default_factory=dict)

    @cached_property
    def tree(self) -> Node | None:
        """The config; None for weights alone."""
        return None if self.artifact.config is None else parse(self.artifact.config)

    @property
    def is_whole(self) -> bool:
        """Whether it is one of the forms of `.keras`, which have a place for everything."""
        return self.tree is not None and "date_saved" in self.artifact.metadata

    @property
    def is_legacy(self) -> bool:
        """Whether its tensors have the paths of Keras 1 and 2, rather than inner paths."""
        return "layers" in self.artifact.extras

    @property
    def has_record(self) -> bool:
        """Whether kept wrote it, and wrote down what it did."""
        return self.found.record is not None

    def tensor(self, stored: Stored) -> Tensor:
        """The tensor itself."""
        return self.artifact.tensors[stored.path]

    def sum_up(self, tensors: Iterable[Stored]) -> None:
        """Reads these tensors, but for those with a known checksum, and notes their checksums."""
        wanted = [self.tensor(one) for one in tensors if one.path not in self.checksums]
        if sum(one.nbytes for one in wanted) < _MANY_NBYTES:
            self.checksums |= {one.path: checksum_of(one) for one in wanted}
            return
        with ThreadPoolExecutor(THREAD_COUNT) as pool:
            sums = pool.map(checksum_of, wanted)
            self.checksums |= {one.path: found for one, found in zip(wanted, sums, strict=True)}


@contextmanager
def opened(path: str | os.PathLike[str], limits: Limits) -> Iterator[Side]:
    """Opens a file of any format.

    Raises:
        FormatError: The bytes are not what they claim to be.
        UnsafeContentError: It asks for something that no model needs.
    """
    named = os.fspath(path)
    with open_artifact(path, limits) as artifact:
        whole = artifact.extras.get("keras_archive")
        if whole is None:
            yield _side(artifact, named)
            return
        with open_artifact(whole, limits) as inside:
            side = _side(inside, named)
            side.found = replace(side.found, title=formats()[artifact.format].title, format=artifact.format)
            yield side


def _side(artifact: Artifact, path: str) -> Side:
    try:
        return Side(path, artifact, look_into(artifact, path), artifact.recorded_checksums())
    except KeptError as error:
        error.path = error.path or path
        raise
