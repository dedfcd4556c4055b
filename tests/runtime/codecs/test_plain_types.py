"""Bytes, intervals, paths, UUIDs, patterns."""

import pathlib
import re
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import named
from tests.runtime.codecs.trips import again, codes, comes_back


@settings(max_examples=60, deadline=None)
@given(st.binary())
def test_bytes_come_back(value):
    assert comes_back(value)
    assert comes_back(bytearray(value))


@pytest.mark.parametrize("value", [range(0), range(5, 1, -2), slice(None), slice(1, None, -1), slice((1, 2), "a"), ...], ids=named)  # fmt: skip
def test_an_interval_comes_back(value):
    assert comes_back(value)


@pytest.mark.parametrize(
    "value",
    [pathlib.Path("a/b"), pathlib.PurePosixPath("/a"), pathlib.PureWindowsPath("C:\\a"), pathlib.Path()],
    ids=named,
)
def test_a_path_comes_back(value):
    assert comes_back(value)


def test_a_path_of_this_system_is_no_pure_one():
    assert codes(pathlib.Path("a"))[0]["pure"] is False


def test_a_uuid_comes_back():
    assert comes_back(uuid.UUID(int=5))


@pytest.mark.parametrize(
    "value", [re.compile("a+", re.IGNORECASE | re.MULTILINE), re.compile(rb"\x00"), re.compile("")], ids=named
)
def test_a_pattern_comes_back_with_its_flags(value):
    assert comes_back(value)
    assert again(value).flags == value.flags
