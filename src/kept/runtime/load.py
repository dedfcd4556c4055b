"""Loading: read, resolve, deserialise, assign, put back extra state, and account for every tensor and every variable."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import keras

from ..errors import (
    CorruptFileError,
    KeptError,
    KeptWarning,
    MismatchError,
    Problem,
    SerializationError,
    UnsupportedVersionError,
    shown,
)
from ..formats.artifact import Artifact
from ..formats.base import open_artifact
from ..proof import Outcome
from . import keras_seams as seams
from . import state as extra
from .compiled import build_compiled, is_compiled_part
from .construction import Constructor
from .judge import ACROSS_DEVICES, outputs_against_sample
from .record import Environment, Record, versions
from .resolve import resolve
from .trial import Recipe, Unanswerable, device, outputs
from .undisturbed import undisturbed
from .walk import is_variable, walk

__all__ = ["load", "rebuild", "split_inner_path", "stock_entries"]

SAME_STACK = 1e-5
_COMPILE_OWNED = ("optimizer", "_compile_loss", "_compile_metrics", "_loss_tracker", "loss")


def load(
    filepath: str | os.PathLike[str],
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,  # noqa: A002  Keras's name
    safe_mode: bool = True,
    *,
    trusted: Collection[str] = (),
    check: bool = True,
    inference: bool = False,
) -> Any:
    """See `kept.load`."""
    if isinstance(trusted, str):
        trusted = (trusted,)
    path = os.fspath(filepath)
    try:
        with open_artifact(path) as artifact, ExitStack() as nested, seams.without_importing_tensorflow():
            inner = artifact.extras.get("keras_archive")
            if artifact.format == "saved_model" and inner is None:
                return _for_inference(artifact, wanted=inference)
            if inner is not None:
                artifact = nested.enter_context(open_artifact(inner))
            return rebuild(
                artifact, custom_objects=custom_objects, compile_model=compile, safe_mode=safe_mode, trusted=trusted,
                check=check,
            )  # fmt: skip
    except KeptError as error:
        error.path = error.path or str(path)
        raise


def rebuild(
    artifact: Artifact,
    *,
    custom_objects: Mapping[str, Any] | None = None,
    compile_model: bool = True,
    safe_mode: bool = True,
    trusted: Collection[str] = (),
    check: bool = False,
) -> Any:
    """The model that an open artifact holds.

    Raises:
        UntrustedCodeError: It needs code that is not here or not allowed.
        MismatchError: It cannot be rebuilt, or tensors and variables do not fit.
        FormatError: Its bytes are damaged.
    """
    if artifact.config is None:
        raise SerializationError(
            "this file holds weights and no model",
            path=artifact.path,
            hint="build the model, then kept.load_weights(model, path)",
        )
    record = Record.from_metadata(artifact.metadata)
    if artifact.format == "legacy_h5" and record is None:
        return _from_legacy_h5(artifact, custom_objects, compile_model, safe_mode, trusted)
    known = record or Record()
    arrays = _Arrays(artifact)
    tree, named = resolve(
        artifact.config, known.objects, known.sources,
        custom_objects=dict(custom_objects or {}), trusted=trusted, safe_mode=safe_mode,
        construct=lambda path, kind: Constructor(kind, known.calls[path], arrays) if path in known.calls else kind,
    )  # fmt: skip
    with seams.placeholder_initializers() if record else nullcontext():
        model = _deserialized(tree, named, known, compile_model=compile_model, safe_mode=safe_mode)
        if record and _leaves_placeholders(model, artifact, known):
            record = None
    if record is None:
        model = _deserialized(tree, named, known, compile_model=compile_model, safe_mode=safe_mode)
    _assign(model, artifact, known, compiled=compile_model)
    if check and known.objects:
        _check_outputs(model, known)
    return model


def _leaves_placeholders(model: Any, artifact: Artifact, record: Record) -> bool:
    """Whether the model has a variable that neither Keras's part of the file nor kept's assigns."""
    collected, stack = seams.collect_state(model, assets=False)
    with stack:
        told = {
            id(value)
            for path, entry in collected.entries.items()
            for key, value in entry.items()
            if (f"{path}/vars/{key}" if path else f"vars/{key}") in artifact.tensors
        }
    kept_too = set(record.state.variables)
    return any(
        is_variable(place.value)
        and id(place.value) not in told
        and place.path not in kept_too
        and not is_compiled_part(place.path)
        for place in walk(model)
    )


def _check_outputs(model: Any, record: Record) -> None:
    """Code may have changed since the save: the inputs of the fingerprint must still give its outputs.

    Raises:
        MismatchError: They do not.
    """
    fingerprint = record.fingerprint or {}
    recipe, described = fingerprint.get("inputs"), fingerprint.get("outputs")
    if not recipe or described is None:
        return
    args, kwargs = Recipe(recipe["args"], recipe["kwargs"]).make()
    with undisturbed(model, list(walk(model))):
        try:
            results = outputs(model, args, kwargs)
        except Unanswerable as reason:
            raise MismatchError("the model cannot be called as when it was saved", found=str(reason)) from reason
    same_stack = record.made_by == versions() and fingerprint.get("device") == device()
    outcome, note = outputs_against_sample(described, results, SAME_STACK if same_stack else ACROSS_DEVICES)
    if outcome is Outcome.DIFFERENT:
        raise MismatchError(
            "the code of the model computes something else than when it was saved",
            expected="the outputs that the file records",
            found=note,
            hint="kept.load(path, check=False) loads it all the same",
        )


def _deserialized(
    tree: dict[str, Any], named: Mapping[str, Any], record: Record, *, compile_model: bool, safe_mode: bool
) -> Any:
    compile_config = tree.get("compile_config")
    with seams.deserializing(named, safe_mode=safe_mode) as build, _environment(record.environment):
        with _explaining("the model cannot be rebuilt from its config"):
            model = build({**tree, "compile_config": None})
        if not isinstance(model, keras.Model):
            raise MismatchError("the config describes no model", expected="a keras.Model", found=shown(model))
        extra.build_missing(model, record.state)
        if compile_model and compile_config:

            def compile_as_saved() -> None:
                with _explaining("the model cannot be compiled as it was"):
                    model.compile_from_config(compile_config)
                model.compiled = True

            extra.set_flags(model, record.state.flags)
            extra.compile_as_built(model, record.state.compiled_for, compile_as_saved)
            build_compiled(model, record.state.compiled)
    extra.set_flags(model, record.state.flags)
    return model


@contextmanager
def _explaining(what: str) -> Iterator[None]:
    """Turns what Keras raises from user code into one sentence with the innermost cause."""
    try:
        yield
    except KeptError:
        raise
    except Exception as error:
        raise MismatchError(what, found=_cause(error)) from error


def _cause(error: BaseException) -> str:
    """The innermost reason in one of Keras's nested messages."""
    text = str(error)
    for mark in ("Exception encountered:", "Error encountered during deserialization:", "Error encountered:"):
        text = text.rpartition(mark)[2] if mark in text else text
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[0][:300] if lines else ''}"


