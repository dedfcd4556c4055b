"""The config names a file or an address that loading would read.

What it does:
    Reports texts under keys that name files: a vocabulary that is a path, a `filepath`, an `url`. An address, an
    absolute path and one with `..` are graver than a name beside the model.

Why it matters:
    Keras reads such a file while it loads the model: any file of the machine, or any address that it reaches, and what
    it read becomes part of the model and is saved with it (CVE-2025-12058).

Example:
    import json
    from pathlib import Path

    config = {"name": "l", "vocabulary": "/etc/hostname", "max_tokens": None}
    layer = {"module": "keras.layers", "class_name": "StringLookup", "config": config, "registered_name": None}
    model = {"module": "keras", "class_name": "Sequential", "config": {"name": "m", "layers": [layer]}}
    Path("model.json").write_text(json.dumps(model))

Use instead:
    import json
    from pathlib import Path

    config = {"name": "l", "vocabulary": ["a", "b"], "max_tokens": None}
    layer = {"module": "keras.layers", "class_name": "StringLookup", "config": config, "registered_name": None}
    model = {"module": "keras", "class_name": "Sequential", "config": {"name": "m", "layers": [layer]}}
    Path("model.json").write_text(json.dumps(model))

Fix safety:
    There is no fix in the file. Whoever made it can give the layer its vocabulary as a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kept.findings import Finding, Rule, Severity
from kept.rules.positions import FILE_KEYS, WORD_KEYS, Text, survey
from kept.rules.subject import FileSubject

__all__ = ["RULE", "check"]

RULE = Rule("KPT308", __name__, Severity.ERROR)
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,15}://")
_OUTSIDE = re.compile(r"[/\\~]|[A-Za-z]:[/\\]|(.*[/\\])?\.\.([/\\]|$)")


def check(subject: FileSubject) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for text in survey(subject).texts:
        if text.key in FILE_KEYS and (text.key not in WORD_KEYS or _is_whole(text)):
            found = _judged(text)
            if found is not None:
                yield found


def _is_whole(text: Text) -> bool:
    """Whether the text is the value itself, and not one word of a vocabulary."""
    return text.owner is not None and isinstance(text.owner.node.config.get(text.key), str)


def _judged(text: Text) -> Finding | None:
    custom = text.owner is None or text.owner.is_custom
    if _ADDRESS.match(text.text):
        what, severity = "an address", Severity.ERROR
    elif _OUTSIDE.match(text.text):
        what, severity = "a file outside", Severity.ERROR
    elif text.key in WORD_KEYS or (text.text and not custom):
        what, severity = "a file beside the model", Severity.WARNING
    else:
        return None
    if custom:
        severity = Severity.NOTE  # it is for that code to say what it reads
    name = text.owner.name if text.owner else "the config"
    shown = text.text if len(text.text) <= 80 else text.text[:77] + "..."
    return RULE.finding(f"{name} names {what}: {shown}", where=(text.path,), severity=severity)
