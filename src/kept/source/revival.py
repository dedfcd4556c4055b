"""What `from_config` makes of a config before it calls the constructor."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from kept.source.module import Function
from kept.source.names import last_part, text_of
from kept.source.walking import nodes

__all__ = ["Revival"]


@dataclass(slots=True)
class Revival:
    """A `from_config`, read.

    Attributes:
        node: The function.
        is_class_method: Whether it is decorated as one.
        keys: Keys of the config that it reads, replaces or takes out, by name.
        changed: Those whose value it makes anew, such as by deserialising it.
        whole: Whether it hands on the rest: `cls(**config)`, `super().from_config(config)`.
        passed: Keys that it hands to the constructor one by one: `cls(config["units"])`.
        opaque: Whether it cannot be told what becomes of the config.
    """

    node: Function
    is_class_method: bool
    keys: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    whole: bool = False
    passed: frozenset[str] = frozenset()
    opaque: bool = False
    _names: set[str] = field(default_factory=set)

    @classmethod
    def read(cls, node: Function) -> Revival:
        """Reads a `from_config`."""
        found = cls(node, any(getattr(one, "id", "") == "classmethod" for one in node.decorator_list))
        arguments = [*node.args.posonlyargs, *node.args.args]
        found._names = {one.arg for one in arguments[1:2]}
        found._read()
        return found

    def _read(self) -> None:
        keys: set[str] = set()
        changed: set[str] = set()
        for node in nodes(self.node):
            keys |= set(self._read_keys(node))
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Name) and self._is_config(node.value):
                        self._names.add(target.id)
                    key = self._key(target)
                    if key is not None:
                        changed.add(key)
            elif isinstance(node, ast.Call):
                changed |= self._updated(node)
        self.keys, self.changed = frozenset(keys | changed), frozenset(changed)
        calls = [node for node in nodes(self.node) if isinstance(node, ast.Call)]
        self.whole = any(self._hands_on_whole(call) for call in calls)
        first = self.node.args.args[:1]
        own = first[0].arg if first else "cls"
        made = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == own]
        self.passed = frozenset(
            key for call in made for node in nodes(call) for key in self._read_keys(node)
        ) | frozenset(one.arg for call in made for one in call.keywords if one.arg is not None)
        self.opaque = not self.whole and not made

    def _is_config(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Name):
            return node.id in self._names
        if isinstance(node, ast.Call):
            called = last_part(node.func)
            if called in ("dict", "copy", "deepcopy"):
                owner = [node.func.value] if isinstance(node.func, ast.Attribute) and not node.args else node.args
                return any(self._is_config(one) for one in owner)
        if isinstance(node, ast.Dict):
            return any(
                key is None and self._is_config(value) for key, value in zip(node.keys, node.values, strict=True)
            )
        return False

    def _key(self, node: ast.AST) -> str | None:
        """`x` of `config["x"]`."""
        if not (isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in self._names):
            return None
        return text_of(node.slice)

    def _read_keys(self, node: ast.AST) -> Iterator[str]:
        key = self._key(node)
        if key is None and isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            owner = node.func.value
            if node.func.attr in ("pop", "get") and isinstance(owner, ast.Name) and owner.id in self._names:
                key = text_of(node.args[0])
        if key is not None:
            yield key

    def _updated(self, node: ast.Call) -> set[str]:
        """Keys of `config.update({"x": ...})`, and of `deserialize(config, "x")`."""
        if isinstance(node.func, ast.Attribute) and node.func.attr == "update" and self._is_config(node.func.value):
            found = {one.arg for one in node.keywords if one.arg}
            for value in node.args:
                if isinstance(value, ast.Dict):
                    found |= {text for text in map(text_of, value.keys) if text}
            return found
        if any(self._is_config(one) for one in node.args):
            return {text for text in map(text_of, node.args) if text}
        return set()

    def _hands_on_whole(self, call: ast.Call) -> bool:
        if any(one.arg is None and self._is_config(one.value) for one in call.keywords):
            return True
        called = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        return called == "from_config" and any(self._is_config(one) for one in call.args)
