"""What sort of value an expression, an annotation or an argument is, where the source says so."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from kept.source.catalogue import KerasClass
from kept.source.classes import ClassModel
from kept.source.constructor import Constructor, How, Parameter
from kept.source.kinds import Kind, ParameterKind
from kept.source.module import Module
from kept.source.names import last_part

__all__ = ["Evidence", "Sort", "by_use", "given", "of_annotation", "of_argument", "of_expression"]


class Sort(str, Enum):
    """A sort of value that JSON does not hold as it is."""

    ARRAY = "a numpy array"
    TENSOR = "a tensor"
    VARIABLE = "a variable"
    SET = "a set"
    BYTES = "bytes"
    COMPLEX = "a complex number"
    RANGE = "a range"
    PATH = "a path"
    ENUM = "a member of an Enum"
    DATE = "a date or time"
    DTYPE = "a numpy dtype"
    INT_KEYS = "a dict whose keys are integers"
    TUPLE = "a tuple"
    LAYER = "a layer"
    KERAS = "an object of Keras"
    OBJECT = "an object with a config"
    FOREIGN = "an object without a config"
    CALLABLE = "a function or layer"

    @property
    def is_object(self) -> bool:
        """Whether Keras writes it by its own config or name, and not as a value."""
        return self in (Sort.LAYER, Sort.KERAS, Sort.OBJECT, Sort.CALLABLE)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why a value is of a sort.

    Attributes:
        sort: Of the value, or of values in it.
        why: One clause, such as "is annotated with np.ndarray".
        node: Where that is to be seen.
    """

    sort: Sort
    why: str
    node: ast.AST


_CALLS = {
    "set": Sort.SET, "frozenset": Sort.SET, "bytes": Sort.BYTES, "bytearray": Sort.BYTES, "complex": Sort.COMPLEX,
    "range": Sort.RANGE, "pathlib.Path": Sort.PATH, "pathlib.PurePath": Sort.PATH, "pathlib.PosixPath": Sort.PATH,
    "functools.partial": Sort.CALLABLE, "numpy.dtype": Sort.DTYPE, "tensorflow.constant": Sort.TENSOR,
    "tensorflow.convert_to_tensor": Sort.TENSOR, "tensorflow.cast": Sort.TENSOR, "tensorflow.zeros": Sort.TENSOR,
    "tensorflow.ones": Sort.TENSOR, "torch.tensor": Sort.TENSOR, "torch.as_tensor": Sort.TENSOR,
    "torch.zeros": Sort.TENSOR, "torch.ones": Sort.TENSOR, "torch.from_numpy": Sort.TENSOR,
    "tensorflow.Variable": Sort.VARIABLE, "keras.Variable": Sort.VARIABLE, "datetime.datetime": Sort.DATE,
    "datetime.date": Sort.DATE, "datetime.timedelta": Sort.DATE, "datetime.datetime.now": Sort.DATE,
}  # fmt: skip
_NAMES = {
    "set": Sort.SET, "frozenset": Sort.SET, "typing.Set": Sort.SET, "typing.FrozenSet": Sort.SET,
    "collections.abc.Set": Sort.SET, "bytes": Sort.BYTES, "bytearray": Sort.BYTES, "complex": Sort.COMPLEX,
    "range": Sort.RANGE, "pathlib.Path": Sort.PATH, "pathlib.PurePath": Sort.PATH, "numpy.ndarray": Sort.ARRAY,
    "numpy.array": Sort.ARRAY, "numpy.typing.NDArray": Sort.ARRAY, "tensorflow.Tensor": Sort.TENSOR,
    "torch.Tensor": Sort.TENSOR, "jax.Array": Sort.TENSOR, "jax.numpy.ndarray": Sort.TENSOR,
    "keras.KerasTensor": Sort.TENSOR, "tensorflow.Variable": Sort.VARIABLE, "keras.Variable": Sort.VARIABLE,
    "typing.Callable": Sort.CALLABLE, "collections.abc.Callable": Sort.CALLABLE, "callable": Sort.CALLABLE,
    "datetime.datetime": Sort.DATE, "datetime.date": Sort.DATE, "datetime.timedelta": Sort.DATE,
    "numpy.dtype": Sort.DTYPE,
}  # fmt: skip
_ARRAYS = frozenset(
    {
        "array", "asarray", "zeros", "ones", "full", "eye", "arange", "linspace", "logspace", "load", "loadtxt",
        "identity", "concatenate", "stack", "zeros_like", "ones_like", "asanyarray", "ascontiguousarray",
    }
)  # fmt: skip
_PLAIN_OPS = frozenset({"shape", "ndim", "size", "dtype", "is_tensor", "convert_to_numpy"})
_CONTAINERS = frozenset(
    {
        "list", "tuple", "dict", "typing.List", "typing.Tuple", "typing.Dict", "typing.Sequence", "typing.Iterable",
        "typing.Mapping", "collections.abc.Sequence", "collections.abc.Iterable", "collections.abc.Mapping",
        "collections.OrderedDict",
    }
)  # fmt: skip
_MAPPINGS = frozenset({"dict", "typing.Dict", "typing.Mapping", "collections.abc.Mapping", "collections.OrderedDict"})
_PLAIN_ENUMS = ("str", "int", "float", "enum.StrEnum", "enum.IntEnum", "enum.IntFlag")


