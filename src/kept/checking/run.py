"""The files of one run: what is in them, and which of them can hold a fault."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from kept.checking.cache import digest
from kept.checking.options import Options
from kept.checking.relevance import relevant
from kept.source.files import matcher, module_name, read_bytes, source_files

__all__ = ["Run", "gathered"]


@dataclass(frozen=True)
class Run:
    """The files of a run.

    Attributes:
        contents: Path -> what is in the file, or why that is not known.
        digests: Path -> a digest of that, and of the name under which the file is imported.
        named: Files that the caller named.
    """

    contents: dict[str, bytes | OSError]
    digests: dict[str, str]
    named: frozenset[str]

    @cached_property
    def judged(self) -> list[str]:
        """The files that can hold a fault."""
        readable = {path: content for path, content in self.contents.items() if isinstance(content, bytes)}
        found = relevant(readable, self.named)
        return [path for path in self.contents if path in found or path not in readable]

    def digest_of(self, path: str) -> str:
        """The digest of any file; "" where there is none."""
        if path not in self.digests:
            try:
                self.digests[path] = digest(read_bytes(path))
            except (OSError, ValueError):
                self.digests[path] = ""
        return self.digests[path]


def gathered(given: Sequence[str], texts: Mapping[str, bytes], options: Options) -> Run:
    """Reads the files that some paths name.

    Args:
        given: Files, folders, and the names of texts.
        texts: Path -> content, for what is no file.
        options: What is left out.

    Raises:
        KeptError: A path is neither a file nor a folder.
    """
    excluded = matcher(options.exclude, options.root)
    files = source_files((path for path in given if path not in texts), exclude=options.exclude, root=options.root)
    contents: dict[str, bytes | OSError] = {}
    for path in sorted({*files, *(path for path in texts if not excluded(path))}):
        try:
            contents[path] = texts[path] if path in texts else read_bytes(path)
        except OSError as error:
            contents[path] = error
    packages: dict[str, str] = {}
    digests = {}
    for path, content in contents.items():
        held = str(content).encode(errors="surrogatepass") if isinstance(content, OSError) else content
        digests[path] = digest(module_name(path, packages).encode(errors="surrogatepass"), held)
    named = {os.path.normpath(path) for path in given}
    return Run(contents, digests, frozenset(named & contents.keys()))
