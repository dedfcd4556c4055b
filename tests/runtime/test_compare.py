"""Differences between two config trees, and how a difference reads."""

import pytest

COMPARE = """
from kept.runtime.compare import Difference, Kind, config_differences
result = [[d.path, d.before, d.after] for d in config_differences(before, after)]
"""


def compared(lab, before, after):
    return lab.here(COMPARE, before=before, after=after).result


def test_a_value_a_key_and_a_list_that_differ_are_placed(one_lab):
    found = compared(one_lab, {"a": [{"b": 1}], "gone": 2, "l": [1]}, {"a": [{"b": 3}], "new": 4, "l": [1, 2]})
    assert ["config.a[0].b", 1, 3] in found
    assert ["config.gone", 2, "nothing"] in found
    assert ["config.new", "nothing", 4] in found
    assert ["config.l", [1], [1, 2]] in found


@pytest.mark.parametrize("tree", [{}, {"a": [1, {"b": None}]}, [1.5, "x"]], ids=str)
def test_a_tree_does_not_differ_from_itself(tree, one_lab):
    assert compared(one_lab, tree, tree) == []


def test_nan_is_equal_to_nan_and_shared_ids_do_not_count(one_lab):
    nan = "before, after = {'x': float('nan'), 'shared_object_id': 1}, {'x': float('nan'), 'shared_object_id': 2}\n"
    assert one_lab.here(nan, COMPARE).result == []


def test_a_difference_reads_as_a_sentence_with_a_way_out(one_lab):
    show = "p = Difference(Kind.ATTRIBUTE, 'model.layers[0]', 'factor', 2, 3).problem()\nresult = [p.where, p.message, p.hint]"
    where, message, hint = one_lab.here(COMPARE, show, before={}, after={}).result
    assert (where, message) == ("model.layers[0].factor", "factor differs after loading")
    assert "get_config" in hint
