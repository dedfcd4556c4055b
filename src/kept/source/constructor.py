"""What `__init__` does with its arguments: which attribute holds which, and which are passed on to the base class."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from kept.source.kinds import ParameterKind
from kept.source.module import Function
from kept.source.names import chain, last_part
from kept.source.walking import nodes

__all__ = [
    "Constructor",
    "How",
    "Origin",
    "Parameter",
    "Stored",
    "SuperCall",
    "is_super",
    "statements",
]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a function in source.

    Attributes:
        name: Without stars.
        kind: How it is given.
        node: Where it stands.
        default: Expression of the default; None where there is none.
    """

    name: str
    kind: ParameterKind
    node: ast.arg
    default: ast.expr | None = None

    @property
    def annotation(self) -> ast.expr | None:
        """Its type, as written."""
        return self.node.annotation

    @property
    def is_named(self) -> bool:
        """Whether it can be given by its name."""
        return self.kind in (ParameterKind.POSITIONAL, ParameterKind.KEYWORD)


class How(str, Enum):
    """What became of an argument on its way to an attribute.

    AS_IS: nothing. CONVERTED: something that gives back what it has already given (`float(x)`, `get(x)`,
    `x or default`). DERIVED: something else, also together with other values.
    """

    AS_IS = "as is"
    CONVERTED = "converted"
    DERIVED = "derived"


@dataclass(frozen=True, slots=True)
class Origin:
    """The arguments that a value is made of; none for a value that does not depend on them."""

    names: frozenset[str] = frozenset()
    how: How = How.AS_IS


@dataclass(frozen=True, slots=True)
class Stored:
    """One assignment to an attribute of the object.

    Attributes:
        attribute: Its name.
        value: What is assigned; None where it comes out of a loop or `with`.
        origin: The arguments that are in it.
        node: The target, `self.attribute`.
        conditional: Whether it stands under an `if`, a loop or a `try`.
    """

    attribute: str
    value: ast.expr | None
    origin: Origin
    node: ast.Attribute
    conditional: bool


@dataclass(frozen=True, slots=True)
class SuperCall:
    """`super().__init__(...)`, or `Base.__init__(self, ...)`.

    Attributes:
        node: The call.
        positional: Its positional arguments, without `self`.
        keywords: Its keyword arguments.
        varkw: Name of the dict that is handed on with `**`; empty without.
        varargs: Whether something is handed on with `*`.
    """

    node: ast.Call
    positional: tuple[ast.expr, ...]
    keywords: dict[str, ast.expr]
    varkw: str = ""
    varargs: bool = False


@dataclass(slots=True)
class Constructor:
    """An `__init__`, read.

    Attributes:
        node: The function.
        parameters: Without the first, `self`.
        stored: Every assignment to an attribute, in order.
        super_call: The first one; None where there is none.
        popped: Names that are taken out of `**kwargs`: `kwargs.pop("x", 1)`, with the call or subscript.
        used: Parameters that are read anywhere.
    """

    node: Function
    parameters: tuple[Parameter, ...]
    stored: list[Stored] = field(default_factory=list)
    super_call: SuperCall | None = None
    popped: dict[str, ast.expr] = field(default_factory=dict)
    used: frozenset[str] = frozenset()

    @classmethod
    def read(cls, node: Function) -> Constructor:
        """Reads an `__init__`."""
        found = cls(node, tuple(_parameters(node)))
        _Reader(found).read()
        return found

    @property
    def own_name(self) -> str:
        """What the object is called in it: `self`."""
        first = [*self.node.args.posonlyargs, *self.node.args.args][:1]
        return first[0].arg if first else "self"

    @property
    def varkw(self) -> str:
        """Name of `**kwargs`; empty where there is none."""
        return next((one.name for one in self.parameters if one.kind is ParameterKind.VARIADIC_KEYWORD), "")

    @property
    def varargs(self) -> str:
        """Name of `*args`; empty where there is none."""
        return next((one.name for one in self.parameters if one.kind is ParameterKind.VARIADIC), "")

    @property
    def named(self) -> dict[str, Parameter]:
        """Parameters that can be given by name."""
        return {one.name: one for one in self.parameters if one.is_named}

    @property
    def forwards(self) -> bool:
        """Whether `**kwargs` is handed on to the base class."""
        return bool(self.varkw and self.super_call and self.super_call.varkw == self.varkw)

    def attributes_of(self, name: str) -> list[Stored]:
        """Assignments that an argument is in, those that hold it as it is first."""
        order = [How.AS_IS, How.CONVERTED, How.DERIVED]
        found = [one for one in self.stored if name in one.origin.names]
        return sorted(found, key=lambda one: (len(one.origin.names), order.index(one.origin.how)))

    def holds(self, attribute: str) -> list[Stored]:
        """Every assignment to one attribute."""
        return [one for one in self.stored if one.attribute == attribute]

    def handed_on(self, name: str) -> str | int | None:
        """Under which keyword, or at which position, an argument goes to the base class; None if it does not."""
        call = self.super_call
        if call is None:
            return None
        for key, value in call.keywords.items():
            if _is_name(value, name):
                return key
        return next((index for index, value in enumerate(call.positional) if _is_name(value, name)), None)


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _parameters(node: Function) -> Iterator[Parameter]:
    spec = node.args
    plain = [*spec.posonlyargs, *spec.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(spec.defaults)) + list(spec.defaults)
    for index, (one, default) in enumerate(zip(plain, defaults, strict=True)):
        if index:
            kind = ParameterKind.POSITIONAL_ONLY if index < len(spec.posonlyargs) else ParameterKind.POSITIONAL
            yield Parameter(one.arg, kind, one, default)
    if spec.vararg:
        yield Parameter(spec.vararg.arg, ParameterKind.VARIADIC, spec.vararg)
    for one, default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
        yield Parameter(one.arg, ParameterKind.KEYWORD, one, default)
    if spec.kwarg:
        yield Parameter(spec.kwarg.arg, ParameterKind.VARIADIC_KEYWORD, spec.kwarg)


