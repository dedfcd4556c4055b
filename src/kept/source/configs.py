"""What `get_config` returns: which keys with which values, and whether it starts from that of the base class."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

from kept.source.constructor import is_super
from kept.source.module import Function
from kept.source.names import last_part, text_of

__all__ = ["Config", "Entry"]

_Node = TypeVar("_Node", bound=ast.AST)


@dataclass(frozen=True, slots=True)
class Entry:
    """One key of a config.

    Attributes:
        key: Its name.
        value: The expression of its value.
        node: Where the key stands.
        conditional: Whether it may be left out.
    """

    key: str
    value: ast.expr
    node: ast.expr
    conditional: bool = False


@dataclass(slots=True)
class Config:
    """A `get_config`, read.

    Attributes:
        node: The function.
        entries: Keys that it adds itself, by name.
        from_base: Whether it starts from the config of the base class.
        base: The class whose config it starts from, where it names one: `Loss.get_config(self)`.
        removed: Keys that it takes out of the config of the base class.
        opaque: Whether it may return keys that cannot be told from its source.
        returns_nothing: Whether it comes to its end without returning anything, and does not raise.
        raises: Whether all it does is to raise.
    """

    node: Function
    entries: dict[str, Entry] = field(default_factory=dict)
    from_base: bool = False
    base: ast.expr | None = None
    removed: frozenset[str] = frozenset()
    opaque: bool = False
    returns_nothing: bool = False
    raises: bool = False

    @classmethod
    def read(cls, node: Function) -> Config:
        """Reads a `get_config`."""
        return _Reader(node).read()


@dataclass(slots=True)
class _Dict:
    """A dict on its way through the function."""

    entries: dict[str, Entry] = field(default_factory=dict)
    from_base: bool = False
    removed: set[str] = field(default_factory=set)
    opaque: bool = False

    def take(self, other: _Dict, conditional: bool = False) -> None:
        """Updates it with another."""
        for entry in other.entries.values():
            self.put(replace(entry, conditional=entry.conditional or conditional))
        self.from_base = self.from_base or other.from_base
        self.removed |= other.removed
        self.opaque = self.opaque or other.opaque

    def put(self, entry: Entry) -> None:
        """Sets a key; one that was surely there stays sure."""
        before = self.entries.get(entry.key)
        sure = before is not None and not before.conditional
        self.entries[entry.key] = replace(entry, conditional=False) if sure else entry
        self.removed.discard(entry.key)

    def copy(self) -> _Dict:
        """The same, to be changed for itself."""
        return _Dict(dict(self.entries), self.from_base, set(self.removed), self.opaque)


class _Reader:
    def __init__(self, node: Function) -> None:
        self.node = node
        first = [*node.args.posonlyargs, *node.args.args][:1]
        self.own_name = first[0].arg if first else "self"
        self.dicts: dict[str, _Dict] = {}
        self.values: dict[str, ast.expr] = {}
        self.returned: list[_Dict] = []
        self.base: ast.expr | None = None

    def read(self) -> Config:
        self._block(self.node.body, False)
        result = _Dict()
        for index, one in enumerate(self.returned):
            sure = {key for key, entry in result.entries.items() if not entry.conditional}
            missing = sure - set(one.entries) if index else set()
            result.take(one, conditional=bool(index))
            for key in missing:
                result.entries[key] = replace(result.entries[key], conditional=True)
        found = Config(self.node, result.entries, result.from_base, self.base, frozenset(result.removed), result.opaque)
        found.raises = not self.returned and any(isinstance(one, ast.Raise) for one in self.node.body)
        found.returns_nothing = not self.returned and not found.raises and not _is_empty(self.node.body)
        if not self.returned:
            found.opaque = True
        return found

    def _block(self, body: Iterable[ast.stmt], conditional: bool) -> None:
        for one in body:
            self._statement(one, conditional)

    def _statement(self, one: ast.stmt, conditional: bool) -> None:
        if isinstance(one, ast.Return):
            if one.value is not None and not _is_none(one.value):
                self.returned.append(self.evaluate(one.value) or _Dict(opaque=True))
        elif isinstance(one, ast.Assign):
            for target in one.targets:
                self._assign(target, one.value, conditional)
        elif isinstance(one, ast.AnnAssign) and one.value is not None:
            self._assign(one.target, one.value, conditional)
        elif isinstance(one, ast.AugAssign) and isinstance(one.op, ast.BitOr) and isinstance(one.target, ast.Name):
            self._update(one.target.id, [one.value], [], conditional)
        elif isinstance(one, ast.Expr) and isinstance(one.value, ast.Call):
            self._call(one.value, conditional)
        elif isinstance(one, ast.Delete):
            for target in one.targets:
                self._remove(target)
        elif isinstance(one, ast.For):
            self._loop(one, conditional)
        else:
            self._below(one, conditional)

    def _below(self, one: ast.stmt, conditional: bool) -> None:
        if isinstance(one, (ast.With, ast.AsyncWith)):
            self._block(one.body, conditional)
        elif isinstance(one, (ast.If, ast.While, ast.Try, ast.AsyncFor, ast.Match)):
            self._branches(one)

    def _branches(self, one: ast.stmt) -> None:
        for name in ("body", "orelse", "finalbody"):
            self._block(getattr(one, name, ()), name != "finalbody")
        for handler in getattr(one, "handlers", ()):
            self._block(handler.body, True)
        for case in getattr(one, "cases", ()):
            self._block(case.body, True)

    def _assign(self, target: ast.expr, value: ast.expr, conditional: bool) -> None:
        if isinstance(target, ast.Name):
            made = self.evaluate(value)
            if made is not None:
                if conditional and target.id in self.dicts:
                    self.dicts[target.id].take(made, conditional=True)
                else:
                    self.dicts[target.id] = made
            else:
                self.values[target.id] = value
                if target.id in self.dicts:
                    self.dicts[target.id] = _Dict(opaque=True)
        elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            self._put(target.value.id, target.slice, value, conditional)
        elif isinstance(target, (ast.Tuple, ast.List)):
            parts = value.elts if isinstance(value, (ast.Tuple, ast.List)) else []
            for index, below in enumerate(target.elts):
                if index < len(parts):
                    self._assign(below, parts[index], conditional)

    def _put(self, name: str, key: ast.expr, value: ast.expr, conditional: bool) -> None:
        held = self.dicts.get(name)
        if held is None:
            return
        text = text_of(key)
        if text is None:
            held.opaque = True
        else:
            held.put(Entry(text, self._seen(value), key, conditional))

    def _call(self, call: ast.Call, conditional: bool) -> None:
        if not (isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name)):
            self._escapes(call)
            return
        name, method = call.func.value.id, call.func.attr
        if name not in self.dicts:
            self._escapes(call)
        elif method == "update":
            self._update(name, call.args, call.keywords, conditional)
        elif method == "setdefault" and call.args:
            self._put(name, call.args[0], call.args[-1], True)
        elif method == "pop" and call.args:
            self._remove_key(name, text_of(call.args[0]))
        elif method in ("clear", "popitem", "__setitem__"):
            self.dicts[name].opaque = True

    def _escapes(self, call: ast.Call) -> None:
        """A dict that is handed to a function may come back with more in it."""
        for argument in [*call.args, *(one.value for one in call.keywords)]:
            if isinstance(argument, ast.Name) and argument.id in self.dicts:
                self.dicts[argument.id].opaque = True

    def _update(self, name: str, positional: list[ast.expr], keywords: list[ast.keyword], conditional: bool) -> None:
        held = self.dicts.get(name)
        if held is None:
            return
        for value in positional:
            held.take(self.evaluate(value) or _Dict(opaque=True), conditional)
        for one in keywords:
            if one.arg is None:
                held.take(self.evaluate(one.value) or _Dict(opaque=True), conditional)
            else:
                held.put(Entry(one.arg, self._seen(one.value), one.value, conditional))

    def _remove(self, target: ast.expr) -> None:
        if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            self._remove_key(target.value.id, text_of(target.slice))

    def _remove_key(self, name: str, key: str | None) -> None:
        held = self.dicts.get(name)
        if held is None:
            return
        if key is None:
            held.opaque = True
            return
        held.entries.pop(key, None)
        held.removed.add(key)

    def _loop(self, one: ast.For, conditional: bool) -> None:
        """`for name in ("a", "b"): config[name] = getattr(self, name)`."""
        names = _texts(one.iter)
        before = {name: held.copy() for name, held in self.dicts.items()}
        if names is not None and isinstance(one.target, ast.Name):
            for text in names:
                for statement in one.body:
                    self._statement(_replaced(statement, one.target.id, text), conditional)
            return
        self._block(one.body, True)
        for name, held in self.dicts.items():
            if name not in before or held.entries != before[name].entries:
                held.opaque = True

    def _seen(self, value: ast.expr) -> ast.expr:
        """A local variable as what was assigned to it."""
        return self.values.get(value.id, value) if isinstance(value, ast.Name) else value

    def evaluate(self, node: ast.expr) -> _Dict | None:
        """The dict that an expression makes; None for what is no dict."""
        if isinstance(node, ast.Name):
            held = self.dicts.get(node.id)
            return held.copy() if held is not None else None
        if isinstance(node, ast.Dict):
            return self._display(node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitOr, ast.Add)):
            left, right = self.evaluate(node.left), self.evaluate(node.right)
            if left is None and right is None:
                return None
            made = left or _Dict(opaque=True)
            made.take(right or _Dict(opaque=True))
            return made
        if isinstance(node, ast.DictComp):
            return self._comprehension(node)
        if isinstance(node, ast.IfExp):
            made = self.evaluate(node.body) or _Dict(opaque=True)
            made.take(self.evaluate(node.orelse) or _Dict(opaque=True), conditional=True)
            return made
        if isinstance(node, ast.Call):
            return self._made_by(node)
        return None

    def _made_by(self, node: ast.Call) -> _Dict | None:
        if is_super(node, "get_config", self.own_name):
            assert isinstance(node.func, ast.Attribute)
            if not isinstance(node.func.value, ast.Call):
                self.base = node.func.value
            return _Dict(from_base=True)
        called = last_part(node.func)
        if called in ("dict", "OrderedDict", "list", "copy", "deepcopy", "items", "chain"):
            sources = list(node.args)
            if called in ("items", "copy") and isinstance(node.func, ast.Attribute) and not sources:
                return self.evaluate(node.func.value)
            if called == "dict" or called == "OrderedDict":
                made = _Dict()
                self.dicts["*"] = made
                self._update("*", sources, node.keywords, False)
                del self.dicts["*"]
                return made
            parts = [self.evaluate(one) for one in sources]
            if parts and any(part is not None for part in parts):
                made = _Dict()
                for part in parts:
                    made.take(part or _Dict(opaque=True))
                return made
        return None

    def _display(self, node: ast.Dict) -> _Dict:
        made = _Dict()
        for key, value in zip(node.keys, node.values, strict=True):
            text = text_of(key) if key is not None else None
            if key is None:
                made.take(self.evaluate(value) or _Dict(opaque=True))
            elif text is None:
                made.opaque = True
            else:
                made.put(Entry(text, self._seen(value), key))
        return made

    def _comprehension(self, node: ast.DictComp) -> _Dict:
        """`{name: getattr(self, name) for name in ("a", "b")}`."""
        first = node.generators[0]
        names = _texts(first.iter)
        made = _Dict()
        simple = len(node.generators) == 1 and not first.ifs and isinstance(first.target, ast.Name)
        if names is None or not simple or not isinstance(node.key, ast.Name):
            held = self.evaluate(first.iter)
            made.opaque = True
            if held is not None:
                made.from_base = held.from_base
            return made
        assert isinstance(first.target, ast.Name)
        for text in names:
            made.put(Entry(text, _replaced(node.value, first.target.id, text), node.key))
        return made


class _Constant(ast.NodeTransformer):
    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in self.values and isinstance(node.ctx, ast.Load):
            return ast.copy_location(ast.Constant(self.values[node.id]), node)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """`getattr(self, "a")` is `self.a`."""
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "getattr" and len(node.args) == 2:
            text = text_of(node.args[1])
            if text is not None and text.isidentifier():
                return ast.copy_location(ast.Attribute(node.args[0], text, ast.Load()), node)
        return node


def _replaced(node: _Node, name: str, text: str) -> _Node:
    replacer: Callable[[ast.AST], Any] = _Constant({name: text}).visit
    made = copy.deepcopy(node)
    for one in ast.walk(made):
        one.__dict__.pop("_nodes", None)  # what `walking.nodes` remembers of the original
    return cast(_Node, replacer(made))


def _texts(node: ast.expr) -> list[str] | None:
    """The texts of `("a", "b")`; None for anything else."""
    if not isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return None
    found = [text_of(one) for one in node.elts]
    return [one for one in found if one is not None] if None not in found else None


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_empty(body: Iterable[ast.stmt]) -> bool:
    """Whether a body is only a docstring, `...` or `pass`."""
    return all(
        isinstance(one, ast.Pass) or (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)) for one in body
    )
