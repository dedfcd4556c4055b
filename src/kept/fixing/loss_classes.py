"""A subclass of `keras.losses.Loss` in the place of a function that returns a loss function."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import libcst as cst

from kept.fixing import configs, methods, statements
from kept.fixing.registration import decorator
from kept.fixing.scopes import camel_case, closed_over, fresh_name, parameters
from kept.fixing.source import Source, Unmendable
from kept.source.module import Function, Module
from kept.source.names import last_part

__all__ = ["make_class"]


def make_class(source: Source, factory: Function) -> None:
    """Puts a class before the factory, which then returns an object of it."""
    inner, assigned = _parts(source.module, factory)
    if not _makes_losses(source.module, factory):
        raise Unmendable("what it returns is used as something other than a loss")
    given = parameters(factory)
    name = camel_case(factory.name)
    name = fresh_name(source.module, name if name.lower().endswith("loss") else f"{name}Loss")
    held = {*given, *_names(assigned)}
    closed = closed_over(source.module, inner)
    if not closed <= held:
        raise Unmendable("it uses more of the functions around it than arguments and constants")
    node = _class(source, factory, inner, assigned, name)
    source.define(factory, [node])
    _return(source, factory, name)


def _parts(module: Module, factory: Function) -> tuple[Function, list[ast.Assign]]:
    """The loss function, and what is computed before it."""
    body = list(factory.body)
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    assigned: list[ast.Assign] = []
    while body and isinstance(body[0], ast.Assign) and isinstance(body[0].targets[0], ast.Name):
        assigned.append(body.pop(0))  # type: ignore[arg-type]
    simple = len(body) == 2 and isinstance(body[0], ast.FunctionDef) and isinstance(body[1], ast.Return)
    spec = factory.args
    if not simple or factory not in module.tree.body or spec.vararg or spec.kwarg or spec.posonlyargs:
        raise Unmendable("it does more than to define a function and to return it")
    inner, returned = body[0], body[1]
    assert isinstance(inner, ast.FunctionDef)
    assert isinstance(returned, ast.Return)
    if not (isinstance(returned.value, ast.Name) and returned.value.id == inner.name):
        raise Unmendable("it does more than to define a function and to return it")
    if len(inner.args.args) < 2 or inner.decorator_list or inner.args.vararg or inner.args.kwarg:
        raise Unmendable("what it returns does not look like a loss function")
    return inner, assigned


def _names(assigned: list[ast.Assign]) -> list[str]:
    return [one.id for statement in assigned for one in statement.targets if isinstance(one, ast.Name)]


def _makes_losses(module: Module, factory: Function) -> bool:
    """Whether everything that it is called for is the loss of a `compile`."""
    calls = [one for one in module.calls if isinstance(one.func, ast.Name) and one.func.id == factory.name]
    return bool(calls) and all(_is_loss(module, one) for one in calls)


def _is_loss(module: Module, node: ast.AST) -> bool:
    below: ast.AST = node
    for above in _around(module, node):
        if isinstance(above, ast.keyword):
            return above.arg == "loss"
        if isinstance(above, ast.Assign):
            return True  # a variable, such as `loss = make_loss(2.0)` or `custom_objects = {...}`
        if isinstance(above, ast.Call):
            called = last_part(above.func)
            return called == "compile" and above.args.index(below) == 1 if below in above.args else False
        below = above
    return False


def _around(module: Module, node: ast.AST) -> Iterator[ast.AST]:
    above = module.parent(node)
    while above is not None:
        yield above
        above = module.parent(above)


def _class(
    source: Source, factory: Function, inner: Function, assigned: list[ast.Assign], name: str
) -> cst.BaseStatement:
    given = parameters(factory)
    signature = _signature(source, factory)
    base = source.imports.keras("losses.Loss")
    lines = [f"@{decorator(source.module, source.imports)}", f"class {name}({base}):"]
    lines += [f'    def __init__(self, {signature}name="{inner.name}", **kwargs):']
    lines += ["        super().__init__(name=name, **kwargs)"]
    lines += [f"        self.{one} = {one}" for one in given]
    for one in assigned:
        target = one.targets[0]
        assert isinstance(target, ast.Name)
        lines.append(f"        {target.id} = {source.text(one.value)}")
        lines.append(f"        self.{target.id} = {target.id}")
    made = source.style.statement("\n".join(lines) + "\n")
    assert isinstance(made, cst.ClassDef)
    made = methods.with_method(made, "def call(self):\n    pass\n", source.style)
    call = _call(source.function_node(inner), {*given, *_names(assigned)})
    made = methods.changed(made, "call", lambda empty: call.with_changes(leading_lines=empty.leading_lines))
    if given:
        text = configs.get_config_text({one: f"self.{one}" for one in given})
        made = methods.with_method(made, text, source.style)
    return made


def _signature(source: Source, factory: Function) -> str:
    """The parameters as they are written, with a comma behind."""
    spec = factory.args
    plain = len(spec.args) - len(spec.defaults)
    parts = []
    for number, one in enumerate([*spec.args, *spec.kwonlyargs]):
        defaults = [None] * plain + list(spec.defaults) + list(spec.kw_defaults)
        default = defaults[number]
        hint = f": {source.text(one.annotation)}" if one.annotation else ""
        equal = " = " if hint else "="
        parts.append(f"{one.arg}{hint}{equal}{source.text(default)}" if default else f"{one.arg}{hint}")
    required = [one for one in parts if "=" not in one]
    return "".join(f"{one}, " for one in (*required, *(one for one in parts if "=" in one)))


def _call(function: cst.FunctionDef, held: set[str]) -> cst.FunctionDef:
    """The loss function as a method, in which the arguments of the factory are attributes."""
    own = {one.name.value for one in function.params.params}
    body = function.body.visit(_Attributes(held - own))
    params = function.params.with_changes(params=[cst.Param(cst.Name("self")), *function.params.params])
    assert isinstance(body, cst.BaseSuite)
    return function.with_changes(name=cst.Name("call"), params=params, body=body)


class _Attributes(cst.CSTTransformer):
    def __init__(self, names: set[str]) -> None:
        super().__init__()
        self.names = names

    def on_visit(self, node: cst.CSTNode) -> bool:
        return True

    def on_leave(  # type: ignore[override]
        self, original_node: cst.CSTNode, updated_node: cst.CSTNode
    ) -> cst.CSTNode:
        if isinstance(updated_node, cst.Attribute) and isinstance(original_node, cst.Attribute):
            return updated_node.with_changes(attr=original_node.attr)
        if isinstance(updated_node, cst.Arg) and isinstance(original_node, cst.Arg):
            return updated_node.with_changes(keyword=original_node.keyword)
        if isinstance(updated_node, cst.Name) and updated_node.value in self.names:
            return cst.Attribute(cst.Name("self"), cst.Name(updated_node.value))
        return updated_node


def _return(source: Source, factory: Function, name: str) -> None:
    """Leaves of the factory what returns an object of the class."""
    node = source.function_node(factory)
    given = ", ".join(f"{one}={one}" for one in parameters(factory))
    block = statements.blocked(node.body)
    docstring = block.body[:1] if node.get_docstring() is not None else []
    answer = source.style.statement(f"return {name}({given})")
    source.replace(node, node.with_changes(body=block.with_changes(body=[*docstring, answer], footer=[])))
