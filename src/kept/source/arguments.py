"""Which arguments of a constructor come back from the config, and what the constructor does with keys of the config."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from enum import Enum

from kept.source.classes import ClassModel
from kept.source.constructor import Constructor
from kept.source.kinds import Kind, ParameterKind
from kept.source.walking import nodes

__all__ = [
    "GENERAL",
    "GRAPHS",
    "Lost",
    "Taking",
    "automatic_keys",
    "base_keys",
    "changes_config",
    "given_to_base",
    "is_functional",
    "is_needed",
    "lost_arguments",
    "popped_arguments",
    "takes",
]

GRAPHS = ("keras.Sequential", "keras.src.models.functional.Functional")
"""Models whose config is their layers."""
GENERAL = ("name", "trainable", "dtype")
"""Keys that the config of every layer has."""


class Taking(str, Enum):
    """What a constructor does with a key of the config.

    NAMED: an argument has that name. SWALLOWED: `**kwargs` takes it, and nobody reads that. REFUSED: nothing takes it.
    TWICE: it is handed to the base class as well. UNKNOWN: it cannot be told.
    """

    NAMED = "named"
    SWALLOWED = "swallowed"
    REFUSED = "refused"
    TWICE = "twice"
    UNKNOWN = "unknown"


def takes(one: ClassModel, key: str) -> Taking:
    """What the constructor of a class does with a keyword."""
    for index, (_, constructor) in enumerate(one.constructors):
        if key in constructor.named or key in constructor.popped:
            return Taking.NAMED
        if not constructor.varkw:
            return Taking.REFUSED
        if not constructor.forwards:
            return Taking.UNKNOWN if constructor.varkw in constructor.used else Taking.SWALLOWED
        if key in given_to_base(one, index):
            return Taking.TWICE
    accepted = one.keras.accepts(key) if one.keras is not None and one.is_known else None
    return {True: Taking.NAMED, False: Taking.REFUSED, None: Taking.UNKNOWN}[accepted]


def given_to_base(one: ClassModel, index: int = 0) -> dict[str, ast.expr]:
    """Arguments that one of the constructors of a class names in its call of the next, by name.

    Args:
        one: The class.
        index: Which of `one.constructors`.
    """
    call = one.constructors[index][1].super_call
    if call is None:
        return {}
    if index + 1 < len(one.constructors):
        below = one.constructors[index + 1][1].parameters
        names = [each.name for each in below if each.kind in _PLACED]
    else:
        names = [each.name for each in one.keras.parameters if each.kind in _PLACED] if one.keras else []
    placed = {} if call.varargs else dict(zip(names, call.positional, strict=False))
    return {**placed, **call.keywords}


_PLACED = (ParameterKind.POSITIONAL, ParameterKind.POSITIONAL_ONLY)


def base_keys(one: ClassModel) -> frozenset[str] | None:
    """Keys that `super().get_config()` returns in the `get_config` of a class itself; None where that is unknown."""
    if one.own_config is not None and one.own_config.base is not None:
        named = one.module.class_of(one.own_config.base)
        return named.config_keys if named is not None else None
    above = next((each for each in one.ancestors if isinstance(each, ClassModel) and each.defines("get_config")), None)
    if above is not None:
        return above.config_keys
    return one.keras.config_keys if one.keras is not None and one.is_known else None


def is_functional(one: ClassModel) -> bool:
    """Whether a model hands inputs and outputs to Keras's own constructor, and so is a graph of layers."""
    if one.kind is not Kind.MODEL or not one.constructors:
        return False
    given = given_to_base(one, len(one.constructors) - 1)
    call = one.constructors[-1][1].super_call
    return bool({"inputs", "outputs"} & set(given)) or (call is not None and len(call.positional) >= 2)


@dataclass(frozen=True, slots=True)
class Lost:
    """An argument that the config does not bring back.

    Attributes:
        name: Of the argument.
        node: Where it stands.
        is_required: Whether the constructor cannot do without it.
    """

    name: str
    node: ast.AST
    is_required: bool


