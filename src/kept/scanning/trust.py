"""What a caller would have to trust for a file to be loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kept.report import Required
from kept.rules.demands import Demand, demands, is_trusted
from kept.rules.subject import FileSubject

__all__ = ["required", "what_to_trust"]


def required(subject: FileSubject) -> Iterator[Required]:
    """The classes and functions that loading needs beside Keras, those that are trusted left out."""
    for one in _untrusted(subject):
        yield Required(one.import_path, one.registered_name, one.places, one.file, one.line, one.reference is not None)


def what_to_trust(subject: FileSubject) -> Iterator[str]:
    """What `kept.load` takes as `trusted` to allow all of them, each once."""
    sources = subject.record.get("sources") if subject.record else None
    hashes = [f"sha256:{_hash(unit)}" for unit in sources.values()] if isinstance(sources, Mapping) else []
    wanted = (hashes if one.reference is not None and hashes else [one.module] for one in _untrusted(subject))
    yield from dict.fromkeys(name for names in wanted for name in names)


def _untrusted(subject: FileSubject) -> Iterator[Demand]:
    return (one for one in demands(subject) if not is_trusted(one, subject))


def _hash(unit: object) -> str:
    return str(unit.get("sha256", "")) if isinstance(unit, Mapping) else ""
