"""`get_config` and `from_config`: written anew, or completed in the form in which they are found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import libcst as cst
from libcst import matchers as m

from kept.fixing import statements
from kept.fixing.sequences import appended, prepended, with_entry
from kept.fixing.source import Unmendable
from kept.fixing.style import LINE_LENGTH, Style

__all__ = [
    "entry_values",
    "from_config_text",
    "get_config_text",
    "renamed",
    "returning",
    "revalued",
    "with_base",
    "with_entries",
    "with_revived",
    "without_entries",
]

Values = Mapping[str, str]


def get_config_text(
    values: Values, *, base: bool = True, returns: str = "", own_name: str = "self", room: int = LINE_LENGTH - 8
) -> str:
    """The source of a `get_config`.

    Args:
        values: Key -> expression of its value.
        base: Whether it starts with the config of the base class.
        returns: Type of what it returns; empty for none.
        own_name: What the object is called.
        room: Columns that a line may have.
    """
    arrow = f" -> {returns}" if returns else ""
    head = f"def get_config({own_name}){arrow}:\n"
    if not base:
        return head + _laid_out("    return ", values, "", room)
    if not values:
        return f"{head}    return super().get_config()\n"
    update = _laid_out("    config.update(", values, ")", room)
    return f"{head}    config = super().get_config()\n{update}    return config\n"


def _laid_out(start: str, values: Values, end: str, room: int) -> str:
    entries = [f'"{key}": {value}' for key, value in values.items()]
    line = f"{start}{{{', '.join(entries)}}}{end}"
    if len(line) <= room and len(entries) <= 3:
        return line + "\n"
    inner = "".join(f"        {entry},\n" for entry in entries)
    return f"{start}{{\n{inner}    }}{end}\n"


def from_config_text(
    revived: Values, *, keras_chain: bool = False, star: str = "", hints: tuple[str, str] | None = None
) -> str:
    """The source of a `from_config`.

    Args:
        revived: Key -> expression of what the constructor gets for it; `config["key"]` is what the file held.
        keras_chain: Whether the base class has a `from_config` that does more than to call the class.
        star: Key whose value are the positional arguments.
        hints: Types of the config and of what is returned; None for no type hints.
    """
    given, back = (f": {hints[0]}", f" -> {hints[1]}") if hints else ("", "")
    lines = ["@classmethod", f"def from_config(cls, config{given}){back}:", "    config = dict(config)"]
    lines += [_wrapped(f'    config["{key}"] = {value}') for key, value in revived.items()]
    if star:
        lines += [f'    {star} = config.pop("{star}")', f"    return cls(*{star}, **config)"]
    else:
        lines.append("    return super().from_config(config)" if keras_chain else "    return cls(**config)")
    return "\n".join(lines) + "\n"


def _wrapped(line: str) -> str:
    """A line, or where it is too long, the arguments of its last call on one of their own."""
    head, bracket, rest = line.rpartition("(")
    if len(line) <= LINE_LENGTH - 8 or not bracket or not rest.endswith(")"):
        return line
    return f"{head}(\n        {rest[:-1]}\n    )"


def _literals(function: cst.FunctionDef) -> list[cst.Dict]:
    """Dicts written out in a function that hold entries of the config: not those inside of another's value."""
    found: list[cst.Dict] = []

    function.visit(_Literals(function, found))
    return found


class _Literals(cst.CSTVisitor):
    def __init__(self, function: cst.FunctionDef, found: list[cst.Dict]) -> None:
        super().__init__()
        self.function = function
        self.found = found

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Dict):
            self.found.append(node)
            return False
        if isinstance(node, cst.Assign):
            return isinstance(node.targets[0].target, cst.Name)
        return node is self.function or not isinstance(node, (cst.FunctionDef, cst.Lambda, cst.Subscript))


def _update_calls(function: cst.FunctionDef) -> list[cst.Call]:
    """`config.update(units=...)` and `dict(base, units=...)`, with at least one keyword."""
    named = m.Call(
        func=m.Attribute(attr=m.Name("update")) | m.Name("dict"),
        args=[m.ZeroOrMore(), m.Arg(keyword=m.Name()), m.ZeroOrMore()],
    )
    return [cast(cst.Call, one) for one in m.findall(function.body, named)]


