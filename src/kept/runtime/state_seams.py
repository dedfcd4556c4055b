"""Private Keras API of walking over what holds variables and assets, in both directions; see `keras_seams`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import keras
from keras.src.saving import saving_lib

from .keras_seams import Saveable, is_keras_own, replaced

__all__ = ["Collected", "collect_state", "restore_state"]


class _Collector(saving_lib.H5IOStore):  # type: ignore[misc]
    """Takes what `save_own_variables` stores, by inner path, without writing or copying it."""

    def __init__(self) -> None:
        self.mode = "w"
        self.entries: dict[str, dict[str, Any]] = {}
        self.names: dict[str, str] = {}
        self._current = ""

    def __bool__(self) -> bool:
        return True

    def make(self, path: str, metadata: Mapping[str, Any] | None = None) -> _Collector:
        self._current = path
        if metadata and isinstance(metadata.get("name"), str):
            self.names[path] = metadata["name"]
            self.entries.setdefault(path, {})
        return self

    def __setitem__(self, key: str, value: Any) -> None:
        self.entries.setdefault(self._current, {})[key] = value

    def __getitem__(self, key: str) -> Any:
        return self.entries[self._current][key]

    def __delitem__(self, key: str) -> None:
        del self.entries[self._current][key]

    def __contains__(self, key: object) -> bool:
        return key in self.entries.get(self._current, {})

    def __len__(self) -> int:
        return len(self.entries.get(self._current, {}))

    def keys(self) -> Any:
        return self.entries.get(self._current, {}).keys()

    def has_path(self, path: str) -> bool:
        return path in self.entries

    def close(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Collected:
    """What Keras itself would write for a model.

    Attributes:
        entries: Inner path of a saveable -> key -> variable or array, nothing copied.
        names: Inner path -> name of the layer that lies there.
        assets: Folder with the assets, valid until `close`; None when the model wrote none.
        saveables: Inner path -> the object that lies there.
    """

    entries: dict[str, dict[str, Any]]
    names: dict[str, str]
    assets: str | None
    saveables: dict[str, Any]


@contextmanager
def _noting_saveables(found: dict[str, Any]) -> Iterator[None]:
    original = saving_lib._save_state

    def note(saveable: Any, *args: Any, inner_path: str, visited_saveables: set[int], **kwargs: Any) -> None:
        if id(saveable) not in visited_saveables:
            found[inner_path] = saveable
        original(saveable, *args, inner_path=inner_path, visited_saveables=visited_saveables, **kwargs)

    with replaced(saving_lib, "_save_state", note):
        yield


@contextmanager
def _optimizers_storing_variables() -> Iterator[None]:
    """Keras's optimizers store a copy of each array; here they store the variables, as layers do."""
    base = keras.optimizers.Optimizer
    owner = next((one for one in base.__mro__ if "save_own_variables" in vars(one)), None)

    def save_own_variables(self: Any, store: Any) -> None:
        for index, variable in enumerate(self.variables):
            store[str(index)] = variable

    if owner is None:
        yield
        return
    with replaced(owner, "save_own_variables", save_own_variables):
        yield


def _attributes(saveable: Any) -> set[str] | None:
    """The names that `dir` adds to those of the class; None where a class has a `__dir__` of its own."""
    listing: Any = type(saveable).__dir__
    if listing is object.__dir__:
        return set(vars(saveable))
    torch = sys.modules.get("torch")
    if torch is None or listing is not torch.nn.Module.__dir__:
        return None
    elsewhere = saveable._parameters, saveable._modules, saveable._buffers
    return {name for name in set(vars(saveable)).union(*elsewhere) if not name[0].isdigit()}


@cache
def _skipped(ask: Callable[[str], set[str]], kind: str) -> set[str]:
    return ask(kind)


