"""Methods of a class: finding one, changing one, and putting a new one where its readers look for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import libcst as cst
from libcst import matchers as m

from kept.fixing import statements
from kept.fixing.style import Style

__all__ = ["changed", "method", "with_method"]

_FOLLOWS = {"build": ("__init__",), "from_config": ("get_config",)}
_PRECEDES = {"get_config": ("from_config",), "build": ("call", "get_config"), "__init__": ("build", "call")}
_METHOD = m.FunctionDef()


def method(owner: cst.ClassDef, name: str) -> cst.FunctionDef | None:
    """The last method of a class with a name."""
    found = [one for one in owner.body.body if m.matches(one, m.FunctionDef(name=m.Name(name)))]
    return cast(cst.FunctionDef, found[-1]) if found else None


def changed(owner: cst.ClassDef, name: str, change: Callable[[cst.FunctionDef], cst.FunctionDef]) -> cst.ClassDef:
    """The class with one of its methods changed."""
    old = method(owner, name)
    assert old is not None
    new = change(old)
    body = [new if one is old else one for one in owner.body.body]
    return owner.with_changes(body=owner.body.with_changes(body=body))


def with_method(owner: cst.ClassDef, text: str, style: Style) -> cst.ClassDef:
    """The class with a method more, which is separated from the others as they are from each other."""
    new = style.function(text)
    block = statements.without_placeholder(statements.blocked(owner.body))
    items = list(block.body)
    place = _place(items, new.name.value)
    spaced = _spaced(items)
    before = items[place - 1] if place else None
    if before is not None and (spaced or not isinstance(before, cst.FunctionDef)):
        new = new.with_changes(leading_lines=[cst.EmptyLine(indent=False)])
    if place < len(items) and spaced:
        following = items[place]
        lines = getattr(following, "leading_lines", ())
        if not any(line.comment is None for line in lines):
            items[place] = following.with_changes(leading_lines=[cst.EmptyLine(indent=False), *lines])
    items.insert(place, new)
    return owner.with_changes(body=block.with_changes(body=items))


def _place(items: list[cst.BaseStatement], name: str) -> int:
    names = [one.name.value if isinstance(one, cst.FunctionDef) else "" for one in items]
    for other in _FOLLOWS.get(name, ()):
        if other in names:
            return len(names) - names[::-1].index(other)
    for other in _PRECEDES.get(name, ()):
        if other in names:
            return names.index(other)
    return len(items)


def _spaced(items: list[cst.BaseStatement]) -> bool:
    """Whether an empty line stands between methods: by what is seen, else yes."""
    later = [one for one in items[1:] if isinstance(one, cst.FunctionDef)]
    if not later:
        return True
    return any(line.comment is None for one in later for line in one.leading_lines)
