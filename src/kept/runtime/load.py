"""Loading: read, judge, resolve, deserialise, assign, put back extra state, and account for all of it."""

from __future__ import annotations

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import Any, BinaryIO

import keras

from ..errors import (
    CorruptFileError,
    KeptError,
    KeptWarning,
    MismatchError,
    SerializationError,
    UnsupportedVersionError,
    shown,
)
from ..formats import bulk
from ..formats.artifact import Artifact
from ..formats.base import open_artifact
from ..formats.garbage import uncollected
from ..formats.places import is_url
from . import backends, compile_seams, restoring
from . import keras_seams as seams
from . import state as extra
from .accounting import COMPILE_OWNED, refused, unaccounted
from .causes import explaining
from .compiled import build_compiled
from .deferral_seams import Deferral, deferring
from .entries import Arrays, checksums, read_entries, stock_entries
from .judgement import refuse_unsafe
from .making_seams import making_quickly
from .matching import match
from .ordering import order_as_saved
from .record import Environment, Record
from .renaming import Renaming
from .resolve import resolve
from .sequential_seams import building_once
from .settings import settings
from .shared_graph_seams import counting_calls_by_graph
from .shelf import FileShelf
from .state_seams import collect_state, restore_state
from .streams import copied_from, is_stream, path_of

__all__ = ["assign", "load", "rebuild"]

_SHOWN_COUNT = 10


def load(
    filepath: str | os.PathLike[str] | BinaryIO,
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,  # noqa: A002  Keras's name
    safe_mode: bool = True,
    *,
    trusted: Collection[str] = (),
    renamed: Mapping[str, Any] | None = None,
    check: bool = True,
    inference: bool = False,
    mmap: bool = False,
) -> Any:
    """See `kept.load`."""
    settled = settings()
    trusted = ((trusted,) if isinstance(trusted, str) else tuple(trusted)) + settled.trusted
    renamed = {**settled.renamed, **(renamed or {})}
    if is_stream(filepath):
        with copied_from(filepath) as file:
            return load(
                file, custom_objects, compile, safe_mode, trusted=trusted, renamed=renamed, check=check,
                inference=inference, mmap=mmap,
            )  # fmt: skip
    path = path_of(filepath)
    if mmap and is_url(path):
        raise KeptError(
            "a file behind a URL cannot be mapped", path=path, hint="leave mmap=True out, or copy the file first"
        )
    try:
        with uncollected(), ExitStack() as opened, seams.without_importing_tensorflow():
            artifact = opened.enter_context(open_artifact(path))
            inner = artifact.extras.get("keras_archive")
            if artifact.format == "saved_model" and inner is None:
                from .foreign import for_inference

                refuse_unsafe(artifact, safe_mode=safe_mode)
                return for_inference(artifact, wanted=inference)
            if inner is not None:
                artifact = opened.enter_context(open_artifact(inner))
            return rebuild(
                artifact, custom_objects=custom_objects, compile_model=compile, safe_mode=safe_mode, trusted=trusted,
                renamed=renamed, check=check, mmap=mmap,
            )  # fmt: skip
    except KeptError as error:
        error.path = error.path or path
        raise


