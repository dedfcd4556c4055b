"""Every rule's page is true: its example is found, really fails or is lost, and what to use instead is clean."""

import pytest

from tests.rules.live.conftest import LIVE


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", LIVE)
def test_the_example_is_found(name, tried):
    found = tried[name]["example"]["checked"]["result"]
    assert name in [finding["rule"] for finding in found]


@pytest.mark.parametrize("name", LIVE)
def test_an_example_has_one_cause(name, tried):
    assert {finding["rule"] for finding in tried[name]["example"]["checked"]["result"]} == {name}


@pytest.mark.parametrize("name", LIVE)
def test_nothing_is_found_in_what_to_use_instead(name, tried):
    assert tried[name]["instead"]["checked"]["result"] == []


@pytest.mark.parametrize("name", LIVE)
def test_plain_keras_really_fails_on_the_example_or_loses_something(name, tried):
    saved, loaded = tried[name]["example"]["stock"], tried[name]["example"]["loaded"]
    assert "error" in saved or "error" in loaded or loaded["result"]


@pytest.mark.parametrize("name", LIVE)
def test_kept_does_with_the_example_what_the_finding_says(name, tried):
    saved = tried[name]["example"]["kept"]
    says = {finding["kept"] for finding in tried[name]["example"]["checked"]["result"]}
    word = "refuse" if "error" in saved else "keep"
    assert any(word in one for one in says), (says, saved)


@pytest.mark.parametrize("name", LIVE)
def test_a_finding_names_its_place_and_what_becomes_of_it(name, tried):
    for finding in tried[name]["example"]["checked"]["result"]:
        assert finding["where"]
        assert finding["message"]
        assert finding["stock"]
        assert not finding["message"].endswith(".")
        assert finding["fix"]["message"]


@pytest.mark.parametrize("name", LIVE)
def test_a_finding_of_custom_code_shows_its_line(name, tried):
    for finding in tried[name]["example"]["checked"]["result"]:
        if finding["location"]["file"]:
            text, start, end = (finding["location"][key] for key in ("text", "column", "end_column"))
            assert text[start - 1 : end - 1].isidentifier()
