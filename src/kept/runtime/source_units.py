"""A unit: the part of one module that the custom objects of a model need, as text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kept.errors import CorruptFileError, shown
from kept.runtime.source_names import names_used

__all__ = ["Piece", "SourceUnit", "arrange", "digest"]

_LINE_LENGTH = 100
_BREAK = "\n\n\n"


@dataclass(frozen=True, slots=True)
class SourceUnit:
    """The embedded source of one module.

    Attributes:
        module: The module's name, which the unit is found under.
        text: Python source.
        sha256: Hex digest of the text as UTF-8; what a caller trusts.
        file: The file it was taken from, for people.
        whole: Whether the text is that of the whole file.
        package: The package that relative imports start from.
        uses: Other units that it imports.
        missing: Names it reads that could not be kept.
    """

    module: str
    text: str
    sha256: str
    file: str
    whole: bool = False
    package: str = ""
    uses: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def trust(self) -> str:
        """What to name in `trusted=` to let this text run."""
        return f"sha256:{self.sha256}"

    def to_dict(self) -> dict[str, Any]:
        """The unit as JSON-able data."""
        return {
            "module": self.module,
            "file": self.file,
            "sha256": self.sha256,
            "whole": self.whole,
            "package": self.package,
            "uses": list(self.uses),
            "missing": list(self.missing),
            "text": self.text,
        }

    @classmethod
    def from_dict(cls, data: object) -> SourceUnit:
        """Reads what `to_dict` wrote.

        Raises:
            CorruptFileError: A key is absent or holds another type; `where` names it.
        """
        if not isinstance(data, Mapping):
            raise CorruptFileError("a source unit is not an object", expected="an object", found=shown(data))
        text = {key: _checked(data, key, str) for key in ("module", "text", "sha256", "file", "package")}
        if not all(part.isidentifier() for part in text["module"].split(".")):
            raise CorruptFileError("not a module name", where="module", found=shown(text["module"]))
        uses, missing = _checked_names(data, "uses"), _checked_names(data, "missing")
        return cls(**text, whole=_checked(data, "whole", bool), uses=uses, missing=missing)


def _checked(data: Mapping[str, Any], key: str, kind: type) -> Any:
    if not isinstance(data.get(key), kind):
        found = shown(data[key]) if key in data else "nothing"
        raise CorruptFileError("a source unit is damaged", where=key, expected=kind.__name__, found=found)
    return data[key]


def _checked_names(data: Mapping[str, Any], key: str) -> tuple[str, ...]:
    names = _checked(data, key, list)
    for position, name in enumerate(names):
        if not isinstance(name, str):
            raise CorruptFileError("not a string", where=f"{key}[{position}]", found=shown(name))
    return tuple(names)


def digest(text: str) -> str:
    """The hash that trust in a text is given to."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(slots=True, eq=False)
class Piece:
    """A statement that goes into a unit.

    Attributes:
        names: Names it binds.
        text: Its text, not indented.
        order: Where it stood in the original, to keep that order.
        taken_from: For an import, the module; for `from` imports the text is the part after `import`.
        style: "code", "import" (`import a.b as c`) or "from".
        unit: The unit that an import needs; empty for installed modules.
        early: Names it reads while it runs.
        late: Names that what it defines reads when called.
    """

    names: tuple[str, ...]
    text: str
    order: tuple[int, ...]
    style: str = "code"
    taken_from: str = ""
    unit: str = ""
    early: frozenset[str] = frozenset()
    late: frozenset[str] = frozenset()

    def read_names(self, lazy_annotations: bool) -> frozenset[str]:
        """Fills `early` and `late` from the text; returns the names only annotations mention."""
        if self.style != "code":
            return frozenset()
        uses = names_used(self.text, lazy_annotations=lazy_annotations)
        self.early, self.late = uses.early, uses.late
        return uses.hints


def arrange(pieces: Iterable[Piece], *, header: str, lazy_annotations: bool, circular: frozenset[str]) -> str:
    """Writes pieces as a module: imports first, then the rest in the original order, each after what it needs.

    Args:
        pieces: What to write.
        header: A comment line for the top; may be empty.
        lazy_annotations: Whether to begin with `from __future__ import annotations`.
        circular: Units that import this one back: what comes from them is imported as late as possible.
    """
    ordered = sorted(pieces, key=lambda piece: (piece.order, piece.names))
    first = [piece for piece in ordered if piece.style != "code" and piece.unit not in circular]
    rest = _sorted_by_need([piece for piece in ordered if piece not in first])
    blocks = [header] if header else []
    blocks += ["from __future__ import annotations"] if lazy_annotations else []
    text = "\n\n".join([*blocks, *filter(None, [_imports(first)])])
    before = "imports"
    for piece in rest:
        lines = _imports([piece]) if piece.style != "code" else piece.text
        now = "block" if lines.startswith(("def ", "class ", "async ", "@")) else "line"
        gap = _BREAK if "block" in (before, now) else "\n" if before == now else "\n\n"
        text = f"{text}{gap}{lines}" if text else lines
        before = now
    return text + "\n"


def _imports(pieces: list[Piece]) -> str:
    lines: dict[tuple[str, str], list[str]] = {}
    for piece in pieces:
        alone = piece.text if piece.style == "import" else ""
        lines.setdefault((piece.taken_from, alone), []).append(piece.text)
    return "\n".join(alone or _from_import(module, names) for (module, alone), names in lines.items())


def _from_import(module: str, names: list[str]) -> str:
    names = list(dict.fromkeys(names))
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= _LINE_LENGTH:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"


def _sorted_by_need(pieces: list[Piece]) -> list[Piece]:
    by_name = {name: piece for piece in pieces for name in piece.names}
    done: dict[int, Piece] = {}
    busy: set[int] = set()

    def put(piece: Piece) -> None:
        if id(piece) in done or id(piece) in busy:
            return
        busy.add(id(piece))
        for needed in _needs(piece.early):
            put(needed)
            for called in _reached(needed):
                put(called)
        done[id(piece)] = piece

    def _needs(names: Iterable[str]) -> list[Piece]:
        found = {id(by_name[name]): by_name[name] for name in names if name in by_name}
        return sorted(found.values(), key=lambda piece: (piece.order, piece.names))

    def _reached(piece: Piece) -> list[Piece]:
        """What runs when something that runs now calls `piece`."""
        seen: dict[int, Piece] = {}
        queue = [piece]
        while queue:
            for found in _needs(queue.pop().late):
                if id(found) not in seen:
                    seen[id(found)] = found
                    queue.append(found)
        return sorted(seen.values(), key=lambda found: (found.order, found.names))

    for piece in pieces:
        put(piece)
    return list(done.values())
