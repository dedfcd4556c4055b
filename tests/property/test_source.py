"""No text crashes a check of source, and what is not read as Python reads it is one finding."""

import ast
import importlib.util
import json
import random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kept.checking.options import Options
from kept.checking.sweep import check_sources
from kept.report import Report, concise
from tests.conftest import ROOT

OPTIONS = Options()
REAL = sorted((ROOT / "examples").glob("*.py")) + sorted((ROOT / "tests" / "runtime").glob("*models.py"))
RULES = sorted((ROOT / "src" / "kept" / "rules" / "source").glob("[a-z]*.py"))
KEYS = ["cells", "source", "cell_type", "metadata", "worksheets", "kernelspec"]
LEAVES = st.none() | st.booleans() | st.text(max_size=5) | st.just("code")
QUICK = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def checked(content, path="train.py"):
    """Findings of some bytes; a rule that fails fails the test."""
    sweep = check_sources((), OPTIONS, texts={path: content}, remember=False)
    assert [(one.message, one.problems) for one in sweep.failures] == []
    concise.render(Report("check", checks=(sweep.check,)))
    return [one.rule for one in sweep.check]


def is_python(content):
    """Whether Python runs it as a file, which it decodes whole; `compile` passes over such bytes in comments."""
    try:
        importlib.util.decode_source(content)
        ast.parse(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


@QUICK
@given(st.binary(max_size=200))
@example(b"\xef\xbb\xbf")
@example(b"# coding: utf-16\n")
@example(b"\x00")
@example(b"#\x80")
def test_any_bytes_are_read_or_are_a_finding(content):
    assert ("unreadable-source" in checked(content)) == (not is_python(content))


@QUICK
@given(st.text(alphabet="kept: ignore[],#\n\\\"'()=xé\t\x0c", max_size=120))
def test_any_comments_and_strings_are_taken_as_they_are(text):
    checked(text.encode())


@QUICK
@given(st.lists(st.text(max_size=60) | st.sampled_from(["%%time\nx", "!ls \\\n", "%x", "f?", '"""\n%', "a = !ls"])))
def test_any_cells_are_read_or_are_findings(cells):
    notebook = {"cells": [{"cell_type": "code", "source": cell} for cell in cells]}
    checked(json.dumps(notebook).encode(), "train.ipynb")


@QUICK
@given(st.recursive(LEAVES, lambda one: st.lists(one) | st.dictionaries(st.sampled_from(KEYS), one)))
def test_any_json_is_a_notebook_or_a_finding(tree):
    checked(json.dumps(tree).encode(), "train.ipynb")


def examples():
    """The code in the pages of the rules, and whole files."""
    texts = [path.read_text() for path in REAL]
    for path in RULES:
        page = ast.get_docstring(ast.parse(path.read_text())) or ""
        parts = page.split("Example:\n")[-1].split("Fix safety:")[0].split("Use instead:\n")
        texts += ["\n".join(line[4:] for line in part.split("\n")) for part in parts]
    return texts


EXAMPLES = examples()


@pytest.mark.parametrize("seed", range(3))
def test_real_files_with_lines_moved_and_lost_crash_no_rule(seed):
    chance = random.Random(seed)
    for text in EXAMPLES:
        lines = text.split("\n")
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(lines))
            what = chance.choice(["drop", "double", "swap", "cut"])
            if what == "drop" and len(lines) > 1:
                del lines[at]
            elif what == "double":
                lines.insert(at, lines[at])
            elif what == "swap":
                other = chance.randrange(len(lines))
                lines[at], lines[other] = lines[other], lines[at]
            else:
                lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
        checked("\n".join(lines).encode())


@pytest.mark.parametrize("seed", range(3))
def test_real_trees_with_nodes_exchanged_crash_no_rule(seed):
    chance = random.Random(seed)
    for text in EXAMPLES:
        tree = ast.parse(text)
        nodes = [node for node in ast.walk(tree) if isinstance(node, ast.expr)]
        for _ in range(4):
            at, other = chance.sample(nodes, 2) if len(nodes) > 1 else (None, None)
            holders = [node for node in ast.walk(tree) for _, value in ast.iter_fields(node) if value is at]
            for holder in holders:
                for name, value in ast.iter_fields(holder):
                    if value is at and other not in ast.walk(at) and holder not in ast.walk(other):
                        setattr(holder, name, other)
        try:
            mutated = ast.unparse(tree)
        except (ValueError, RecursionError):
            continue
        checked(mutated.encode(errors="replace"))
