"""Values that kept wrote where JSON has no form for them, as rules see them: `{"$": tag, ...}`, docs/file-format.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kept.rules.positions import survey
from kept.rules.subject import FileSubject
from kept.source.slots import newest
from kept.tree.nodes import Form, Node

__all__ = ["TAGS", "Code", "codes", "is_computing"]

TAGS = frozenset(
    {"array", "bytearray", "bytes", "complex", "counter", "date", "datetime", "decimal", "defaultdict", "deque"}
    | {"dict", "dtype", "ellipsis", "enum", "float", "fraction", "frozenset", "generator", "instance", "keras"}
    | {"known", "method", "module", "named_tuple", "namespace", "ordered_dict", "own", "partial", "path"}
    | {"pattern", "random_state", "range", "record", "reference", "registered", "scalar", "set", "shape", "slice"}
    | {"tensor", "tensor_dtype", "time", "timedelta", "timezone", "tuple", "uuid", "variable", "zone"}
)
_MODULES = frozenset(
    {"math", "numpy", "keras", "tensorflow", "torch", "torch.nn.functional", "jax", "jax.numpy", "jax.nn"}
)
_KERAS = frozenset(
    {"activations", "constraints", "initializers", "layers", "losses", "metrics", "ops", "optimizers", "random"}
    | {"regularizers", "optimizers.schedules"}
)
_COMPUTING = {
    "builtins": "NoneType abs all any bool bytearray bytes complex dict divmod float frozenset int len list max min "
    "object pow range round set slice sorted str sum tuple",
    "collections": "Counter OrderedDict defaultdict deque",
    "datetime": "date datetime time timedelta",
    "decimal": "Decimal",
    "fractions": "Fraction",
    "math": "acos acosh asin asinh atan atan2 atanh cbrt ceil comb copysign cos cosh degrees dist erf erfc exp exp2 "
    "expm1 fabs factorial floor fma fmod frexp fsum gamma gcd hypot isclose isfinite isinf isnan isqrt lcm ldexp "
    "lgamma log log10 log1p log2 modf nextafter perm pow prod radians remainder sin sinh sqrt sumprod tan tanh trunc "
    "ulp",
    "ml_dtypes": "bcomplex32 bfloat16 complex32 float4_e2m1fn float6_e2m3fn float6_e3m2fn float8_e3m4 float8_e4m3 "
    "float8_e4m3b11fnuz float8_e4m3fn float8_e4m3fnuz float8_e5m2 float8_e5m2fnuz float8_e8m0fnu int1 int2 int4 uint1 "
    "uint2 uint4",
    "numpy": "abs absolute acos acosh add all any arccos arccosh arcsin arcsinh arctan arctan2 arctanh argmax argmin "
    "argsort asin asinh atan atan2 atanh bitwise_and bitwise_count bitwise_invert bitwise_left_shift bitwise_not "
    "bitwise_or bitwise_right_shift bitwise_xor bool bool_ bytes_ cbrt ceil character clip clongdouble complex128 "
    "complex64 complexfloating concatenate conj conjugate copysign cos cosh cumsum datetime64 deg2rad degrees divide "
    "divmod dot equal exp exp2 expm1 fabs flexible float16 float32 float64 float_power floating floor floor_divide "
    "fmax fmin fmod frexp gcd generic greater greater_equal heaviside hypot inexact int16 int32 int64 int8 integer "
    "invert isfinite isinf isnan isnat lcm ldexp left_shift less less_equal log log10 log1p log2 logaddexp logaddexp2 "
    "logical_and logical_not logical_or logical_xor longdouble longlong matmul matvec max maximum mean median min "
    "minimum mod modf multiply negative nextafter not_equal number object_ ones_like positive pow power prod rad2deg "
    "radians reciprocal record remainder reshape right_shift rint sign signbit signedinteger sin sinh sort spacing "
    "sqrt square squeeze stack std str_ subtract sum tan tanh timedelta64 transpose true_divide trunc uint16 uint32 "
    "uint64 uint8 ulonglong unsignedinteger var vecdot vecmat void where zeros_like",
    "operator": "abs add and_ eq floordiv ge gt invert le lt matmul mod mul ne neg not_ or_ pos pow sub truediv xor",
    "pathlib": "Path PurePath PurePosixPath PureWindowsPath",
    "uuid": "UUID",
}
_WAYS_OUT = frozenset({"StringLookup", "IntegerLookup", "TextVectorization"})  # they read files that arguments name


@dataclass(frozen=True, slots=True)
class Code:
    """One such value.

    Attributes:
        path: Where it stands, as far as the node or the part of kept's record.
        tag: What it is.
        fields: All of it.
    """

    path: str
    tag: str
    fields: Mapping[str, Any]

    @property
    def value(self) -> str:
        """What it is made of, where that is a text."""
        found = self.fields.get("value")
        return found if isinstance(found, str) else ""


def codes(subject: FileSubject) -> Iterator[Code]:
    """Every value in the configs and in kept's record."""
    for placed in survey(subject).objects:
        if placed.form is Form.VALUE:
            yield from _within(placed.node.fields.get("config"), placed.node.path)
    for part in ("calls", "state", "training"):
        if subject.record and part in subject.record:
            yield from _within(subject.record[part], f"kept.{part}")


def _within(value: Any, path: str) -> Iterator[Code]:
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, Node):
            found = found.fields
        if isinstance(found, Mapping):
            if "$" in found:
                tag = found["$"]
                yield Code(path, tag if isinstance(tag, str) else "", found)
            waiting += found.values()
        elif isinstance(found, (list, tuple)):
            waiting += found


def is_computing(code: Code) -> bool:
    """Whether a class, function or module that a value names only computes."""
    if code.tag == "module":
        module = code.value.removeprefix("keras.")
        return code.value in _MODULES or (code.value.startswith("keras.") and module in _KERAS)
    home, colon, name = code.value.partition(":")
    if not home.startswith("keras."):
        return bool(colon) and name in _COMPUTING.get(home, "").split()
    if home.removeprefix("keras.") not in _KERAS or name in _WAYS_OUT:
        return False
    table = newest()
    return any(one.group not in ("code", "foreign", "other") for one in table.find(home, name))
