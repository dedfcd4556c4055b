"""What a file needs beside Keras: classes and functions of somebody, by import path."""

from __future__ import annotations

from dataclasses import dataclass

from kept.rules.subject import FileSubject

__all__ = ["Demand", "demands", "is_trusted"]


@dataclass(frozen=True, slots=True)
class Demand:
    """A class or function that is not one of Keras.

    Attributes:
        import_path: `module:name` when it was saved; `__main__` where the file does not say more.
        registered_name: `package>Name`, or the bare name.
        places: Paths in the config tree where it stands.
        file: The source file when it was saved; empty where the file does not say.
        line: Of its definition.
        reference: Where the source that is in the file has it; None where it is not.
    """

    import_path: str
    registered_name: str
    places: tuple[str, ...] = ()
    file: str = ""
    line: int | None = None
    reference: str | None = None

    @property
    def module(self) -> str:
        """Module part of the import path."""
        return self.import_path.partition(":")[0]


def demands(subject: FileSubject) -> tuple[Demand, ...]:
    """Everything that the file needs."""
    return ()


def is_trusted(one: Demand, subject: FileSubject) -> bool:
    """Whether the caller trusts it already."""
    if any(one.module == named or one.module.startswith(f"{named}.") for named in subject.trusted):
        return True
    sources = subject.record.get("sources") if subject.record else None
    unit = sources.get((one.reference or "").partition(":")[0]) if isinstance(sources, dict) else None
    return isinstance(unit, dict) and f"sha256:{unit.get('sha256')}" in subject.trusted
