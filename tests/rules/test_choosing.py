"""Rules are found by looking, and chosen by name or by code."""

import pytest

from kept.errors import KeptError
from kept.rules import chosen, judge, packages, rules


def names(**words):
    return [module.RULE.name for module in chosen("live", **words)]


def test_the_packages_of_rules_are_found():
    assert "live" in packages()


def test_every_module_of_a_package_is_a_rule_in_the_order_of_codes():
    codes = [module.RULE.code for module in rules("live")]
    assert len(codes) >= 24
    assert codes == sorted(codes)


@pytest.mark.parametrize("word", ["rebuild-differs", "KPT205", "kpt205"])
def test_a_rule_is_chosen_by_name_or_code(word):
    assert names(select=[word]) == ["rebuild-differs"]


def test_the_beginning_of_codes_chooses_all_of_them():
    assert names(select=["KPT2"]) == names()
    assert len(names(select=["KPT20"])) == 9


def test_ignored_rules_are_left_out_of_those_selected():
    assert names(select=["KPT201", "KPT202"], ignore=["config-raises"]) == ["config-not-json"]


@pytest.mark.parametrize("words", [{"select": ["rebuild-difers"]}, {"ignore": ["rebuild-difers"]}])
def test_a_word_that_names_no_rule_is_an_error_with_the_likely_name(words):
    with pytest.raises(KeptError, match="no rule is called 'rebuild-difers'") as raised:
        names(**words)
    assert raised.value.hint == "did you mean rebuild-differs?"


def test_nothing_is_judged_by_no_rule():
    assert judge(object(), ()) == ()
