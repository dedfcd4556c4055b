"""Rules on whether a file is whole and what it says it is (KPT4xx), asked of a `kept.rules.subject.FileSubject`."""

__all__: list[str] = []
