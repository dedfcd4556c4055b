"""Which files hold source, and their text as Python reads it."""

from __future__ import annotations

import codecs
import errno
import fnmatch
import io
import os
import re
import stat
import tokenize
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ..errors import KeptError
from ..limits import DEFAULT_LIMITS, Limits

__all__ = [
    "STDIN",
    "decoded",
    "import_parts",
    "import_root",
    "is_notebook",
    "matcher",
    "module_name",
    "read_bytes",
    "source_files",
]

STDIN = "-"
_SUFFIXES = (".py", ".ipynb")
_FOREIGN = {"__pycache__", "node_modules", "site-packages"}
_DECLARED = re.compile(rb"coding[:=]")


def source_files(paths: Iterable[str], *, exclude: Iterable[str] = (), root: str = ".") -> list[str]:
    """The files to look at, in a stable order, each as the caller would name it.

    A file that is named is taken whatever its name ends in. A folder is searched for `.py` and `.ipynb`, without hidden
    folders, `__pycache__`, `node_modules`, `site-packages` and virtual environments, unless one of those is named.

    Args:
        paths: Files and folders.
        exclude: Patterns (see `matcher`) of what is left out, named or not.
        root: The folder that the patterns are relative to.

    Raises:
        KeptError: A path is neither a file nor a folder.
    """
    excluded = matcher(exclude, root)
    found: dict[str, str] = {}
    for path in paths:
        if excluded(path):
            continue
        for file in _searched(os.path.normpath(path), excluded) if os.path.isdir(path) else [_named(path)]:
            found.setdefault(os.path.abspath(file), file)
    return sorted(file for file in found.values() if not file.endswith(".pyi"))


def _named(path: str) -> str:
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise KeptError("cannot be checked", path=path, expected="a file or a folder", found=reason) from error
    if not stat.S_ISREG(mode):
        raise KeptError("cannot be checked", path=path, expected="a file or a folder", found="something else")
    return os.path.normpath(path)


def _searched(top: str, excluded: Callable[[str], bool]) -> Iterator[str]:
    folders = [top]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as found:
                entries = list(found)
        except OSError:
            yield folder  # as if it were a file: reading it tells why
            continue
        for entry in entries:
            path = entry.name if folder == "." else entry.path
            if entry.is_dir(follow_symlinks=False):
                if _is_own(path, entry.name) and not excluded(path):
                    folders.append(path)
            elif entry.name.endswith(_SUFFIXES) and not excluded(path) and entry.is_file():
                yield path


def _is_own(path: str, name: str) -> bool:
    if name.startswith(".") or name in _FOREIGN:
        return False
    return not os.path.exists(os.path.join(path, "pyvenv.cfg"))


def matcher(patterns: Iterable[str], root: str = ".") -> Callable[[str], bool]:
    """Tells of a path whether a pattern fits.

    A pattern without a slash fits the name of a file or of a folder above it; one with a slash fits the path from
    `root`, or a folder above it. `*` stands for anything, slashes included.
    """
    asked = [(pattern.rstrip("/").removeprefix("./"), "/" in pattern.rstrip("/")) for pattern in patterns]
    names = [re.compile(fnmatch.translate(pattern)) for pattern, is_path in asked if not is_path]
    places = [re.compile(fnmatch.translate(pattern.lstrip("/"))) for pattern, is_path in asked if is_path]
    if not asked:
        return lambda path: False

    def fits(path: str) -> bool:
        parts = os.path.relpath(path, root).replace(os.sep, "/").split("/")
        if any(name.match(part) for name in names for part in parts):
            return True
        wholes = ["/".join(parts[: end + 1]) for end in range(len(parts))]
        return any(place.match(whole) for place in places for whole in wholes)

    return fits


def is_notebook(path: str) -> bool:
    """Whether a file is read as a Jupyter notebook."""
    return path.endswith(".ipynb")


def read_bytes(path: str, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """What is in a file.

    Raises:
        OSError: It cannot be read, or is larger than source is.
    """
    most = limits.notebook_bytes if is_notebook(path) else limits.source_bytes
    with open(path, "rb") as stream:
        if os.fstat(stream.fileno()).st_size > most:
            raise OSError(errno.EFBIG, f"larger than {most >> 20} MiB, more than source is", path)
        return stream.read()


def decoded(content: bytes) -> str:
    """The text of a Python file: its byte order mark and declared encoding (PEP 263) count, lines end in line feeds.

    Raises:
        SyntaxError: The declared encoding is unknown, or the bytes are not in it.
    """
    encoding = "utf-8"
    second_line_ends = content.find(b"\n", content.find(b"\n") + 1)
    head = content[: second_line_ends if second_line_ends >= 0 else None]
    declared = _DECLARED.search(head)
    try:
        if head.startswith(codecs.BOM_UTF8) or declared:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise _undecodable(f"byte 0x{content[error.start]:02x} is not {encoding}", content, error.start) from error
    except (LookupError, SyntaxError, ValueError) as error:  # also a codec that is none of text, such as `rot13`
        raise _undecodable(str(error), content, declared.start() if declared else 0) from error
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _undecodable(message: str, content: bytes, offset: int) -> SyntaxError:
    begin = content.rfind(b"\n", 0, offset) + 1
    line = content[begin:].partition(b"\n")[0].decode(errors="replace")
    column = len(content[begin:offset].decode(errors="replace")) + 1
    return SyntaxError(message, ("", content.count(b"\n", 0, offset) + 1, column, line))


def module_name(path: str, packages: dict[str, str] | None = None) -> str:
    """The dotted name under which a file is imported, as far as the `__init__.py` around it tell.

    It is "" for what cannot be imported: a notebook, or a script without `.py`.

    Args:
        path: Of the file.
        packages: Folder -> name of the package that it is, as far as that is known from other files; it grows.
    """
    if not path.endswith(".py"):
        return ""
    folder, name = os.path.split(os.path.abspath(path))
    package = _package(folder, {} if packages is None else packages)
    if name == "__init__.py":
        return package
    return f"{package}.{name[:-3]}" if package else name[:-3]


def _package(folder: str, known: dict[str, str]) -> str:
    if folder not in known:
        above, name = os.path.split(folder)
        if not name.isidentifier() or not os.path.isfile(os.path.join(folder, "__init__.py")):
            known[folder] = ""
        else:
            package = _package(above, known)
            known[folder] = f"{package}.{name}" if package else name
    return known[folder]


def import_parts(path: str) -> list[str]:
    """The folders and the name of a file as an import would name them: `["src", "shop", "layers"]`."""
    file = Path(path)
    parts = [one for one in file.parts[:-1] if one != file.anchor]
    return parts if file.name == "__init__.py" and parts else [*parts, file.stem]


def import_root(path: str, name: str) -> str:
    """The folder from which a file is imported under a dotted name; that of the file where it has none."""
    folder = os.path.dirname(path)
    above = name.count(".") + (os.path.basename(path) == "__init__.py") if name else 0
    for _ in range(above):
        folder = os.path.dirname(folder) if os.path.basename(folder) not in ("", "..") else os.path.join(folder, "..")
    return folder
