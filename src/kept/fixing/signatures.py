"""Parameters of a constructor, and what it hands on to `super().__init__`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import libcst as cst
from libcst import matchers as m

from kept.fixing import statements
from kept.fixing.sequences import appended
from kept.fixing.source import Source, Unmendable
from kept.fixing.style import Style, annotated

__all__ = [
    "forwarded",
    "open_to_base",
    "parameter_names",
    "renamed_variable",
    "stored",
    "super_init",
    "with_keyword",
    "with_parameter",
    "with_varkw",
    "without_positional_only",
]

_SUPER_INIT = m.Call(
    func=m.Attribute(
        value=m.Call(func=m.Name("super")) | m.Name() | m.Attribute(), attr=m.Name("__init__")
    )
)  # fmt: skip


def super_init(function: cst.FunctionDef) -> cst.Call | None:
    """The call of the constructor of the base class; None where there is none."""
    found = m.findall(function.body, _SUPER_INIT)
    return cast(cst.Call, found[0]) if found else None


def parameter_names(function: cst.FunctionDef) -> list[str]:
    """Names of all parameters but `*args` and `**kwargs`."""
    spec = function.params
    return [one.name.value for one in (*spec.posonly_params, *spec.params, *spec.kwonly_params)]


def with_varkw(function: cst.FunctionDef, style: Style, name: str = "kwargs", annotation: str = "") -> cst.FunctionDef:
    """The function with `**kwargs`; as it is where it has such a parameter."""
    if function.params.star_kwarg is not None:
        return function
    note = cst.Annotation(style.expression(annotation)) if annotation else None
    new = cst.Param(cst.Name(name), annotation=note, star="**")
    return _with_last(function, "star_kwarg", new)


def with_parameter(
    function: cst.FunctionDef, name: str, default: cst.BaseExpression | None, style: Style, annotation: str = ""
) -> cst.FunctionDef:
    """The function with a parameter more, which can be given by name and stands before `**kwargs`."""
    spec = function.params
    note = cst.Annotation(style.expression(annotation)) if annotation else None
    new = cst.Param(cst.Name(name), annotation=note, default=default)
    if default is not None and note is None:
        new = new.with_changes(equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")))
    defaulted = any(one.default is not None for one in (*spec.posonly_params, *spec.params))
    by_name = isinstance(spec.star_arg, (cst.Param, cst.ParamStar)) or (default is None and defaulted)
    if by_name and not isinstance(spec.star_arg, (cst.Param, cst.ParamStar)):
        comma = cst.Comma(whitespace_after=_gap(function.whitespace_before_params))
        new = new.with_changes(comma=comma if spec.star_kwarg else cst.MaybeSentinel.DEFAULT)
        starred = spec.with_changes(star_arg=cst.ParamStar(), kwonly_params=[new])
        return function.with_changes(params=starred)
    return _with_last(function, "kwonly_params" if by_name else "params", new)


def _with_last(function: cst.FunctionDef, where: str, new: cst.Param) -> cst.FunctionDef:
    """Adds a parameter after all that stand before its kind."""
    spec = function.params
    order = ["posonly_params", "posonly_ind", "params", "star_arg", "kwonly_params", "star_kwarg"]
    before = order[: order.index(where) + 1]
    after = order[order.index(where) + 1 :]
    last = next((group for group in reversed(before) if _present(spec, group)), None)
    followed = any(_present(spec, group) for group in after)
    changes: dict[str, Any] = {}
    opening = function.whitespace_before_params
    if last is None or last == "posonly_ind" or (isinstance(spec.star_arg, cst.ParamStar) and last == "star_arg"):
        changes[where] = new if where == "star_kwarg" else [*getattr(spec, where), new]
        if followed:
            changes[where][-1] = new.with_changes(comma=cst.Comma(whitespace_after=_gap(opening)))
        return function.with_changes(params=spec.with_changes(**changes))
    held = getattr(spec, last)
    group = [held] if isinstance(held, cst.Param) else list(held)
    *others, old, added = appended(group, new, opening)
    if followed and not isinstance(added.comma, cst.Comma):
        added = added.with_changes(comma=cst.Comma(whitespace_after=_gap(opening)))
    changes[last] = old if isinstance(held, cst.Param) else [*others, old]
    if where == "star_kwarg":
        changes[where] = added
    else:
        changes[where] = [*changes.get(where, getattr(spec, where)), added]
    return function.with_changes(params=spec.with_changes(**changes))


def _gap(opening: cst.BaseParenthesizableWhitespace) -> cst.BaseParenthesizableWhitespace:
    if isinstance(opening, cst.ParenthesizedWhitespace):
        return opening.with_changes(first_line=cst.TrailingWhitespace(), empty_lines=[])
    return cst.SimpleWhitespace(" ")


def _present(spec: cst.Parameters, group: str) -> bool:
    held = getattr(spec, group)
    return (
        bool(held) if isinstance(held, (list, tuple)) else isinstance(held, (cst.Param, cst.ParamStar, cst.ParamSlash))
    )


def without_positional_only(function: cst.FunctionDef) -> cst.FunctionDef:
    """The function without the `/`: every parameter can be given by name."""
    spec = function.params
    params = [*spec.posonly_params, *spec.params]
    slash = spec.posonly_ind
    if isinstance(slash, cst.ParamSlash) and not spec.params and spec.posonly_params:
        params[-1] = params[-1].with_changes(comma=slash.comma)
    plain = spec.with_changes(params=params, posonly_params=[], posonly_ind=cst.MaybeSentinel.DEFAULT)
    return function.with_changes(params=plain)


def forwarded(function: cst.FunctionDef, style: Style) -> cst.FunctionDef:
    """The function with its `**kwargs` handed on to the constructor of the base class."""
    call = super_init(function)
    varkw = function.params.star_kwarg
    assert varkw is not None
    if call is None:
        return function
    if any(one.star == "**" for one in call.args):
        return function
    new = cst.Arg(cst.Name(varkw.name.value), star="**")
    args = appended(call.args, new, call.whitespace_before_args)
    return statements.replaced(function, call, call.with_changes(args=args))


def with_keyword(call: cst.Call, name: str, value: cst.BaseExpression) -> cst.Call:
    """The call with a keyword argument: changed where it is given, else added before `**kwargs`."""
    for index, one in enumerate(call.args):
        if one.keyword is not None and one.keyword.value == name:
            args = [*call.args[:index], one.with_changes(value=value), *call.args[index + 1 :]]
            return call.with_changes(args=args)
    tight = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    new = cst.Arg(value, keyword=cst.Name(name), equal=tight)
    stars: Sequence[cst.Arg] = [one for one in call.args if one.star == "**"]
    if not stars:
        return call.with_changes(args=appended(call.args, new, call.whitespace_before_args))
    at = list(call.args).index(stars[0])
    new = new.with_changes(comma=cst.Comma(whitespace_after=_gap(call.whitespace_before_args)))
    return call.with_changes(args=[*call.args[:at], new, *call.args[at:]])


def stored(function: cst.FunctionDef, text: str, style: Style, *, first: bool = False) -> cst.FunctionDef:
    """The constructor with a statement more: after `super().__init__`, or at its beginning.

    Args:
        function: The constructor.
        text: The statement.
        style: Of the file.
        first: Whether it stands at the beginning; after the docstring, if there is one.
    """
    body = function.body
    if first:
        number = 1 if function.get_docstring() is not None else 0
    else:
        at = statements.position(body, lambda item: statements.contains(item, _SUPER_INIT))
        number = len(body.body) if at is None else at + 1
    return function.with_changes(body=statements.inserted(body, number, text, style))


def open_to_base(function: cst.FunctionDef, source: Source) -> cst.FunctionDef:
    """The constructor that takes what its base class takes in `**kwargs`, and hands it on."""
    style = source.style
    call = super_init(function)
    if call is None:
        function = stored(function, "super().__init__()", style, first=True)
        call = super_init(function)
        assert call is not None
    for one in call.args:
        if one.keyword is not None and one.keyword.value not in parameter_names(function):
            function = _given_by_caller(function, one.keyword.value, one.value, style)
    varkw = function.params.star_kwarg
    if varkw is not None and any(one.star == "**" for one in call.args):
        return renamed_variable(function, varkw.name.value, "kwargs")
    hint = source.imports.name("typing.Any") if annotated(function) and len(parameter_names(function)) > 1 else ""
    return forwarded(with_varkw(function, style, annotation=hint), style)


def _given_by_caller(function: cst.FunctionDef, name: str, value: cst.BaseExpression, style: Style) -> cst.FunctionDef:
    """Makes a parameter of what the constructor gives its base class, so that the caller can give it too."""
    if not isinstance(value, (cst.SimpleString, cst.Integer, cst.Float, cst.Name, cst.Attribute)):
        raise Unmendable(f"what super().__init__ gets as {name} is made in the constructor")
    if isinstance(value, cst.Name) and value.value not in ("None", "True", "False"):
        raise Unmendable(f"what super().__init__ gets as {name} is made in the constructor")
    call = super_init(function)
    assert call is not None
    function = statements.replaced(function, call, with_keyword(call, name, cst.Name(name)))
    return with_parameter(function, name, value, style)


def renamed_variable(function: cst.FunctionDef, old: str, new: str) -> cst.FunctionDef:
    """The function with another name for one of its variables."""
    if m.findall(function, m.Name(new)):
        raise Unmendable(f"{new} is the name of something else in it")
    kept: set[cst.CSTNode] = set()
    kept |= {cst.ensure_type(one, cst.Attribute).attr for one in m.findall(function, m.Attribute())}
    kept |= {keyword for one in m.findall(function, m.Arg()) if (keyword := cst.ensure_type(one, cst.Arg).keyword)}
    names = [one for one in m.findall(function, m.Name(old)) if one not in kept]
    return statements.all_replaced(function, {one: cst.Name(new) for one in names})