def entry_values(function: cst.FunctionDef) -> dict[str, cst.BaseExpression]:
    """Key -> expression of its value, for what is written out in a `get_config`."""
    found: dict[str, cst.BaseExpression] = {}
    for literal in _literals(function):
        for element in literal.elements:
            key = _key(element)
            if key is not None:
                found[key] = element.value
    for call in _update_calls(function):
        found.update({one.keyword.value: one.value for one in call.args if one.keyword is not None})
    for one in m.findall(function.body, _ITEM):
        assign = cast(cst.Assign, one)
        key_node = assign.targets[0].target
        key = _subscript(key_node)
        if key is not None:
            found[key] = assign.value
    return found


_ITEM = m.Assign(targets=[m.AssignTarget(target=m.Subscript(value=m.Name()))])


def _key(element: cst.BaseDictElement) -> str | None:
    if isinstance(element, cst.DictElement) and isinstance(element.key, cst.SimpleString):
        value = element.key.evaluated_value
        return value if isinstance(value, str) else None
    return None


def _subscript(node: cst.BaseExpression) -> str | None:
    if isinstance(node, cst.Subscript) and len(node.slice) == 1:
        inner = node.slice[0].slice
        if isinstance(inner, cst.Index) and isinstance(inner.value, cst.SimpleString):
            value = inner.value.evaluated_value
            return value if isinstance(value, str) else None
    return None


def revalued(function: cst.FunctionDef, values: Values, style: Style) -> cst.FunctionDef:
    """The `get_config` with other expressions for some of its keys."""
    for key, text in values.items():
        old = entry_values(function)[key]
        function = statements.replaced(function, old, style.expression(text))
    return function


def renamed(function: cst.FunctionDef, old: str, new: str) -> cst.FunctionDef:
    """The `get_config` with a key under another name."""
    for literal in _literals(function):
        for element in literal.elements:
            if _key(element) == old:
                assert isinstance(element, cst.DictElement)
                return statements.replaced(function, element.key, _requoted(element.key, new))
    for call in _update_calls(function):
        for one in call.args:
            if one.keyword is not None and one.keyword.value == old:
                return statements.replaced(function, one.keyword, cst.Name(new))
    for found in m.findall(function.body, _ITEM):
        target = cast(cst.Assign, found).targets[0].target
        if _subscript(target) == old:
            key = cast(cst.Index, cast(cst.Subscript, target).slice[0].slice).value
            return statements.replaced(function, key, _requoted(key, new))
    raise Unmendable(f"where get_config writes {old} cannot be told")


def _requoted(key: cst.BaseExpression, new: str) -> cst.SimpleString:
    quote = key.quote if isinstance(key, cst.SimpleString) else '"'
    return cst.SimpleString(f"{quote}{new}{quote}")


def with_entries(function: cst.FunctionDef, values: Values, style: Style) -> cst.FunctionDef:
    """The `get_config` with keys more, in the form in which it has the others."""
    for key, text in values.items():
        function = _with_entry(function, key, style.expression(text), style)
    return function


def _with_entry(function: cst.FunctionDef, key: str, value: cst.BaseExpression, style: Style) -> cst.FunctionDef:
    quoted = cst.SimpleString(f"{style.quote}{key}{style.quote}")
    literals = [one for one in _literals(function) if one.elements]
    literals.sort(key=lambda one: any(_key(element) is not None for element in one.elements))
    if literals:
        last = literals[-1]
        new = cst.DictElement(quoted, value)
        return statements.replaced(function, last, with_entry(last, new))
    calls = _update_calls(function)
    if calls:
        call = calls[-1]
        tight = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
        arg = cst.Arg(value, keyword=cst.Name(key), equal=tight)
        args = appended(call.args, arg, call.whitespace_before_args)
        return statements.replaced(function, call, call.with_changes(args=args))
    return _returning(function, f"{quoted.value}: {_code(value)}", style)


def returning(function: cst.FunctionDef, style: Style) -> cst.FunctionDef:
    """The `get_config` that returns what it has made; as it is where it returns something."""
    if statements.contains(function.body, m.Return(value=~m.MatchIfTrue(lambda one: one is None))):
        return function
    name = _config_name(function.body) or _first_dict(function.body)
    if name is None:
        raise Unmendable("get_config makes no config that it could return")
    body = function.body
    return function.with_changes(body=statements.inserted(body, len(body.body), f"return {name}", style))


def _first_dict(body: cst.BaseSuite) -> str | None:
    made = m.Assign(targets=[m.AssignTarget(target=m.Name())], value=m.Dict())
    found = m.findall(body, made)
    return cast(cst.Name, cast(cst.Assign, found[0]).targets[0].target).value if found else None