def statements(body: Sequence[ast.stmt], conditional: bool = False) -> Iterator[tuple[ast.stmt, bool]]:
    """The statements of a function in order, with those below `if`, loops, `with` and `try`.

    Yields:
        Each, and whether it may be left out or done more than once.
    """
    for one in body:
        yield one, conditional
        if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        sure = isinstance(one, (ast.With, ast.AsyncWith))
        for name in ("body", "orelse", "finalbody"):
            below = getattr(one, name, None)
            if below:
                yield from statements(below, conditional or not sure)
        for handler in getattr(one, "handlers", ()):
            yield from statements(handler.body, True)
        for case in getattr(one, "cases", ()):
            yield from statements(case.body, True)


def is_super(node: ast.AST, method: str, own_name: str = "self") -> bool:
    """Whether a call is `super().method(...)`, `super(C, self).method(...)` or `Base.method(self, ...)`."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method):
        return False
    owner = node.func.value
    if isinstance(owner, ast.Call):
        return isinstance(owner.func, ast.Name) and owner.func.id == "super"
    first = node.args[:1]
    return chain(owner) is not None and bool(first) and _is_name(first[0], own_name) and not _is_name(owner, own_name)


class _Reader:
    """Follows the arguments through the statements of `__init__`."""

    def __init__(self, found: Constructor) -> None:
        self.found = found
        self.own_name = found.own_name
        self.origins: dict[str, Origin] = {
            one.name: Origin(frozenset({one.name}))
            for one in found.parameters
            if one.kind is not ParameterKind.VARIADIC_KEYWORD
        }
        self.attributes: dict[str, Origin] = {}

    def read(self) -> None:
        for statement, conditional in statements(self.found.node.body):
            if isinstance(statement, ast.Assign):
                for target in statement.targets:
                    self._assign(target, statement.value, conditional)
            elif isinstance(statement, ast.AnnAssign) and statement.value is not None:
                self._assign(statement.target, statement.value, conditional)
            elif isinstance(statement, ast.AugAssign):
                self._changed(statement, conditional)
            elif isinstance(statement, (ast.For, ast.AsyncFor)):
                self._bind_all(statement.target, self.origin(statement.iter))
        for node in nodes(self.found.node):
            self._look(node)
        names = {one.name for one in self.found.parameters}
        body = (node for one in self.found.node.body for node in nodes(one))
        self.found.used = frozenset(
            node.id for node in body if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        ) & frozenset(names)

    def _look(self, node: ast.AST) -> None:
        if is_super(node, "__init__", self.own_name) and self.found.super_call is None:
            assert isinstance(node, ast.Call)
            self.found.super_call = _super_call(node)
        taken = _taken(node, self.found.varkw)
        if taken is not None:
            assert isinstance(node, ast.expr)
            self.found.popped.setdefault(taken, node)

    def _assign(self, target: ast.expr, value: ast.expr, conditional: bool) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(target.elts):
                for one, part in zip(target.elts, value.elts, strict=True):
                    self._assign(one, part, conditional)
            else:
                self._bind_all(target, self.origin(value))
            return
        origin = self.origin(value)
        if isinstance(target, ast.Name):
            before = self.origins.get(target.id)
            if conditional and before is not None:  # `if x is None: x = 4` and the like
                how = before.how if not origin.names else _worse(before.how, origin.how)
                origin = Origin(before.names | origin.names, _worse(how, How.CONVERTED))
            self.origins[target.id] = origin
        elif self._is_own(target):
            assert isinstance(target, ast.Attribute)
            self.attributes[target.attr] = origin
            self.found.stored.append(Stored(target.attr, value, origin, target, conditional))

    def _changed(self, statement: ast.AugAssign, conditional: bool) -> None:
        origin = self.origin(statement.value)
        target = statement.target
        if isinstance(target, ast.Name) and target.id in self.origins:
            self.origins[target.id] = Origin(self.origins[target.id].names | origin.names, How.DERIVED)
        elif self._is_own(target):
            assert isinstance(target, ast.Attribute)
            before = self.attributes.get(target.attr, Origin())
            changed = Origin(before.names | origin.names, How.DERIVED)
            self.attributes[target.attr] = changed
            self.found.stored.append(Stored(target.attr, None, changed, target, conditional))

    def _bind_all(self, target: ast.expr, origin: Origin) -> None:
        derived = Origin(origin.names, How.DERIVED)
        for node in nodes(target):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.origins[node.id] = derived
            elif isinstance(node, ast.Attribute) and self._is_own(node):
                self.attributes[node.attr] = derived
                self.found.stored.append(Stored(node.attr, None, derived, node, True))

    def _is_own(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Attribute) and _is_name(node.value, self.own_name)

    def origin(self, node: ast.expr) -> Origin:
        """The arguments in a value, and what became of them."""
        if isinstance(node, ast.Name):
            return self.origins.get(node.id, Origin())
        if isinstance(node, ast.Attribute) and self._is_own(node):
            return self.attributes.get(node.attr, Origin())
        passed = _passed_on(node)
        if passed is not None:
            inner = self.origin(passed)
            return Origin(inner.names, _worse(inner.how, How.CONVERTED)) if inner.names else self._mixed(node)
        return self._mixed(node)

    def _mixed(self, node: ast.expr) -> Origin:
        names: set[str] = set()
        bound = _bound_below(node)
        for one in nodes(node):
            if isinstance(one, ast.Name) and one.id not in bound:
                names |= self.origins.get(one.id, Origin()).names
            elif isinstance(one, ast.Attribute) and self._is_own(one):
                names |= self.attributes.get(one.attr, Origin()).names
        return Origin(frozenset(names), How.DERIVED if names else How.AS_IS)


def _worse(one: How, other: How) -> How:
    order = [How.AS_IS, How.CONVERTED, How.DERIVED]
    return max(one, other, key=order.index)


CONVERTERS = frozenset(
    {
        "bool", "int", "float", "complex", "str", "bytes", "tuple", "list", "dict", "set", "frozenset", "sorted",
        "Path", "PurePath", "copy", "deepcopy", "get", "deserialize", "array", "asarray", "as_tensor", "tensor",
        "constant", "convert_to_tensor", "convert_to_numpy", "cast", "standardize_tuple", "normalize_tuple",
        "standardize_padding", "standardize_data_format", "standardize_dtype", "normalize_data_format",
        "deserialize_keras_object", "OrderedDict", "lower", "upper", "strip", "as_posix", "fspath", "TrackedList",
    }
)  # fmt: skip
"""Calls that give their first argument back when that is what they have given before."""


def _passed_on(node: ast.expr) -> ast.expr | None:
    """The expression that another gives back when it is already what it should be; None for anything else."""
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and not node.args and node.func.attr in CONVERTERS:
            return node.func.value
        called = last_part(node.func)
        return node.args[0] if called in CONVERTERS and node.args else None
    if isinstance(node, ast.BoolOp):
        return node.values[0]
    if isinstance(node, ast.IfExp):
        return node.body if _named_in(node.body) else node.orelse
    if isinstance(node, (ast.Tuple, ast.List)) and len(node.elts) == 1 and isinstance(node.elts[0], ast.Starred):
        return node.elts[0].value
    return None


def _named_in(node: ast.expr) -> bool:
    return any(isinstance(one, ast.Name) for one in nodes(node))


def _bound_below(node: ast.expr) -> set[str]:
    """Names that lambdas and comprehensions in an expression bind."""
    names: set[str] = set()
    for one in nodes(node):
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store):
            names.add(one.id)
        elif isinstance(one, ast.Lambda):
            names |= {arg.arg for arg in [*one.args.args, *one.args.kwonlyargs]}
    return names


def _super_call(node: ast.Call) -> SuperCall:
    by_class = not isinstance(getattr(node.func, "value", None), ast.Call)
    positional = node.args[1:] if by_class else node.args
    varkw = next((one.value.id for one in node.keywords if one.arg is None and isinstance(one.value, ast.Name)), "")
    if not varkw and any(one.arg is None for one in node.keywords):
        varkw = "**"
    keywords = {one.arg: one.value for one in node.keywords if one.arg is not None}
    starred = any(isinstance(one, ast.Starred) for one in positional)
    plain = tuple(one for one in positional if not isinstance(one, ast.Starred))
    return SuperCall(node, plain, keywords, varkw, starred)


def _taken(node: ast.AST, varkw: str) -> str | None:
    """The name that `kwargs.pop("x")`, `kwargs.get("x")` or `kwargs["x"]` reads."""
    if not varkw:
        return None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("pop", "get"):
        key = node.args[0] if node.args and _is_name(node.func.value, varkw) else None
    elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load) and _is_name(node.value, varkw):
        key = node.slice
    else:
        return None
    return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else None
