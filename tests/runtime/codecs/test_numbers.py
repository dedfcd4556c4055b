"""Numbers that JSON does not have."""

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.runtime.codecs.trips import again, comes_back

numbers = st.complex_numbers(allow_nan=False) | st.decimals(allow_nan=False) | st.fractions() | st.integers()


@settings(max_examples=100, deadline=None)
@given(numbers)
def test_a_number_comes_back(value):
    assert comes_back(value)


@pytest.mark.parametrize("value", [math.inf, -math.inf, complex(math.inf, -1), complex(1, -math.inf), {1.5: math.inf}])
def test_infinities_come_back(value):
    assert comes_back(value)


@pytest.mark.parametrize("value", [math.nan, complex(math.nan, 1), Decimal("NaN"), Decimal("sNaN")])
def test_nan_comes_back(value):
    assert type(again(value)) is type(value)
    assert repr(again(value)) == repr(value)


@pytest.mark.parametrize("value", [-0.0, complex(-0.0, -0.0), Decimal("-0.00"), Decimal("1.50"), Fraction(-1, 3)])
def test_signs_of_zero_and_digits_come_back(value):
    assert repr(again(value)) == repr(value)
