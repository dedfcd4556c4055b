"""A class statement and what Keras makes of it: its kind, its constructor, its config, its registration."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from kept.source.catalogue import KerasClass
from kept.source.configs import Config
from kept.source.constructor import Constructor
from kept.source.kinds import Kind
from kept.source.module import Function, Module
from kept.source.revival import Revival
from kept.source.uses import Uses

__all__ = ["Ancestor", "ClassModel", "Registration", "registration"]


@dataclass(frozen=True, slots=True)
class Registration:
    """A decorator that registers a class or function with Keras.

    Attributes:
        node: The decorator.
        package: As given; `Custom` where it is left out; None where it cannot be told.
        name: As given; the name of the class where it is left out; None where it cannot be told.
    """

    node: ast.expr
    package: str | None
    name: str | None

    @property
    def registered_name(self) -> str | None:
        """`package>name`; None where it cannot be told."""
        return None if self.package is None or self.name is None else f"{self.package}>{self.name}"


REGISTERING = frozenset(
    {
        "keras.saving.register_keras_serializable", "keras.utils.register_keras_serializable",
        "keras.src.saving.register_keras_serializable",
        "keras.src.saving.object_registration.register_keras_serializable",
        "keras.src.api_export.keras_export", "kept.serializable",
        "keras_hub.src.api_export.keras_hub_export", "keras_nlp.src.api_export.keras_nlp_export",
    }
)  # fmt: skip
"""Decorators that register; the export decorators of Keras's own packages do it for their packages."""

_PLAIN = frozenset({"object", "typing_extensions.Protocol", *sys.stdlib_module_names})
"""Bases that have nothing to do with Keras: by their own name, or that of their package."""


