"""Two classes or functions are registered under one name.

What it does:
    Compares the names under which `register_keras_serializable` enters what the files define: package, `>` and name;
    the package is `Custom` where none is given. Files count together when one imports the other, or a third imports
    both. Tests are left out.

Why it matters:
    The second registration replaces the first without a word. Files that hold the first class load the second.

Example:
    import keras

    @keras.saving.register_keras_serializable("example", name="Block")
    class Other(keras.layers.Layer):
        def call(self, x):
            return -7.0 * x

    @keras.saving.register_keras_serializable("example", name="Block")
    class Another(keras.layers.Layer):
        def call(self, x):
            return 3.0 * x

    model = keras.Sequential([keras.Input((3,)), Other(), Another()])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example", name="Other")
    class Other(keras.layers.Layer):
        def call(self, x):
            return -7.0 * x

    @keras.saving.register_keras_serializable("example", name="Another")
    class Another(keras.layers.Layer):
        def call(self, x):
            return 3.0 * x

    model = keras.Sequential([keras.Input((3,)), Other(), Another()])

Fix safety:
    Unsafe: files that were saved before refer to the old name.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.source.module import Module
from kept.source.registry import is_test, registered, registered_elsewhere

__all__ = ["RULE", "check"]

RULE = Rule("KPT109", __name__, Severity.WARNING, edit=Applicability.UNSAFE)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    if is_test(subject):
        return
    first: dict[str, str] = {}
    for name, qualname, node in registered(subject):
        elsewhere = registered_elsewhere(subject, name)
        other = first.setdefault(name, qualname)
        if elsewhere is None and other == qualname:
            continue
        where = f"{elsewhere.path}" if elsewhere is not None else other
        yield RULE.finding(
            f"{qualname} is registered as {name}, and so is {where}",
            kind=qualname,
            location=subject.location(node),
            stock="saves; loading gives the one that was registered last, without a word",
            kept="keeps both: the file names the module and class of each",
            fix=Fix("give each a package or name of its own", applicability=Applicability.UNSAFE),
        )
