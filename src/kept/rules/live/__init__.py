"""Rules on a live model (KPT2xx). Their subject is a `kept.examination.Examination`."""

__all__: list[str] = []
