"""Which files can hold a fault at all: those that have to do with Keras."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Mapping

from kept.source.files import import_parts

__all__ = ["relevant"]

_SEED = re.compile(rb"keras|tensorflow|kept:")
_FROM = re.compile(rb"^[ \t]*from[ \t]+([\w.]+)[ \t]+import\b[ \t]*(\([^)]*\)|(?:[^\n\\]|\\\n)*)", re.MULTILINE)
_IMPORT = re.compile(rb"^[ \t]*import[ \t]+((?:[^\n\\]|\\\n)*)", re.MULTILINE)
_ROOT = re.compile(rb"(?:^|,)\s*(\w+)")
_WORD = re.compile(rb"\w+")
_PLAIN_ROOTS = sys.stdlib_module_names | {
    "flax", "jax", "jaxlib", "matplotlib", "numpy", "pandas", "pytest", "scipy", "sklearn", "torch", "tqdm",
}  # fmt: skip


def relevant(contents: Mapping[str, bytes], named: Collection[str] = ()) -> set[str]:
    """The files to judge.

    Those are the files that name Keras or TensorFlow, that import a package which may be built on them or another
    of the files that are judged, and that the caller names. Imports are taken by the words in them: too many files may
    be found, never too few.

    Args:
        contents: Path -> what is in the file.
        named: Paths that are judged whatever is in them.
    """
    judged = {path for path, content in contents.items() if path in named or _SEED.search(content)}
    stems = {path: import_parts(path)[-1].encode(errors="surrogatepass") for path in contents}
    plain = {name.encode() for name in _PLAIN_ROOTS} | set(stems.values())
    waiting: dict[str, set[bytes]] = {}
    for path in contents.keys() - judged:
        roots, words = _imports(contents[path])
        if roots <= plain:
            waiting[path] = words
        else:
            judged.add(path)
    found = judged
    while found:
        names = {stems[path] for path in found}
        found = {path for path, words in waiting.items() if words & names}
        judged |= found
        waiting = {path: words for path, words in waiting.items() if path not in found}
    return judged


def _imports(content: bytes) -> tuple[set[bytes], set[bytes]]:
    """The packages that a file imports from, and every word in its import statements."""
    roots: set[bytes] = set()
    words: set[bytes] = set()
    for home, names in _FROM.findall(content):
        if not home.startswith(b"."):
            roots.add(home.partition(b".")[0])
        words.update(_WORD.findall(home + b" " + names))
    for names in _IMPORT.findall(content):
        roots.update(_ROOT.findall(names))
        words.update(_WORD.findall(names))
    return roots, words
