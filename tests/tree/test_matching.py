"""Which entry of one list is which of another."""

import random
import time

import pytest

from kept.tree.matching import Entry, Match, matched


def layers(*names):
    """Entries from `name:kind:settings`; what is left out is empty."""
    return [Entry(*name.split(":")) for name in names]


def pairs(a, b):
    return [(one.a, one.b) for one in matched(a, b)]


def test_equal_lists_are_matched_place_by_place():
    found = layers("dense:Dense:8", "relu:ReLU", "dense_1:Dense:8")
    assert matched(found, found) == [Match(0, 0), Match(1, 1), Match(2, 2)]


def test_an_inserted_layer_leaves_those_after_it_as_they_were():
    a = layers("dense:Dense:8", "dense_1:Dense:4")
    b = layers("dense:Dense:32", "dense_1:Dense:8", "dense_2:Dense:4")
    assert pairs(a, b) == [(0, 1), (1, 2)]


def test_a_name_that_was_given_stays_with_its_layer_whatever_its_settings():
    assert pairs(layers("head:Dense:8", "body:Dense:4"), layers("body:Dense:8", "head:Dense:4")) == [(0, 1), (1, 0)]


def test_a_layer_with_another_name_is_known_by_its_settings():
    a = layers("x:InputLayer", "dense:Dense:8", "relu:ReLU")
    b = layers("x:InputLayer", "first:Dense:8", "relu:ReLU")
    assert pairs(a, b) == [(0, 0), (1, 1), (2, 2)]


def test_a_layer_with_other_settings_is_known_by_its_place():
    a = layers("x:InputLayer", "dense:Dense:8", "relu:ReLU")
    b = layers("x:InputLayer", "dense_7:Dense:16", "relu:ReLU")
    assert (1, 1) in pairs(a, b)


def test_content_tells_layers_apart_that_are_alike_otherwise():
    a = layers("dense:Dense:8:one", "dense_1:Dense:8:two")
    b = layers("dense:Dense:8:new", "dense_1:Dense:8:one", "dense_2:Dense:8:two")
    assert pairs(a, b) == [(0, 1), (1, 2)]


def test_a_given_name_with_another_class_in_the_same_place_is_one_layer():
    a, b = layers("x:InputLayer", "body:GRU"), layers("x:InputLayer", "body:LSTM")
    assert pairs(a, b) == [(0, 0), (1, 1)]


def test_layers_of_other_classes_and_names_are_not_matched():
    assert matched(layers("drop:Dropout"), layers("norm:LayerNormalization")) == []


def test_the_fewest_layers_that_explain_the_order_have_moved():
    a = layers("a:A", "b:B", "c:C", "d:D")
    b = layers("b:B", "c:C", "d:D", "a:A")
    assert [one.a for one in matched(a, b) if one.moved] == [0]


@pytest.mark.parametrize("seed", range(20))
def test_the_answer_is_the_same_from_either_side(seed):
    rng = random.Random(seed)
    a, b = ([Entry(rng.choice("abcd"), rng.choice("XY"), rng.choice("12")) for _ in range(9)] for _ in range(2))
    turned = [Match(one.b, one.a, one.moved) for one in matched(b, a)]
    assert sorted(turned, key=lambda one: one.a) == matched(a, b)


def test_ten_thousand_equal_layers_and_one_more_take_no_time():
    a = [Entry(f"re_lu_{index}", "ReLU") for index in range(10_000)]
    b = [Entry(f"re_lu_{index}", "ReLU") for index in range(10_001)]
    began = time.process_time()
    assert len(matched(a, b)) == 10_000
    assert time.process_time() - began < 5
