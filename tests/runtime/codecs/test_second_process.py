"""Values of every family, as arguments of a layer that does nothing for it, come back in a second process."""

from tests.runtime.models import HEAD

KINDS = HEAD + """
import collections, dataclasses, datetime, decimal, enum, fractions, functools, math, pathlib, re, types, typing, uuid
class Mode(enum.Enum):
    A = 1
    B = 2
class Level(enum.IntEnum):
    LOW = 1
class Bits(enum.Flag):
    X = 1
    Y = 2
class Pair(typing.NamedTuple):
    a: int
    b: object
@dataclasses.dataclass(frozen=True)
class Settings:
    width: int
    mode: Mode = Mode.A
    made: int = dataclasses.field(init=False, default=5)
class Plain:
    def __init__(self, size, *, by=1.0):
        self.size, self._by = size, by
    def grown(self, x):
        return x * self._by
def bent(x, by=1.0):
    return x * by
class Holder(layers.Layer):
    def __init__(self, values, name=None):
        super().__init__(name=name)
        self.values = values
    def call(self, x):
        return x
VALUES = {
    "numbers": [1j, math.inf, decimal.Decimal("1.50"), fractions.Fraction(1, 3)],
    "containers": ({1: {2}, (3,): frozenset("a")}, collections.OrderedDict(b=1), collections.deque([1], 2),
                   collections.defaultdict(list, {1: [2]})),
    "plain": [b"\\xff", bytearray(b"a"), range(3), slice(1, None), ..., pathlib.Path("a/b"), uuid.UUID(int=3), re.compile("a", re.I)],
    "times": (datetime.datetime(2024, 1, 2, 3, fold=1, tzinfo=datetime.timezone.utc), datetime.date(2024, 1, 2), datetime.timedelta(3)),
    "numpy": (np.float32(2), np.arange(3.0), np.dtype("int8"), np.datetime64("2024-01-01"), np.array(["a", "bc"])),
    "members": [Mode.B, Level.LOW, Bits.X | Bits.Y, Pair(1, Mode.A), Settings(3, Mode.B)],
    "spaces": types.SimpleNamespace(a=(1, Mode.A)),
    "code": [bent, functools.partial(bent, by=Mode.B), Mode, int, math.sqrt, np.float32, keras.ops.relu, math],
    "objects": [Plain((1, 2), by=2.0), Plain(1, by=3.0).grown],
    "keras": (layers.Dense(2, name="inner"), [keras.initializers.Constant(0.5)]),
}
def shape(value):
    if isinstance(value, (list, tuple, set, frozenset, collections.deque)):
        return [type(value).__name__, *[shape(one) for one in value]]
    if isinstance(value, dict):
        return [type(value).__name__, *[[shape(k), shape(v)] for k, v in value.items()]]
    if isinstance(value, functools.partial):
        return ["partial", shape(value.func), shape(value.args), shape(value.keywords)]
    if isinstance(value, types.MethodType):
        return ["method", shape(value.__self__), value.__name__]
    if type(value).__name__ == "Plain":
        return ["Plain", *[shape(one) for one in vars(value).values()]]
    if hasattr(value, "get_config") and not isinstance(value, type):
        return [type(value).__name__, {k: str(v) for k, v in value.get_config().items()}]
    if isinstance(value, np.ndarray):
        return ["array", str(value.dtype), value.tolist()]
    if isinstance(value, types.FunctionType):
        return ["function", value.__name__]
    return [type(value).__name__, repr(value)]
"""  # fmt: skip
SAVE = """
import kept
model = keras.Sequential([keras.Input((3,))] + [Holder(one, name=name) for name, one in VALUES.items()])
kept.save(model, file)
result = {one.name: shape(one.values) for one in model.layers}
"""
LOAD = """
import kept
try:
    model = kept.load(file)
except kept.UntrustedCodeError as error:
    model = kept.load(file, trusted=error.required)
exec(SHAPE)
result = {one.name: shape(one.values) for one in model.layers}
"""


def test_arguments_of_every_family_come_back_in_a_second_process(one_lab):
    before = one_lab.here(KINDS, SAVE).result
    helper = HEAD + "import collections, functools, types\n" + KINDS[KINDS.index("def shape") :]
    after = one_lab.elsewhere(LOAD, SHAPE=helper).result
    assert after == before
