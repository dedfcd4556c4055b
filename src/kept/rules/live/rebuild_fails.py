"""Building the object from its own config raises.

What it does:
    Calls `from_config` with the config after its way through JSON, as a fresh process would.

Why it matters:
    `model.save` succeeds. `load_model` raises in the next process, after the training is paid for.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Halved(keras.layers.Layer):
        def __init__(self):
            super().__init__()

        def call(self, x):
            return x / 2

        def get_config(self):
            return super().get_config()

    model = keras.Sequential([keras.Input((3,)), Halved()])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Halved(keras.layers.Layer):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)

        def call(self, x):
            return x / 2

        def get_config(self):
            return super().get_config()

    model = keras.Sequential([keras.Input((3,)), Halved()])

Fix safety:
    A person writes it; taking `**kwargs` and passing them to `super().__init__` changes nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.examination import BASE, Examination, ObjectView, Raised
from kept.findings import Finding, Fix, Rule, Severity

__all__ = ["RULE", "check"]

RULE = Rule("KPT204", __name__, Severity.ERROR)


def check(subject: Examination) -> Iterator[Finding]:
    """Yields what the page above describes."""
    handed = [one for one in subject.objects if one.is_handed_configs and not one.altered]
    others = [one for one in subject.objects if one.altered or one.config_differs]
    for one in subject.objects:
        if one.rebuild_raises is None or one.altered:
            continue
        if one.unaccepted:
            keys = ", ".join(one.unaccepted)
            what = f"__init__ does not take {keys}, which Keras hands to it"
            yield _finding(one, one.rebuild_raises, what, _accepting(one))
        elif handed:
            for each in handed:
                what = f"__init__ gets {', '.join(each.nested)} as the config of an object"
                yield _finding(each, one.rebuild_raises, what, _REVIVE)
        elif one.config_differs or not others:
            yield _finding(one, one.rebuild_raises, "the config does not give the object again", _RETURN)


_REVIVE = Fix(
    "revive it in from_config",
    'config["inner"] = keras.saving.deserialize_keras_object(config["inner"]); return cls(**config)',
)
_RETURN = Fix("return from get_config exactly what __init__ takes")


def _accepting(one: ObjectView) -> Fix:
    if set(one.unaccepted) <= {*BASE, "reduction"}:
        named = "".join(f", {each}" for each in one.cls.parameters)
        return Fix("take **kwargs and pass them on", f"def __init__(self{named}, **kwargs): super().__init__(**kwargs)")
    return Fix("give the arguments in get_config the names that they have in __init__")


def _finding(one: ObjectView, raised: Raised, message: str, fix: Fix) -> Finding:
    return RULE.finding(
        f"{one.cls.name}: {message}",
        where=(one.path,),
        kind=one.cls.name,
        location=raised.location if fix is _RETURN and raised.location.line else one.cls.at("__init__", "get_config"),
        stock=f"saves, and load_model raises {raised}",
        kept="keeps it: constructs the object as it was constructed here, or refuses and says what raises",
        fix=fix,
    )
