"""The size of things: small files, small functions, two levels of folders, and names that say something."""

import ast
import statistics
from pathlib import Path

import pytest

from tests.conftest import ROOT

SOURCE = ROOT / "src" / "kept"
FILES = sorted(SOURCE.rglob("*.py"))
LENGTHS = {path: len(path.read_text().splitlines()) for path in FILES}


def share(lengths, limit):
    """How many of the lengths are within the limit, from 0 to 1."""
    return sum(length <= limit for length in lengths) / len(lengths)


def functions():
    """Every function of the source, with its number of lines."""
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield f"{path.name}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_most_files_are_short():
    assert statistics.median(LENGTHS.values()) <= 150
    assert share(LENGTHS.values(), 400) >= 0.9


def test_no_file_is_long():
    assert {path.name: length for path, length in LENGTHS.items() if length > 600} == {}


def test_most_functions_are_short():
    assert share([length for _, length in functions()], 50) >= 0.95


def test_no_function_is_long():
    assert {name: length for name, length in functions() if length > 80} == {}


def test_folders_are_two_levels_deep_at_most():
    assert [path for path in FILES if len(path.relative_to(SOURCE).parts) > 3] == []


@pytest.mark.parametrize("word", ["utils", "util", "helpers", "helper", "common", "manager", "handler", "misc"])
def test_no_module_is_named_for_nothing(word):
    assert [path for path in FILES if word in Path(path).stem.split("_")] == []


def test_no_except_is_bare():
    bare = [
        f"{path.name}:{node.lineno}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler) and node.type is None
    ]
    assert bare == []
