"""Where the live object differs from the text that made it: defaults and class attributes as they were in force."""

from __future__ import annotations

import ast
import sys
from abc import ABCMeta
from types import FunctionType
from typing import Any

from kept.runtime.source_files import Definition
from kept.runtime.source_origins import home, is_local, unwrap
from kept.runtime.source_values import Refer, UnkeepableError, expression, is_plain

__all__ = ["added_attributes", "edits"]


def edits(
    found: Definition, live: object, module: dict[str, Any], refer: Refer, local: set[str]
) -> dict[ast.expr, str]:
    """New texts for the expressions of a definition whose live value the module-level names no longer give.

    Args:
        found: The definition.
        live: The object made from it.
        module: The globals its names are looked up in.
        refer: Names for what a value refers to.
        local: Names of the functions around the definition: their values are gone.
    """
    changed: dict[ast.expr, str] = {}
    editor = _Editor(module, refer, local, changed)
    inner = unwrap(live)
    if isinstance(found.node, ast.ClassDef) and isinstance(inner, type):
        editor.class_body(found.node, inner)
    elif isinstance(inner, FunctionType):
        editor.defaults(found.node, inner)
    return changed


class _Editor:
    def __init__(self, module: dict[str, Any], refer: Refer, local: set[str], changed: dict[ast.expr, str]) -> None:
        self.module, self.refer, self.local, self.changed = module, refer, local, changed

    def defaults(self, node: Any, live: FunctionType) -> None:
        positional, live_positional = node.args.defaults, live.__defaults__ or ()
        if len(positional) == len(live_positional):
            for default, value in zip(positional, live_positional, strict=True):
                self.compare(default, value)
        live_keywords = live.__kwdefaults__ or {}
        for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True):
            if default is not None and argument.arg in live_keywords:
                self.compare(default, live_keywords[argument.arg])

    def class_body(self, node: ast.ClassDef, live: type) -> None:
        attributes = vars(live)
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                function = unwrap(attributes.get(statement.name))
                if isinstance(function, FunctionType) and function.__code__.co_name == statement.name:
                    self.defaults(statement, function)
            elif isinstance(statement, ast.ClassDef) and isinstance(attributes.get(statement.name), type):
                self.class_body(statement, attributes[statement.name])
        if type(live) in (type, ABCMeta) and "__dataclass_fields__" not in attributes:
            for name, value in _simple_attributes(node).items():
                if name in attributes:
                    self.compare(value, attributes[name], literals=True)
        for base, value in zip(node.bases, vars(live).get("__orig_bases__", live.__bases__), strict=False):
            if self.uses_locals(base) and not isinstance(base, ast.Name):
                self.replace(base, value)

    def compare(self, written: ast.expr, value: object, *, literals: bool = False) -> None:
        """Replaces `written` where it may give another value than the live one."""
        if self.uses_locals(written):
            self.replace(written, value)
        elif _is_literal(written):
            if literals and is_plain(value) and expression(ast.literal_eval(written), _never) != _plain(value):
                self.replace(written, value)
        elif is_plain(value) and not self.gives(written, value):
            self.replace(written, value)

    def replace(self, written: ast.expr, value: object) -> None:
        try:
            self.changed[written] = expression(value, self.refer)
        except UnkeepableError:
            return

    def uses_locals(self, written: ast.expr) -> bool:
        return any(isinstance(node, ast.Name) and node.id in self.local for node in ast.walk(written))

    def gives(self, written: ast.expr, value: object) -> bool:
        """Whether looking up a plain dotted name gives `value` now; an expression without names always does."""
        if not any(isinstance(node, ast.Name | ast.Call) for node in ast.walk(written)):
            return True
        parts: list[str] = []
        node = written
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or node.id not in self.module:
            return False
        found = self.module[node.id]
        for part in reversed(parts):
            found = getattr(found, part, _never)
        return found is value or (is_plain(found) and _plain(found) == _plain(value))


def added_attributes(found: Definition, live: type) -> dict[str, object]:
    """Plain attributes and functions of a class that its body does not bind: set or replaced after it ran."""
    if not isinstance(found.node, ast.ClassDef) or type(live) not in (type, ABCMeta):
        return {}
    if "__dataclass_fields__" in vars(live):
        return {}
    written = {
        s.name: s for s in found.node.body if isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    }
    bound = {node.id for s in found.node.body for node in ast.walk(s) if isinstance(node, ast.Name)}
    added: dict[str, object] = {}
    for name, value in vars(live).items():
        inner = unwrap(value)
        if isinstance(inner, FunctionType) and type(value) is FunctionType:
            statement = written.get(name)
            decorated = statement is not None and bool(statement.decorator_list)
            if not decorated and name not in bound and _is_set(inner, live) and not _stands_in(found, inner):
                added[name] = value
        elif not name.startswith("_") and name not in bound and name not in written and is_plain(value):
            added[name] = value
    return added


def _is_set(function: FunctionType, cls: type) -> bool:
    """Whether somebody wrote this function: `typing.NamedTuple` and the like generate some."""
    module = function.__globals__
    return is_local(function) and (module is home(cls) or module.get("__name__") in sys.modules)


def _stands_in(found: Definition, function: FunctionType) -> bool:
    code = function.__code__
    if code.co_filename != found.source.name:
        return False
    owner = f".{code.co_qualname}".rsplit(".", 2)[-2]
    return owner == found.name


def _simple_attributes(node: ast.ClassDef) -> dict[str, ast.expr]:
    """Attributes that the class body binds once, by a statement of their own."""
    found: dict[str, ast.expr] = {}
    for statement in node.body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target: ast.expr = statement.targets[0]
        elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
            target = statement.target
        else:
            continue
        if isinstance(target, ast.Name) and statement.value is not None:
            found[target.id] = statement.value
    stores = [n.id for s in node.body for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    return {name: value for name, value in found.items() if stores.count(name) == 1}


def _is_literal(written: ast.expr) -> bool:
    try:
        ast.literal_eval(written)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _plain(value: object) -> str:
    return expression(value, _never)


def _never(value: object) -> str:
    raise UnkeepableError(f"{type(value).__name__} needs a name")
