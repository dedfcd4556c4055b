"""Containers come back with their type, their order and the types of their keys."""

import collections
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.errors import CorruptFileError
from kept.runtime.codecs import Digests, NotEncodable, decode, encode
from kept.runtime.shelf import FileShelf
from tests.conftest import named
from tests.runtime.codecs.trips import again, codes, comes_back, frozen

values = st.recursive(
    frozen,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(frozen, inner, max_size=4) | st.sets(frozen, max_size=3) | st.tuples(inner),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(values)
def test_a_value_comes_back_equal_and_of_its_type(value):
    assert again(value) == value
    assert repr(type(again(value))) == repr(type(value))


@pytest.mark.parametrize(
    "value",
    [collections.OrderedDict([("b", 1), ((1, 2), 2)]), collections.Counter("abca"), collections.deque([1, (2,)], 5),
     collections.deque([b"a"]), {"$": "tuple", "items": [1]}, {1: "a", "1": "b", (1, 2): "c"}, set(), frozenset({(1, b"2")})],
    ids=named,
)  # fmt: skip
def test_a_container_comes_back(value):
    assert comes_back(value)


def test_a_deque_keeps_its_length():
    assert again(collections.deque([1], 3)).maxlen == 3


@pytest.mark.parametrize("factory", [list, int, None, set, collections.OrderedDict])
def test_a_defaultdict_keeps_its_factory(factory):
    value = collections.defaultdict(factory, {1: 2})
    assert comes_back(value)
    assert again(value).default_factory is factory


def test_the_order_of_an_ordered_dict_is_kept():
    assert list(again(collections.OrderedDict([("z", 1), ("a", 2)]))) == ["z", "a"]


@settings(max_examples=60, deadline=None)
@given(st.sets(st.text()), st.randoms())
def test_the_code_of_a_set_does_not_depend_on_its_order(members, shuffle):
    ordered = list(members)
    shuffle.shuffle(ordered)
    assert encode(set(ordered), Digests()) == encode(members, Digests())


def test_a_value_that_holds_itself_is_refused():
    endless = []
    endless.append(endless)
    with pytest.raises(NotEncodable):
        codes(endless)


@pytest.mark.parametrize(
    "value", [object(), open, (one for one in "a"), {1, open}, json.JSONDecoder(), [1, {2: input}]], ids=named
)
def test_what_has_no_codec_is_refused(value):
    with pytest.raises(NotEncodable):
        codes(value)


def test_nothing_is_kept_of_a_value_that_is_refused():
    _, state = codes(1)
    with pytest.raises(NotEncodable):
        state.encode([b"a", {"a": test_a_container_comes_back}, open])
    assert (state.arrays, state.references.named) == ({}, {})


@pytest.mark.parametrize(
    "crafted",
    [{"$": "eval", "value": "1"}, {"$": ["tuple"]}, {"$": "tuple"}, {"$": "array", "value": "9"}, {"$": "bytes", "base64": "*"},
     {"$": "generator", "name": "Generator", "state": {}}, {"$": "generator", "name": "PCG64", "state": 3}, {"$": "range", "value": ["a"]},
     {"$": "dict", "items": [[[1], 2]]}, {"$": "float", "value": "os"}, {"$": "path", "value": 1, "pure": False}, {"$": "deque", "items": 1},
     {"$": "decimal", "value": "x"}, {"$": "fraction", "value": [1, 0]}, {"$": "pattern", "value": "(", "flags": 0}, {"$": "uuid", "value": "z"},
     {"$": "zone", "value": "../../etc/passwd"}, {"$": "datetime", "value": "soon", "fold": 0, "zone": None}, {"$": "reference", "value": "@0"},
     {"$": "keras", "value": 0}, {"$": "keras", "value": {"class_name": "Dense"}}, {"$": "dtype", "value": "O"}],
    ids=named,
)  # fmt: skip
def test_what_cannot_be_read_back_is_damage(crafted):
    with pytest.raises(CorruptFileError):
        decode([crafted], FileShelf({}))
