"""Every benchmark runs, with tiny sizes; what the page says is computed from what was measured."""

import importlib
import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

import kept
from benchmarks.machine import machine
from benchmarks.page import page, readme
from benchmarks.plot import Bar, Panel, chart
from benchmarks.races import Race, Way
from benchmarks.results import Benchmark, Measurement, Results, Series
from benchmarks.running import _measurement, agree, names, run
from benchmarks.targets import FASTER, MEMORY, TARGETS, Target
from tests.conftest import BACKENDS, require_backend

REHEARSAL = """
import importlib, json, sys, tempfile
from pathlib import Path
from benchmarks.process import import_backend, take
from benchmarks.races import Work
from benchmarks.running import names

for name in names():
    for race in importlib.import_module(f"benchmarks.measured.{name}").races():
        if race.backend == sys.argv[1]:
            import_backend(race)
            work = Work(race.model, Path(tempfile.mkdtemp(dir=Path.cwd())), tiny=True)
            if race.prepare:
                race.prepare(work)
            print(json.dumps([name, race.key, [take(way, work) for way in race.present()]]))
"""
TARGET = Target("Load", "loading", ("Dense", "jax"), "ours", FASTER, 5, "theirs")


def results(ours, theirs):
    ways = {"ours": Measurement(ours, (5, 7, 6)), "theirs": Measurement(theirs)}
    return Results(
        {"Python": "3"}, {"loading": Benchmark("loading", "", 3, (Series("Dense", "jax", ways),), ("orbax",))}
    )


def races():
    return {
        (name, race.title, race.backend): race
        for name in names()
        for race in importlib.import_module(f"benchmarks.measured.{name}").races()
    }


@pytest.mark.parametrize("backend", ["", *BACKENDS])
def test_every_way_of_every_race_runs_and_comes_to_the_same(backend, python):
    if backend:
        require_backend(backend)
    python.write("rehearsal.py", REHEARSAL)
    root = str(Path(__file__).parents[2])
    ended = python("rehearsal.py", backend, KERAS_BACKEND=backend or "jax", PYTHONPATH=f"{root}:{root}/src")
    assert ended.code == 0, ended.err
    ran = [json.loads(line) for line in ended.out.splitlines() if line.startswith("[")]
    assert {(name, key) for name, key, _ in ran} == {
        (name, race.key) for (name, _, where), race in races().items() if where == backend
    }
    assert [key for _, key, lines in ran if not lines or not agree(lines)] == []


def test_a_benchmark_measures_each_way_in_a_process_of_its_own():
    told = []
    found = list(run("start_up", runs=2, told=told.append, tiny=True))[-1]
    assert told == ["start_up: Processes / "]
    assert all(len(one.seconds) == 2 for one in found.races[0].ways.values())


def test_a_way_whose_package_is_missing_is_left_out():
    ways = (Way("ours", lambda work: lambda: None), Way("theirs", lambda work: lambda: None, needs="no_such_package"))
    assert [way.name for way in Race("Dense", ways).present()] == ["ours"]


def test_ways_that_come_to_something_else_do_not_agree():
    assert agree([{"digest": "a"}, {"digest": ""}, {"digest": "a"}])
    assert not agree([{"digest": "a"}, {"digest": "b"}])


@pytest.mark.parametrize("target", TARGETS, ids=lambda one: f"{one.what} {one.race[1]} {one.kind}")
def test_every_target_speaks_of_ways_that_are_raced(target):
    if target.benchmark == "checkpointing" and "Checkpoint" not in kept.__all__:
        pytest.skip("kept has no Checkpoint yet")
    if target.race[1]:
        require_backend(target.race[1])
    ways = {way.name for way in races()[target.benchmark, *target.race].ways}
    assert {target.way, *filter(None, [target.peer])} <= ways


def test_whether_a_target_is_met_is_a_matter_of_medians():
    assert TARGET.verdict(results((1.0, 9.0, 1.0), (6.0, 6.0, 1.0))).met
    assert not TARGET.verdict(results((2.0, 2.0, 1.0), (6.0, 6.0, 1.0))).met


def test_the_memory_of_a_process_that_a_way_starts_is_that_of_the_way():
    line = {"grown_bytes": 3, "nbytes": 1, "seconds": 1.0, "digest": ""}
    assert _measurement([{**line, "started_bytes": 50}]).extra_bytes == (52,)


def test_a_target_of_memory_is_a_matter_of_bytes():
    target = replace(TARGET, kind=MEMORY, limit=6, peer="")
    assert target.verdict(results((1.0,), (1.0,))).met
    assert not replace(target, limit=5).verdict(results((1.0,), (1.0,))).met
    assert target.wanted == "at most 0 MB of memory"


def test_the_page_says_what_is_met_and_what_is_not_and_who_was_missing():
    text = page(results((1.0,), (6.0,)))
    assert "| `ours`" not in text
    assert "| ours | 1.00 s |\n| theirs | 6.00 s (6.0) |" in text
    assert "left out: orbax" in text


def test_what_was_not_measured_has_no_verdict_and_is_not_quoted():
    nothing = Results({}, {})
    assert TARGET.verdict(nothing) is None
    assert readme(nothing) == ""


def test_results_come_back_from_their_file(tmp_path):
    here = results((1.0, 2.0, 3.0), (4.0,))
    here.write(tmp_path / "results.json")
    assert Results.read(tmp_path / "results.json") == here


def test_a_plot_is_an_image_with_a_bar_for_each_value():
    panel = Panel("Dense", {"JAX": [Bar(1, "1 s"), Bar(2, "2 s")]})
    drawn = ElementTree.fromstring(chart("Time", ["a", "b<c"], [panel]))
    bars = list(drawn.iter("{http://www.w3.org/2000/svg}rect"))[2:]
    assert float(bars[1].get("width")) == 2 * float(bars[0].get("width"))


def test_the_machine_is_described():
    assert {"Processor", "Memory", "File system", "Python", "numpy"} <= set(machine())
