"""No number of the benchmarks is written by hand: page, plots and README are those of the results."""

import pytest

from benchmarks.__main__ import PLOTS, RESULTS, pages
from benchmarks.results import Results
from tests.conftest import ROOT

MADE = pages(Results.read(RESULTS))


@pytest.mark.parametrize("path", MADE, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_made_from_the_results_is_what_they_give(path):
    assert path.read_text() == MADE[path]


def test_no_plot_is_left_that_the_results_do_not_give():
    assert [path for path in PLOTS.glob("*") if path not in MADE] == []


def test_every_number_is_the_median_of_at_least_five_runs():
    races = [race for one in Results.read(RESULTS).benchmarks.values() for race in one.races]
    assert min(len(way.seconds) for race in races for way in race.ways.values()) >= 5
