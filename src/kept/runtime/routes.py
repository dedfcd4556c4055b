"""What Keras's four saving functions do while they are routed: arguments of any Keras, made into calls of kept."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, Literal

from kept.errors import KeptWarning, UnknownFormatError, WriteError
from kept.formats.folder_target import FolderTarget
from kept.proof import Proof
from kept.runtime import journal, saved_model, weights, weights_loading
from kept.runtime import load as loading
from kept.runtime import save as saving
from kept.runtime.install import options, stock

__all__ = ["chosen_format", "load_model", "load_weights", "save_model", "save_weights"]

_Format = Literal["keras", "h5", "tf"]

# What `save_format=` could be in any release of Keras.
_NAMED: dict[str, _Format] = {
    "keras": "keras", "keras_v3": "keras", "h5": "h5", "hdf5": "h5", "tf": "tf", "tensorflow": "tf",
}  # fmt: skip
_EXTENSIONS: dict[str, _Format] = {".keras": "keras", ".h5": "h5", ".hdf5": "h5"}
# Keras 2 also took these; each has an effect only in a SavedModel.
_SAVED_MODEL_ARGUMENTS = {"signatures": None, "options": None, "save_traces": True}
_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def save_model(model: Any, filepath: Any, overwrite: bool = True, zipped: bool | None = None, **kwargs: Any) -> None:
    """`keras.saving.save_model`, with the arguments of every release of Keras.

    Raises:
        KeptError: The model was not saved; the file that was there is untouched.
    """
    known = {"save_format", "include_optimizer", *_SAVED_MODEL_ARGUMENTS}
    keras_save = partial(stock("save_model"), model, filepath, overwrite, zipped, **kwargs)
    if journal.under_way() or kwargs.keys() - known:  # unknown arguments are Keras's to refuse
        keras_save()
        return
    name = _name(filepath)
    with journal.operation(name):
        if _is_remote(name):
            _left_to_keras(name, "it is remote", keras_save)
        elif hasattr(filepath, "write"):
            with _beside_a_stream(filepath) as file:
                journal.record(_save(model, file, "keras", kwargs))
        elif _may_write(name, overwrite):
            if zipped is False:
                _save_folder(model, name)
            else:
                journal.record(_save(model, name, chosen_format(name, kwargs.get("save_format")), kwargs))


def load_model(filepath: Any, custom_objects: Any = None, compile: bool = True, safe_mode: bool = True) -> Any:  # noqa: A002
    """`keras.saving.load_model`."""
    if journal.under_way() or _is_remote(_name(filepath)):
        return stock("load_model")(filepath, custom_objects, compile, safe_mode)
    with journal.operation():
        if hasattr(filepath, "read"):
            with _copied_to_file(filepath) as file:
                return loading.load(file, custom_objects, compile, safe_mode)
        return loading.load(filepath, custom_objects, compile, safe_mode)


def save_weights(model: Any, filepath: Any, overwrite: bool = True, max_shard_size: Any = None, **kwargs: Any) -> None:
    """`keras.saving.save_weights`."""
    name = _name(filepath)
    if max_shard_size is not None:
        kwargs["max_shard_size"] = max_shard_size
    keras_save = partial(stock("save_weights"), model, filepath, overwrite, **kwargs)
    if journal.under_way():
        keras_save()
        return
    with journal.operation(name):
        if _is_remote(name):
            _left_to_keras(name, "it is remote", keras_save)
        elif _may_write(name, overwrite):
            journal.record(weights.save_weights(model, filepath, **kwargs))


def load_weights(model: Any, filepath: Any, skip_mismatch: bool = False, **kwargs: Any) -> Any:
    """`keras.saving.load_weights`."""
    if journal.under_way() or _is_remote(_name(filepath)):
        return stock("load_weights")(model, filepath, skip_mismatch, **kwargs)
    with journal.operation():
        return weights_loading.load_weights(model, filepath, skip_mismatch, **kwargs)


def chosen_format(path: str, save_format: Any = None) -> _Format:
    """The format that a script means, in the rules of the Keras it was written for.

    An extension decides, as in Keras 3; else `save_format` does; without both it is a SavedModel, as in Keras 2.

    Raises:
        UnknownFormatError: Nothing can be meant by it.
    """
    extension = os.path.splitext(path)[1].lower()
    by_name = _NAMED.get(str(save_format).lower()) if save_format else None
    if save_format and by_name is None:
        raise UnknownFormatError(
            f"no format is called {save_format!r}", path=path, expected="keras, h5 or tf", found=repr(save_format)
        )
    if extension in _EXTENSIONS:
        if by_name not in (None, _EXTENSIONS[extension]):
            _warn(f"{path}: the extension decides the format, save_format={save_format!r} is ignored")
        return _EXTENSIONS[extension]
    if by_name == "keras":
        raise UnknownFormatError(
            "a .keras archive needs its extension", path=path, hint=f"write model.save({path + '.keras'!r})"
        )
    if by_name is None and re.fullmatch(r"\.[a-z][a-z_]*", extension):
        raise UnknownFormatError(
            f"no format has the extension {extension}", path=path, expected=".keras, .h5, or none for a SavedModel"
        )
    return by_name or "tf"


def _save(model: Any, path: str, file_format: _Format, kwargs: dict[str, Any]) -> Proof:
    ours = options()
    for name, default in _SAVED_MODEL_ARGUMENTS.items():
        if kwargs.get(name, default) != default:
            _warn(f"{path}: {name}= has no effect; model.export writes a SavedModel with what you choose")
    if kwargs.get("include_optimizer", True) is not True:
        _warn(f"{path}: the optimizer is kept, include_optimizer=False has no effect")
    verify = ours.verify.value if ours.verify else False
    if file_format == "h5" and not path.lower().endswith((".h5", ".hdf5")):
        with _under_another_name(path, ".h5") as file:
            return replace(saving.save(model, file, verify=verify, embed_source=ours.embed_source), path=path)
    if file_format != "tf":
        return saving.save(model, path, verify=verify, embed_source=ours.embed_source)
    backend = _backend()
    if backend != "tensorflow":
        raise UnknownFormatError(
            "a path without an extension means a SavedModel, and that needs the TensorFlow backend",
            path=path,
            found=f"the {backend} backend",
            hint=f"write model.save({path.rstrip('/') + '.keras'!r})",
        )
    return saved_model.save_saved_model(model, path, verify=verify, embed_source=ours.embed_source)


def _save_folder(model: Any, path: str) -> None:
    if path.endswith(".keras"):  # refused by Keras before it writes
        stock("save_model")(model, path, zipped=False)
    with FolderTarget(path, may_replace=_is_unzipped_archive) as target:
        _left_to_keras(path, "it is not zipped", partial(stock("save_model"), model, target.folder, zipped=False))
        target.commit()


def _is_unzipped_archive(folder: str) -> bool:
    return all(os.path.isfile(os.path.join(folder, name)) for name in ("metadata.json", "config.json"))


def _left_to_keras(path: str, reason: str, save: Callable[[], Any]) -> None:
    _warn(f"{path}: {reason}, so it is written by Keras and not proven")
    save()
    journal.record(Proof(path, 0, outputs_note=f"{reason}; written by Keras"))


def _may_write(path: str, overwrite: bool) -> bool:
    """Asks before replacing a file, as Keras does with `overwrite=False`."""
    if overwrite or not os.path.lexists(path):
        return True
    try:
        answer = input(f"[WARNING] {path} already exists - overwrite? [y/n]")
        while answer.strip().lower() not in ("y", "n"):
            answer = input("Enter 'y' to overwrite or 'n' to cancel.")
    except (EOFError, OSError):
        raise WriteError(
            "the file exists and overwrite=False",
            path=path,
            found="nobody at the terminal to ask",
            hint="choose another name, or allow it with overwrite=True",
        ) from None
    return answer.strip().lower() == "y"


@contextmanager
def _beside_a_stream(stream: Any) -> Iterator[str]:
    """A file to write to; what is in it goes to the stream once it is proven."""
    with tempfile.TemporaryDirectory(prefix="kept-") as folder:
        path = os.path.join(folder, "model.keras")
        yield path
        with open(path, "rb") as file:
            shutil.copyfileobj(file, stream)


@contextmanager
def _under_another_name(path: str, extension: str) -> Iterator[str]:
    """A file whose name says its format; once it is proven it takes the place of `path`, on the same file system."""
    place = os.path.realpath(path)
    with tempfile.TemporaryDirectory(prefix=".kept-", dir=os.path.dirname(place)) as folder:
        file = os.path.join(folder, os.path.basename(place) + extension)
        yield file
        os.replace(file, place)


@contextmanager
def _copied_to_file(stream: Any) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="kept-") as folder:
        path = os.path.join(folder, "model.keras")
        with open(path, "wb") as file:
            shutil.copyfileobj(stream, file)
        yield path


def _name(filepath: Any) -> str:
    if isinstance(filepath, (str, bytes, os.PathLike)):
        return os.fsdecode(filepath)
    return str(getattr(filepath, "name", "") or f"<{type(filepath).__name__}>")


def _is_remote(name: str) -> bool:
    return _REMOTE.match(name) is not None


def _backend() -> str:
    import keras

    return str(keras.config.backend())


def _warn(message: str) -> None:
    """Warns at the line of the script, however deep in kept and Keras the call is."""
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and re.match(r"(kept|keras)\b", frame.f_globals.get("__name__", "")):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, KeptWarning, stacklevel=level)
