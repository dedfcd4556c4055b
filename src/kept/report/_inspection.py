"""What a look into a model file finds, as plain data; `kept.inspect` makes it."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any

__all__ = [
    "Argument",
    "Compiled",
    "Embedded",
    "Graph",
    "Inspection",
    "Layer",
    "RecordCheck",
    "Required",
    "Signature",
    "Stats",
    "Stored",
    "is_weight",
]

_NO_NUMBERS = ("string", "variant", "resource")


@dataclass(frozen=True, slots=True)
class Stats:
    """What the numbers of one tensor are like; NaN and infinite ones are counted, and left out of the rest.

    Attributes:
        minimum: None where no finite number is there.
        maximum: The same.
        mean: The same.
        std: Standard deviation over all of them, the same.
        nan_count: How many are NaN.
        infinite_count: How many are infinite.
        zero_count: How many are zero.
    """

    minimum: float | None
    maximum: float | None
    mean: float | None
    std: float | None
    nan_count: int
    infinite_count: int
    zero_count: int


@dataclass(frozen=True, slots=True)
class Stored:
    """A tensor in the file.

    Attributes:
        path: Inner path: `layers/dense/vars/0`.
        shape: Its shape.
        dtype: Name of its type.
        nbytes: Its size in memory.
        stats: None where they were not asked for, or it holds no real numbers.
        holds: Whether its bytes have the checksum of kept's record, or of the file itself; None where it has none, or
            that was not asked for.
        name: What TensorFlow calls the variable; empty in files of others.
    """

    path: str
    shape: tuple[int, ...]
    dtype: str
    nbytes: int
    stats: Stats | None = None
    holds: bool | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer, with the layers inside it.

    Attributes:
        path: Names of the layers down to it: `encoder/dense_1`.
        name: Its name, or its place in the weights file where there is no config.
        class_name: Empty where there is no config.
        module: As the file has it; may be empty.
        node: Its path in the config tree; empty where there is no config.
        group: Its inner path; empty where the weights file has none.
        is_custom: Whether its class is not one of Keras.
        is_model: Whether the layers inside are those of a model.
        shape: Of what it returns, None for a length that may vary; None where the file does not say.
        trainable: None where the file does not say.
        dtype: Its dtype or the name of its dtype policy; empty where the file does not say.
        config: Its config as JSON has it, without the objects in it.
        objects: The objects in its config in short, by key: `{"kernel_initializer": "GlorotUniform"}`.
        summary: What of the config tells it from others, in short: `units=4, activation=relu`.
        tensors: Its own.
        layers: Inside it, in order.
    """

    path: str
    name: str
    class_name: str = ""
    module: str = ""
    node: str = ""
    group: str = ""
    is_custom: bool = False
    is_model: bool = False
    shape: tuple[int | None, ...] | None = None
    trainable: bool | None = None
    dtype: str = ""
    config: dict[str, Any] = field(default_factory=dict)
    objects: dict[str, str] = field(default_factory=dict)
    summary: str = ""
    tensors: tuple[Stored, ...] = ()
    layers: tuple[Layer, ...] = ()

    def walk(self) -> Iterator[Layer]:
        """The layer and all inside it, from the outside in."""
        yield self
        for layer in self.layers:
            yield from layer.walk()

    @property
    def every_tensor(self) -> tuple[Stored, ...]:
        """Its own and those of the layers inside it."""
        return tuple(tensor for layer in self.walk() for tensor in layer.tensors)

    @property
    def parameter_count(self) -> int:
        """Numbers in all its weights; states of random generators are not counted."""
        return sum(math.prod(tensor.shape) for tensor in self.every_tensor if is_weight(tensor))

    @property
    def nbytes(self) -> int:
        """Size of all its tensors."""
        return sum(tensor.nbytes for tensor in self.every_tensor)

    @property
    def dtypes(self) -> tuple[str, ...]:
        """Types of its weights, each once."""
        return tuple(dict.fromkeys(tensor.dtype for tensor in self.every_tensor if is_weight(tensor)))


def is_weight(tensor: Stored) -> bool:
    """Whether a tensor holds parameters, rather than texts or the state of a random generator."""
    return "seed_generator" not in tensor.path.split("/") and tensor.dtype not in _NO_NUMBERS


@dataclass(frozen=True, slots=True)
class Compiled:
    """How a model was compiled.

    Attributes:
        optimizer: Its class, or its name; empty without one.
        settings: Its config, without the objects in it.
        step: How often it has updated the weights; None where its state is not in the file.
        tensors: Its state.
        loss: In short.
        metrics: In short.
    """

    optimizer: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    step: int | None = None
    tensors: tuple[Stored, ...] = ()
    loss: str = ""
    metrics: str = ""

    @property
    def nbytes(self) -> int:
        """Size of its state."""
        return sum(tensor.nbytes for tensor in self.tensors)


