"""A live model as rules see it: plain data about what a fresh process would make of it.

`runtime.examine` makes it; the rules in `rules/live` judge it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from .findings import NOWHERE, Location

__all__ = [
    "BASE",
    "REGISTERED",
    "Argument",
    "Base",
    "CallArgument",
    "Change",
    "ChangeKind",
    "ClassView",
    "CompileView",
    "Examination",
    "FunctionView",
    "ObjectView",
    "Raised",
    "SameInnerPath",
    "VariableView",
]

BASE = ("name", "trainable", "dtype")
REGISTERED = '@keras.saving.register_keras_serializable(package="...")'

Base = Literal[
    "layer", "model", "loss", "metric", "optimizer", "schedule", "initializer", "regularizer", "constraint", "object"
]
ChangeKind = Literal["attribute", "array", "flag", "variable", "setting", "missing", "unbuilt", "function", "class"]


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception out of the user's code, or out of Keras's: class, first line, and the user's line it came from."""

    kind: str
    message: str
    location: Location = NOWHERE

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}"


@dataclass(frozen=True, slots=True)
class Argument:
    """A named value as it may be shown, and what stands in its place after loading."""

    name: str
    value: str
    after: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A difference between the live model and the one rebuilt from its config.

    Attributes:
        path: Object path.
        kind: What differs.
        name: Attribute or flag; empty for other kinds.
        before: As it is in the live model, shown.
        after: As it comes back, shown.
        variable_count: Variables that a flag of a layer decides for.
    """

    path: str
    kind: ChangeKind
    name: str = ""
    before: str = ""
    after: str = ""
    variable_count: int = 0


@dataclass(frozen=True, slots=True)
class ClassView:
    """A class, and how Keras would find it again.

    Attributes:
        name: Its bare name.
        reference: Import path, `module:qualname`.
        base: What kind of Keras object it is.
        own: Whether Keras itself defines it.
        location: Its `class` statement.
        methods: Methods that the user wrote, here or in a base class of theirs -> their `def` line.
        parameters: Of the constructor, without `self`, `*args` and `**kwargs`.
        takes_any: Whether the constructor takes any keyword.
        registered_name: Under which a file refers to it.
        is_registered: Whether it was registered.
        resolves_to: Import path of what that name gives, when it is something else; empty otherwise.
        number: Tells classes of one import path apart.
    """

    name: str
    reference: str
    base: Base = "layer"
    own: bool = False
    location: Location = NOWHERE
    methods: Mapping[str, Location] = field(default_factory=dict)
    parameters: tuple[str, ...] = ()
    takes_any: bool = True
    registered_name: str = ""
    is_registered: bool = True
    resolves_to: str = ""
    number: int = 0

    def at(self, *methods: str) -> Location:
        """The line of the first of some methods that the user wrote; that of the class where there is none."""
        return next((self.methods[name] for name in methods if name in self.methods), self.location)


@dataclass(frozen=True, slots=True)
class ObjectView:
    """One object that Keras writes a config of, and what becomes of it.

    Attributes:
        path: Object path.
        cls: Its class.
        config_raises: What `get_config` raises; None when it returns.
        config_type: What `get_config` returns when that is no dict, shown; empty otherwise.
        config_changes: Attributes and keys that a call of `get_config` changes.
        unwritable: Values in the config that cannot be written.
        altered: Values in the config that reach the constructor as something else; types, not values.
        unaccepted: Keys of the config that the constructor does not take.
        untold: Constructor arguments that the config lacks and whose values Keras did not note.
        nested: Keys of the config that hold the config of an object, which the constructor gets as it is.
        forgotten: Constructor arguments that the config lacks, with their values and defaults.
        rebuild_raises: What rebuilding from the config raises; None when it works.
        config_differs: Values that the config of the rebuilt object has otherwise.
        changes: Differences of the rebuilt object and of what it made itself.
        rngs: Random generators that Keras does not know of: attribute and type.
    """

    path: str
    cls: ClassView
    config_raises: Raised | None = None
    config_type: str = ""
    config_changes: tuple[str, ...] = ()
    unwritable: tuple[Argument, ...] = ()
    altered: tuple[Argument, ...] = ()
    unaccepted: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()
    nested: tuple[str, ...] = ()
    forgotten: tuple[Argument, ...] = ()
    rebuild_raises: Raised | None = None
    config_differs: tuple[Argument, ...] = ()
    changes: tuple[Change, ...] = ()
    rngs: tuple[Argument, ...] = ()

    @property
    def is_described(self) -> bool:
        """Whether the config can be had and written."""
        return not (self.config_raises or self.config_type or self.unwritable or self.config_changes)

    @property
    def is_handed_configs(self) -> bool:
        """Whether the constructor gets the config of an object where it takes the object."""
        return bool(self.nested) and any(change.kind in ("missing", "class") for change in self.changes)

    @property
    def is_made_of_defaults(self) -> bool:
        """Whether arguments that nobody noted came back as their defaults, and it shows."""
        return bool(self.untold and self.changes)

    @property
    def is_requantized(self) -> bool:
        """Whether a part was quantized after it was made, which changes its variables and its policy."""
        return any(change.name == "quantized" for change in self.changes)

    @property
    def is_rebuilt(self) -> bool:
        """Whether the config gives an object again, made of the arguments that this one was made of."""
        lost = self.altered or self.forgotten or self.config_differs or self.is_made_of_defaults
        return self.is_described and not (self.rebuild_raises or lost)


@dataclass(frozen=True, slots=True)
class FunctionView:
    """A function, or what stands for one, that Keras writes by name.

    Attributes:
        path: Object path, or the argument of `compile`.
        name: Its bare name.
        reference: Import path.
        form: What it is.
        location: Where it is defined.
        free: Names that it closes over.
        registered_name: Under which a file refers to it.
        is_registered: Whether it was registered.
        resolves_to: Import path of what that name gives, when it is something else; empty otherwise.
        number: 0; functions are told apart by their import paths.
    """

    path: str
    name: str
    reference: str
    form: Literal["function", "lambda", "local function", "partial", "bound method", "object", "wrapper"]
    location: Location = NOWHERE
    free: tuple[str, ...] = ()
    registered_name: str = ""
    is_registered: bool = False
    resolves_to: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class VariableView:
    """A variable that Keras's own saving does not write.

    Attributes:
        path: Object path.
        owner: Path of the Keras object that holds it.
        cls: Class of that object.
        holder: What keeps it from Keras.
        shape: Its shape.
        dtype: Its dtype.
    """

    path: str
    owner: str
    cls: ClassView
    holder: str
    shape: tuple[int, ...] = ()
    dtype: str = ""


@dataclass(frozen=True, slots=True)
class SameInnerPath:
    """Several objects for which the weights file has one place."""

    path: str
    inner_path: str
    cls: ClassView
    objects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CallArgument:
    """An argument of a layer's call in a functional graph that Keras cannot write."""

    path: str
    cls: ClassView
    name: str
    value: str
    type: str


