"""The file holds what no model of Keras holds.

What it does:
    Reports members of an archive beside config, metadata, weights and assets, names that are one name on another
    system, bytes before and behind the content of an HDF5 file, and links or pipes beside a model in a folder.

Why it matters:
    Programs that read models do not look there, so nobody judges what is there; and a member more makes Keras unpack
    the whole archive to the disk.

Example:
    import zipfile
    from pathlib import Path

    import h5py

    with h5py.File("model.weights.h5", "w") as store:
        store["vars/0"] = [1.0]
    with zipfile.ZipFile("model.keras", "w") as archive:
        for name in ("metadata.json", "config.json", "setup.cfg"):
            archive.writestr(name, "{}")
        archive.write("model.weights.h5")
    Path("model.weights.h5").unlink()

Use instead:
    import zipfile
    from pathlib import Path

    import h5py

    with h5py.File("model.weights.h5", "w") as store:
        store["vars/0"] = [1.0]
    with zipfile.ZipFile("model.keras", "w") as archive:
        for name in ("metadata.json", "config.json"):
            archive.writestr(name, "{}")
        archive.write("model.weights.h5")
    Path("model.weights.h5").unlink()

Fix safety:
    There is no fix by `kept fix`. To have a file without it, load the model and save it again.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from kept.findings import Finding, Rule, Severity
from kept.rules.subject import FileSubject

__all__ = ["RULE", "check"]

RULE = Rule("KPT333", __name__, Severity.WARNING)
_OWN = ("config.json", "metadata.json", "model.weights.h5")


def check(subject: FileSubject) -> Iterator[Finding]:
    """Yields what the page above describes."""
    artifact = subject.artifact
    if artifact is None:
        return
    assets = [f"assets/{name}" for name in artifact.assets]
    if artifact.format == "keras_archive":
        others = list(artifact.extras["others"])
        for name in others:
            yield RULE.finding("a member that no model of Keras has", where=(name,))
        yield from _twins([*_OWN, *assets, *others])
    elif artifact.format == "keras_directory":
        yield from _twins(assets)
        for name in artifact.extras["strange"]:
            yield RULE.finding("no file of this folder: a link that leads out of it, a pipe or a device", where=(name,))
    before, behind = artifact.extras.get("foreign_bytes", (0, 0))
    if before:
        yield RULE.finding(f"{before} bytes before the content of the HDF5 file")
    if behind:
        yield RULE.finding(f"{behind} bytes behind the content of the HDF5 file")


def _twins(names: Iterable[str]) -> Iterator[Finding]:
    """Names that are one where case, or the way to write an accent, makes no difference."""
    seen: dict[str, str] = {}
    for name in names:
        first = seen.setdefault(unicodedata.normalize("NFKC", name).casefold(), name)
        if first != name:
            yield RULE.finding(f"the same name as {first} on other systems", where=(name,), severity=Severity.ERROR)
