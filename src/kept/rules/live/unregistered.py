"""A class or function that `load_model` will not find.

What it does:
    Looks for custom classes and functions of the model that are not registered.

Why it matters:
    A file refers to them by name. In the next process the name finds nothing, even after the module has been
    imported: `Could not locate class`. It helps only to hand each of them over in `custom_objects`.

Example:
    import keras

    class Affine(keras.layers.Layer):
        def call(self, x):
            return 2 * x

        def get_config(self):
            return super().get_config()

    model = keras.Sequential([keras.Input((3,)), Affine()])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Affine(keras.layers.Layer):
        def call(self, x):
            return 2 * x

        def get_config(self):
            return super().get_config()

    model = keras.Sequential([keras.Input((3,)), Affine()])

Fix safety:
    Unsafe: the edit writes a decorator that needs `import keras`, and files that were saved before refer to the
    bare name.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.examination import REGISTERED, ClassView, Examination, FunctionView
from kept.findings import Applicability, Edit, Finding, Fix, Rule, Severity

__all__ = ["RULE", "check"]

RULE = Rule("KPT211", __name__, Severity.ERROR)


def check(subject: Examination) -> Iterator[Finding]:
    """Yields what the page above describes."""
    classes = {(one.registered_name, one.reference, one.number) for _, one in subject.named()}
    names = [name for name, _, _ in classes]
    for path, one in subject.named():
        form = getattr(one, "form", "function")
        if one.is_registered or one.resolves_to or form != "function" or names.count(one.registered_name) > 1:
            continue
        line = one.location
        indent = line.text[: len(line.text) - len(line.text.lstrip())]
        edits = (Edit(line.file, line.line, 1, line.line, 1, f"{indent}{REGISTERED}\n"),) if line.line else ()
        yield RULE.finding(
            f"{one.name} is not registered",
            where=(path,),
            kind=one.name,
            location=line,
            stock=f"saves, and load_model in another process raises: Could not locate {_what(one)} '{one.name}'",
            kept="keeps it: the file names its module and holds its source, and loads where you trust either",
            fix=Fix("register it", REGISTERED, Applicability.UNSAFE, edits),
        )


def _what(one: ClassView | FunctionView) -> str:
    return "class" if isinstance(one, ClassView) else "function"
