"""The decorator that registers a class or function with Keras."""

from __future__ import annotations

import ast
import re
from pathlib import PurePath
from typing import TypeVar, cast

import libcst as cst

from kept.findings import Finding
from kept.fixing.imports import Imports
from kept.fixing.source import Source, Unmendable
from kept.fixing.style import Style
from kept.source.classes import registration
from kept.source.module import Module

__all__ = ["decorator", "package", "register", "registered"]

Definition = TypeVar("Definition", cst.ClassDef, cst.FunctionDef)


def package(module: Module) -> str:
    """First part of registered names: the top-level package of a module, or the module where it is in none."""
    name = module.name.partition(".")[0] or PurePath(module.path.partition(":")[0]).stem
    return re.sub(r"[^\w.-]", "_", name).strip("_") or "main"


def decorator(module: Module, imports: Imports, name: str = "") -> str:
    """The decorator, as the file would write it."""
    given = f', name="{name}"' if name else ""
    return f'{imports.keras("saving.register_keras_serializable")}(package="{package(module)}"{given})'


def registered(node: Definition, text: str, style: Style) -> Definition:
    """The class or function with the decorator as its first."""
    lines = node.leading_lines if not node.decorators else node.decorators[0].leading_lines
    first = cst.Decorator(style.expression(text), leading_lines=lines if node.decorators else ())
    others: list[cst.Decorator] = list(node.decorators)
    if others:
        others[0] = others[0].with_changes(leading_lines=[])
    return node.with_changes(decorators=[first, *others])


def register(source: Source, finding: Finding) -> None:
    """Registers the class or function that a finding points at."""
    found = cast(ast.ClassDef | ast.FunctionDef, source.at(finding, ast.ClassDef, ast.FunctionDef))
    if registration(source.module, found) is not None:
        raise Unmendable("it is registered already")
    text = decorator(source.module, source.imports)
    if isinstance(found, ast.ClassDef):
        node = source.node(found, cst.ClassDef)
        source.replace(node, registered(node, text, source.style))
    else:
        function = source.node(found, cst.FunctionDef)
        source.replace(function, registered(function, text, source.style))
