"""Rules on what a file asks its reader to do (KPT3xx). Their subject is a `kept.rules.subject.FileSubject`."""

__all__: list[str] = []
