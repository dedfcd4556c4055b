"""Values in a config that come back as something else, or that cannot be written."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from kept.source.arguments import Taking, takes
from kept.source.classes import ClassModel
from kept.source.constructor import Constructor, How, Parameter, Stored
from kept.source.evidence import Evidence, Sort, by_use, given, of_argument, of_expression
from kept.source.kinds import Kind
from kept.source.names import last_part
from kept.source.uses import once, own
from kept.source.walking import nodes

__all__ = ["Value", "config_values"]


@dataclass(frozen=True, slots=True)
class Value:
    """A value that JSON does not hold as it is.

    Attributes:
        key: Its key in the config.
        node: Where the key stands; the argument, where Keras writes the config by itself.
        sort: What it is.
        why: One clause that says why it is that.
        is_serialised: Whether `get_config` has made a config of it.
    """

    key: str
    node: ast.AST
    sort: Sort
    why: str
    is_serialised: bool = False


_WHOLE = ("keras.metrics.MeanMetricWrapper", "keras.src.losses.losses.LossFunctionWrapper", "keras.Sequential")
_MAKERS = frozenset({"get", "deserialize", "deserialize_keras_object", "from_config", "from_dict", "get_layer"})
_SERIALISERS = frozenset({"serialize", "serialize_keras_object"})


@once
def config_values(one: ClassModel) -> tuple[Value, ...]:
    """Values in the config of a class that nothing makes again from what a file holds."""
    return tuple(_values(one))


def _values(one: ClassModel) -> Iterator[Value]:
    if not one.constructors or one.keras is None or one.keras.revival_owner in _WHOLE or _makes_objects(one):
        return
    constructor = one.constructors[0][1]
    if one.is_automatic and one.kind is not Kind.MODEL:
        for parameter in constructor.named.values():
            evidence = _altered(one, constructor, parameter)
            if evidence is not None:
                yield Value(parameter.name, parameter.node, evidence.sort, evidence.why)
        return
    config = one.own_config
    for key, entry in config.entries.items() if config is not None else ():
        if key in one.keras.revives or takes(one, key) is not Taking.NAMED or _is_made_again(one, constructor, key):
            continue
        found = _of_entry(one, constructor, entry.value, constructor.named.get(key))
        if found is not None:
            yield Value(key, entry.node, found.sort, found.why, _is_serialised(entry.value))


def _makes_objects(one: ClassModel) -> bool:
    """Whether a `from_config` in source may make objects of values."""
    if one.defines("from_config") is None:
        return False
    if one.revival is None or one.revival[1].opaque or not one.revival[1].whole or one.revival[1].changed:
        return True
    body = one.revival[1].node
    calls = [node for node in nodes(body) if isinstance(node, ast.Call)]
    return len(calls) > 1 or any(isinstance(node, (ast.For, ast.Assign)) for node in nodes(body))


def _is_made_again(one: ClassModel, constructor: Constructor, key: str) -> bool:
    """Whether the constructor makes something of a dict that it gets for an argument."""
    if key not in constructor.named or constructor.handed_on(key) is not None:
        return True
    for node in nodes(constructor.node):
        if isinstance(node, ast.Call) and any(_names(each, key) for each in node.args):
            called = last_part(node.func)
            if called in _MAKERS or (called == "isinstance" and "dict" in ast.unparse(node.args[-1])):
                return True
    return False


def _of_entry(
    one: ClassModel, constructor: Constructor, value: ast.expr, parameter: Parameter | None
) -> Evidence | None:
    owner = one.config[0] if one.config else one
    if _is_serialised(value):
        return _of_serialised(one, constructor, value, parameter)
    sort = of_expression(owner.module, value)
    if sort is not None and not isinstance(value, (ast.Name, ast.Dict, ast.List, ast.Tuple)):
        return Evidence(sort, f"is {ast.unparse(value)}", value)
    value = _copied(value)
    stored = _stored(one, constructor, value)
    if stored is None or stored.value is None:
        return None
    made = of_expression(one.constructors[0][0].module, stored.value)
    if made is Sort.ARRAY and parameter is not None and not _is_sequence(one, constructor, parameter, stored.attribute):
        return None  # of a number: an array without a shape, which is written as one
    if made is not None and not isinstance(stored.value, (ast.Name, ast.IfExp)):
        return Evidence(made, f"is {ast.unparse(stored.value)} in __init__", stored.value)
    if parameter is None or stored.origin.how is not How.AS_IS or stored.origin.names != {parameter.name}:
        return _altered(one, constructor, parameter) if parameter is not None and _keeps_keys(stored) else None
    altered = _altered(one, constructor, parameter)
    found = altered or of_argument(one, parameter)
    if found is not None and found.sort in (Sort.KERAS, Sort.CALLABLE):
        return by_use(one, constructor, parameter.name)  # a dict of it is as good, in the layers that it is handed to
    return found


def _of_serialised(
    one: ClassModel, constructor: Constructor, value: ast.expr, parameter: Parameter | None
) -> Evidence | None:
    """A config of an object is of use only to those that make the object again."""
    read = {node.attr for node in nodes(value) if isinstance(node, ast.Attribute)}
    for stored in constructor.stored:
        as_given = stored.origin.how is How.AS_IS or _is_list_of(stored.value, parameter)
        if parameter is not None and stored.attribute in read and as_given and parameter.name in stored.origin.names:
            found = by_use(one, constructor, parameter.name) or of_argument(one, parameter)
            if found is not None and found.sort in (Sort.LAYER, Sort.OBJECT, Sort.CALLABLE):
                return found
    return None


def _is_list_of(value: ast.expr | None, parameter: Parameter | None) -> bool:
    return parameter is not None and value is not None and ast.unparse(value) == f"list({parameter.name})"


def _is_serialised(value: ast.expr) -> bool:
    """Whether a value is `serialize(...)`, `x.get_config()`, or a list of these."""
    if isinstance(value, (ast.ListComp, ast.GeneratorExp)):
        return _is_serialised(value.elt)
    if isinstance(value, ast.DictComp):
        return _is_serialised(value.value)
    if not isinstance(value, ast.Call):
        return False
    return last_part(value.func) in _SERIALISERS or (last_part(value.func) == "get_config" and not value.args)


def _stored(one: ClassModel, constructor: Constructor, value: ast.expr) -> Stored | None:
    """The only assignment to the attribute that a value is; None where there are more."""
    if not (isinstance(value, ast.Attribute) and ast.unparse(value.value) == constructor.own_name):
        return None
    held = constructor.holds(value.attr)
    others = [each for owner in one.lineage for each in owner.uses.assigned.get(value.attr, ())]
    alone = len(held) == 1 and not held[0].conditional and all(each is constructor.node for each in others)
    return held[0] if alone else None


def _altered(one: ClassModel, constructor: Constructor, parameter: Parameter) -> Evidence | None:
    """Evidence that an argument is a dict with integers as keys, or a tuple that is told apart from a list."""
    stored = constructor.attributes_of(parameter.name)
    if not stored or not all(each.origin.how is How.AS_IS or _keeps_keys(each) for each in stored):
        return None
    evidence = of_argument(one, parameter)
    if evidence is not None and evidence.sort is Sort.INT_KEYS:
        return evidence
    test = _asked_for_tuple(one, constructor, parameter.name)
    if test is None:
        return None
    values = [parameter.default, *given(one, constructor, parameter)]
    if any(isinstance(each, ast.Tuple) for each in values):
        return Evidence(Sort.TUPLE, f"is told from a list in line {one.module.location(test).line}", test)
    return None


def _is_sequence(one: ClassModel, constructor: Constructor, parameter: Parameter, attribute: str) -> bool:
    """Whether the source says that an argument is more than a number."""
    annotation = ast.unparse(parameter.annotation).lower() if parameter.annotation is not None else ""
    if any(word in annotation for word in ("list", "tuple", "sequence", "iterable", "array")):
        return True
    values = [parameter.default, *given(one, constructor, parameter)]
    if any(isinstance(each, (ast.List, ast.Tuple, ast.ListComp)) for each in values):
        return True
    if any(each is not None and of_expression(one.module, each) is Sort.ARRAY for each in values):
        return True
    return any(
        (isinstance(node, (ast.Subscript, ast.Attribute)) and own(node.value) == attribute)
        or (
            isinstance(node, ast.Call)
            and last_part(node.func) == "len"
            and any(own(each) == attribute for each in node.args)
        )
        for owner in one.lineage
        for method in owner.methods.values()
        for node in nodes(method)
    )


def _copied(value: ast.expr) -> ast.expr:
    """`self.x` of `dict(self.x)` and `self.x.copy()`."""
    if isinstance(value, ast.Call) and last_part(value.func) in ("dict", "copy", "deepcopy") and not value.keywords:
        return value.args[0] if value.args else getattr(value.func, "value", value)
    return value


def _keeps_keys(stored: Stored) -> bool:
    return isinstance(stored.value, ast.Call) and last_part(stored.value.func) in ("dict", "copy", "deepcopy")


def _asked_for_tuple(one: ClassModel, constructor: Constructor, name: str) -> ast.AST | None:
    """`isinstance(x, tuple)` of an argument, or of the attribute that holds it as it was given."""
    held = {each.attribute for each in constructor.attributes_of(name) if each.origin.how is How.AS_IS}
    for owner in one.lineage:
        for each in owner.uses.asked:
            is_it = each.name in held if each.is_attribute else each.method is constructor.node and each.name == name
            kind = each.node.args[-1]
            if is_it and len(each.node.args) == 2 and isinstance(kind, ast.Name) and kind.id == "tuple":
                return each.node
    return None


def _names(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
