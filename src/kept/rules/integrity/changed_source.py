"""The source in the file is not the one that was saved.

What it does:
    Compares the text of each module whose source is in the file with the hash that kept's record gives it.

Why it matters:
    The hash is what a person trusts: `kept.load(path, trusted=["sha256:..."])`. Text that has another is not what was
    looked at; `kept.load` does not run it.

Example:
    import json
    from pathlib import Path

    Path("model").mkdir()
    record = {"format": 1, "objects": [], "sources": {"acme": {"text": "print('other')", "sha256": "0" * 64}}}
    config = {"module": "keras", "class_name": "Sequential", "config": {"name": "m", "layers": []}}
    Path("model/config.json").write_text(json.dumps(config))
    Path("model/metadata.json").write_text(json.dumps({"keras_version": "3.15.1", "kept": record}))
    import h5py

    h5py.File("model/model.weights.h5", "w").close()

Use instead:
    import hashlib
    import json
    from pathlib import Path

    Path("model").mkdir()
    text = "print('other')"
    source = {"text": text, "sha256": hashlib.sha256(text.encode()).hexdigest()}
    record = {"format": 1, "objects": [], "sources": {"acme": source}}
    config = {"module": "keras", "class_name": "Sequential", "config": {"name": "m", "layers": []}}
    Path("model/config.json").write_text(json.dumps(config))
    Path("model/metadata.json").write_text(json.dumps({"keras_version": "3.15.1", "kept": record}))
    import h5py

    h5py.File("model/model.weights.h5", "w").close()

Fix safety:
    There is no fix: take an older copy, or save again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

from kept.findings import Finding, Rule, Severity
from kept.rules.subject import FileSubject

__all__ = ["RULE", "check"]

RULE = Rule("KPT429", __name__, Severity.ERROR)


def check(subject: FileSubject) -> Iterator[Finding]:
    """Yields what the page above describes."""
    sources = subject.record.get("sources") if subject.record else None
    for module, unit in sources.items() if isinstance(sources, Mapping) else ():
        if isinstance(unit, Mapping) and isinstance(unit.get("text"), str):
            made = hashlib.sha256(unit["text"].encode("utf-8", "surrogatepass")).hexdigest()
            if made != unit.get("sha256"):
                message = f"the source of {module} has not the hash that the record gives it"
                yield RULE.finding(message, where=(f"kept.sources.{module}",), kind=str(module))