def of_expression(module: Module, node: ast.expr) -> Sort | None:
    """The sort of what an expression makes, or of something in the list, tuple or dict that it makes."""
    if isinstance(node, (ast.Set, ast.SetComp)):
        return Sort.SET
    if isinstance(node, ast.Lambda):
        return Sort.CALLABLE
    if isinstance(node, ast.Constant):
        return {bytes: Sort.BYTES, complex: Sort.COMPLEX}.get(type(node.value))
    if isinstance(node, ast.BinOp):  # `1 + 2j`
        return (
            Sort.COMPLEX
            if Sort.COMPLEX in (of_expression(module, node.left), of_expression(module, node.right))
            else None
        )
    if isinstance(node, (ast.List, ast.Tuple)):
        return next((sort for one in node.elts if (sort := of_expression(module, one))), None)
    if isinstance(node, ast.Dict):
        if node.keys and all(isinstance(key, ast.Constant) and type(key.value) is int for key in node.keys):
            return Sort.INT_KEYS
        return next((sort for one in node.values if (sort := of_expression(module, one))), None)
    if isinstance(node, ast.Call):
        return _of_call(module, node)
    if isinstance(node, (ast.Name, ast.Attribute)):
        return _of_name(module, node)
    return None


def _of_call(module: Module, node: ast.Call) -> Sort | None:
    dotted = _dotted(module, node.func)
    if dotted in _CALLS:
        return _CALLS[dotted]
    home, _, name = dotted.rpartition(".")
    if home == "numpy" and name in _ARRAYS:
        return Sort.ARRAY
    if home == "jax.numpy" and name in _ARRAYS:
        return Sort.TENSOR
    if home == "keras.ops" and name not in _PLAIN_OPS:
        return Sort.TENSOR
    made = module.class_of(node.func)
    return _of_class(made) if made is not None else None


def _of_class(made: ClassModel | KerasClass) -> Sort | None:
    """What objects of a class are; None where they are plain, or may be."""
    if _is_plain_class(made):
        return None
    if made.kind is not None:
        return Sort.LAYER if made.kind in (Kind.LAYER, Kind.MODEL) else Sort.KERAS
    assert isinstance(made, ClassModel)  # those of Keras have a kind
    return Sort.OBJECT if made.defines("get_config") else Sort.FOREIGN


def _of_name(module: Module, node: ast.expr) -> Sort | None:
    if isinstance(node, ast.Attribute):
        home = module.class_of(node.value)
        return Sort.ENUM if isinstance(home, ClassModel) and _is_enum(home) else None
    assert isinstance(node, ast.Name)
    if module.is_local(node.id, node):
        return None
    for one in module.tree.body:
        if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)) and one.name == node.id:
            return Sort.CALLABLE
        if isinstance(one, ast.Assign) and any(isinstance(to, ast.Name) and to.id == node.id for to in one.targets):
            return None if isinstance(one.value, ast.Name) else of_expression(module, one.value)
    return None


def of_annotation(module: Module, node: ast.expr | None) -> Sort | None:
    """The sort of values that a type allows, where it allows no plain ones."""
    if node is None:
        return None
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return of_annotation(module, ast.parse(node.value, mode="eval").body)
        except (SyntaxError, ValueError):
            return None
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _of_union(module, [node.left, node.right])
    if isinstance(node, ast.Subscript):
        return _of_subscript(module, node)
    dotted = _dotted(module, node)
    if dotted in _NAMES:
        return _NAMES[dotted]
    found = module.class_of(node)
    if isinstance(found, ClassModel) and _is_enum(found):
        return Sort.ENUM
    return _of_class(found) if found is not None else None


def _of_union(module: Module, parts: list[ast.expr]) -> Sort | None:
    real = [one for one in parts if not (isinstance(one, ast.Constant) and one.value is None)]
    sorts = [of_annotation(module, one) for one in real]
    return None if not sorts or None in sorts else sorts[0]


def _of_subscript(module: Module, node: ast.Subscript) -> Sort | None:
    dotted = _dotted(module, node.value)
    inner = list(node.slice.elts) if isinstance(node.slice, ast.Tuple) else [node.slice]
    if dotted == "typing.Optional" or dotted == "typing.Union":
        return _of_union(module, inner)
    if dotted == "typing.Annotated":
        return of_annotation(module, inner[0])
    if dotted in _MAPPINGS and len(inner) == 2:
        return Sort.INT_KEYS if _dotted(module, inner[0]) == "int" else of_annotation(module, inner[1])
    if dotted in _CONTAINERS:
        return next((sort for one in inner if (sort := of_annotation(module, one))), None)
    return _NAMES.get(dotted)


