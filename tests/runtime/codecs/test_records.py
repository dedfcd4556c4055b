"""Enumerations, dataclasses, attrs classes, named tuples, namespaces, and objects of plain classes."""

import collections
import dataclasses
import enum
import types
from typing import Any, NamedTuple

import pytest

from kept.errors import CorruptFileError
from kept.runtime.codecs import NotEncodable, decode
from kept.runtime.shelf import FileShelf
from tests.conftest import named
from tests.runtime.codecs.trips import again, codes, comes_back

Pair = collections.namedtuple("Pair", "a b")


class Mode(enum.Enum):
    A = 1
    B = (2, "b")
    ALIAS = 1  # noqa: PIE796


class Level(enum.IntEnum):
    LOW = 1


class Word(enum.StrEnum):
    YES = "yes"


class Bits(enum.Flag):
    X = 1
    Y = 2


class Point(NamedTuple):
    x: float
    y: Any = None


@dataclasses.dataclass
class Settings:
    width: int
    rates: tuple = (0.1,)
    mode: Mode = Mode.A
    area: int = dataclasses.field(init=False)

    def __post_init__(self):
        self.area = self.width * 2
        self.calls = getattr(self, "calls", 0) + 1


@dataclasses.dataclass(frozen=True, slots=True)
class Fixed:
    inner: Settings
    path: Any = None


class Weighted:
    def __init__(self, weight, /, *more, base=1.0, **rest):
        self.weight, self.more, self._base, self.rest = weight, more, base, rest


class Slotted:
    __slots__ = ("__width",)

    def __init__(self, _Slotted__width):
        self.__width = _Slotted__width

    def shown(self):
        return self.__width


class Forgetful:
    def __init__(self, width):
        self.area = width**2


class Changed:
    def __init__(self, width=1):
        self.width = width


@pytest.mark.parametrize("value", [Mode.A, Mode.B, Mode.ALIAS, Level.LOW, Word.YES, Bits.X, Bits.X | Bits.Y, Bits(0)])
def test_a_member_of_an_enumeration_comes_back_as_itself(value):
    assert comes_back(value)


@pytest.mark.parametrize("value", [Pair(1, (2,)), Point(1.5, Mode.B), Point(y=Pair(1, 2), x=0)], ids=named)
def test_a_named_tuple_comes_back(value):
    assert comes_back(value)


@pytest.mark.parametrize("value", [Settings(3), Settings(1, (b"a",), Mode.B), Fixed(Settings(2), {1: 2})], ids=named)
def test_a_dataclass_comes_back(value):
    assert comes_back(value)


def test_a_dataclass_is_made_again_without_running_it():
    value = Settings(3)
    value.area = 100
    assert (again(value).area, again(value).calls) == (100, 1)


def test_an_attrs_class_comes_back():
    attrs = pytest.importorskip("attrs")
    kind = attrs.make_class("Made", {"a": attrs.field(), "b": attrs.field(default=2)}, frozen=True)
    kind.__module__ = __name__
    assert comes_back(kind((1, 2)))


def test_an_object_with_slots_comes_back():
    assert again(Slotted(3)).shown() == 3


def test_a_namespace_comes_back():
    assert comes_back(types.SimpleNamespace(a=1, b=types.SimpleNamespace(c=(1,))))


def test_an_object_of_a_plain_class_is_constructed_from_its_attributes():
    value = again([Weighted(2, 3, 4, base=Mode.B, other=(1,))])[0]
    assert type(value) is Weighted
    assert vars(value) == {"weight": 2, "more": (3, 4), "_base": Mode.B, "rest": {"other": (1,)}}


@pytest.mark.parametrize("value", [Forgetful(3), Weighted(Forgetful(1))], ids=lambda one: type(one).__name__)
def test_an_object_whose_arguments_cannot_be_known_is_refused(value):
    with pytest.raises(NotEncodable):
        codes(value)


def test_an_object_that_has_become_another_since_is_refused():
    value = Changed(1)
    value.extra = 5
    with pytest.raises(NotEncodable):
        codes(value)


@pytest.mark.parametrize(
    "crafted",
    [{"$": "enum", "class": "@0", "name": "A"}, {"$": "record", "class": "@0", "fields": {}}, {"$": "named_tuple", "class": "@0", "items": []},
     {"$": "instance", "class": "@0", "args": ["rm"], "kwargs": []}],
    ids=lambda code: code["$"],
)  # fmt: skip
def test_a_value_cannot_be_made_by_what_is_not_for_it(crafted):
    shelf = FileShelf({})
    shelf.references["@0"] = collections.abc.Callable
    with pytest.raises(CorruptFileError):
        decode(crafted, shelf)
