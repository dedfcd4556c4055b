"""Loading the file needs code that is not Keras's.

What it does:
    Names each class and function that the configs ask for and that is not one of Keras: its import path and registered
    name, where it stands, and whether its source is in the file. Those that are trusted already are left out.

Why it matters:
    That is how models with custom layers are, and it is no fault. But to load such a file means to run that code: it is
    for you to know where it comes from. `kept.load` runs none of it unless it is named in `trusted`, or imported.

Example:
    import json
    from pathlib import Path

    scaled = {"module": "acme.layers", "class_name": "Scaled", "config": {"units": 2}, "registered_name": "acme>Scaled"}
    model = {"module": "keras", "class_name": "Sequential", "config": {"name": "m", "layers": [scaled]}}
    Path("model.json").write_text(json.dumps(model))

Use instead:
    import json
    from pathlib import Path

    dense = {"module": "keras.layers", "class_name": "Dense", "config": {"units": 2}, "registered_name": None}
    model = {"module": "keras", "class_name": "Sequential", "config": {"name": "m", "layers": [dense]}}
    Path("model.json").write_text(json.dumps(model))

Fix safety:
    There is nothing to fix. `kept scan --trusted acme`, or `trusted = ["acme"]` in `[tool.kept]`, says that code from
    there needs no mention.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Finding, Rule, Severity
from kept.rules.demands import demands, is_trusted
from kept.rules.subject import FileSubject

__all__ = ["RULE", "check"]

RULE = Rule("KPT304", __name__, Severity.NOTE)


def check(subject: FileSubject) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in demands(subject):
        if not is_trusted(one, subject):
            source = "; its source is in the file" if one.reference is not None else ""
            said = f"loading needs {one.import_path}, registered as {one.registered_name}{source}"
            yield RULE.finding(said, where=one.places, kind=one.import_path)
