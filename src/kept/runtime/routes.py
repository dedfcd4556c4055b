"""What Keras's four saving functions do while they are routed: arguments of any Keras, made into calls of kept."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Any, Literal

from kept.errors import KeptWarning, UnknownFormatError, WriteError
from kept.formats.write_errors import writing
from kept.proof import Proof
from kept.runtime import journal, saved_model, weights, weights_loading
from kept.runtime import load as loading
from kept.runtime import save as saving
from kept.runtime.install import options, stock
from kept.runtime.streams import is_stream, name_of, path_of

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
    if journal.under_way() or kwargs.keys() - known:  # unknown arguments are Keras's to refuse
        stock("save_model")(model, filepath, overwrite, zipped, **kwargs)
        return
    name = _name(filepath)
    with journal.operation(name):
        if _is_remote(name):
            _left_to_keras(name, "it is remote", partial(stock("save_model"), model, filepath, overwrite, zipped))
        elif is_stream(filepath):
            journal.record(_save(model, filepath, "keras", kwargs))
        else:
            file_format = "folder" if zipped is False else chosen_format(name, kwargs.get("save_format"))
            if file_format == "tf" and _backend() != "tensorflow":
                name, file_format = _as_archive(name), "keras"
            if _may_write(name, overwrite):
                with _folders_for(name):
                    journal.record(_save(model, name, file_format, kwargs))


def load_model(filepath: Any, custom_objects: Any = None, compile: bool = True, safe_mode: bool = True) -> Any:  # noqa: A002
    """`keras.saving.load_model`."""
    if journal.under_way() or _is_remote(_name(filepath)):
        return stock("load_model")(filepath, custom_objects, compile, safe_mode)
    with journal.operation():
        place = filepath if is_stream(filepath) else _found(_name(filepath))
        return loading.load(place, custom_objects, compile, safe_mode)


def save_weights(model: Any, filepath: Any, overwrite: bool = True, max_shard_size: Any = None, **kwargs: Any) -> None:
    """`keras.saving.save_weights`."""
    name = _name(filepath)
    kwargs["max_shard_size"] = max_shard_size
    if journal.under_way():
        stock("save_weights")(model, filepath, overwrite, **kwargs)
        return
    with journal.operation(name):
        if _is_remote(name):
            _left_to_keras(name, "it is remote", partial(stock("save_weights"), model, filepath, overwrite, **kwargs))
        elif _may_write(name := weights.place_of(name, max_shard_size), overwrite):
            with _folders_for(name):
                journal.record(weights.save_weights(model, name, **kwargs))


def load_weights(model: Any, filepath: Any, skip_mismatch: bool = False, **kwargs: Any) -> Any:
    """`keras.saving.load_weights`."""
    if journal.under_way() or _is_remote(_name(filepath)):
        return stock("load_weights")(model, filepath, skip_mismatch, **kwargs)
    with journal.operation():
        return weights_loading.load_weights(model, _name(filepath), skip_mismatch, **kwargs)


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


def _save(model: Any, place: Any, file_format: str, kwargs: dict[str, Any]) -> Proof:
    ours = options()
    name = _name(place)
    for argument, default in _SAVED_MODEL_ARGUMENTS.items():
        if kwargs.get(argument, default) != default:
            _warn(f"{name}: {argument}= has no effect; model.export writes a SavedModel with what you choose")
    chosen: dict[str, Any] = {
        "verify": ours.verify.value if ours.verify else False,
        "embed_source": ours.embed_source,
        "include_optimizer": bool(kwargs.get("include_optimizer", True)),
    }
    if file_format == "tf":
        return saved_model.save_saved_model(model, place, **chosen)
    if file_format == "folder":
        return saving.save(model, place, zipped=False, **chosen)
    if file_format == "h5" and not name.lower().endswith((".h5", ".hdf5")):
        with _under_another_name(name, ".h5") as file:
            return replace(saving.save(model, file, **chosen), path=name)
    return saving.save(model, place, **chosen)


def _as_archive(path: str) -> str:
    """Where the archive goes that is written in place of a SavedModel, which only TensorFlow can write."""
    archive = path.rstrip("/" + os.sep) + ".keras"
    if os.path.lexists(path):
        raise UnknownFormatError(
            "a path without an extension means a SavedModel, and that needs the TensorFlow backend",
            path=path,
            found=f"the {_backend()} backend, and something else at {path}, which a load would take",
            hint=f"write model.save({archive!r})",
        )
    _warn(f"{path}: a SavedModel needs the TensorFlow backend, so the model is saved as {archive}")
    return archive


def _found(path: str) -> str:
    """The path to load; `m.keras` where there is no `m`."""
    archive = path.rstrip("/" + os.sep) + ".keras"
    if os.path.lexists(path) or not os.path.isfile(archive):
        return path
    _warn(f"{path}: there is no such file or folder, so {archive} is loaded")
    return archive


@contextmanager
def _folders_for(path: str) -> Iterator[None]:
    """Makes the folders above a path, as Keras 2 did; a save that fails leaves none of them empty."""
    made, folder = [], os.path.dirname(os.path.abspath(path.rstrip("/" + os.sep)))
    while not os.path.lexists(folder):
        made.append(folder)
        folder = os.path.dirname(folder)
    try:
        with writing(path):
            for one in reversed(made):
                with suppress(FileExistsError):  # another process was quicker
                    os.mkdir(one)
        yield
    except BaseException:
        for one in made:
            with suppress(OSError):
                os.rmdir(one)
        raise


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
def _under_another_name(path: str, extension: str) -> Iterator[str]:
    """A file whose name says its format; once it is proven it takes the place of `path`, on the same file system."""
    place = os.path.realpath(path)
    with tempfile.TemporaryDirectory(prefix=".kept-", dir=os.path.dirname(place)) as folder:
        file = os.path.join(folder, os.path.basename(place) + extension)
        yield file
        os.replace(file, place)


def _name(filepath: Any) -> str:
    """What the caller calls the place, `~` expanded."""
    return name_of(filepath) if is_stream(filepath) else os.path.expanduser(path_of(filepath))


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
