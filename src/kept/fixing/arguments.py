"""How an argument gets through a config: what `__init__`, `get_config` and `from_config` must say about it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import libcst as cst

from kept.findings import Finding
from kept.fixing import configs, methods, signatures, statements
from kept.fixing.forms import GETTERS, Form, form, sort_of
from kept.fixing.source import Source, Unmendable
from kept.fixing.style import annotated
from kept.source.arguments import GENERAL, base_keys, given_to_base, lost_arguments
from kept.source.classes import ClassModel
from kept.source.constructor import Constructor, How, Parameter, Stored
from kept.source.evidence import Sort
from kept.source.kinds import ParameterKind

__all__ = [
    "Plan",
    "entry_at",
    "held_apart",
    "plan",
    "plans",
    "return_arguments",
    "unreturned",
    "with_plans",
    "with_revival",
]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the class must say about one argument.

    Attributes:
        value: Expression for `get_config`.
        store: Statement for `__init__`; empty where an attribute holds the argument already.
        first: Whether that statement must come before all others.
        converted: Expression in `__init__`, and what shall stand there instead.
        revived: Expression for `from_config`; empty where the constructor takes what the config holds.
    """

    value: str
    store: str = ""
    first: bool = False
    converted: tuple[ast.expr, str] | None = None
    revived: str = ""


def unreturned(model: ClassModel) -> list[str]:
    """Arguments that the config does not return, in the order of the parameters."""
    own = model.own_config
    if own is not None and not own.returns_nothing:
        keys = model.config_keys or frozenset()
        above = frozenset() if own.from_base else base_keys(model) or frozenset()
        return [one.name for one in lost_arguments(model, keys) if one.name not in above]
    known = base_keys(model) or frozenset(GENERAL)
    found = dict.fromkeys(one.name for one in lost_arguments(model, known))
    for index, (_, constructor) in enumerate(model.constructors[1:]):
        if not model.constructors[index][1].forwards:
            break
        handed = known | set(given_to_base(model, index))
        found |= dict.fromkeys(name for name in constructor.named if name not in handed)
    return list(found)


def return_arguments(source: Source, finding: Finding) -> None:
    """Gives the class of a finding a `get_config` that returns every argument of the constructor."""
    model = source.owner(finding)
    names = unreturned(model)
    if model.own_config is not None and model.own_config.opaque and not model.own_config.returns_nothing:
        raise Unmendable("what get_config returns cannot be told")
    source.replace(source.class_node(model), with_plans(source, model, plans(source, model, names)))


def entry_at(source: Source, model: ClassModel, finding: Finding) -> str:
    """The key of the config that a finding is about."""
    config = model.own_config
    place = (finding.location.line, finding.location.column)
    for key, entry in config.entries.items() if config else ():
        for node in (entry.value, entry.node):
            if source.module.span(node)[:2] == place:
                return key
    raise Unmendable("no entry of get_config stands there")


def plans(source: Source, model: ClassModel, names: Iterable[str]) -> dict[str, Plan]:
    """A plan for each of some arguments."""
    return {name: plan(source, model, name) for name in names}


def plan(source: Source, model: ClassModel, name: str, sort: Sort | None = None) -> Plan:
    """How one argument gets through the config.

    Args:
        source: The file.
        model: The class.
        name: Of the argument.
        sort: What it holds; found out where None.
    """
    parameter = next((one.named[name] for _, one in model.constructors if name in one.named), None)
    parameter = parameter or _variadic(model, name)
    if parameter is None:
        raise Unmendable(f"__init__ has no parameter {name}")
    sort = sort or sort_of(model, parameter)
    stored = _holding(model, name)
    own = model.constructor.own_name if model.constructor else "self"
    if stored is not None:
        getter = _getter(source, stored)
        if getter:
            return Plan(f"{source.imports.keras(getter)}({own}.{stored.attribute})")
        return _formed(form(sort, model, parameter, source.imports), f"{own}.{stored.attribute}", parameter, stored)
    if model.constructor is None:
        raise Unmendable("its constructor is that of another class")
    first = _rebound_early(model.constructor, name)
    made = _formed(form(sort, model, parameter, source.imports), f"{own}.{_free(model, name)}", parameter, None)
    return replace(made, first=first)


def held_apart(model: ClassModel, name: str, copied: str) -> Plan:
    """A plan in which an attribute of its own holds a copy of an argument."""
    if model.constructor is None:
        raise Unmendable("its constructor is that of another class")
    target = f"{model.constructor.own_name}.{_free(model, name)}"
    return Plan(target, store=f"{target} = {copied}", first=_rebound_early(model.constructor, name))


def _variadic(model: ClassModel, name: str) -> Parameter | None:
    every = [one for _, constructor in model.constructors for one in constructor.parameters]
    return next((one for one in every if one.name == name and one.kind is not ParameterKind.VARIADIC_KEYWORD), None)


def _holding(model: ClassModel, name: str) -> Stored | None:
    """The attribute that holds an argument, as it is or as it would be taken again."""
    for _, constructor in model.constructors:
        for one in constructor.attributes_of(name):
            alone = one.origin.names == {name} and one.origin.how is not How.DERIVED
            if alone and not one.conditional and not _changed_elsewhere(model, one):
                return one
        passed = constructor.handed_on(name)
        if isinstance(passed, str):
            name = passed
    return None


