"""What the caller does not want to know: a few words, and patterns for names, paths and keys of a config."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fnmatch import fnmatchcase

from kept.report import LayerChange, TensorChange, is_weight
from kept.tree.change import Change

__all__ = ["WORDS", "Ignoring"]

WORDS = {
    "versions": "versions of Keras, its backend, Python and kept",
    "config": "settings of layers, and how they are connected",
    "names": "names of layers and of other objects",
    "order": "places of layers in their model",
    "weights": "tensors of layers",
    "state": "states of random generators, and tensors of no layer",
    "dtypes": "types of layers and tensors; their values are compared",
    "compile": "optimizer, loss and metrics; not the state of the optimizer",
    "optimizer": "the optimizer: its settings and its state",
    "assets": "files inside, such as vocabularies",
    "sources": "embedded source",
}


class Ignoring:
    """Leaves out what was named, and counts it.

    Attributes:
        counts: How many differences each word or pattern has left out.
    """

    def __init__(self, named: Iterable[str]) -> None:
        self.counts = dict.fromkeys(named, 0)
        self._patterns = [one for one in self.counts if one not in WORDS]

    def names(self, word: str) -> bool:
        """Whether a word was named."""
        return word in self.counts

    def _hit(self, word: str) -> bool:
        if word not in self.counts:
            return False
        self.counts[word] += 1
        return True

    def _fits(self, *texts: str) -> bool:
        for pattern in self._patterns:
            if any(text and fnmatchcase(text, pattern) for text in texts):
                self.counts[pattern] += 1
                return True
        return False

    def without(self, changes: Iterable[Change], words: Iterable[str], owner: str = "") -> tuple[Change, ...]:
        """The changes that are to be told.

        Args:
            changes: Of one object.
            words: That leave out all of them.
            owner: Path of the object, for patterns such as `encoder/dense.units`.
        """
        words = list(words)
        kept = []
        for one in changes:
            key = one.path.rpartition(".")[2]
            said = [word for word in words if word in self.counts]
            said += [
                word for word, last in (("names", "name"), ("dtypes", "dtype")) if key == last and self.names(word)
            ]
            if said:
                self._hit(said[0])
            elif not self._fits(key, one.path, *([f"{owner}.{one.path}"] if owner else [])):
                kept.append(one)
        return tuple(kept)

    def tensor(self, one: TensorChange, words: Iterable[str], owner: str = "") -> TensorChange | None:
        """A tensor as it is to be told of; None where it is not."""
        stored = [tensor for tensor in (one.a, one.b) if tensor is not None]
        kinds = [*words, *(["state"] if not all(map(is_weight, stored)) else [])]
        if any(self._hit(word) for word in kinds) or self._fits(owner, *(tensor.path for tensor in stored)):
            return None
        if one.moved and self._hit("names"):
            one = replace(one, moved=False)
        if one.what == "dtype" and self._hit("dtypes"):
            one = replace(one, same_dtype=True)
        return one if one.tells else None

    def layer(self, one: LayerChange) -> LayerChange | None:
        """A layer as it is to be told of; None where it is not."""
        paths = [path for path in (one.a, one.b) if path]
        alone = one.a is None or one.b is None
        if self._fits(*paths) or (alone and not one.tensor_count and self._hit("config")):
            return None
        tensors = [self.tensor(tensor, ("weights",), one.path) for tensor in one.tensors]
        one = replace(
            one,
            renamed=one.renamed and not self._hit("names"),
            moved=one.moved and not self._hit("order"),
            changes=self.without(one.changes, ("config",), one.path),
            tensors=tuple(tensor for tensor in tensors if tensor is not None),
        )
        return one if alone or one.renamed or one.moved or one.changes or one.tensors else None
