"""Rectangles whose areas are sizes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.report._treemap import Tile, squarified

PAGE = Tile(10, 20, 600, 400)


def test_the_example_of_the_paper_comes_out_as_there():
    found = list(squarified([6, 6, 4, 3, 2, 2, 1], Tile(0, 0, 6, 4)))
    assert found[:2] == [Tile(0, 0, 3, 2), Tile(0, 2, 3, 2)]
    assert [round(one.width, 2) for one in found] == [3, 3, 1.71, 1.29, 1.2, 1.2, 0.6]


@given(st.lists(st.integers(1, 10**12), min_size=1, max_size=60))
def test_areas_are_sizes_and_fill_the_page(sizes):
    sizes.sort(reverse=True)
    found = list(squarified(sizes, PAGE))
    scale = PAGE.width * PAGE.height / sum(sizes)
    areas = [one.width * one.height for one in found]
    assert areas == pytest.approx([size * scale for size in sizes], rel=1e-6, abs=1e-6)
    assert all(one.x >= 10 - 1e-6 and one.x + one.width <= 610 + 1e-6 for one in found)
    assert all(one.y >= 20 - 1e-6 and one.y + one.height <= 420 + 1e-6 for one in found)


def test_nothing_is_divided_into_nothing():
    assert list(squarified([], PAGE)) == []


def test_equal_sizes_are_nearly_square():
    assert max(max(one.width / one.height, one.height / one.width) for one in squarified([1] * 24, PAGE)) < 1.6
