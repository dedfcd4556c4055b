"""How a value of each sort gets through a config: what is written, and what is made again of that."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from kept.fixing.imports import Imports
from kept.fixing.source import Unmendable
from kept.source.classes import ClassModel
from kept.source.constructor import Parameter
from kept.source.evidence import Sort, given, of_argument

__all__ = ["GETTERS", "Form", "form", "sort_of"]

GETTERS = {
    f"keras.{module}.get": f"{module}.serialize"
    for module in ("activations", "initializers", "regularizers", "constraints", "losses", "metrics", "optimizers")
}
"""What turns a config into an object -> what turns the object into a config."""

_BY_KERAS = (Sort.ARRAY, Sort.TENSOR, Sort.LAYER, Sort.KERAS, Sort.OBJECT, Sort.CALLABLE)


@dataclass(frozen=True, slots=True)
class Form:
    """How a value is written. `{}` stands for the value, or for what the config holds.

    Attributes:
        written: Expression for `get_config`.
        revived: Expression for `from_config`; empty where the constructor makes it again.
        taken: What `__init__` makes of its argument; empty where it takes it as it is.
        checks_none: Whether the expressions fail for None.
    """

    written: str = "{}"
    revived: str = ""
    taken: str = ""
    checks_none: bool = True


_FORMS = {
    Sort.SET: Form("sorted({})", taken="set({})"),
    Sort.BYTES: Form("{}.hex()", "bytes.fromhex({})"),
    Sort.COMPLEX: Form("str({})", "complex({})"),
    Sort.RANGE: Form("[{0}.start, {0}.stop, {0}.step]", "range(*{})"),
    Sort.INT_KEYS: Form("list({}.items())", "dict({})"),
    Sort.TUPLE: Form(taken="tuple({0}) if isinstance({0}, list) else {0}", checks_none=False),
}


def sort_of(model: ClassModel, parameter: Parameter) -> Sort | None:
    """What an argument of a class holds; None for what JSON holds as it is, and where nothing tells."""
    found = of_argument(model, parameter)
    return found.sort if found is not None else None


def form(sort: Sort | None, model: ClassModel, parameter: Parameter, imports: Imports) -> Form:
    """How a value of a sort is written.

    Raises:
        Unmendable: Nothing that is known writes it.
    """
    if sort is None:
        return Form()
    if sort in _BY_KERAS:
        serialize = imports.keras("saving.serialize_keras_object")
        return Form(f"{serialize}({{}})", f"{imports.keras('saving.deserialize_keras_object')}({{}})", "", False)
    if sort is Sort.PATH:
        return Form("str({})", taken=f"{imports.name('pathlib.Path')}({{}})")
    if sort is Sort.DTYPE:
        return Form("{}.name", taken=f"{imports.name('numpy.dtype')}({{}})")
    if sort is Sort.ENUM:
        return Form("{}.value", taken=f"{_enum(model, parameter)}({{}})")
    if sort is Sort.SET and _is_frozen(model, parameter):
        return Form("sorted({})", taken="frozenset({})")
    if sort not in _FORMS:
        raise Unmendable(f"{sort.value} has no form that a config can hold")
    return _FORMS[sort]


def _nodes(model: ClassModel, parameter: Parameter) -> list[ast.expr]:
    """What tells the type of an argument: its annotation, its default, what callers give."""
    own = [one for one in (parameter.annotation, parameter.default) if one is not None]
    return [*own, *given(model, model.constructors[0][1], parameter)]


def _enum(model: ClassModel, parameter: Parameter) -> str:
    for node in _nodes(model, parameter):
        if isinstance(node, ast.Attribute):
            return ast.unparse(node.value)
        if isinstance(node, ast.Name) and node is parameter.annotation:
            return node.id
    raise Unmendable("its enumeration is not named in the file")


def _is_frozen(model: ClassModel, parameter: Parameter) -> bool:
    return any("frozenset" in ast.unparse(node).lower() for node in _nodes(model, parameter))