@contextmanager
def _knowing_what_to_skip() -> Iterator[None]:
    """Keras makes a new layer for each object that it walks over, to see which attributes every layer has.

    One is enough; and what is skipped need not be put in order before.
    """
    if not all(hasattr(saving_lib, name) for name in ("get_attr_skipset", "_walk_saveable", "_name_key")):
        yield
        return
    skipped = partial(_skipped, saving_lib.get_attr_skipset)
    walk = saving_lib._walk_saveable
    of_classes: dict[tuple[type, str], frozenset[str]] = {}

    def children(saveable: Any) -> Iterator[tuple[str, Any]]:
        kind = type(saveable)
        held = _attributes(saveable) if isinstance(saveable, Saveable) else None
        if held is None:
            yield from walk(saveable)
            return
        of = saveable._obj_type()
        skip = skipped(of)
        if (kind, of) not in of_classes:
            of_classes[kind, of] = frozenset(dir(kind)) - skip
        if of in ("Sequential", "Functional"):
            yield "layers", saveable.layers
        names = of_classes[kind, of] | (held - skip)
        for name in sorted(names, key=saving_lib._name_key):
            if not name.startswith("__"):
                try:
                    child = getattr(saveable, name)
                except Exception:  # as Keras does
                    continue
                yield name, child

    with replaced(saving_lib, "get_attr_skipset", skipped), replaced(saving_lib, "_walk_saveable", children):
        yield


def collect_state(saveable: Any, *, assets: bool = True, skip: tuple[Any, ...] = ()) -> tuple[Collected, ExitStack]:
    """Walks a model as Keras's own saving does.

    Returns:
        The state, and an exit stack whose closing removes the temporary folder of assets.
    """
    collector = _Collector()
    stack = ExitStack()
    folder = None
    asset_store = None
    if assets:
        asset_store = saving_lib.DiskIOStore("assets", mode="w")
        stack.callback(asset_store.close)
        folder = str(asset_store.working_dir)
    saveables: dict[str, Any] = {}
    with _optimizers_storing_variables(), _noting_saveables(saveables), _knowing_what_to_skip():
        saving_lib._save_state(
            saveable,
            weights_store=collector,
            assets_store=asset_store,
            inner_path="",
            visited_saveables={id(one) for one in skip},
        )
    return Collected(collector.entries, collector.names, folder, saveables), stack


class _Adopting(dict[str, Any]):
    """Arrays of one saveable, each handed out as what `adopt` makes of it."""

    def __init__(self, entry: Mapping[str, Any], adopt: Callable[[Any], Any]) -> None:
        super().__init__(entry)
        self._adopt = adopt

    def __getitem__(self, key: str) -> Any:
        return self._adopt(super().__getitem__(key))


def restore_state(
    collected: Collected,
    entries: Mapping[str, Mapping[str, Any]],
    assets: str | None = None,
    adopt: Callable[[Any], Any] | None = None,
) -> list[tuple[Any, Exception]]:
    """Hands arrays and assets to the objects of a model, as Keras's own loading does.

    Args:
        collected: The objects, as `collect_state` found them.
        entries: Inner path -> key -> array.
        assets: Folder of the assets, or None.
        adopt: Makes a tensor of the backend of an array, for objects that only assign it; arrays are handed over as
            they are when None.

    Returns:
        Each object that refused its arrays, with the reason.
    """
    failures: list[tuple[Any, Exception]] = []
    asset_store = saving_lib.DiskIOStore(assets, mode="r") if assets else None
    for path, saveable in collected.saveables.items():
        entry = entries.get(path, {})
        try:
            if hasattr(saveable, "load_own_variables"):
                own = is_keras_own(type(saveable).load_own_variables)
                saveable.load_own_variables(_Adopting(entry, adopt) if adopt and own else entry)
            if asset_store is not None and hasattr(saveable, "load_assets"):
                saveable.load_assets(asset_store.get(path))
        except Exception as error:  # whatever the user's code raises
            failures.append((saveable, error))
    return failures
