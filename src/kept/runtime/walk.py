"""Every object that a live model reaches, each with its object path (`model.layers[2].cell`), in a stable order.

The walk sees more than Keras's own: sets, plain objects, dataclasses, partials and closures are entered too.
"""

from __future__ import annotations

import functools
import re
import sys
import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any

import keras

from . import keras_seams as seams
from .capture import CALL

__all__ = ["ATOMS", "Place", "content_of", "is_entered", "is_variable", "kind_of", "own_attributes", "slots_of", "walk"]

_DEPTH = 64
ATOMS = frozenset({str, bytes, int, float, complex, bool, type(None)})  # values that are nothing but a value
_STEP = re.compile(r"[.\[{]")
_BOOKKEEPING = frozenset(
    {
        "_inbound_nodes", "_outbound_nodes", "_nodes", "_nodes_by_depth", "_operations", "_operations_by_depth",
        "_tracker", "_auto_config", "_compile_config", "_build_shapes_dict", "_call_signature", "_functional",
        "_compiled_trainable_state", "_distributed_variables", "_layout_map", "build", "quantize", "train_function",
        "test_function", "predict_function", "_jax_state", "_jax_state_synced", "history", "_eval_epoch_iterator",
        "_keras_history", "_parent_path", "_path", "_saved_model_inputs_spec", "_saved_model_arg_spec", "_lock",
        "_losses", "_loss_ids", "_losses_override", "_called", "_epoch_iterator", "_symbolic_build_done",
        "_inputs", "_outputs", "_inputs_struct", "_outputs_struct", "_trackable_saver", "_setattr_tracking",
        "_torch_params", "torch_params", "training", "_parameters", "_buffers", "_modules", "_tensors",
        "_initial_seed", "_allow_non_tensor_positional_args", "_call_has_training_arg", "_call_has_mask_arg",
        "call_signature_parameters", "_call_context_args", "_call_has_context_arg", "_call_ctx",
        "_input_tensor", "stop_predicting", "stop_evaluating",
        "_distribution_strategy", "_dtype_policy", "_non_persistent_buffers_set", "_is_full_backward_hook",
        "_trainable_variable_shardings", "_non_trainable_variable_shardings", "_optimizer_variable_shardings",
        "_metrics_variable_shardings", "_exclude_from_weight_decay", "_exclude_from_weight_decay_pattern",
        "_exclude_from_weight_decay_cache",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """One object of a live model.

    Attributes:
        path: Object path; the first by which the walk met the object.
        value: The object itself.
    """

    path: str
    value: Any


def is_variable(value: object) -> bool:
    """Whether a value is a Keras variable, or a bare variable of the backend."""
    return isinstance(value, keras.Variable) or _is_bare_variable(kind_of(value))


@cache
def _is_bare_variable(kind: type) -> bool:
    root = kind.__module__.partition(".")[0]
    if root == "torch" and kind.__name__ in ("Tensor", "Parameter", "Buffer"):
        return True
    return root == "tensorflow" and kind.__name__ == "ResourceVariable"


@cache
def _base_attributes() -> frozenset[str]:
    counters = seams.name_counters()
    before = dict(counters)
    names = set(vars(keras.layers.Layer())) | set(vars(keras.Model()))
    counters.clear()
    counters.update(before)
    return frozenset(names) - {"_loss_tracker", "_compile_loss", "_compile_metrics", "activity_regularizer"}


@cache
def _kept_out_of_layers() -> frozenset[str]:
    return _BOOKKEEPING | _base_attributes()


def own_attributes(value: object) -> dict[str, Any]:
    """Instance attributes without what Keras and the backend keep for themselves, private ones last."""
    namespace = getattr(value, "__dict__", None) or {}
    if isinstance(value, keras.layers.Layer) and isinstance(namespace.get("_modules"), dict):
        namespace = {**namespace["_modules"], **namespace}  # where Torch's Module.__setattr__ puts sublayers
    names = set(namespace) | {name for name in slots_of(kind_of(value)) if hasattr(value, name)}
    names -= {CALL, "get_config", "get_compile_config"}  # noted and set by kept
    if isinstance(value, (seams.Saveable, keras.DTypePolicy)):
        kept_out = _kept_out_of_layers() if isinstance(value, keras.layers.Layer) else _BOOKKEEPING
        names = {n for n in names if n not in kept_out and not n.startswith(("_self_", "_obj_", "_unconditional"))}
        if isinstance(value, keras.optimizers.Optimizer):
            names -= {"_trainable_variables"}  # `walk` comes to them last
        if isinstance(value, keras.Model):
            names |= {n for n in ("optimizer", "loss") if namespace.get(n) is not None}
    private = {name for name in names if name.startswith("_")}
    ordered = [*sorted(names - private), *sorted(private)]
    return {name: namespace[name] if name in namespace else getattr(value, name) for name in ordered}


@cache
def slots_of(kind: type) -> tuple[str, ...]:
    """Names of the slots of a class, those that Python gives a meaning left out."""
    found: list[str] = []
    for base in kind.__mro__:
        slots = base.__dict__.get("__slots__", ())
        found += [slots] if isinstance(slots, str) else list(slots)
    return tuple(name for name in found if not name.startswith("__"))


def kind_of(value: object) -> Any:
    """The class of a value; for mypy, a class as such cannot be hashed."""
    return type(value)


@cache
def is_entered(kind: type) -> bool:
    """Whether the walk looks at the attributes of a value: Keras's objects and objects of the user's own classes."""
    if issubclass(kind, (seams.Saveable, keras.random.SeedGenerator)) or hasattr(kind, "get_config"):
        return True
    if issubclass(kind, (type, types.ModuleType, types.FunctionType, types.MethodType, types.BuiltinFunctionType)):
        return False
    if issubclass(kind, types.SimpleNamespace):
        return True
    root = kind.__module__.partition(".")[0]
    backends = {"numpy", "tensorflow", "jax", "jaxlib", "torch", "keras", "h5py", "ml_dtypes", "optree", "absl"}
    return root not in backends and root not in sys.stdlib_module_names


def _children(value: Any) -> Iterator[tuple[str, Any]]:
    """What a value holds: (step of the object path, child)."""
    if isinstance(value, dict) or type(value).__name__ == "_DictWrapper":
        yield from ((f"[{key!r}]", child) for key, child in value.items())
    elif isinstance(value, (list, tuple)):
        names = getattr(value, "_fields", None)
        holding = ((i, child) for i, child in enumerate(value) if type(child) not in ATOMS)
        yield from ((f".{names[i]}" if names else f"[{i}]", child) for i, child in holding)
    elif isinstance(value, (set, frozenset)):
        members = sorted(value, key=lambda one: (type(one).__name__, getattr(one, "name", None) or repr(one)))
        yield from ((f"{{{i}}}", child) for i, child in enumerate(members))
    elif isinstance(value, functools.partial):
        yield from ((".func", value.func), (".args", value.args), (".keywords", value.keywords))
    elif isinstance(value, types.FunctionType):
        cells = zip(value.__code__.co_freevars, value.__closure__ or (), strict=False)
        yield from ((f".<{name}>", content_of(cell)) for name, cell in cells if name != "__class__")
    elif isinstance(value, types.MethodType):
        yield ".__self__", value.__self__
    elif is_entered(kind_of(value)):
        if isinstance(value, (keras.Sequential, keras.Model)) and _has_graph(value):
            yield from ((f".layers[{i}]", child) for i, child in enumerate(value.layers))
        yield from ((f".{name}", child) for name, child in own_attributes(value).items())
        if isinstance(value, keras.layers.Layer) and not seams.is_keras_own(type(value)):
            yield "._layers", getattr(value, "_layers", None)  # a name of Keras's that a user's class may have taken


def content_of(cell: types.CellType) -> Any:
    """What a closure has in one of its cells; None where that is not filled yet."""
    try:
        return cell.cell_contents
    except ValueError:
        return None


def _has_graph(model: Any) -> bool:
    return isinstance(model, keras.Sequential) or getattr(model, "_operations", None) is not None


def walk(root: Any, name: str = "model", *, leading_to: Iterable[str] | None = None) -> Iterator[Place]:
    """Walks everything that `root` reaches, each object once, depth first.

    Containers are walked through and not yielded; everything else that can hold state is: Keras objects, variables,
    functions, objects of the user's classes.

    Args:
        root: A model, or any object.
        name: What the object path begins with.
        leading_to: Object paths; only what lies on the way to one of them is walked.

    Yields:
        Places, parents before children.
    """
    ways = None if leading_to is None else {way for path in leading_to for way in _ways_to(path)}
    seen: set[int] = set()
    alive: list[Any] = []
    stack: list[tuple[str, Any, int]] = [(name, root, 0)]
    while stack:
        path, value, depth = stack.pop()
        if isinstance(value, (str, bytes, int, float, complex, type(None), type, types.ModuleType, Enum)):
            continue
        if ways is not None and path not in ways:
            continue
        if id(value) in seen or depth > _DEPTH:
            continue
        seen.add(id(value))
        alive.append(value)
        if is_variable(value):
            yield Place(path, value)
            continue
        if not isinstance(value, (dict, list, tuple, set, frozenset)):
            yield Place(path, value)
        stack += [(path + step, child, depth + 1) for step, child in reversed(list(_children(value)))]
        if isinstance(value, keras.optimizers.Optimizer):  # last: they belong to the layers that hold them
            stack.insert(0, (f"{path}._trainable_variables", seams.optimized_variables(value), depth + 1))


def _ways_to(path: str) -> Iterator[str]:
    """An object path, and what it begins with up to every place where a step may end."""
    yield path
    yield from (path[: step.start()] for step in _STEP.finditer(path))