@dataclass(frozen=True, slots=True)
class Required:
    """A class or function that is not one of Keras, and that loading needs.

    Attributes:
        import_path: `module:name` when it was saved; `__main__` where the file does not say more.
        registered_name: `package>Name`, or the bare name.
        places: Paths in the config tree where it stands.
        file: The source file when it was saved; empty where the file does not say.
        line: Of its definition.
        is_embedded: Whether its source is in the file.
    """

    import_path: str
    registered_name: str
    places: tuple[str, ...] = ()
    file: str = ""
    line: int | None = None
    is_embedded: bool = False


@dataclass(frozen=True, slots=True)
class Embedded:
    """Source in the file, which kept runs only for those who trust it.

    Attributes:
        module: The module that it is of.
        sha256: As the record has it, and as `trusted=["sha256:..."]` names it.
        text: The source.
        holds: Whether the text has that hash.
    """

    module: str
    sha256: str
    text: str
    holds: bool


@dataclass(frozen=True, slots=True)
class RecordCheck:
    """kept's own record of the file, and whether it is one of what the file holds.

    Attributes:
        checksum_count: How many tensors it has checksums of.
        compared_count: How many of them were read and compared: none unless that was asked for.
        differing: Inner paths of tensors whose place in the record, or whose bytes, are others.
        is_for_these_weights: Whether the weights are those that it was written for, as far as the archive itself says.
        outputs: Whether it has outputs that a verification can compare.
        device: Device on which the fingerprint was taken; empty without a fingerprint.
    """

    checksum_count: int = 0
    compared_count: int = 0
    differing: tuple[str, ...] = ()
    is_for_these_weights: bool = True
    outputs: bool = False
    device: str = ""

    @property
    def holds(self) -> bool:
        """Whether nothing differs in what was looked at."""
        return self.is_for_these_weights and not self.differing


@dataclass(frozen=True, slots=True)
class Argument:
    """What a signature takes or gives.

    Attributes:
        name: By which it is passed.
        dtype: Name of its type; empty where the file does not say.
        shape: None for a length that may vary; None in its place where not even the rank is known.
    """

    name: str
    dtype: str
    shape: tuple[int | None, ...] | None


@dataclass(frozen=True, slots=True)
class Signature:
    """A function of a SavedModel that is called by its name."""

    name: str
    inputs: tuple[Argument, ...] = ()
    outputs: tuple[Argument, ...] = ()


@dataclass(frozen=True, slots=True)
class Graph:
    """A graph of a SavedModel.

    Attributes:
        tags: By which TensorFlow finds it.
        signatures: What can be called.
        ops: How often each operation stands in the graph and in the functions that it may call.
        function_count: How many functions there are.
    """

    tags: tuple[str, ...]
    signatures: tuple[Signature, ...] = ()
    ops: dict[str, int] = field(default_factory=dict)
    function_count: int = 0


@dataclass(frozen=True, slots=True)
class Inspection:
    """A model file as it is, without Keras and without running anything from it.

    Attributes:
        path: As the caller named it.
        format: Name of the format: `keras_archive`, `weights_h5`, ...
        title: The same for people.
        nbytes: Size of the file, or of all files of a folder or a set of shards.
        saved: When, as the file has it; empty where it does not say.
        versions: Of Keras, its backend, Python and kept, as far as the file says.
        model: The model, its layers inside it.
        others: Tensors that belong to no layer, and not to the optimizer.
        compiled: None for a model that was not.
        required: Classes and functions that are not Keras's own.
        sources: Embedded source.
        assets: Sizes by name.
        record: None where kept did not write the file.
        graphs: Those of a SavedModel.
    """

    path: str
    format: str
    title: str
    nbytes: int
    saved: str
    versions: dict[str, str]
    model: Layer
    others: tuple[Stored, ...] = ()
    compiled: Compiled | None = None
    required: tuple[Required, ...] = ()
    sources: tuple[Embedded, ...] = ()
    assets: dict[str, int] = field(default_factory=dict)
    record: RecordCheck | None = None
    graphs: tuple[Graph, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing that was looked at contradicts kept's record; true without one."""
        return (self.record is None or self.record.holds) and all(source.holds for source in self.sources)

    @property
    def tensors(self) -> tuple[Stored, ...]:
        """Every tensor of the model and beside it; those of the optimizer are told of in `compiled`."""
        return (*self.model.every_tensor, *self.others)

    def find(self, path: str) -> Layer | None:
        """A layer by its path, its path in the config tree, its inner path, or its name where only one has it."""
        every = [layer for layer in self.model.walk() if layer is not self.model]
        for key in ("path", "node", "group"):
            for layer in every:
                if path and getattr(layer, key) == path:
                    return layer
        named = [layer for layer in every if layer.name == path]
        return named[0] if len(named) == 1 else None

    def to_dict(self) -> dict[str, Any]:
        """JSON-able data; numbers that JSON has no form for are texts."""
        return {**_data(self), "holds": self.holds}

    def __str__(self) -> str:
        from kept.report import Report, text

        return text.render(Report("inspect", inspections=(self,))).rstrip("\n")

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


def _data(value: Any) -> Any:
    if is_dataclass(value):
        return {one.name: _data(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return dict(zip(map(str, value), map(_data, value.values()), strict=True))
    return list(map(_data, value)) if isinstance(value, (list, tuple)) else value
