"""Sends every way to save and load a Keras model through kept, and takes it back.

All of them (`Model.save`, `keras.saving.*`, `keras.models.*`, `tf.keras.*`, ModelCheckpoint, a name imported long ago)
end in the four functions of `keras.saving`. Those keep their identity: only the code they run is exchanged. So nothing
is replaced in anybody's namespace, whoever holds one of them is routed too, and `uninstall` gives the code back.

`install` may be called before Keras is imported, and does not import it: the choice of `KERAS_BACKEND` stays with the
script. The code is then exchanged as soon as Keras has been imported.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import CodeType, FunctionType, ModuleType
from typing import Any

from kept.errors import KeptWarning
from kept.proof import Level

__all__ = ["Options", "install", "installed", "options", "stock", "uninstall"]

_OLDEST_MAJOR = 3


@dataclass(frozen=True, slots=True)
class Options:
    """How routed saves are done.

    Attributes:
        verify: What is proved of each file; None proves nothing.
        embed_source: Whether the source of the script's own classes goes into the file.
    """

    verify: Level | None = Level.OUTPUTS
    embed_source: bool = True


@dataclass(frozen=True, slots=True)
class _Exchanged:
    """A function of Keras whose code was exchanged, and what it was before."""

    function: FunctionType
    code: CodeType
    defaults: tuple[Any, ...] | None
    keyword_defaults: dict[str, Any] | None

    def restore(self) -> None:
        self.function.__code__ = self.code
        self.function.__defaults__ = self.defaults
        self.function.__kwdefaults__ = self.keyword_defaults

    def original(self) -> FunctionType:
        function = self.function
        copy = FunctionType(self.code, function.__globals__, function.__name__, self.defaults, function.__closure__)
        copy.__kwdefaults__ = self.keyword_defaults
        return copy


# The code of these four runs among the globals of Keras's module: each must import what it needs. The signatures are
# Keras's own.


def save_model(model, filepath, overwrite=True, zipped=None, **kwargs):  # type: ignore[no-untyped-def]
    """Saves a model through kept."""
    from kept.runtime import routes

    return routes.save_model(model, filepath, overwrite, zipped, **kwargs)


def load_model(filepath, custom_objects=None, compile=True, safe_mode=True):  # type: ignore[no-untyped-def]  # noqa: A002
    """Loads a model through kept."""
    from kept.runtime import routes

    return routes.load_model(filepath, custom_objects, compile, safe_mode)


def save_weights(model, filepath, overwrite=True, max_shard_size=None, **kwargs):  # type: ignore[no-untyped-def]
    """Saves the weights of a model through kept."""
    from kept.runtime import routes

    return routes.save_weights(model, filepath, overwrite, max_shard_size, **kwargs)


def load_weights(model, filepath, skip_mismatch=False, **kwargs):  # type: ignore[no-untyped-def]
    """Loads the weights of a model through kept."""
    from kept.runtime import routes

    return routes.load_weights(model, filepath, skip_mismatch, **kwargs)


_OURS = {function.__name__: function for function in (save_model, load_model, save_weights, load_weights)}
_exchanged: dict[str, _Exchanged] = {}
_end_capture: Callable[[], None] = lambda: None  # noqa: E731
_options: Options | None = None


def install(*, verify: Level | str | bool = Level.OUTPUTS, embed_source: bool = True) -> None:
    """Routes every save and load of this process through kept, until `uninstall`.

    Calling it again only changes the options.

    Args:
        verify: What is proved of each saved file: "structure", "weights", "outputs", "resume"; False proves nothing.
        embed_source: Whether the source of the script's own classes goes into the file.
    """
    global _options
    level = Level.OUTPUTS if verify is True else Level(verify) if verify else None
    first = _options is None
    _options = Options(level, embed_source)
    if not first:
        return
    if "keras" in sys.modules:
        _exchange(sys.modules["keras"])
    else:
        sys.meta_path.insert(0, _KerasFinder())


def uninstall() -> None:
    """Gives Keras its own functions back, exactly as they were."""
    global _options, _end_capture
    _options = None
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _KerasFinder)]
    for exchanged in _exchanged.values():
        exchanged.restore()
    _exchanged.clear()
    _end_capture()
    _end_capture = lambda: None  # noqa: E731


def installed() -> bool:
    """Whether saves are routed, or will be once Keras is imported."""
    return _options is not None


def options() -> Options:
    """How routed saves are done."""
    return _options or Options()


def stock(name: str) -> Callable[..., Any]:
    """Keras's own `save_model`, `load_model`, `save_weights` or `load_weights`, whether or not it is routed now."""
    if name in _exchanged:
        return _exchanged[name].original()
    function: Callable[..., Any] = getattr(importlib.import_module("keras").saving, name)
    return function


def _exchange(keras: ModuleType) -> None:
    global _end_capture
    version = str(getattr(keras, "__version__", "0"))
    saving = getattr(keras, "saving", None)
    functions = {name: getattr(saving, name, None) for name in _OURS}
    if int(version.partition(".")[0] or 0) < _OLDEST_MAJOR or not all(map(_exchangeable, functions.values())):
        warnings.warn(f"Keras {version} is not known to kept: saves are left to Keras", KeptWarning, stacklevel=2)
        return
    for name, function in functions.items():
        assert isinstance(function, FunctionType)
        _exchanged[name] = _Exchanged(function, function.__code__, function.__defaults__, function.__kwdefaults__)
        function.__code__ = _OURS[name].__code__
        function.__defaults__ = _OURS[name].__defaults__
        function.__kwdefaults__ = None
    from kept.runtime.capture import capture_calls  # imports Keras, which is there by now

    _end_capture = capture_calls()


def _exchangeable(function: object) -> bool:
    return isinstance(function, FunctionType) and not function.__code__.co_freevars


class _KerasFinder(MetaPathFinder):
    """Waits for the first import of Keras, which it leaves to the finders behind it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "keras":
            return None
        for finder in [one for one in sys.meta_path if not isinstance(one, _KerasFinder)]:
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                if spec.loader is not None:
                    spec.loader = _KerasLoader(spec.loader)
                return spec
        return None


class _KerasLoader(Loader):
    """Loads Keras as its own loader does, then exchanges the code; leaves no trace in the module."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _KerasFinder)]
        if installed():
            _exchange(module)