def lost_arguments(one: ClassModel, keys: frozenset[str], *, is_read: bool = True) -> list[Lost]:
    """Arguments of the constructor that are not among the keys of the config, and that nothing else brings back.

    Args:
        one: The class.
        keys: What its config has.
        is_read: Whether a `from_config` in source may see to them.
    """
    if not one.constructors:
        return []
    constructor = one.constructors[0][1]
    handled = _revived(one) if is_read else frozenset()
    if handled is None:
        return []
    found = []
    handled |= _sometimes(one)
    for name, parameter in constructor.named.items():
        if name in keys or name in handled or name in GENERAL or _goes_under_a_base_key(one, name, keys):
            continue
        if parameter.default is None:
            found.append(Lost(name, parameter.node, True))
        elif name in _VALUES or _is_read_from_files(one, parameter.default):
            continue
        elif is_needed(constructor, name) and not _is_in_other_keys(one, constructor, name, keys):
            found.append(Lost(name, parameter.node, False))
    return found


_VALUES = frozenset({"weights", "initial_weights", "pretrained_weights"})
"""Arguments that give variables their values, which are in the file."""


def _sometimes(one: ClassModel) -> frozenset[str]:
    """Keys that the config of Keras's own class has where they are not None."""
    starts = all(each.own_config.from_base for each in one.lineage if each.own_config is not None)
    return one.keras.optional_keys if one.keras is not None and starts else frozenset()


def _is_read_from_files(one: ClassModel, default: ast.expr) -> bool:
    """Whether an argument may be None because it is then read from the files of the model."""
    reads = one.defines("load_assets") or one.defines("load_own_variables")
    return reads is not None and isinstance(default, ast.Constant) and default.value is None


def popped_arguments(one: ClassModel, keys: frozenset[str]) -> list[Lost]:
    """Arguments that the constructor takes out of its `**kwargs`, and that are not among the keys of the config."""
    handled = _revived(one)
    if not one.constructors or handled is None:
        return []
    constructor = one.constructors[0][1]
    found = []
    for name, node in constructor.popped.items():
        known = one.keras is not None and (name in one.keras.keywords or name in one.keras.optional_keys)
        if name in keys or name in handled or name in GENERAL or known:
            continue
        stays = not (isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".pop"))
        if stays and constructor.forwards:  # the base class would refuse it
            continue
        if _is_spelling(one, constructor, node) or _is_in_other_keys(one, constructor, name, keys):
            continue
        default = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        default = default and (node.func.attr == "get" or len(node.args) > 1)  # type: ignore[attr-defined]
        found.append(Lost(name, node, not default))
    return found


def changes_config(one: ClassModel) -> bool:
    """Whether a `from_config` in source does more than to hand on the whole config."""
    if one.defines("from_config") is None:
        return False
    if one.revival is None:
        return True
    revival = one.revival[1]
    statements = [each for each in revival.node.body if not isinstance(each, ast.Expr)]
    return not revival.whole or bool(revival.keys) or len(statements) > 1


def automatic_keys(one: ClassModel) -> frozenset[str]:
    """Keys of the config that Keras writes by itself for a layer; none for a model, whose arguments it does not see."""
    constructor = one.constructors[0][1] if one.constructors else None
    if constructor is None or one.kind is Kind.OPERATION:
        return frozenset()
    named = is_functional(one) or constructor.varkw == "kwargs" or "name" in constructor.named
    own = frozenset(constructor.named) if one.kind is not Kind.MODEL else frozenset()
    return own | {"trainable", "dtype"} | ({"name"} if named else set())


def _revived(one: ClassModel) -> frozenset[str] | None:
    """Arguments that a `from_config` in source sees to; None where it cannot be told."""
    if one.defines("from_config") is None:
        return frozenset()
    if one.revival is None or one.revival[1].opaque:
        return None
    revival = one.revival[1]
    return revival.keys | revival.passed