@contextmanager
def _environment(environment: Environment | None) -> Iterator[None]:
    """The global settings of the save, so that layers made inside a constructor get the same dtype."""
    if environment is None:
        yield
        return
    policy, floatx = keras.config.dtype_policy(), keras.config.floatx()
    saved = environment.dtype_policy
    keras.config.set_floatx(environment.floatx)
    keras.config.set_dtype_policy(keras.saving.deserialize_keras_object(saved) if isinstance(saved, dict) else saved)
    try:
        yield
    finally:
        keras.config.set_floatx(floatx)
        keras.config.set_dtype_policy(policy)


def split_inner_path(name: str) -> tuple[str, str]:
    """`layers/dense/vars/0` -> (`layers/dense`, `0`); for the model itself (``, `0`)."""
    if name.startswith("vars/"):
        return "", name.removeprefix("vars/")
    group, _, key = name.rpartition("/vars/")
    return group, key


class _Entry(dict[str, Any]):
    """Tensors of one saveable, read when asked for."""

    def __getitem__(self, key: str) -> Any:
        return super().__getitem__(key).read()

    def get(self, key: str, default: Any = None) -> Any:
        return self[key] if key in self else default

    def values(self) -> Any:
        return [self[key] for key in self]

    def items(self) -> Any:
        return [(key, self[key]) for key in self]


def stock_entries(artifact: Artifact) -> dict[str, _Entry]:
    """Tensors as Keras's own loading asks for them; kept's extra ones are left out."""
    entries: dict[str, _Entry] = {}
    for name, tensor in artifact.tensors.items():
        if not name.startswith("_kept/"):
            group, key = split_inner_path(name)
            dict.__setitem__(entries.setdefault(group, _Entry()), key, tensor)
    return entries


def _assign(model: Any, artifact: Artifact, record: Record, *, compiled: bool) -> None:
    entries = stock_entries(artifact)
    with _assets_folder(artifact) as assets, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Skipping variable loading for optimizer")
        failures = seams.restore_state(model, entries, assets)
    told = set(record.state.variables)
    problems = _unaccounted(model, entries, compiled=compiled, forgiven=bool(told))
    problems += [_refused(saveable, error) for saveable, error in failures]
    if problems:
        raise MismatchError("the file does not fit the model that its config builds", problems=problems)
    extra.apply(model, _for_compiled(record, compiled), _Arrays(artifact))


def _for_compiled(record: Record, compiled: bool) -> extra.ExtraState:
    """Without compilation there is no optimizer, and no state of one to put back."""
    if compiled:
        return record.state

    def owned(path: str) -> bool:
        return path.startswith(tuple(f"model.{name}" for name in _COMPILE_OWNED))

    variables = {path: name for path, name in record.state.variables.items() if not owned(path)}
    attributes = [one for one in record.state.attributes if not owned(one[0])]
    return extra.ExtraState(variables, attributes)


