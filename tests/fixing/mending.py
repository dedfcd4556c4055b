"""Single edits on texts, without the rules that would ask for them."""

import re
import textwrap

from kept.findings import Finding, Location, Severity
from kept.fixing.edits import fixers
from kept.fixing.source import Source
from kept.source.module import parse
from kept.source.project import Project


def module(text, name="shop"):
    """A text, parsed as the only file of a project."""
    return Project(search=()).add(parse(text, f"{name}.py", name))


def place(text, at):
    """Where the first occurrence of some words begins."""
    found = re.search(rf"\b{re.escape(at)}", text)
    assert found is not None, at
    before = text[: found.start()]
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def edited(rule, text, at, kind=""):
    """The text after one edit for one rule, where some words begin."""
    text = textwrap.dedent(text).lstrip("\n")
    line, column = place(text, at)
    finding = Finding("KPT100", rule, Severity.ERROR, "wrong", kind=kind, location=Location("shop.py", line, column))
    source = Source(module(text))
    fixers()[rule].mend(source, finding)
    source.settle()
    return source.rewritten()