class ClassModel:
    """A class in source.

    Attributes:
        module: Where it stands.
        node: The class statement.
    """

    def __init__(self, module: Module, node: ast.ClassDef) -> None:
        self.module = module
        self.node = node

    def __repr__(self) -> str:
        return f"<{self.dotted}>"

    @property
    def name(self) -> str:
        """Its name alone."""
        return self.node.name

    @cached_property
    def qualname(self) -> str:
        """Its name with those of the classes and functions around it."""
        parts = [self.name]
        scope = self.module.scope_of(self.node)
        while scope is not None:
            parts += ["<locals>"] if not isinstance(scope, ast.ClassDef) else []
            parts.append(getattr(scope, "name", "<lambda>"))
            scope = self.module.scope_of(scope)
        return ".".join(reversed(parts))

    @property
    def dotted(self) -> str:
        """Its name with that of the module."""
        return f"{self.module.name}.{self.qualname}" if self.module.name else self.qualname

    @property
    def is_local(self) -> bool:
        """Whether it is made in a function."""
        return "<locals>" in self.qualname

    @cached_property
    def bases(self) -> tuple[Ancestor | None, ...]:
        """What its bases name; None for one that is unknown. Bases that matter to nobody are left out."""
        found: list[Ancestor | None] = []
        for base in self.node.bases:
            one = base.value if isinstance(base, ast.Subscript) else base
            known = self.module.class_of(one)
            dotted = self.module.dotted(one) or ast.unparse(one)
            if known is None and not {dotted, dotted.partition(".")[0]}.isdisjoint(_PLAIN):
                continue
            found.append(known if known is not self else None)
        return tuple(found)

    @cached_property
    def ancestors(self) -> tuple[Ancestor, ...]:
        """The method resolution order without the class itself, as far as it is known.

        Of Keras's classes only the first of a line is in it; it knows its own bases.
        """
        self.__dict__["ancestors"] = ()  # a class that is its own ancestor has none
        found: list[Ancestor] = []
        for base in self.bases:
            if base is not None:
                found += [base, *(base.ancestors if isinstance(base, ClassModel) else ())]
        return tuple(one for index, one in enumerate(found) if one not in found[index + 1 :] and one is not self)

    @cached_property
    def is_known(self) -> bool:
        """Whether all its ancestors are known."""
        self.__dict__["is_known"] = True
        return all(base is not None and (not isinstance(base, ClassModel) or base.is_known) for base in self.bases)

    @property
    def lineage(self) -> Iterator[ClassModel]:
        """The class and its ancestors in source, in order of resolution."""
        yield self
        yield from (one for one in self.ancestors if isinstance(one, ClassModel))

    @cached_property
    def keras(self) -> KerasClass | None:
        """The first class of Keras that it descends from, and that is more than a mixin."""
        found = [one for one in self.ancestors if isinstance(one, KerasClass)]
        return next((one for one in found if one.kind is not Kind.OTHER), found[0] if found else None)

    @property
    def kind(self) -> Kind | None:
        """What it is to Keras; None where no class of Keras is among its ancestors."""
        return self.keras.kind if self.keras else None

    @cached_property
    def methods(self) -> dict[str, Function]:
        """Functions in its body, the last of each name; those under an `if`, too."""
        found: dict[str, Function] = {}
        stack: list[ast.stmt] = list(self.node.body)
        while stack:
            one = stack.pop(0)
            if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)):
                found[one.name] = one
            elif isinstance(one, (ast.If, ast.Try)):
                stack = [*one.body, *one.orelse, *stack]
        return found

    @cached_property
    def assigned(self) -> dict[str, ast.expr | None]:
        """Names that its body assigns, such as `get_config = Base.get_config`, with what they are assigned."""
        found: dict[str, ast.expr | None] = {}
        for one in self.node.body:
            if isinstance(one, ast.Assign):
                found |= {target.id: one.value for target in one.targets if isinstance(target, ast.Name)}
            elif isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
                found[one.target.id] = one.value
        return found

    @cached_property
    def uses(self) -> Uses:
        """What its own methods do with attributes."""
        return Uses.of(self.methods)

    def defines(self, name: str) -> ClassModel | None:
        """The nearest class in source, itself first, that defines a method."""
        return next((one for one in self.lineage if name in one.methods or name in one.assigned), None)

    # Registration

    @cached_property
    def registration(self) -> Registration | None:
        """The decorator that registers it; None without one."""
        return registration(self.module, self.node)

    # Constructor

    @cached_property
    def constructor(self) -> Constructor | None:
        """Its own `__init__`; None where it has none."""
        node = self.methods.get("__init__")
        return Constructor.read(node) if node is not None else None

    @cached_property
    def constructors(self) -> tuple[tuple[ClassModel, Constructor], ...]:
        """Every `__init__` in source that may be called for it, the nearest first, with the class it stands in."""
        return tuple((one, one.constructor) for one in self.lineage if one.constructor is not None)

    @property
    def initialiser(self) -> Constructor | None:
        """The `__init__` in source that makes it; None where it is Keras's own."""
        return self.constructors[0][1] if self.constructors else None

    def accepts(self, name: str) -> bool | None:
        """Whether its constructor takes an argument of that name; None where that cannot be told."""
        for _, one in self.constructors:
            if name in one.named or name in one.popped:
                return True
            if not one.varkw:
                return False
            if not one.forwards:
                if one.super_call is None or not one.super_call.varkw:
                    return True  # taken, and dropped
                return None
            if one.super_call is not None and name in one.super_call.keywords:
                return False  # given twice
        if self.keras is None or not self.is_known:
            return None
        return self.keras.accepts(name)

    # Config

    @cached_property
    def own_config(self) -> Config | None:
        """Its own `get_config`; None where it has none."""
        node = self.methods.get("get_config")
        return Config.read(node) if node is not None else None

    @cached_property
    def config(self) -> tuple[ClassModel, Config] | None:
        """The `get_config` in source that serves it, with the class it stands in; None where it is Keras's own."""
        owner = self.defines("get_config")
        if owner is None or owner.own_config is None:
            return None
        return owner, owner.own_config

    @property
    def is_automatic(self) -> bool:
        """Whether Keras writes its config from the arguments that it was made with."""
        return self.is_known and self.defines("get_config") is None and bool(self.keras and self.keras.is_automatic)

    @cached_property
    def config_keys(self) -> frozenset[str] | None:
        """Every key that `get_config` returns; None where that cannot be told, or where Keras writes it by itself."""
        keys: set[str] = set()
        removed: set[str] = set()
        for one in self.lineage:
            if "get_config" in one.assigned:
                return None
            config = one.own_config
            if config is None:
                continue
            if config.opaque:
                return None
            keys |= set(config.entries) - removed
            removed |= config.removed
            if not config.from_base:
                return frozenset(keys)
            if config.base is not None:
                named = one.module.class_of(config.base)
                base = named.config_keys if named is not None else None
                return None if base is None else frozenset(keys | (base - removed))
        if not self.is_known or self.keras is None or self.keras.config_keys is None or self.is_automatic:
            return None
        return frozenset(keys | (set(self.keras.config_keys) - removed))

    def entry(self, key: str) -> tuple[ClassModel, ast.expr] | None:
        """The expression of one key of the config, with the class it stands in; None where it is not in source."""
        for one in self.lineage:
            config = one.own_config
            if config is not None:
                if key in config.entries:
                    return one, config.entries[key].value
                if not config.from_base or key in config.removed:
                    return None
        return None

    @cached_property
    def own_revival(self) -> Revival | None:
        """Its own `from_config`; None where it has none."""
        node = self.methods.get("from_config")
        return Revival.read(node) if node is not None else None

    @cached_property
    def revival(self) -> tuple[ClassModel, Revival] | None:
        """The `from_config` in source that serves it, with the class it stands in; None where it is Keras's own."""
        owner = self.defines("from_config")
        if owner is None or owner.own_revival is None:
            return None
        return owner, owner.own_revival


Ancestor = ClassModel | KerasClass


def registration(module: Module, node: ast.ClassDef | Function) -> Registration | None:
    """The decorator that registers a class or function with Keras; None without one."""
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if (module.dotted(called) or "") not in REGISTERING:
            continue
        given: dict[str, str | None] = {"package": "Custom", "name": node.name}
        if isinstance(decorator, ast.Call):
            named = {one.arg: one.value for one in decorator.keywords if one.arg}
            values = dict(zip(("package", "name"), decorator.args, strict=False)) | named
            for key, value in values.items():
                if key in given and not (isinstance(value, ast.Constant) and value.value is None):
                    given[key] = (
                        value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None
                    )
        return Registration(decorator, given["package"], given["name"])
    return None
