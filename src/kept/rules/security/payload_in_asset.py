"""A file inside the model is a program, a script, a pickle or an archive.

What it does:
    Looks at how each asset, and each member that is none of Keras's, begins: programs of any system, scripts,
    bytecode, pickles, also compressed ones, and archives in the archive. Vocabularies are text and are let through.
    Where the model has classes of its own, which may keep anything in their assets, it is a warning.

Why it matters:
    Loading a model may unpack its assets to the disk. Nothing in Keras needs a program there, and what carries one
    along waits for somebody to run it.

Example:
    import pickle
    import zipfile
    from pathlib import Path

    import h5py

    with h5py.File("model.weights.h5", "w") as store:
        store["vars/0"] = [1.0]
    with zipfile.ZipFile("model.keras", "w") as archive:
        for name in ("metadata.json", "config.json"):
            archive.writestr(name, "{}")
        archive.write("model.weights.h5")
        archive.writestr("assets/words.txt", pickle.dumps({"a": 1}))
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
        archive.writestr("assets/words.txt", "a word")
    Path("model.weights.h5").unlink()

Fix safety:
    There is no fix. An archive that a layer of yours reads from its assets is suspicious only to whoever does not
    know the layer: silence it with `--ignore payload-in-asset`.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.errors import KeptError
from kept.findings import Finding, Rule, Severity
from kept.formats.content import HEAD_NBYTES, kind_of
from kept.rules.subject import FileSubject
from kept.tree.names import is_stock

__all__ = ["RULE", "check"]

RULE = Rule("KPT332", __name__, Severity.ERROR)
_NAMES = (".py", ".pyc", ".pth", ".so", ".dll", ".dylib", ".exe", ".sh", ".bat", ".ps1", ".pkl", ".pickle", ".joblib")


def check(subject: FileSubject) -> Iterator[Finding]:
    """Yields what the page above describes."""
    artifact = subject.artifact
    if artifact is None:
        return
    held = {f"assets/{name}": asset for name, asset in artifact.assets.items()}
    if artifact.format == "keras_archive":  # in a folder, what lies beside a model is not part of it
        held |= artifact.extras["others"]
    if not held:
        return
    # Code of the user may keep what it likes in assets, and has to be trusted anyway; Keras's own keeps words.
    most = Severity.ERROR if all(map(is_stock, subject.nodes())) else Severity.WARNING
    for name, asset in held.items():
        try:
            kind = kind_of(asset.beginning(HEAD_NBYTES))
        except KeptError as error:
            yield RULE.finding(f"cannot be looked at: {error.message}", where=(name,))
            continue
        if kind:
            severity = Severity.WARNING if kind == "a zip archive" else most
            yield RULE.finding(f"is {kind}", where=(name,), severity=severity)
        elif name.lower().endswith(_NAMES):
            yield RULE.finding("is a program by its name", where=(name,), severity=Severity.WARNING)