def _changed_elsewhere(model: ClassModel, stored: Stored) -> bool:
    """Whether an attribute is assigned more than once in the class and its ancestors."""
    targets = [
        node
        for one in model.lineage
        for node in ast.walk(one.node)
        if isinstance(node, ast.Attribute) and node.attr == stored.attribute and isinstance(node.ctx, ast.Store)
    ]
    return len(targets) > 1


def _free(model: ClassModel, name: str) -> str:
    """A name for an attribute that nothing else in the class has."""
    used = {node.attr for one in model.lineage for node in ast.walk(one.node) if isinstance(node, ast.Attribute)}
    for one in model.lineage:
        used |= set(one.methods) | set(one.assigned)
    if model.keras is not None:
        used |= model.keras.reserved | model.keras.attributes | model.keras.methods
    return next(one for one in (name, f"_{name}", f"_{name}_argument", f"_{name}_as_given") if one not in used)


def _rebound_early(constructor: Constructor, name: str) -> bool:
    """Whether a parameter is given another value before the constructor of the base class is called."""
    at = constructor.super_call.node.lineno if constructor.super_call else 10**9
    return any(
        isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store) and node.lineno <= at
        for node in ast.walk(constructor.node)
    )


def _getter(source: Source, stored: Stored) -> str:
    value = stored.value
    called = source.module.dotted(value.func) if isinstance(value, ast.Call) else None
    return GETTERS.get(called or "", "")


def _formed(found: Form, held: str, parameter: Parameter, stored: Stored | None) -> Plan:
    """A plan for an argument that an attribute holds, or shall hold."""
    name = parameter.name
    optional = found.checks_none and isinstance(parameter.default, ast.Constant) and parameter.default.value is None

    def told(text: str, of: str) -> str:
        made = text.format(of)
        return f"None if {of} is None else {made}" if optional and made not in ("", of) else made

    item = f'config["{name}"]'
    taken = told(found.taken, name)
    value, revived = told(found.written, held), told(found.revived, item)
    if stored is None:
        return Plan(value, store=f"{held} = {taken or name}", revived=revived)
    if not taken or stored.origin.how is How.CONVERTED or stored.value is None:
        return Plan(value, revived=revived)
    return Plan(value, converted=(stored.value, taken), revived=revived)


def with_plans(source: Source, model: ClassModel, found: Mapping[str, Plan]) -> cst.ClassDef:
    """The class statement with every plan carried out, and a `get_config` that returns them all."""
    node = source.class_node(model)
    source.is_unsafe = any(one.converted is not None for one in found.values())
    if model.constructor is not None:
        node = methods.changed(node, "__init__", partial(_initialised, source, found))
    node = _configured(source, model, node, {key: one.value for key, one in found.items()})
    revived = {key: one.revived for key, one in found.items() if one.revived}
    return with_revival(source, model, node, revived)


def _initialised(source: Source, found: Mapping[str, Plan], init: cst.FunctionDef) -> cst.FunctionDef:
    changes: dict[cst.CSTNode, cst.CSTNode] = {}
    for one in found.values():
        if one.converted is not None:
            old, new = one.converted
            changes[source.expression(old)] = source.style.expression(new)
    init = statements.all_replaced(init, changes)
    for one in reversed(list(found.values())):
        if one.store:
            init = signatures.stored(init, one.store, source.style, first=one.first)
    return init


def _configured(source: Source, model: ClassModel, node: cst.ClassDef, values: Mapping[str, str]) -> cst.ClassDef:
    own = methods.method(node, "get_config")
    if own is None:
        base = model.defines("get_config") is not None or not (model.keras and model.keras.refuses_config)
        hints = _hinted(node)
        text = configs.get_config_text(values, base=base, returns="dict" if hints else "")
        return methods.with_method(node, text, source.style)
    written = configs.entry_values(own)
    changed = {key: value for key, value in values.items() if key in written}
    added = {key: value for key, value in values.items() if key not in written}

    def complete(function: cst.FunctionDef) -> cst.FunctionDef:
        return configs.with_entries(configs.revalued(function, changed, source.style), added, source.style)

    return methods.changed(node, "get_config", complete)


def with_revival(
    source: Source, model: ClassModel, node: cst.ClassDef, revived: Mapping[str, str], star: str = ""
) -> cst.ClassDef:
    """The class statement with a `from_config` that makes of some keys what the constructor takes."""
    own = methods.method(node, "from_config")
    if own is not None:
        known = model.own_revival.changed if model.own_revival else frozenset()
        new = {key: value for key, value in revived.items() if key not in known}
        if star:
            raise Unmendable("it has a from_config of its own")
        change = partial(configs.with_revived, revived=new, style=source.style)
        return methods.changed(node, "from_config", change) if new else node
    if not revived and not star:
        return node
    keras_chain = model.revival is not None or bool(model.keras and model.keras.revives)
    hints = ("dict", f'"{model.name}"') if _hinted(node) else None
    text = configs.from_config_text(revived, keras_chain=keras_chain, star=star, hints=hints)
    return methods.with_method(node, text, source.style)


def _hinted(node: cst.ClassDef) -> bool:
    return any(isinstance(one, cst.FunctionDef) and annotated(one) for one in node.body.body)
