"""Under which names the files of a project register classes and functions, and which files are imported together."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import PurePath

from kept.source.classes import registration
from kept.source.module import Function, Module
from kept.source.outline import Outline

__all__ = ["is_test", "registered", "registered_elsewhere"]


def is_test(module: Module) -> bool:
    """Whether a file holds tests: what they make is thrown away."""
    path = PurePath(module.path)
    return (
        path.stem.startswith("test_") or path.stem.endswith("_test") or path.stem == "conftest" or "tests" in path.parts
    )


def registered(module: Module) -> Iterator[tuple[str, str, ast.ClassDef | Function]]:
    """The registered name of every class and function with such a decorator, its qualified name and its statement."""
    for node in [*module.class_nodes, *module.functions]:
        found = registration(module, node) if node.decorator_list else None
        if found is not None and found.registered_name is not None:
            yield found.registered_name, _qualname(module, node), node


def _qualname(module: Module, node: ast.ClassDef | Function) -> str:
    parts = [node.name]
    scope = module.scope_of(node)
    while scope is not None:
        parts.append(getattr(scope, "name", "<lambda>"))
        scope = module.scope_of(scope)
    return ".".join(reversed(parts))


def registered_elsewhere(module: Module, name: str) -> Outline | None:
    """A file before this one that registers the name too, and that one process will import together with it."""
    project = module.project
    if not module.name:
        return None
    others = [one for one in project.outlines if name in one.registered and one.path < module.path]
    mine = project.users(module.path) if others else frozenset()
    return next((one for one in others if mine & project.users(one.path)), None)
