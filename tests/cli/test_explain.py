"""`kept explain` and `kept rules`: pages, pasted tracebacks, and the exit codes."""

import json

import pytest
from click.testing import CliRunner

from kept import rules
from kept.cli.explain import command as explain
from kept.cli.rules import command as list_rules
from kept.errors import KeptError
from kept.fixing.edits import fixers
from kept.messages import messages
from tests.conftest import ROOT

TRACEBACK = """Traceback (most recent call last):
  File "serve.py", line 3, in <module>
    keras.saving.load_model("model.keras")
TypeError: <class 'keras.src.models.sequential.Sequential'> could not be deserialized properly. Please ensure ...

Exception encountered: Error when deserializing class 'Scaled' using config={'name': 'scaled'}.

Exception encountered: Scaled.__init__() got an unexpected keyword argument 'name'
"""


def ran(command, *arguments, text=None):
    return CliRunner().invoke(command, arguments, input=text, standalone_mode=False)


def told(command, *arguments, **options):
    return json.loads(ran(command, *arguments, "--format", "json", **options).output)


def test_a_traceback_is_told_with_its_cause_first_and_what_wraps_it_last():
    ended = ran(explain, text=TRACEBACK)
    assert ended.return_value == 0
    assert ended.output == (
        "Scaled does not take 'name', which Keras hands to it when it is loaded.\n"
        "  Keras says  Scaled.__init__() got an unexpected keyword argument 'name'\n"
        "  to do       add **kwargs to Scaled.__init__ and call\n"
        "              super().__init__(**kwargs)\n"
        "  found by    init-without-kwargs, rebuild-fails\n"
        "  more        kept explain unexpected-base-argument\n"
        "\n"
        "Said around it: could-not-be-deserialized, error-when-deserializing.\n"
    )


def test_the_example_in_the_documentation_is_what_is_printed():
    page = (ROOT / "docs" / "explain.md").read_text()
    assert f"| kept explain\n{ran(explain, text=TRACEBACK).output}```" in page


def test_a_dash_is_standard_input_too():
    assert ran(explain, "-", text=TRACEBACK).output == ran(explain, text=TRACEBACK).output


def test_only_what_wraps_is_told_where_nothing_else_is_known():
    text = TRACEBACK.rpartition("Exception encountered")[0]
    assert "Said around it" not in ran(explain, text=text).output
    assert "kept explain error-when-deserializing" in ran(explain, text=text).output


def test_json_holds_every_cause():
    causes = told(explain, text=TRACEBACK)["causes"]
    assert causes[0]["message"] == "unexpected-base-argument"
    assert [cause["wraps"] for cause in causes] == [False, True, True]
    assert causes[0]["names"] == {"cls": "Scaled", "argument": "name"}


def test_a_text_without_a_message_is_exit_code_one_and_says_what_to_paste():
    ended = ran(explain, text="ZeroDivisionError: division by zero")
    assert ended.return_value == 1
    assert ended.stdout == ""
    assert ended.stderr.endswith("paste the whole traceback, up to its last line\n")


@pytest.mark.parametrize("text", ["", "\x00\x1b[", "\udcff" * 3], ids=["nothing", "control", "no text"])
def test_no_text_is_too_odd(text):
    assert ran(explain, text=text.encode("utf-8", "surrogateescape")).return_value == 1


@pytest.mark.parametrize("word", ["unregistered", "KPT211", "kpt211"])
def test_a_rule_is_explained_by_name_or_code(word):
    page = ran(explain, word).output
    assert page.startswith("unregistered  KPT211, error\nA class or function that `load_model` will not find.\n")
    assert "\n    @keras.saving.register_keras_serializable" in page


def test_every_rule_and_every_message_has_a_page_no_wider_than_the_terminal():
    names = [module.RULE.name for package in rules.packages() for module in rules.rules(package)]
    for name in [*names, *(module.MESSAGE.name for module in messages())]:
        prose = [line for line in ran(explain, name).output.splitlines() if not line.startswith("     ")]
        assert max(map(len, prose)) <= 120
        assert ran(explain, name).output.startswith(name)


def test_the_page_of_a_message_names_its_rules():
    assert ran(explain, "missing-argument").output.endswith("rebuild-fails\n")
    assert "rebuild-fails" in told(explain, "missing-argument")["rules"]


def test_a_word_that_is_neither_is_an_error_with_the_likely_name():
    with pytest.raises(KeptError, match="no rule and no message is called 'unregisterd'") as raised:
        explain.main(["unregisterd"], standalone_mode=False)
    assert raised.value.hint == "did you mean unregistered?"


def test_every_rule_is_listed_with_what_it_finds():
    shown = ran(list_rules).output
    codes = [module.RULE.code for package in rules.packages() for module in rules.rules(package)]
    assert [line[:6] for line in shown.splitlines() if line.startswith("KPT")] == sorted(codes)
    assert "KPT211  unregistered\n        A class or function that `load_model` will not find.\n" in shown


def test_the_list_in_json_says_which_fix_there_is():
    listed = {rule["name"]: rule for rule in told(list_rules)}
    assert listed["unregistered"] == {
        "code": "KPT211",
        "name": "unregistered",
        "package": "live",
        "severity": "error",
        "title": "A class or function that `load_model` will not find.",
        "fix": None,
    }
    assert {name for name, rule in listed.items() if rule["fix"]} == {*fixers(), "unused-ignore"}


def test_explaining_in_a_process_of_its_own_needs_no_keras(python):
    ended = python.kept("explain", stdin=TRACEBACK)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("Scaled does not take 'name'")
