"""Protocol buffers: what is read, and what is refused."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from kept.errors import CorruptFileError, LimitExceededError
from kept.formats.tensorflow.protobuf import (
    Reader,
    fixed32,
    integer,
    mapping,
    message,
    messages,
    raw,
    text,
    texts,
    truth,
)
from kept.limits import DEFAULT_LIMITS, Limits
from tests.formats.bundles import message as written
from tests.formats.bundles import pair, varint

PATH = Path("model.pb")


@dataclass(frozen=True)
class Inner:
    number: int = integer(1)
    name: str = text(2)


@dataclass(frozen=True)
class Outer:
    number: int = integer(1)
    name: str = text(2)
    flag: bool = truth(3)
    one: Inner | None = message(4, Inner)
    many: tuple[Inner, ...] = messages(5, Inner)
    names: tuple[str, ...] = texts(6)
    by_name: dict[str, Inner] = mapping(7, Inner)
    rest: memoryview | None = raw(8)
    sum: int = fixed32(9)


def read(data, limits=DEFAULT_LIMITS):
    return Reader(PATH, limits, "graph").read(Outer, memoryview(data))


def refusal(data, limits=DEFAULT_LIMITS, kind=CorruptFileError):
    with pytest.raises(kind) as caught:
        read(data, limits)
    assert str(caught.value).startswith("model.pb: graph: ")
    return caught.value


def test_what_is_missing_has_its_default():
    assert read(b"") == Outer()
    assert (Outer().number, Outer().name, Outer().one, Outer().many, Outer().by_name) == (0, "", None, (), {})


def test_every_kind_of_field_is_read():
    inner = written((1, 5), (2, "inner"))
    data = written((1, 300), (2, "dënse"), (3, 1), (4, inner), (6, "a"), (8, b"raw"), (9, 7.0))
    found = read(data)
    assert (found.number, found.name, found.flag, found.one) == (300, "dënse", True, Inner(5, "inner"))
    assert (found.names, bytes(found.rest), found.sum) == (["a"], b"raw", 7)


def test_repeated_fields_keep_their_order():
    data = written((5, written((1, 1))), (6, "a"), (5, written((1, 2))), (6, "b"))
    assert ([one.number for one in read(data).many], read(data).names) == ([1, 2], ["a", "b"])


def test_a_map_is_a_dict_and_a_value_may_be_missing():
    data = written((7, pair("x", written((1, 3)))), (7, written((1, "empty"))))
    assert read(data).by_name == {"x": Inner(3), "empty": Inner()}


def test_negative_integers_are_those_of_ten_bytes():
    assert read(written((1, -1))).number == -1
    assert read(written((1, 2**63 - 1))).number == 2**63 - 1


def test_unknown_fields_of_every_type_are_stepped_over():
    unknown = written((90, 5), (91, b"bytes"), (92, 1.0)) + varint(93 << 3 | 1) + bytes(8)
    assert read(unknown + written((1, 4))).number == 4


@pytest.mark.parametrize("cut", range(1, 11))
def test_a_message_that_is_cut_is_refused(cut):
    data = written((2, "a" * 10))
    assert refusal(data[:-cut]).message == "is cut or damaged"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x08" + b"\x80" * 20, "is cut or damaged"),  # an integer that never ends
        (b"\x08" + b"\xff" * 9 + b"\x7f", "is cut or damaged"),  # of more than 64 bits
        (b"\x08", "is cut or damaged"),  # a key without a value
        (b"\x12\xff\xff\xff\xff\x0f", "is cut or damaged"),  # 4 GB of text
        (b"\x00\x01", "a field without a number"),
        (b"\x0b", "a field of no known type"),  # the beginning of a group
        (b"\x0f", "a field of no known type"),
        (b"\x12\x01\xff", "a text is not UTF-8 at byte 0"),
        (b"\x0a\x01a", "a field has another type"),  # a text where a number is
        (b"\x08\x01\x08\x02", "a field stands twice"),
    ],
)
def test_what_no_writer_writes_is_refused(data, said):
    assert refusal(data).message == said


def test_a_message_that_stands_twice_is_refused_where_others_would_merge():
    error = refusal(written((4, written((1, 1))), (4, written((2, "b")))))
    assert (error.message, error.found) == ("a field stands twice", "one")


def test_a_key_of_a_map_stands_once():
    assert refusal(written((7, pair("x", b"")), (7, pair("x", b"")))).found == "x"


def test_fields_are_counted_also_those_that_are_stepped_over():
    assert "too many fields" in str(refusal(b"\x60\x01" * 10, Limits(protobuf_field_count=9), LimitExceededError))


def test_messages_are_counted():
    data = written(*((5, b"") for _ in range(10)))
    assert "at most 10" in str(refusal(data, Limits(protobuf_message_count=10), LimitExceededError))
