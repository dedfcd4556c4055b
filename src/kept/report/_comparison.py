"""What differs between two model files, as plain data; `kept.diff` makes it."""

from __future__ import annotations

import html
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from kept.report._inspection import Stored, data
from kept.tree.change import Change

__all__ = ["Compared", "Comparison", "Deviation", "LayerChange", "TensorChange"]


@dataclass(frozen=True, slots=True)
class Deviation:
    """How far the numbers of two tensors are apart.

    Attributes:
        count: Numbers in each.
        differing_count: How many are not equal to the bit; where types differ, how many are not of one value.
        largest: The largest difference; NaN is left out, and infinite against finite is infinite.
        distance: The length of the difference as a vector.
        length: That of the longer of the two as a vector.
        nan_count: How many are NaN in one and a number in the other.
        close: Whether all are within the tolerance that was asked for.
    """

    count: int
    differing_count: int
    largest: float
    distance: float
    length: float
    nan_count: int = 0
    close: bool = False

    @property
    def relative(self) -> float:
        """The distance as a part of the length; NaN where numbers are too large to tell."""
        return self.distance / self.length if self.length else 0.0


@dataclass(frozen=True, slots=True)
class TensorChange:
    """A tensor that differs, or that only one file has.

    Attributes:
        path: Its path from the layer that it belongs to: `vars/0`.
        a: As it stands in the first file; None where it does not.
        b: In the second.
        deviation: What differs in its numbers; None where they are equal, or were not compared.
        unequal: Whether the checksums that both files have for it differ; its numbers were not read then.
        moved: Whether it stands under another path, and was found by what it holds.
        same_dtype: Whether its type counts as the same, whatever it is.
    """

    path: str
    a: Stored | None
    b: Stored | None
    deviation: Deviation | None = None
    unequal: bool = False
    moved: bool = False
    same_dtype: bool = False

    @property
    def what(self) -> Literal["added", "removed", "shape", "dtype", "values", "path"]:
        """What is to be told of it first."""
        if self.a is None or self.b is None:
            return "added" if self.a is None else "removed"
        if self.a.shape != self.b.shape:
            return "shape"
        if self.a.dtype != self.b.dtype and not self.same_dtype:
            return "dtype"
        return "path" if self.moved else "values"

    @property
    def tells(self) -> bool:
        """Whether there is anything to tell."""
        return self.what != "values" or self.deviation is not None or self.unequal

    @property
    def close(self) -> bool:
        """Whether it differs in nothing but numbers, and those are within the tolerance."""
        return self.what == "values" and self.deviation is not None and self.deviation.close

    def mirrored(self) -> TensorChange:
        """The same seen from the other side."""
        return replace(self, a=self.b, b=self.a)


@dataclass(frozen=True, slots=True)
class LayerChange:
    """A layer that differs, or that only one file has.

    Attributes:
        a: Names of the layers down to it in the first file: `encoder/dense_1`; None where it has none.
        b: Those in the second.
        depth: How many layers it is inside; 0 for the model itself.
        class_name: Its class, that of the second file where they differ; empty where no config says.
        renamed: Whether its own name differs.
        moved: Whether it stands elsewhere among the layers of its model.
        places: Its places there, from 0; None where it has none.
        changes: What differs in its config.
        tensors: What differs in its tensors.
        tensor_count: How many tensors it has itself, in either file.
    """

    a: str | None
    b: str | None
    depth: int = 0
    class_name: str = ""
    renamed: bool = False
    moved: bool = False
    places: tuple[int | None, int | None] = (None, None)
    changes: tuple[Change, ...] = ()
    tensors: tuple[TensorChange, ...] = ()
    tensor_count: int = 0

    @property
    def path(self) -> str:
        """Names down to it in the second file, or in the first where only that has it, or only that has names."""
        paths = [path for path in (self.b, self.a) if path is not None]
        return next((path for path in paths if "layers/" not in path), paths[0])

    @property
    def differs(self) -> bool:
        """Whether it is not the same in both files; tensors within the tolerance are."""
        if self.a is None or self.b is None or self.renamed or self.moved or self.changes:
            return True
        return not all(tensor.close for tensor in self.tensors)

    def mirrored(self) -> LayerChange:
        """The same seen from the other side; the class stays where both have one."""
        return replace(
            self,
            a=self.b,
            b=self.a,
            places=self.places[::-1],
            class_name=next((str(one.a) for one in self.changes if one.path == "class"), self.class_name),
            changes=tuple(one.mirrored() for one in self.changes),
            tensors=tuple(one.mirrored() for one in self.tensors),
        )


