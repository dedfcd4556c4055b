"""Bytes of the weights are not those that were saved.

What it does:
    Reads the whole file and compares checksums: those of every tensor in kept's record, and those that the file
    itself has for its members. Asked by `kept scan` only: `kept.load` compares while it reads.

Why it matters:
    A disk, a transfer or a person has changed the numbers. Plain Keras loads an `.h5` or a `.weights.h5` with a flipped
    bit without a word: it has nothing to compare.

Example:
    from pathlib import Path

    import numpy as np

    np.savez("weights.npz", **{"layers/dense/vars/0": np.ones((3, 2), "float32")})
    content = bytearray(Path("weights.npz").read_bytes())
    content[content.index(np.float32(1).tobytes()) + 2] ^= 1
    Path("weights.npz").write_bytes(content)

Use instead:
    import numpy as np

    np.savez("weights.npz", **{"layers/dense/vars/0": np.ones((3, 2), "float32")})

Fix safety:
    There is no fix: take another copy, or save again.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Finding, Rule, Severity
from kept.rules.subject import FileSubject

__all__ = ["RULE", "check"]

RULE = Rule("KPT402", __name__, Severity.ERROR)


def check(subject: FileSubject) -> Iterator[Finding]:
    """Yields what the page above describes."""
    if subject.values is None:
        return
    found = subject.values()
    if found.differing:
        yield RULE.finding("the bytes are not those that were saved", where=tuple(found.differing))
    for error in found.damage:
        yield RULE.finding(error.message, where=tuple(filter(None, [error.where])))