@dataclass(frozen=True, slots=True)
class CompileView:
    """How the model was compiled.

    Attributes:
        overridden: Whether `compile` is the user's own, and nothing of its arguments is written.
        arguments: Parameters of that `compile` beside Keras's own.
        unwritable: Arguments of `compile` that cannot be written.
        frozen: Variables that the optimizer was built for and that do not train any more.
        thawed: Variables that train and that the optimizer was not built for.
        excluded: Variables that are excluded from weight decay.
    """

    overridden: Location | None = None
    arguments: tuple[str, ...] = ()
    unwritable: tuple[Argument, ...] = ()
    frozen: tuple[str, ...] = ()
    thawed: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Examination:
    """Everything that rules may ask of a live model.

    Attributes:
        model: Class of the model.
        objects: Custom objects that Keras writes configs of, and those of Keras that would come back different.
        functions: Functions that Keras writes by name.
        variables: Variables that its saving does not write.
        unordered: Path of a set of layers or variables -> how many it holds.
        same_inner_paths: Places in the weights file that several objects claim.
        call_arguments: Arguments in the functional graph that cannot be written.
        compiled: How the model was compiled; None when it was not.
        classes: Object path -> class, of every object of the user's.
    """

    model: ClassView
    objects: tuple[ObjectView, ...] = ()
    functions: tuple[FunctionView, ...] = ()
    variables: tuple[VariableView, ...] = ()
    unordered: Mapping[str, int] = field(default_factory=dict)
    same_inner_paths: tuple[SameInnerPath, ...] = ()
    call_arguments: tuple[CallArgument, ...] = ()
    compiled: CompileView | None = None
    classes: Mapping[str, ClassView] = field(default_factory=dict)

    def named(self) -> Iterator[tuple[str, ClassView | FunctionView]]:
        """What a file refers to by name: the path of each object, and its class; each function."""
        for one in self.objects:
            if not one.cls.own:
                yield one.path, one.cls
        for function in self.functions:
            yield function.path, function

    @property
    def loading_raises(self) -> Raised | None:
        """What loading the model raises, as far as a config is to blame."""
        return next((one.rebuild_raises for one in self.objects if one.rebuild_raises), None)