def _dotted(module: Module, node: ast.AST) -> str:
    """The dotted name of an expression; a built-in is itself."""
    return module.dotted(node) or (node.id if isinstance(node, ast.Name) else "")


def _is_enum(one: ClassModel) -> bool:
    """Whether it is an Enum whose members are not texts or numbers as well."""
    names = [_dotted(one.module, base) for base in one.node.bases]
    return any(name in ("enum.Enum", "enum.Flag") for name in names) and not any(n in _PLAIN_ENUMS for n in names)


_SHAPED = ("typing.TypedDict", "typing.NamedTuple", "typing.Protocol", "typing_extensions.TypedDict")


def _is_plain_class(one: ClassModel | KerasClass) -> bool:
    """Whether its objects are texts, numbers, lists, tuples or dicts, or may be."""
    if isinstance(one, KerasClass):
        return one.kind is Kind.OTHER
    names = [_dotted(one.module, base) for base in one.node.bases]
    plain = ("str", "int", "float", "dict", "list", "tuple", *_SHAPED)
    return any(name in plain or name.startswith("enum.") for name in names) or not one.is_known


def of_argument(one: ClassModel, parameter: Parameter, calls: list[ast.Call] | None = None) -> Evidence | None:
    """What sort of value an argument takes: by its type, its default, a call of the class, or what is done with it."""
    if not one.constructors or parameter.kind in (ParameterKind.VARIADIC, ParameterKind.VARIADIC_KEYWORD):
        return None
    owner, constructor = one.constructors[0]
    sort = of_annotation(owner.module, parameter.annotation)
    plain = isinstance(parameter.default, ast.Constant) and parameter.default.value is not None
    if sort is not None and parameter.annotation is not None and not plain:
        return Evidence(sort, f"is annotated with {ast.unparse(parameter.annotation)}", parameter.annotation)
    if parameter.default is not None:
        sort = of_expression(owner.module, parameter.default)
        if sort is not None:
            return Evidence(sort, f"is {ast.unparse(parameter.default)} by default", parameter.default)
    for value in given(one, constructor, parameter, calls):
        sort = of_expression(one.module, value)
        if sort is not None:
            return Evidence(sort, f"is {_shown(value)} in line {one.module.location(value).line}", value)
    return by_use(one, constructor, parameter.name)


def given(
    one: ClassModel, constructor: Constructor, parameter: Parameter, calls: list[ast.Call] | None = None
) -> Iterator[ast.expr]:
    """What calls of the class in its file give for an argument."""
    placed = [each.name for each in constructor.parameters if each.kind is ParameterKind.POSITIONAL]
    for call in one.module.calls_by_name.get(one.name, ()) if calls is None else calls:
        if last_part(call.func) != one.name or one.module.class_of(call.func) is not one:
            continue
        for keyword in call.keywords:
            if keyword.arg == parameter.name:
                yield keyword.value
        index = placed.index(parameter.name) if parameter.name in placed else len(call.args)
        if index < len(call.args) and not any(isinstance(each, ast.Starred) for each in call.args[: index + 1]):
            yield call.args[index]


def _shown(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 40 else f"{text[:37]}..."


def by_use(one: ClassModel, constructor: Constructor, name: str) -> Evidence | None:
    """An argument that is called, or has what only layers have, is no plain value."""
    held = [attribute for attribute in _holders(constructor, name) if _is_as_given(one, constructor, attribute)]
    for owner in one.lineage:
        uses = owner.uses
        called: ast.AST | None = uses.names_called.get(constructor.node, {}).get(name)
        places = [(called, "__init__")] if called is not None else []
        places += [uses.called[each] for each in held if each in uses.called]
        if places and not _is_asked_for(one, constructor, name):
            return Evidence(Sort.CALLABLE, f"is called in {places[0][1]}", places[0][0])
        layered = [uses.layered[each] for each in held if each in uses.layered]
        if layered and not _is_asked_for(one, constructor, name):
            return Evidence(Sort.LAYER, f"has {layered[0][0].attr} in {layered[0][1]}", layered[0][0])
    return None


def _holders(constructor: Constructor, name: str) -> list[str]:
    return sorted({each.attribute for each in constructor.stored if each.origin.names == {name}})


def _is_as_given(one: ClassModel, constructor: Constructor, attribute: str) -> bool:
    """Whether an attribute holds an argument as it was given, everywhere."""
    if any(each.origin.how is not How.AS_IS or each.conditional for each in constructor.holds(attribute)):
        return False
    return not any(
        attribute in owner.methods
        or any(each is not constructor.node for each in owner.uses.assigned.get(attribute, ()))
        for owner in one.lineage
    )


def _is_asked_for(one: ClassModel, constructor: Constructor, name: str) -> bool:
    """Whether somebody asks what an argument is: `callable(x)`, `isinstance(self.x, str)`."""
    attributes = {each.attribute for each in constructor.attributes_of(name)}
    return any(
        each.name in attributes if each.is_attribute else each.name == name
        for owner in one.lineage
        for each in owner.uses.asked
    )
