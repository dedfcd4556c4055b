"""What a file needs beside Keras: classes and functions of somebody, by import path."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from kept.rules.positions import Placed, Text, survey
from kept.rules.subject import FileSubject
from kept.source.slots import newest
from kept.tree.names import import_path
from kept.tree.nodes import Form

__all__ = ["Demand", "demands", "is_of_a_library", "is_trusted", "recorded"]

# Where no model's own code is: Python itself, and what computes, reads and writes for everybody.
_LIBRARIES = frozenset(
    {
        "builtins",
        "numpy",
        "scipy",
        "pandas",
        "tensorflow",
        "torch",
        "jax",
        "jaxlib",
        "h5py",
        "sklearn",
        "joblib",
        "dill",
    }
    | {"cloudpickle", "requests", "urllib3", "setuptools", "pip", "pkg_resources", "fsspec", "yaml", "kept", "google"}
)
# Functions of backends that compute, which people hand to layers; their neighbours read and write files.
_COMPUTING = (
    "tensorflow.python.ops.nn", "tensorflow.python.ops.math_ops", "tensorflow.python.ops.gen_nn_ops",
    "tensorflow.python.ops.gen_math_ops", "tensorflow.python.ops.special_math_ops", "jax._src.nn.", "jax._src.numpy.",
    "torch.nn.functional",
)  # fmt: skip
_NAMED = ("activation", "constraint", "initializer", "loss", "metric", "optimizer", "regularizer")
_SHORT = frozenset({"", "acc", "accuracy", "ce", "crossentropy", "auto", "lecun_normal", "lecun_uniform"})


@dataclass(frozen=True, slots=True)
class Demand:
    """A class or function that is not one of Keras.

    Attributes:
        import_path: `module:name` when it was saved; `__main__` where the file does not say more.
        registered_name: `package>Name`, or the bare name.
        places: Paths in the config tree where it stands.
        file: The source file when it was saved; empty where the file does not say.
        line: Of its definition.
        reference: Where the source that is in the file has it; None where it is not.
    """

    import_path: str
    registered_name: str
    places: tuple[str, ...] = ()
    file: str = ""
    line: int | None = None
    reference: str | None = None

    @property
    def module(self) -> str:
        """Module part of the import path."""
        return self.import_path.partition(":")[0]

    @property
    def name(self) -> str:
        """Last part of the qualified name."""
        return self.import_path.rpartition(":")[2].rpartition(".")[2]


def demands(subject: FileSubject) -> tuple[Demand, ...]:
    """Everything that the file needs, each once; what belongs to a library is unsafe and not among it."""
    found = subject.facts.get("demands")
    if not isinstance(found, tuple):
        found = subject.facts["demands"] = tuple(_merged(_every(subject)))
    return found


def _every(subject: FileSubject) -> Iterator[Demand]:
    known = recorded(subject)
    covered = {place for one in known for place in one.places}
    yield from (one for one in known if not is_of_a_library(one.module) or one.reference is not None)
    found = survey(subject)
    for placed in found.objects:
        if placed.is_custom and placed.node.path not in covered:
            one = _of_node(placed)
            if not is_of_a_library(one.module):
                yield one
    for text in found.texts:
        if text.slot in _NAMED and not _is_known(text):
            yield Demand(f"__main__:{text.text.rpartition('>')[2]}", text.text, (text.path,))


def _merged(every: Iterator[Demand]) -> Iterator[Demand]:
    """One for each class or function; what is known of it from kept's record counts."""
    found: dict[tuple[str, str], tuple[Demand, dict[str, None]]] = {}
    for one in every:
        _, places = found.setdefault((one.import_path, one.registered_name), (one, {}))
        places.update(dict.fromkeys(one.places))
    yield from (replace(first, places=tuple(places)) for first, places in found.values())


def recorded(subject: FileSubject) -> tuple[Demand, ...]:
    """What kept's record names."""
    objects = subject.record.get("objects") if subject.record else None
    return tuple(_of_record(one) for one in objects if isinstance(one, Mapping)) if isinstance(objects, list) else ()


def _of_record(one: Mapping[str, object]) -> Demand:
    line, nodes, reference = one.get("line"), one.get("nodes"), one.get("reference")
    return Demand(
        str(one.get("import", "")),
        str(one.get("registered_name", "")),
        tuple(map(str, nodes)) if isinstance(nodes, list) else (),
        str(one.get("file") or ""),
        line if isinstance(line, int) else None,
        reference if isinstance(reference, str) else None,
    )


def _of_node(placed: Placed) -> Demand:
    node = placed.node
    name = node.name if node.form is Form.FUNCTION else node.registered_name or node.class_name
    return Demand(import_path(node), name, (node.path,))


def _is_known(text: Text) -> bool:
    return text.text in _SHORT or newest().means(text.slot, text.text) or bool(newest().named(text.text))


def is_of_a_library(module: str) -> bool:
    """Whether a module is no place for the classes and functions of a model."""
    top = module.partition(".")[0]
    return (
        (top in _LIBRARIES or top in sys.stdlib_module_names)
        and not module.startswith(_COMPUTING)
        and (top != "__main__")
    )


def is_trusted(one: Demand, subject: FileSubject) -> bool:
    """Whether the caller trusts it already."""
    if any(one.module == named or one.module.startswith(f"{named}.") for named in subject.trusted):
        return True
    sources = subject.record.get("sources") if subject.record else None
    unit = sources.get((one.reference or "").partition(":")[0]) if isinstance(sources, Mapping) else None
    return isinstance(unit, Mapping) and f"sha256:{unit.get('sha256')}" in subject.trusted
