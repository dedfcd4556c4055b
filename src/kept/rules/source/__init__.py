"""Rules on Python source (KPT1xx). Their subject is a `kept.source.module.Module`."""

__all__: list[str] = []
