"""Which names are taken, and which of those in an expression a function around it binds."""

from __future__ import annotations

import ast
import builtins
import keyword
import re

from kept.source.module import Module

__all__ = ["camel_case", "closed_over", "fresh_name", "parameters"]


def parameters(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> list[str]:
    """Names of all parameters."""
    spec = node.args
    every = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, spec.vararg, spec.kwarg]
    return [one.arg for one in every if one is not None]


def closed_over(module: Module, node: ast.AST) -> set[str]:
    """Names that a lambda, function or class reads, and that the functions around it bind."""
    around: set[str] = set()
    scope = module.scope_of(node)
    while scope is not None:
        if not isinstance(scope, ast.ClassDef):
            around |= set(parameters(scope)) | _bound(scope)
        scope = module.scope_of(scope)
    own = set(parameters(node)) if isinstance(node, (ast.Lambda, ast.FunctionDef)) else set()
    own |= {node.name} if isinstance(node, (ast.FunctionDef, ast.ClassDef)) else set()
    read = {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}
    own |= {
        name
        for one in ast.walk(node)
        if isinstance(one, (ast.FunctionDef, ast.Lambda))
        for name in (*parameters(one), *_bound(one))
    }
    return (read - own) & around


def _bound(scope: ast.AST) -> set[str]:
    """Names that the body of a function binds, functions in it and their bodies left out."""
    found: set[str] = set()
    body = getattr(scope, "body", [])
    pending: list[ast.AST] = list(body) if isinstance(body, list) else []
    while pending:
        one = pending.pop()
        if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found.add(one.name)
            continue
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
            found.add(one.id)
        elif isinstance(one, (ast.Import, ast.ImportFrom)):
            found |= {(alias.asname or alias.name).partition(".")[0] for alias in one.names}
        pending += ast.iter_child_nodes(one)
    return found


def fresh_name(module: Module, wish: str) -> str:
    """The name itself, or with a number where anything in the file has it."""
    taken = {one.id for one in ast.walk(module.tree) if isinstance(one, ast.Name)}
    taken |= {one.name for one in (*module.functions, *module.class_nodes)} | set(module.names.bound)
    taken |= {one.arg for one in ast.walk(module.tree) if isinstance(one, ast.arg)}
    wish = re.sub(r"\W", "_", wish)
    if not wish.isidentifier() or keyword.iskeyword(wish) or hasattr(builtins, wish):
        wish = f"{wish}_function" if wish.isidentifier() else "function"
    number, name = 2, wish
    while name in taken:
        name, number = f"{wish}_{number}", number + 1
    return name


def camel_case(name: str) -> str:
    """`make_focal_loss` as the name of a class: `FocalLoss`; of `make_loss`, `MakeLoss`."""
    words = [one for one in name.split("_") if one]
    if len(words) > 2 and words[0] in ("make", "get", "create", "build", "new"):
        words = words[1:]
    return "".join(word[:1].upper() + word[1:] for word in words)
