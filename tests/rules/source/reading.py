"""Text of a few files -> what the rules on source find in it."""

import functools
import textwrap

from kept import rules
from kept.source.module import parse
from kept.source.project import Project

HEAD = "import keras\nfrom keras import layers\n\n"


def findings(text, *, select=None, others=None, name="shop"):
    """What is found in a text.

    Args:
        text: Of the module; its indentation does not matter.
        select: Name of the only rule that is asked; all of them when None.
        others: Texts of more modules, by name.
        name: Of the module.
    """
    project = Project()
    for other, source in (others or {}).items():
        project.add(parse(textwrap.dedent(source), f"{other.replace('.', '/')}.py", other))
    module = project.add(parse(textwrap.dedent(text), f"{name.replace('.', '/')}.py", name))
    return rules.judge(module, chosen(select))


@functools.cache
def chosen(select):
    """The rule of a name, or all rules on source."""
    return tuple(one for one in rules.rules("source") if select in (None, one.RULE.name))


def names(text, **words):
    """Names of the rules that find something, in order."""
    return [one.rule for one in findings(text, **words)]


def places(text, **words):
    """Line and text of what every finding points at."""
    return [
        (one.location.line, one.location.text[one.location.column - 1 : one.location.end_column - 1])
        for one in findings(text, **words)
    ]
