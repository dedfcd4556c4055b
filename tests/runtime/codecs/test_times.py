"""Dates, times and time zones."""

import datetime
import zoneinfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.runtime.codecs import NotEncodable
from tests.runtime.codecs.trips import again, codes, comes_back

zones = st.none() | st.just(datetime.UTC) | st.timezones() | st.builds(
    datetime.timezone, st.timedeltas(datetime.timedelta(hours=-23), datetime.timedelta(hours=23)), st.text()
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.datetimes(timezones=zones) | st.times(timezones=zones) | st.dates() | st.timedeltas() | zones)
def test_a_time_comes_back_with_its_zone(value):
    assert comes_back(value)
    assert repr(again(value)) == repr(value)


def test_an_hour_that_comes_twice_is_told_apart():
    value = datetime.datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))
    assert again(value).fold == 1
    assert again(value).utcoffset() == value.utcoffset()


def test_utc_comes_back_as_itself():
    assert again(datetime.UTC) is datetime.UTC


def test_a_zone_of_the_users_own_is_refused():
    class Local(datetime.tzinfo):
        def __init__(self, shift=1):
            self.other = shift

    with pytest.raises(NotEncodable):
        codes(datetime.datetime(2024, 1, 1, tzinfo=Local()))
