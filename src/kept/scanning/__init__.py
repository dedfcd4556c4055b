"""Judging files: each is opened once, and the rules of `security` and `integrity` are asked about it."""

__all__: list[str] = []