def rebuild(
    artifact: Artifact,
    *,
    custom_objects: Mapping[str, Any] | None = None,
    compile_model: bool = True,
    safe_mode: bool = True,
    trusted: Collection[str] = (),
    renamed: Mapping[str, Any] | None = None,
    check: bool = False,
    mmap: bool = False,
) -> Any:
    """The model that an open artifact holds.

    Raises:
        UnsafeContentError: It asks for something that no model needs.
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
    if artifact.format == "architecture_json":
        raise SerializationError(
            "this file holds the config of a model and no weights",
            path=artifact.path,
            hint="keras.models.model_from_json(text), then kept.load_weights(model, path)",
        )
    if artifact.format == "orbax":
        raise UnsupportedVersionError(
            "this is a checkpoint of Orbax, which kept looks into and does not load",
            path=artifact.path,
            hint="keras.saving.load_model(path) loads it, then kept.save keeps the model",
        )
    refuse_unsafe(artifact, safe_mode=safe_mode)
    record = Record.from_metadata(artifact.metadata)
    renaming = Renaming(dict(custom_objects or {}), renamed or {})
    if artifact.format == "legacy_h5" and record is None:
        from .foreign import from_legacy_h5

        with _initialised_last(artifact):
            return from_legacy_h5(artifact, renaming, compile_model, safe_mode, trusted)
    known = record or Record()
    shelf = FileShelf(Arrays(artifact, known.tensors))
    tree = resolve(
        artifact.config, known.objects, known.sources, shelf, known.state.nodes,
        renaming=renaming, trusted=trusted,
        construct=_constructing(known, shelf),
    )  # fmt: skip
    sums = checksums(known.tensors)
    reading = nullcontext(bulk.map_in) if mmap else _loading_ahead(artifact, sums, compiled=compile_model)
    with reading as read, _initialised_last(artifact) as deferral, renaming.as_saved():
        model = _deserialized(tree, shelf, known, compile_model=compile_model, safe_mode=safe_mode)
        assign(model, artifact, known, shelf, deferral, sums, compiled=compile_model, read=read)
    if check and known.objects:
        from .same_outputs import check_outputs

        check_outputs(model, known)
    return model


def _constructing(record: Record, shelf: FileShelf) -> Callable[[str, Any], Any]:
    """What stands for the class at a node: where kept noted a call of its constructor, that call."""
    if not record.calls:
        return lambda path, kind: kind
    from .construction import Constructor

    return lambda path, kind: Constructor(kind, record.calls[path], shelf) if path in record.calls else kind


def _loading_ahead(artifact: Artifact, sums: Mapping[str, str], *, compiled: bool) -> AbstractContextManager[bulk.Load]:
    """Reads the weights while Python builds the model; without compilation, those of an optimizer are not wanted."""
    unwanted = ("_kept/",) if compiled else ("_kept/", *(f"{name}/" for name in COMPILE_OWNED))
    wanted = (tensor for name, tensor in artifact.tensors.items() if not name.startswith(unwanted))
    return bulk.loading_ahead(wanted, sums)


@contextmanager
def _initialised_last(artifact: Artifact) -> Iterator[Deferral | None]:
    """A model is built; what the file says nothing of begins as in a new one at the end, and random values are told."""
    with uncollected(), building_once(), making_quickly(), deferring() as deferral:
        yield deferral
        with explaining("a variable that the file does not have cannot be initialised"):
            drawn = deferral.finish() if deferral else []
    if drawn:
        names = ", ".join(str(one.path) for one in drawn[:_SHOWN_COUNT])
        more = f" and {len(drawn) - _SHOWN_COUNT} more" if len(drawn) > _SHOWN_COUNT else ""
        told = f"{artifact.path}: not in the file, and random as in a new model: {names}{more}"
        warnings.warn(told, KeptWarning, stacklevel=6)


def _deserialized(
    tree: dict[str, Any], shelf: FileShelf, record: Record, *, compile_model: bool, safe_mode: bool
) -> Any:
    compile_config = tree.get("compile_config")
    shelf.start()
    as_saved = compile_seams.compiling_as_saved() if record.made_by else nullcontext()
    with seams.deserializing(shelf.named, safe_mode=safe_mode) as build, _environment(record.environment), as_saved:
        with explaining("the model cannot be rebuilt from its config"), counting_calls_by_graph():
            model = build({**tree, "compile_config": None})
        if not isinstance(model, keras.Model):
            raise MismatchError("the config describes no model", expected="a keras.Model", found=shown(model))
        restoring.build_missing(model, record.state, shelf)
        restoring.adapt_layers(model, record.state)
        if not all(seams.is_keras_own(type(one)) for one in seams.flat_layers(model)):
            order_as_saved(model, record.state.meanings.values())
        if compile_model and compile_config:

            def compile_as_saved() -> None:
                with explaining("the model cannot be compiled as it was"):
                    model.compile_from_config(compile_config)
                model.compiled = True

            restoring.set_flags(model, record.state.flags)
            restoring.compile_as_built(model, record.state, shelf.arrays, compile_as_saved)
            build_compiled(model, record.state.compiled)
    restoring.build_optimizers(model, record.state)
    restoring.set_flags(model, record.state.flags)
    return model


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


def assign(
    model: Any,
    artifact: Artifact,
    record: Record,
    shelf: FileShelf,
    deferral: Deferral | None,
    sums: Mapping[str, str],
    *,
    compiled: bool,
    read: bulk.Load = bulk.load,
) -> None:
    """Gives a model the state of an open artifact.

    Args:
        model: The model.
        artifact: The open file.
        record: Its record.
        shelf: Has what the record's values stand on.
        deferral: Where the model was built with its initialisers deferred, else None.
        sums: Checksums of the tensors, by name.
        compiled: Whether the model is compiled.
        read: Reads tensors.

    Raises:
        CorruptFileError: The tensors are not those that were written.
        MismatchError: Tensors and variables do not fit.
    """
    collected, stack = collect_state(model, assets=False)
    with stack:
        matched = match(model, collected, stock_entries(artifact), record.state.meanings, artifact.attributes)
        problems = matched.problems + unaccounted(collected, matched.entries, compiled=compiled)
    wanted = {path: entry for path, entry in matched.entries.items() if path in collected.entries}
    arrays, damaged = read_entries(wanted, sums, read)
    with _assets_folder(artifact) as assets, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Skipping variable loading for optimizer")
        failures = restore_state(collected, arrays, assets, deferral.adopt if deferral else backends.adopt)
    problems += [refused(saveable, error) for saveable, error in failures]
    if damaged:
        raise CorruptFileError("the file is not as it was written", problems=damaged)
    if problems:
        raise MismatchError("the file does not fit the model that its config builds", problems=problems)
    restoring.apply(model, _for_compiled(record, compiled), shelf)


def _for_compiled(record: Record, compiled: bool) -> extra.ExtraState:
    """Without compilation there is no optimizer, and no state of one to put back."""
    if compiled:
        return record.state

    def owned(path: str) -> bool:
        return path.startswith(tuple(f"model.{name}" for name in COMPILE_OWNED))

    variables = {path: name for path, name in record.state.variables.items() if not owned(path)}
    attributes = [one for one in record.state.attributes if not owned(one[0])]
    undecayed = {path: paths for path, paths in record.state.undecayed.items() if not owned(path)}
    return extra.ExtraState(variables, attributes, undecayed=undecayed, settings=record.state.settings)


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
