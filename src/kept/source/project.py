"""The files that are read together: names are found across them, in installed packages, and in Keras's catalogue."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kept.source.catalogue import Catalogue, KerasClass, catalogue
from kept.source.files import decoded, import_parts, import_root, module_name, read_bytes
from kept.source.module import Module, parse
from kept.source.outline import Outline

if TYPE_CHECKING:
    from kept.source.classes import ClassModel

__all__ = ["Project"]


class Project:
    """Finds classes by their dotted names, reading files where they are needed and importing none.

    Args:
        outlines: What is known of the files, parsed or not.
        unread: Files that are read only when a name leads to them.
        keras: The classes of Keras; those of the newest release when None.
        search: Folders with installed packages, read on demand; those of this interpreter when None. The folder that a
            file is itself imported from comes before them.
        read: Gives the text of a file.

    Attributes:
        consulted: Path of a file -> paths of the files that its names led to, also in installed packages, and paths
            where such a file could be and is not.
    """

    def __init__(
        self,
        outlines: Iterable[Outline] = (),
        *,
        unread: Iterable[str] = (),
        keras: Catalogue | None = None,
        search: Iterable[str] | None = None,
        read: Callable[[str], str] | None = None,
    ) -> None:
        self.keras = keras or catalogue()
        self._search = tuple(sys.path if search is None else search)
        self._read = read or _read
        self._modules: dict[str, Module] = {}
        self._outlines: dict[str, Outline] = {}
        self._by_stem: dict[str, list[tuple[list[str], str]]] = {}
        self._roots: dict[str, str] = {}
        self._outside: dict[str, Outline | None] = {}
        self._installed: dict[tuple[str, ...], tuple[Outline | None, list[str]]] = {}
        self.consulted: dict[str, set[str]] = {}
        self._found: dict[tuple[str, str], ClassModel | KerasClass | None] = {}
        for outline in outlines:
            self.outline(outline)
        for path in unread:
            self._known_at(path)

    def outline(self, outline: Outline) -> None:
        """Makes a file known without its text."""
        self._outlines[outline.path] = outline
        self._known_at(outline.path)

    def _known_at(self, path: str) -> None:
        parts = import_parts(path)
        self._by_stem.setdefault(parts[-1], []).append((parts, path))

    def add(self, module: Module) -> Module:
        """Makes a parsed file a part of the project; one without a name cannot be imported by the others."""
        module.project = self
        self._modules[module.path] = module
        if module.name and module.path not in self._outlines:
            self.outline(Outline.of(module))
        return module

    @property
    def outlines(self) -> Iterable[Outline]:
        """What is known of the files of the project."""
        return self._outlines.values()

    def users(self, path: str) -> frozenset[str]:
        """Paths of the files of the project that a file is imported by, on the way too, with its own."""
        found, waiting = {path}, [path]
        while waiting:
            for user in self._importers.get(waiting.pop(), ()):
                if user not in found:
                    found.add(user)
                    waiting.append(user)
        return frozenset(found)

    @cached_property
    def _importers(self) -> dict[str, set[str]]:
        """Path -> paths of the files of the project that name it in an import."""
        found: dict[str, set[str]] = {}
        for one in self._outlines.values():
            near = Path(one.path).parent.parts
            for dotted in {*one.bound.values(), *one.stars}:
                parts = dotted.split(".")
                for cut in range(len(parts), 0, -1):
                    nearest = self._nearest(parts[:cut], near)
                    if nearest is not None:
                        found.setdefault(nearest, set()).add(one.path)
                        break
        return found

    def _nearest(self, parts: list[str], near: tuple[str, ...]) -> str | None:
        """Of the project's files that `import a.b.c` could mean, the one next to a folder."""
        fitting = [path for own, path in self._by_stem.get(parts[-1], ()) if own[-len(parts) :] == parts]
        return max(fitting, key=lambda one: _shared(near, Path(one).parent.parts)) if fitting else None

    def find_class(self, dotted: str, asking: Module | None = None) -> ClassModel | KerasClass | None:
        """The class of a dotted name.

        Args:
            dotted: Such as `keras.layers.Dense` or `shop.layers.Scale`.
            asking: The module that uses the name; of several files of one name, the nearest is meant.
        """
        key = (dotted, asking.path if asking else "")
        if key not in self._found:
            self._found[key] = None  # asked for again while its ancestors are looked for
            self._found[key] = self._find(dotted, asking, set())
        return self._found[key]

    def _find(self, dotted: str, asking: Module | None, seen: set[str]) -> ClassModel | KerasClass | None:
        if dotted in seen:  # names that lead to each other, as star imports in a circle do
            return None
        seen.add(dotted)
        if dotted.partition(".")[0] == "keras":
            known = self.keras.find(dotted)
            if known is not None:
                return known
        if asking is not None:
            own = self._within(asking, dotted)
            if own is not None:
                return own
        parts = dotted.split(".")
        for cut in range(len(parts) - 1, 0, -1):
            outline = self._file_of(parts[:cut], asking)
            if outline is not None:
                return self._in(outline, parts[cut:], asking, seen)
        return None

    def _within(self, module: Module, dotted: str) -> ClassModel | None:
        prefix = f"{module.name}." if module.name else ""
        return module.find_class(dotted[len(prefix) :]) if dotted.startswith(prefix) else None

    def _in(
        self, outline: Outline, parts: list[str], asking: Module | None, seen: set[str]
    ) -> ClassModel | KerasClass | None:
        if parts[0] in outline.classes:
            module = self.module(outline)
            return module.find_class(".".join(parts)) if module else None
        target = outline.bound.get(parts[0])
        if target is not None:
            return self._find(".".join([target, *parts[1:]]), asking, seen)
        for star in outline.stars:
            found = self._find(".".join([star, *parts]), asking, seen)
            if found is not None:
                return found
        return None

    def _file_of(self, parts: list[str], asking: Module | None) -> Outline | None:
        """The file that `import a.b.c` would read: one of the project's, or one of an installed package."""
        consulted = self.consulted.setdefault(asking.path if asking else "", set())
        nearest = self._nearest(parts, Path(asking.path).parent.parts if asking else ())
        if nearest is not None:
            consulted.add(nearest)
            found = self._outline_of(nearest)
            if found is not None:
                return found
        root = self._root_of(asking) if asking else ""
        place = (root, *parts)
        if place not in self._installed:
            self._installed[place] = self._search_for(parts, [*([root] if asking else ()), *self._search])
        outline, looked_at = self._installed[place]
        consulted.update(looked_at)
        return outline

    def _root_of(self, module: Module) -> str:
        if module.path not in self._roots:
            self._roots[module.path] = import_root(module.path, module.name)
        return self._roots[module.path]

    def _outline_of(self, path: str) -> Outline | None:
        if path not in self._outlines and path not in self._outside:
            module = self._load(path)
            # Apart from the others: what is found must not hang on what was asked for before.
            self._outside[path] = Outline.of(module) if module is not None else None
        return self._outlines.get(path) or self._outside[path]

    def _search_for(self, parts: list[str], folders: list[str]) -> tuple[Outline | None, list[str]]:
        """The file that is imported from one of some folders, and the paths at which it is or could be."""
        if parts[0] in sys.stdlib_module_names or parts[0] in _NEVER_READ:
            return None, []
        looked_at: list[str] = []
        for folder in folders:
            stem = Path(folder or ".", *parts)
            paths = (stem / "__init__.py", stem.with_name(stem.name + ".py"))
            there = next((str(path) for path in paths if path.is_file()), None)
            if there is not None:
                return self._outline_of(there), [*looked_at, there]
            if len(parts) > 1 and Path(folder or ".", parts[0]).is_dir():
                looked_at += map(str, paths)
        return None, looked_at

    def module(self, outline: Outline) -> Module | None:
        """The parsed file; None where it cannot be read."""
        return self._modules.get(outline.path) or self._load(outline.path)

    def _load(self, path: str) -> Module | None:
        try:
            text = self._read(path)
            module = parse(text, path, module_name(path), is_package=Path(path).name == "__init__.py")
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        module.project = self
        self._modules[path] = module
        return module


_NEVER_READ = frozenset({"numpy", "scipy", "torch", "tensorflow", "jax", "jaxlib", "flax", "pandas"})
"""Packages in which no class of Keras is at home; reading them would cost seconds."""


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    count = 0
    for mine, yours in zip(one, other, strict=False):
        if mine != yours:
            break
        count += 1
    return count


def _read(path: str) -> str:
    return decoded(read_bytes(path))