class _Arrays(dict[str, Any]):
    """Extra arrays of a file by tensor name, read when asked for."""

    def __init__(self, artifact: Artifact) -> None:
        super().__init__()
        self._artifact = artifact

    def __missing__(self, name: str) -> Any:
        tensor = self._artifact.tensors.get(name)
        if tensor is None:
            raise CorruptFileError("a tensor of the record is not in the file", where=name)
        return tensor.read()


def _refused(saveable: Any, error: Exception) -> Problem:
    name = getattr(saveable, "name", type(saveable).__name__)
    return Problem(f"{type(saveable).__name__} {name!r} refuses its tensors", "", found=_cause(error))


def _unaccounted(model: Any, entries: Mapping[str, Any], *, compiled: bool, forgiven: bool) -> list[Problem]:
    """Tensors that no part of the model takes, and variables for which there is no tensor."""
    collected, stack = seams.collect_state(model, assets=False)
    with stack:
        wanted = {(path, key) for path, entry in collected.entries.items() for key in entry}
    present = {(path, key) for path, entry in entries.items() for key in entry}
    problems = []
    for path, key in sorted(present - wanted):
        if not compiled and path.partition("/")[0] in _COMPILE_OWNED:
            continue
        problems.append(Problem("the model has no variable for this tensor", f"{path}/vars/{key}".lstrip("/")))
    for path, key in sorted(wanted - present):
        if path.partition("/")[0] in _COMPILE_OWNED:
            continue
        problems.append(Problem("the file has no tensor for this variable", f"{path}/vars/{key}".lstrip("/")))
    return problems


@contextmanager
def _assets_folder(artifact: Artifact) -> Iterator[str | None]:
    """Assets as files, as Keras's layers want them."""
    if not artifact.assets:
        yield None
        return
    folder = tempfile.mkdtemp(prefix="kept-")
    try:
        for name, asset in artifact.assets.items():
            file = Path(folder, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(asset.read())
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _for_inference(artifact: Artifact, *, wanted: bool) -> Any:
    """A SavedModel that kept did not write: a graph that can be run, and no Keras model."""
    if not wanted or keras.backend.backend() != "tensorflow":
        raise UnsupportedVersionError(
            "this SavedModel holds a graph and no Keras model; kept did not write it",
            expected="a SavedModel of kept, or inference=True on the TensorFlow backend",
            found=f"inference={wanted} on the {keras.backend.backend()} backend",
            hint="kept.load(path, inference=True) gives a model that can only predict",
        )
    with _explaining("the SavedModel cannot be opened"):
        layer = keras.layers.TFSMLayer(str(artifact.path), call_endpoint=_endpoint(artifact))
    warnings.warn(
        f"{artifact.path}: kept did not write this SavedModel, so there is no Keras model in it; "
        "this one can only predict",
        KeptWarning,
        stacklevel=4,
    )
    return keras.Sequential([layer])


def _endpoint(artifact: Artifact) -> str:
    tensorflow = __import__("tensorflow")
    served = tensorflow.saved_model.load(str(artifact.path))
    if hasattr(served, "serve") or not served.signatures:
        return "serve"
    return "serving_default" if "serving_default" in served.signatures else next(iter(served.signatures))


def _from_legacy_h5(
    artifact: Artifact,
    custom_objects: Mapping[str, Any] | None,
    compile_model: bool,
    safe_mode: bool,
    trusted: Collection[str],
) -> Any:
    """A whole-model `.h5` of stock Keras, through Keras's own reader."""
    assert artifact.config is not None
    _, named = resolve(
        artifact.config, (), {}, custom_objects=dict(custom_objects or {}), trusted=trusted, safe_mode=safe_mode
    )
    bare = {name.partition(">")[2] if name.startswith("kept:") else name: one for name, one in named.items()}
    with _explaining("the legacy .h5 file cannot be loaded"):
        model = seams.load_legacy_h5(str(artifact.path), bare, compile_model=compile_model, safe_mode=safe_mode)
    if compile_model:
        _restore_legacy_optimizer(model, artifact)
    return model


def _restore_legacy_optimizer(model: Any, artifact: Artifact) -> None:
    """Keras builds the optimizer of a legacy file for no variables, and then finds that its state does not fit."""
    names = artifact.extras.get("optimizer") or []
    optimizer = getattr(model, "optimizer", None)
    if not names or optimizer is None:
        return
    fresh = type(optimizer).from_config(optimizer.get_config())
    fresh.build(model.trainable_variables)
    arrays = [artifact.tensors[name].read() for name in names]
    if [tuple(one.shape) for one in fresh.variables] != [one.shape for one in arrays]:
        warnings.warn(
            f"{artifact.path}: the optimizer's state does not fit; it starts from zero", KeptWarning, stacklevel=5
        )
        return
    for variable, array in zip(fresh.variables, arrays, strict=True):
        variable.assign(array)
    model.optimizer = fresh
