"""An argument falls back to its default, and another object comes back.

What it does:
    Compares the arguments of the constructor call with the config, and the object that the config gives with the
    live one.

Why it matters:
    Nothing fails. The argument has its default again, and the model computes something else; the weights of
    sublayers that are not made again are dropped.

Example:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Scaled(keras.layers.Dense):
        def __init__(self, units, scale=1.0, **kwargs):
            super().__init__(units, **kwargs)
            self.scale = scale

        def call(self, x):
            return self.scale * super().call(x)

    model = keras.Sequential([keras.Input((3,)), Scaled(4, scale=3.0)])

Use instead:
    import keras

    @keras.saving.register_keras_serializable("example")
    class Scaled(keras.layers.Dense):
        def __init__(self, units, scale=1.0, **kwargs):
            super().__init__(units, **kwargs)
            self.scale = scale

        def call(self, x):
            return self.scale * super().call(x)

        def get_config(self):
            return {**super().get_config(), "scale": self.scale}

    model = keras.Sequential([keras.Input((3,)), Scaled(4, scale=3.0)])

Fix safety:
    A person writes it: it is safe where the attribute holds what `__init__` was given.
"""

from __future__ import annotations

from collections.abc import Iterator

from kept.examination import Examination, ObjectView
from kept.findings import Finding, Fix, Rule, Severity

__all__ = ["RULE", "check"]

RULE = Rule("KPT205", __name__, Severity.WARNING)


def check(subject: Examination) -> Iterator[Finding]:
    """Yields what the page above describes."""
    for one in subject.objects:
        handed = one.is_handed_configs and subject.loading_raises
        if not one.is_described or one.rebuild_raises or one.is_requantized or handed:
            continue
        if one.forgotten:
            yield _forgotten(one)
        elif one.is_made_of_defaults and not one.altered:
            yield _untold(one)
        elif not one.altered and not one.config_differs:
            yield from _otherwise(one)


def _returning(names: list[str]) -> str:
    return "return {**super().get_config(), " + ", ".join(f'"{name}": self.{name}' for name in names) + "}"


def _forgotten(one: ObjectView) -> Finding:
    names = [each.name for each in one.forgotten]
    fates = [f"{each.name} is {each.value} here and {each.after} after loading" for each in one.forgotten]
    return RULE.finding(
        f"{one.cls.name}.get_config does not return {', '.join(names)}",
        where=(one.path,),
        kind=one.cls.name,
        location=one.cls.at("get_config", "__init__"),
        stock=f"loads without a word: {'; '.join(fates)}",
        kept=f"keeps it: {', '.join(names)} is read from the constructor",
        fix=Fix("set it again after loading") if one.cls.own else Fix("return it from get_config", _returning(names)),
    )


def _untold(one: ObjectView) -> Finding:
    names = [each for each in one.untold if not each.startswith("*")]
    first = one.changes[0]
    place = f"{first.path}.{first.name}" if first.name else first.path
    fate = f"is {first.before} here and {first.after} after loading" if first.before else "does not come back"
    return RULE.finding(
        f"Keras does not note which {', '.join(one.untold)} {one.cls.name} was made with",
        where=(one.path,),
        kind=one.cls.name,
        location=one.cls.at("get_config", "__init__"),
        stock=f"loads with the defaults, without a word: {place} {fate}",
        kept="keeps what it can read from attributes of those names or has seen at the call, else refuses to save",
        fix=Fix("write a get_config that returns the arguments of __init__", _returning(names)),
    )


def _otherwise(one: ObjectView) -> Iterator[Finding]:
    for each in one.changes:
        if each.kind not in ("missing", "variable", "class", "function"):
            continue
        yield RULE.finding(
            f"{one.cls.name} comes back with other parts",
            where=(each.path,),
            kind=one.cls.name,
            location=one.cls.at("__init__", "build"),
            stock=f"{each.path} is {each.before} here and {each.after} after loading",
            kept="refuses to save, and says what differs",
            fix=Fix("make in __init__ and build what the arguments tell, and nothing else"),
        )
