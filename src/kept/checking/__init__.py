"""From files of Python source to findings: reading, judging in several processes, silencing, remembering."""

__all__: list[str] = []
