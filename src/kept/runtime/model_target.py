"""A model by name: `package.module:name` or `train.py:name`, a model or a function that returns one."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from types import ModuleType
from typing import Any

import keras

from ..errors import KeptError
from .class_views import raised
from .source_origins import is_local_module

__all__ = ["model_from"]


def model_from(target: str) -> Any:
    """Imports a module and takes a model from it.

    Args:
        target: `module:name` or `file.py:name`; the name may have dots.

    Raises:
        KeptError: The module cannot be imported, the name is not there, or it gives no Keras model.
    """
    place, _, name = target.rpartition(":")
    if not place or not name:
        raise KeptError(
            "this names no model",
            path=target,
            expected="module:name or train.py:name, a model or a function that returns one",
            hint=f"kept check {target}:build_model",
        )
    found: Any = _module(place, target)
    for part in name.split("."):
        if not hasattr(found, part):
            raise KeptError(f"there is no {part} in {place}", path=target, hint=_candidates(found))
        found = getattr(found, part)
    if callable(found) and not isinstance(found, keras.Model):
        found = _called(found, name, target)
    if not isinstance(found, keras.Model):
        raise KeptError(f"{name} gives no Keras model", path=target, expected="a keras.Model", found=repr(type(found)))
    return found


def _module(place: str, target: str) -> ModuleType:
    is_file = place.endswith(".py") or os.sep in place
    folder = os.path.dirname(os.path.abspath(place)) if is_file else os.getcwd()
    if folder not in sys.path:
        sys.path.insert(0, folder)
    if is_file and not os.path.isfile(place):
        raise KeptError("there is no such file", path=target, found=place)
    try:
        if not is_file:
            return importlib.import_module(place)
        return _from_file(place)
    except ModuleNotFoundError as error:
        raise KeptError(f"no module named {error.name}", path=target) from None
    except Exception as error:  # whatever the user's module raises
        raise _error(f"{place} cannot be imported", target, error) from error


def _from_file(place: str) -> ModuleType:
    name = os.path.splitext(os.path.basename(place))[0]
    spec = importlib.util.spec_from_file_location(name, os.path.abspath(place))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before = sys.modules.get(name)
    if (
        before is not None
        and getattr(before, "__file__", None) != module.__file__
        and not is_local_module(vars(before))
    ):
        raise KeptError("a module of that name is installed", path=place, found=name, hint="rename the file")
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _called(factory: Any, name: str, target: str) -> Any:
    try:
        return factory()
    except Exception as error:  # whatever the user's function raises
        raise _error(f"{name}() raises {type(error).__name__}", target, error) from error


def _error(message: str, target: str, error: Exception) -> KeptError:
    if isinstance(error, KeptError):
        error.path = error.path or target
        return error
    told = raised(error)
    return KeptError(message, path=target, where=str(told.location), found=str(told))


def _candidates(found: Any) -> str:
    """A model, or a function with `model` in its name, that the module itself has."""
    own = {
        name: one
        for name, one in getattr(found, "__dict__", {}).items()
        if isinstance(one, keras.Model) or getattr(one, "__module__", None) == getattr(found, "__name__", "")
    }
    likely = [name for name, one in own.items() if isinstance(one, keras.Model) or "model" in name.lower()]
    return f"did you mean {likely[0]}?" if likely else ""
