"""A file that Python itself could not read.

What it does:
    Reports files that cannot be opened, decoded or parsed, cells of notebooks that cannot be parsed, and `.ipynb` files
    that are no notebooks. The other files, and the other cells, are checked all the same.

Why it matters:
    Python raises SyntaxError when it imports the file, so nothing in it is ever trained or saved; and of what is not
    read, no other rule can speak. Code for a newer Python than the one that runs kept is found here, too.

Example:
    # -*- coding: latin-15 -*-
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])

Use instead:
    # -*- coding: iso-8859-15 -*-
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])

Fix safety:
    A person mends it: nothing tells what the file was meant to be.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Finding, Rule, Severity
from kept.source.module import Module

__all__ = ["RULE", "check"]

RULE = Rule("KPT100", __name__, Severity.ERROR)


def check(subject: Module) -> Iterator[Finding]:
    """Yields nothing: where there is a module, the file was read."""
    yield from ()