@dataclass(frozen=True, slots=True)
class Compared:
    """One of the two files.

    Attributes:
        path: As the caller named it.
        title: Its format.
        nbytes: Its size.
        saved: When, as the file has it; it is not compared.
        only: What this file holds and the other has no room for, in short; that is no difference.
    """

    path: str
    title: str
    nbytes: int
    saved: str = ""
    only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two model files side by side: true when they differ.

    Attributes:
        a: The first.
        b: The second.
        identical: Whether they are the same to the byte; nothing else was looked at then.
        layers: Layers that differ, in the order of the second model (the first, where only that has a config); what
            only the other has stands after what it follows there.
        compiled: What differs in how they were compiled.
        optimizer: What differs in the state of the optimizer.
        steps: How often it has updated the weights in either file; None where it does not say.
        others: What differs in tensors that belong to no layer.
        versions: Of Keras, its backend, Python and kept, where both files say them.
        assets: Files inside that differ; of each its size.
        sources: Embedded source that differs; of each its hash.
        layer_count: How many layers were compared.
        tensor_count: How many tensors were compared.
        unread_count: How many of them have values that were neither read nor summed in both files.
        ignored: What the caller did not want to know, and how much of it there was.
    """

    a: Compared
    b: Compared
    identical: bool = False
    layers: tuple[LayerChange, ...] = ()
    compiled: tuple[Change, ...] = ()
    optimizer: tuple[TensorChange, ...] = ()
    steps: tuple[int | None, int | None] = (None, None)
    others: tuple[TensorChange, ...] = ()
    versions: tuple[Change, ...] = ()
    assets: tuple[Change, ...] = ()
    sources: tuple[Change, ...] = ()
    layer_count: int = 0
    tensor_count: int = 0
    unread_count: int = 0
    ignored: dict[str, int] = field(default_factory=dict)

    @property
    def differs(self) -> bool:
        """Whether anything differs; tensors within the tolerance do not."""
        if self.compiled or self.versions or self.assets or self.sources:
            return True
        tensors = (*self.optimizer, *self.others)
        return any(layer.differs for layer in self.layers) or not all(tensor.close for tensor in tensors)

    @property
    def tensors(self) -> tuple[TensorChange, ...]:
        """Every tensor that differs, wherever it belongs."""
        return (*(tensor for layer in self.layers for tensor in layer.tensors), *self.optimizer, *self.others)

    def __bool__(self) -> bool:
        return self.differs

    def mirrored(self) -> Comparison:
        """The same seen from the other side; the order of the layers stays."""
        return replace(
            self,
            a=self.b,
            b=self.a,
            steps=self.steps[::-1],
            layers=tuple(one.mirrored() for one in self.layers),
            compiled=tuple(one.mirrored() for one in self.compiled),
            optimizer=tuple(one.mirrored() for one in self.optimizer),
            others=tuple(one.mirrored() for one in self.others),
            versions=tuple(one.mirrored() for one in self.versions),
            assets=tuple(one.mirrored() for one in self.assets),
            sources=tuple(one.mirrored() for one in self.sources),
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON-able data; numbers that JSON has no form for are texts."""
        return {**data(self), "differs": self.differs}

    def __str__(self) -> str:
        from kept.report import Report, text

        return text.render(Report("diff", comparisons=(self,))).rstrip("\n")

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"
