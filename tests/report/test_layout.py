"""Where the boxes of a graph stand."""

import time
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.report._layout import BOX_WIDTH, laid_out

CHAIN = [[], [0], [1], [2]]
DIAMOND = [[], [0], [0], [1, 2]]
SKIP = [[], [0], [1], [0, 2]]


@st.composite
def graphs(draw):
    count = draw(st.integers(0, 14))
    sources = st.lists(st.integers(0, max(count - 1, 0)), max_size=4)
    return draw(st.lists(sources, min_size=count, max_size=count))


def test_a_chain_is_a_straight_line_down():
    found = laid_out(CHAIN)
    assert found.rows == (0, 1, 2, 3)
    assert set(found.xs) == {BOX_WIDTH // 2}


def test_two_branches_stand_side_by_side_below_the_middle():
    found = laid_out(DIAMOND)
    assert found.rows == (0, 1, 1, 2)
    assert found.xs[0] == found.xs[3] == (found.xs[1] + found.xs[2]) / 2


def test_a_long_edge_passes_beside_what_it_skips():
    (net,) = [net for net in laid_out(SKIP).nets if net.source == 0]
    assert len(net.bends) == 2
    assert min(abs(bend - BOX_WIDTH / 2) for bend in net.bends) > BOX_WIDTH / 2


def test_a_late_input_stands_just_above_its_use():
    assert laid_out([[], [0], [1], [2, 4], []]).rows == (0, 1, 2, 3, 2)


def test_crossings_are_taken_out():
    found = laid_out([[], [], [1], [0]])
    assert (found.xs[0] < found.xs[1]) == (found.xs[3] < found.xs[2])


def test_an_edge_back_is_told_of_as_one():
    (net,) = [net for net in laid_out([[1], [0]]).nets if net.back]
    assert (net.source, net.back) == (1, (0,))


def test_boxes_without_edges_come_last_in_rows():
    assert laid_out([[], [0], *([[]] * 5)]).rows == (0, 1, 2, 2, 2, 2, 3)


@settings(max_examples=150, deadline=None)
@given(graphs())
def test_no_box_touches_another_and_edges_lead_down(inputs):
    found = laid_out(inputs)
    for one, other in combinations(range(len(inputs)), 2):
        if found.rows[one] == found.rows[other]:
            assert abs(found.xs[one] - found.xs[other]) >= BOX_WIDTH
    edges = {(net.source, target) for net in found.nets for target in net.targets}
    assert all(found.rows[source] < found.rows[target] for source, target in edges)
    back = {(net.source, target) for net in found.nets for target in net.back}
    assert edges | back == {(a, b) for b, sources in enumerate(inputs) for a in sources if a != b}
    assert all(BOX_WIDTH / 2 <= x <= found.width - BOX_WIDTH / 2 for x in found.xs)


@pytest.mark.parametrize(
    "inputs",
    [
        [[place - 1, max(place - 3, 0)] if place else [] for place in range(1000)],
        [[0] if place else [] for place in range(1000)],
        [list(range(max(place - 12, 0), place)) for place in range(1000)],
    ],
    ids=["residual", "fan", "dense"],
)
def test_a_thousand_boxes_take_less_than_a_second(inputs):
    began = time.process_time()
    laid_out(inputs)
    assert time.process_time() - began < 1


def test_a_graph_with_every_edge_there_can_be_has_few_bends():
    found = laid_out([list(range(place)) for place in range(400)])
    assert sum(len(net.bends) for net in found.nets) <= 20_000
