"""The path in a call that saves or loads, with another ending."""

from __future__ import annotations

import ast
import re

from kept.fixing.source import Source

__all__ = ["with_ending"]

_ENDING = re.compile(r"\.(?:tf|h5|hdf5|keras|pkl|pickle|joblib|pt|pth|bin|sav|dill|weights)$")


def with_ending(source: Source, node: ast.expr, ending: str) -> str:
    """The expression of a path as one that ends as it should."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = source.text(node)
        closing = re.search(r"(\"\"\"|'''|\"|')$", text)
        if closing is None or node.value.endswith(ending) or "\n" in text:
            return text
        inner = _ENDING.sub("", text[: closing.start()].rstrip("/"))
        return f"{inner}{ending}{closing[0]}"
    if isinstance(node, ast.JoinedStr):
        text = source.text(node)
        closing = re.search(r"(\"\"\"|'''|\"|')$", text)
        if closing is not None and "\n" not in text:
            last = text[: closing.start()]
            bare = last if last.endswith("}") else _ENDING.sub("", last)
            return text if last.endswith(ending) else f"{bare}{ending}{closing[0]}"
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Div)) and _is_text(node.right):
        left = source.text(node.left)
        sign = "+" if isinstance(node.op, ast.Add) else "/"
        return f"{left} {sign} {with_ending(source, node.right, ending)}"
    if (
        isinstance(node, ast.Call)
        and node.args
        and getattr(node.func, "attr", "") == "join"
        and _is_text(node.args[-1])
    ):
        before = [source.text(one) for one in (node.func, *node.args[:-1])]
        return f"{before[0]}({', '.join([*before[1:], with_ending(source, node.args[-1], ending)])})"
    quote = "'" if '"' in source.text(node) else '"'
    return f"f{quote}{{{source.text(node)}}}{ending}{quote}"


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
