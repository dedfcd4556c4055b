"""Saves a model with `save`, and loads it with `load_model`, instead of pickling it."""

from __future__ import annotations

import ast

import libcst as cst

from kept.findings import Finding
from kept.fixing.calls import call_at
from kept.fixing.paths import with_ending
from kept.fixing.source import Source, Unmendable
from kept.source.names import last_part

__all__ = ["mend"]


def mend(source: Source, finding: Finding) -> None:
    """Does what the module says."""
    call = call_at(source, finding)
    loads = last_part(call.func) == "load"
    dumps = last_part(call.func) in ("dump", "save")
    given = call.args[int(not loads) :][:1] if loads or dumps else []
    if not given:
        raise Unmendable("it is not written to a file that is named")
    path, opened = _path(source, call, given[0])
    written = with_ending(source, path, ".keras")
    if loads:
        text = f"{source.imports.keras('saving.load_model')}({written})"
    else:
        text = f"{source.text(call.args[0])}.save({written})"
    if opened is None:
        source.replace(source.node(call, cst.Call), source.style.expression(text))
        return
    block = source.node(opened, cst.With)
    statement = opened.body[0]
    if isinstance(statement, ast.Assign):
        text = f"{', '.join(source.text(one) for one in statement.targets)} = {text}"
    elif isinstance(statement, ast.Return):
        text = f"return {text}"
    made = source.style.statement(text)
    source.replace(block, made.with_changes(leading_lines=block.leading_lines))


def _path(source: Source, call: ast.Call, given: ast.expr) -> tuple[ast.expr, ast.With | None]:
    """The path that is written or read, and the `with` that opens it for nothing else."""
    if isinstance(given, ast.Call) and getattr(given.func, "id", "") == "open" and given.args:
        return given.args[0], None
    if not isinstance(given, ast.Name):
        return given, None
    above = source.module.parent(call)
    while above is not None and not isinstance(above, ast.With):
        above = source.module.parent(above)
    if above is not None and len(above.items) == 1 and len(above.body) == 1:
        opened, name = above.items[0].context_expr, above.items[0].optional_vars
        simple = isinstance(above.body[0], (ast.Expr, ast.Assign, ast.Return)) and above.body[0].value is call
        named = isinstance(name, ast.Name) and name.id == given.id
        if simple and named and isinstance(opened, ast.Call) and getattr(opened.func, "id", "") == "open":
            return opened.args[0], above
    if _is_path(source, call):
        return given, None
    raise Unmendable("the file that it is written to is opened elsewhere")


def _is_path(source: Source, call: ast.Call) -> bool:
    """Whether the function takes the path itself, as joblib and torch do."""
    dotted = source.module.dotted(call.func) or ""
    return dotted.partition(".")[0] in ("joblib", "torch")