def _returning(function: cst.FunctionDef, entry: str, style: Style) -> cst.FunctionDef:
    """Adds an entry before the last `return`, which need not be there."""
    body = function.body
    returns = [one for one in statements.small_statements(body) if isinstance(one, cst.Return)]
    if not returns:
        name = _config_name(body)
        body = (
            body
            if name is not None
            else statements.inserted(body, len(body.body), "config = super().get_config()", style)
        )
        name = name or "config"
        body = statements.inserted(body, len(body.body), f"{name}.update({{{entry}}})", style)
        return function.with_changes(body=statements.inserted(body, len(body.body), f"return {name}", style))
    last = returns[-1]
    at = statements.position(body, lambda item: item is last or statements.contains(item, m.Return()))
    value = last.value
    assert value is not None
    assert at is not None
    at = max(number for number, item in enumerate(body.body) if item is last or last in getattr(item, "body", ()))
    if isinstance(value, cst.Name):
        return function.with_changes(body=statements.inserted(body, at, f"{value.value}.update({{{entry}}})", style))
    plain = statements.replaced(function, last, last.with_changes(value=cst.Name("config")))
    body = statements.inserted(plain.body, at, f"config = {_code(value)}", style)
    return plain.with_changes(body=statements.inserted(body, at + 1, f"config.update({{{entry}}})", style))


def _config_name(body: cst.BaseSuite) -> str | None:
    """The variable that holds what `super().get_config()` gave."""
    base = m.Assign(targets=[m.AssignTarget(target=m.Name())], value=_SUPER_CONFIG)
    found = m.findall(body, base)
    return cast(cst.Name, cast(cst.Assign, found[0]).targets[0].target).value if found else None


_SUPER_CONFIG = m.Call(func=m.Attribute(attr=m.Name("get_config")))


def with_base(function: cst.FunctionDef, dropped: Sequence[str], style: Style) -> cst.FunctionDef:
    """The `get_config` that starts from the config of the base class; `dropped` are keys that this brings."""
    function = without_entries(function, dropped)
    literals = _literals(function)
    if literals:
        first = literals[0]
        star = cst.StarredDictElement(style.expression("super().get_config()"))
        elements = prepended(first.elements, star, first.lbrace.whitespace_after)
        return statements.replaced(function, first, first.with_changes(elements=elements))
    calls = [one for one in _update_calls(function) if m.matches(one, m.Call(func=m.Name("dict")))]
    if calls and calls[0].args[0].keyword is not None:
        call = calls[0]
        args = prepended(call.args, cst.Arg(style.expression("super().get_config()")), call.whitespace_before_args)
        return statements.replaced(function, call, call.with_changes(args=args))
    empty = m.findall(function.body, m.Call(func=m.Name("dict"), args=[]))
    if empty:
        return statements.replaced(function, empty[0], style.expression("super().get_config()"))
    raise Unmendable("get_config makes its dict in a way that is not understood")


def without_entries(function: cst.FunctionDef, keys: Sequence[str]) -> cst.FunctionDef:
    """The `get_config` without some of the keys that are written out in its dicts."""
    for literal in _literals(function):
        left = [one for one in literal.elements if _key(one) not in keys]
        if len(left) == len(literal.elements):
            continue
        if left and literal.elements[-1] not in left:
            left[-1] = left[-1].with_changes(comma=literal.elements[-1].comma)
        return without_entries(statements.replaced(function, literal, literal.with_changes(elements=left)), keys)
    for call in _update_calls(function):
        kept = [one for one in call.args if one.keyword is None or one.keyword.value not in keys]
        if len(kept) < len(call.args):
            if kept and call.args[-1] not in kept:
                kept[-1] = kept[-1].with_changes(comma=call.args[-1].comma)
            return without_entries(statements.replaced(function, call, call.with_changes(args=kept)), keys)
    return function


def with_revived(function: cst.FunctionDef, revived: Values, style: Style) -> cst.FunctionDef:
    """The `from_config` that first makes of some keys what the constructor takes."""
    name = function.params.params[1].name.value
    number = 1 if function.get_docstring() is not None else 0
    body = function.body
    copied = m.Assign(targets=[m.AssignTarget(target=m.Name(name))])
    at = statements.position(body, lambda item: statements.contains(item, copied))
    if at is None:
        body = statements.inserted(body, number, f"{name} = dict({name})", style)
        at = number
    for offset, (key, text) in enumerate(revived.items()):
        line = f'{name}["{key}"] = {text.replace("config[", f"{name}[")}'
        body = statements.inserted(body, at + 1 + offset, line, style)
    return function.with_changes(body=body)


def _code(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)
