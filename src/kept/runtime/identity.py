"""What makes a function or a class the same one in another process: its code and the values it closes over.

Names are not enough: a user's `gelu` may come back as Keras's, and two classes may share one name.
"""

from __future__ import annotations

import dis
import hashlib
import inspect
import json
import types
from typing import Any

from .codecs import Digests, NotEncodable, encode

__all__ = ["DIGESTS", "class_identity", "function_identity", "identity_of"]

_DEPTH = 6


def _installed(obj: Any) -> bool:
    from .source_origins import is_local

    return not is_local(obj)


def _constant(value: Any) -> Any:
    if isinstance(value, types.CodeType):
        return _code(value)
    if isinstance(value, (tuple, frozenset)):
        parts = [_constant(one) for one in value]
        return [type(value).__name__, *(sorted(parts, key=repr) if isinstance(value, frozenset) else parts)]
    return repr(value)


# What the compiler puts in or leaves out by line numbers, and by what else the module imports.
_ARTEFACTS = frozenset({"NOP", "RESUME", "PRECALL", "PUSH_NULL", "CACHE", "EXTENDED_ARG"})
_JUMPS = frozenset({*dis.hasjrel, *dis.hasjabs})


def _code(code: types.CodeType) -> list[Any]:
    constants = [_constant(one) for one in code.co_consts]
    names = [code.co_varnames, code.co_freevars, code.co_argcount, code.co_kwonlyargcount]
    steps = []
    for one in dis.get_instructions(code):
        if one.opname not in _ARTEFACTS:
            operand = None if one.opcode in _JUMPS or isinstance(one.argval, types.CodeType) else repr(one.argval)
            steps.append([one.opname.replace("LOAD_METHOD", "LOAD_ATTR"), operand])
    return [steps, names, constants]


def identity_of(value: Any, depth: int = 0) -> str:
    """What makes a class or function the same one in another process."""
    return class_identity(value, depth) if isinstance(value, type) else function_identity(value, depth)


DIGESTS = Digests(identity_of)


def _value(value: Any, depth: int) -> Any:
    if isinstance(value, (types.FunctionType, type)):
        return identity_of(value, depth + 1)
    try:
        return encode(value, Digests(lambda obj: identity_of(obj, depth + 1)))
    except NotEncodable:
        return type(value).__name__


def _digest(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True, default=repr).encode()).hexdigest()[:16]


def function_identity(function: Any, depth: int = 0) -> str:
    """Name and digest of a function: bytecode, defaults and closure values; not its file, line or module."""
    target = inspect.unwrap(function) if hasattr(function, "__wrapped__") else function
    target = getattr(target, "python_function", target)
    name = getattr(target, "__name__", type(target).__name__)
    if not isinstance(target, types.FunctionType) or _installed(target) or depth > _DEPTH:
        return f"{getattr(target, '__module__', '')}:{getattr(target, '__qualname__', name)}"
    cells = []
    for free, cell in zip(target.__code__.co_freevars, target.__closure__ or (), strict=False):
        if free == "__class__":
            continue
        try:
            cells.append([free, _value(cell.cell_contents, depth)])
        except ValueError:
            cells.append([free, "empty"])
    defaults = [_value(one, depth) for one in target.__defaults__ or ()]
    keywords = {key: _value(one, depth) for key, one in (target.__kwdefaults__ or {}).items()}
    return f"{name}#{_digest([_code(target.__code__), cells, defaults, keywords])}"


def class_identity(kind: type, depth: int = 0) -> str:
    """Name and digest of a class: the code of its own and inherited methods, down to the first installed class."""
    if _installed(kind) or depth > _DEPTH:
        return f"{kind.__module__}:{kind.__qualname__}"
    parts: list[Any] = []
    for base in kind.__mro__:
        if _installed(base):
            parts.append(f"{base.__module__}:{base.__qualname__}")
            continue
        for name, member in sorted(vars(base).items()):
            if isinstance(member, (staticmethod, classmethod)):
                member = member.__func__
            if isinstance(member, property):
                member = member.fget
            if isinstance(member, types.FunctionType):
                parts.append([name, function_identity(member, depth + 1)])
    return f"{kind.__name__}#{_digest(parts)}"
