"""Rules on whether a file is whole and what it says it is (KPT4xx). Their subject is a `kept.rules.subject.FileSubject`."""

__all__: list[str] = []
