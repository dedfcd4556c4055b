"""Mending source with LibCST, which keeps every space and comment that no edit is about.

`edits` has one module for each rule; the modules here are what edits are made of, and what applies them to files.
"""

__all__: list[str] = []
