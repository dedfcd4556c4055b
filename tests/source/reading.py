"""Reads texts as files of one project."""

import textwrap

from kept.source.module import parse
from kept.source.project import Project


def module(text, path="shop/layers.py", name="shop.layers", project=None, **details):
    """One parsed file, in a project of its own unless one is given."""
    project = project or Project(search=())
    return project.add(parse(textwrap.dedent(text), path, name, **details))


def model_of(text, name=None):
    """The last class of a text, or the one of a name."""
    classes = module(text).classes
    return next(one for one in classes if one.name == name) if name else classes[-1]
