"""A layer or model is made of what the process knows, and its config does not.

What it does:
    Looks for attributes that `__init__` takes from `os.environ`, `sys.argv`, `argparse`, the host name or the time, or
    from a name at the top of the module that is computed from these, and that `get_config` does not return.

Why it matters:
    The process that loads the file has another environment. The object comes back with other values, and computes
    something else.

Example:
    import os

    import keras

    FACTOR = float(os.environ.get("PYTEST_EXAMPLE_FACTOR", os.getpid()))

    @keras.saving.register_keras_serializable("example")
    class Scaled(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.factor = FACTOR

        def build(self, input_shape):
            self.gain = self.add_weight(shape=(), initializer=keras.initializers.Constant(self.factor), trainable=False)

        def call(self, x):
            return x * self.factor

    model = keras.Sequential([keras.Input((3,)), Scaled()])

Use instead:
    import os

    import keras

    FACTOR = float(os.environ.get("PYTEST_EXAMPLE_FACTOR", os.getpid()))

    @keras.saving.register_keras_serializable("example")
    class Scaled(keras.layers.Layer):
        def __init__(self, factor, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, x):
            return x * self.factor

    model = keras.Sequential([keras.Input((3,)), Scaled(FACTOR)])

Fix safety:
    Unsafe: a loaded object has what the saved one had, and reads nothing. The value becomes an argument that is read
    as before where it is not given.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.source.classes import ClassModel
from kept.source.instances import assignments
from kept.source.intent import saved_classes
from kept.source.module import Module
from kept.source.state import attribute
from kept.source.walking import nodes, own_nodes

__all__ = ["RULE", "check"]

RULE = Rule("KPT126", __name__, Severity.WARNING, edit=Applicability.UNSAFE)
_READERS = frozenset(
    {
        "os.environ", "os.getenv", "os.environ.get", "os.getpid", "os.getcwd", "sys.argv", "socket.gethostname",
        "platform.node", "time.time", "datetime.datetime.now", "datetime.date.today", "getpass.getuser",
        "argparse.ArgumentParser",
    }
)  # fmt: skip


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    if not any(one.rpartition(".")[2] in subject.text for one in _READERS):
        return
    for one in saved_classes(subject):
        start = one.methods.get("__init__")
        for node in own_nodes(start) if start is not None else ():
            if not isinstance(node, ast.Assign) or not any(attribute(target) for target in node.targets):
                continue
            name = next(attribute(target) for target in node.targets if attribute(target))
            source = _source(subject, node.value)
            if source and not _is_returned(one, name) and _is_used(one, name):
                yield RULE.finding(
                    f"{one.name}.{name} is read from {source} when the object is made",
                    kind=one.name,
                    location=subject.location(node),
                    stock=f"saves without it; loading reads {name} again, in a process where it may be another",
                    kept="keeps the value that the attribute had",
                    fix=Fix(
                        "make it an argument, and read it where the model is built", applicability=Applicability.UNSAFE
                    ),
                )


def _source(module: Module, value: ast.expr, depth: int = 0) -> str:
    """What of the process an expression reads, also by way of a name at the top of the module."""
    for node in nodes(value):
        dotted = module.dotted(node) if isinstance(node, (ast.Attribute, ast.Name)) else None
        if dotted in _READERS:
            return dotted
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and depth < 3:
            values = [one for one in assignments(module, None, node.id) if one is not None]
            found = next((text for one in values if (text := _source(module, one, depth + 1))), "")
            if found:
                return found
    return ""


def _is_returned(one: ClassModel, name: str) -> bool:
    config = one.config
    return config is not None and (config[1].opaque or any(attribute(node) == name for node in nodes(config[1].node)))


def _is_used(one: ClassModel, name: str) -> bool:
    """Whether what the object computes may depend on it."""
    methods = (one.methods[key] for key in ("call", "__call__", "build", "update_state") if key in one.methods)
    return any(attribute(node) == name for method in methods for node in own_nodes(method))
