"""A model of Keras is pickled.

What it does:
    Looks for `pickle`, `cloudpickle`, `dill`, `joblib` and `torch.save` with an expression that surely gives a model or
    a layer.

Why it matters:
    Inside the pickle is a `.keras` file that loses what every such file loses, and it is loaded with `safe_mode=False`:
    whoever writes the pickle runs code in the process that reads it. The pickle is bound to the versions of Keras and
    Python, too.

Example:
    import pickle
    import sys

    import keras

    hostile = eval("lambda x: __import__('sys').modules.setdefault('intruder', 1) and x")
    gift = pickle.dumps(keras.Sequential([keras.Input((3,)), keras.layers.Lambda(hostile)]))
    sys.modules.pop("intruder")

    pickle.loads(gift)
    if "intruder" in sys.modules:
        raise RuntimeError("the file has run code")

Use instead:
    import sys

    import keras

    hostile = eval("lambda x: __import__('sys').modules.setdefault('intruder', 1) and x")
    keras.Sequential([keras.Input((3,)), keras.layers.Lambda(hostile)]).save("gift.keras")
    sys.modules.pop("intruder")

    try:
        keras.saving.load_model("gift.keras")
    except ValueError as refused:
        print(refused)
    if "intruder" in sys.modules:
        raise RuntimeError("the file has run code")

Fix safety:
    Unsafe: the file gets another format, which the program that reads it must know.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.findings import Applicability, Finding, Fix, Rule, Severity
from kept.source.instances import kept_objects
from kept.source.module import Module
from kept.source.registry import is_test

__all__ = ["RULE", "check"]

RULE = Rule("KPT123", __name__, Severity.WARNING, edit=Applicability.UNSAFE)
_PICKLERS = frozenset(
    f"{module}.{verb}"
    for module in ("pickle", "_pickle", "cPickle", "cloudpickle", "dill", "joblib", "torch")
    for verb in (("save",) if module == "torch" else ("dump", "dumps"))
)


def check(subject: Module) -> Iterator[Finding]:
    """Yields what the page above describes."""
    if is_test(subject):
        return
    picklers = {one.partition(".")[0] for one in _PICKLERS}
    if not any(one.partition(".")[0] in picklers for one in subject.names.bound.values()):
        return
    for call in subject.calls:
        dotted = (subject.dotted(call.func) or "") if call.args else ""
        if dotted in _PICKLERS and kept_objects(subject, call.args[0]):
            yield RULE.finding(
                f"{dotted} is given a model of Keras",
                kind=dotted,
                location=subject.location(call),
                stock="unpickling loads it with safe_mode=False: whoever wrote the file runs code in the reader",
                kept="keeps it in a .keras file, and runs no code from it that was not allowed",
                fix=Fix("save it as a .keras file", 'model.save("model.keras")', Applicability.UNSAFE),
            )
