"""A comment that silences rules, and none of them speaks there.

What it does:
    Reports each `# kept: ignore[...]` that names a rule without a finding where the comment holds, that names what is
    no rule, or whose bracket is not closed. Rules that were not asked (`--select`, `--ignore`) are not missed.

Why it matters:
    It stays when the fault is gone, and hides the next one that is made on that line.

Example:
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])  # kept: ignore[lambda-in-model]

Use instead:
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])

Fix safety:
    Safe: only the comment is changed.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Applicability, Finding, Rule, Severity
from kept.source.module import Module

__all__ = ["RULE", "check"]

RULE = Rule("KPT199", __name__, Severity.NOTE, edit=Applicability.SAFE)


def check(subject: Module) -> Iterator[Finding]:
    """Yields nothing: which comments are used is known when all other rules have spoken."""
    yield from ()