def _goes_under_a_base_key(one: ClassModel, name: str, keys: frozenset[str]) -> bool:
    """Whether the base class keeps the value under a name of its own, or under this one."""
    given = given_to_base(one)
    return any(
        isinstance(value, ast.Name) and value.id == name and (key in keys or (key == name and key in _keras_keys(one)))
        for key, value in given.items()
    )


def _keras_keys(one: ClassModel) -> frozenset[str]:
    return (one.keras.config_keys or frozenset()) if one.keras is not None else frozenset()


def _is_in_other_keys(one: ClassModel, constructor: Constructor, name: str, keys: frozenset[str]) -> bool:
    """Whether all attributes that an argument goes into come back under other names."""
    stored = {
        each.attribute.lstrip("_")
        for each in constructor.stored
        if name in each.origin.names or (each.value is not None and _mentions(each.value, name))
    }
    returned: set[str] = set()
    for key in keys:
        entry = one.entry(key)
        if entry is not None:
            returned |= {node.attr.lstrip("_") for node in nodes(entry[1]) if isinstance(node, ast.Attribute)}
        elif key in stored:
            returned.add(key)
    return (bool(stored) and stored <= returned) or _is_in_another(constructor, name, keys)


def _mentions(node: ast.expr, name: str) -> bool:
    return any(isinstance(each, ast.Name) and each.id == name for each in nodes(node))


def _is_in_another(constructor: Constructor, name: str, keys: frozenset[str]) -> bool:
    """Whether another argument, which comes back, is made of an argument where that is given."""
    for node in nodes(constructor.node):
        if isinstance(node, ast.Assign) and _mentions(node.value, name):
            targets = {to.id for to in node.targets if isinstance(to, ast.Name)} - {name}
            if targets & keys & set(constructor.named):
                return True
    return False


def is_needed(constructor: Constructor, name: str) -> bool:
    """Whether an argument has an effect on the object, more than that a wrong one is refused."""
    return any(_reads(one, name) for one in constructor.node.body)


def _reads(node: ast.AST, name: str) -> bool:
    if isinstance(node, (ast.Assert, ast.Raise)):
        return False
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        called = ast.unparse(node.value.func)
        if called.rpartition(".")[2] in ("warn", "warning", "print", "info", "debug"):
            return False
    if isinstance(node, ast.If) and not any(_has_effect(each) for each in [*node.body, *node.orelse]):
        return False
    if isinstance(node, ast.Name):
        return node.id == name and isinstance(node.ctx, ast.Load)
    return any(_reads(each, name) for each in ast.iter_child_nodes(node))


def _has_effect(node: ast.stmt) -> bool:
    """Whether a statement does more than to complain."""
    if isinstance(node, (ast.Raise, ast.Assert, ast.Pass)):
        return False
    if isinstance(node, ast.If):
        return any(_has_effect(each) for each in [*node.body, *node.orelse])
    if isinstance(node, ast.Expr):
        if isinstance(node.value, ast.Constant):
            return False
        if isinstance(node.value, ast.Call):
            return ast.unparse(node.value.func).rpartition(".")[2] not in ("warn", "warning", "print", "info", "debug")
    return True


def _is_spelling(one: ClassModel, constructor: Constructor, node: ast.AST) -> bool:
    """Whether what is taken out of `**kwargs` is an old spelling of another argument, or is not used.

    `kwargs.pop("x")` as a statement, `if "x" in kwargs: y = kwargs.pop("x")`, or assigned to an argument.
    """
    module = one.constructors[0][0].module
    above = module.parent(node)
    while isinstance(above, (ast.expr, ast.comprehension)):
        above = module.parent(above)
    if isinstance(above, ast.Expr):
        return True
    if not isinstance(above, ast.Assign) or not all(isinstance(to, ast.Name) for to in above.targets):
        return False
    names = {to.id for to in above.targets if isinstance(to, ast.Name)}
    if names & set(constructor.named) or not any(is_needed(constructor, name) for name in names):
        return True
    guard = module.parent(above)
    return isinstance(guard, ast.If) and constructor.varkw in {
        each.id for each in nodes(guard.test) if isinstance(each, ast.Name)
    }
