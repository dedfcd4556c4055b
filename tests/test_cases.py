"""Every real-world case ends kept or refused with a message, never silently wrong."""

from __future__ import annotations

from typing import Any

import pytest

from . import cases

pytestmark = pytest.mark.skipif(not cases.FOLDER.is_dir(), reason="the cases are not beside this repository")
LEAST_KEPT = 110


@pytest.fixture(scope="module")
def outcomes() -> dict[str, dict[str, Any]]:
    return {name: one for backend in cases.BACKENDS for name, one in cases.run(backend, []).items()}


@pytest.mark.timeout(900)
def test_every_case_is_run(outcomes: dict[str, dict[str, Any]]) -> None:
    assert sorted(outcomes) == sorted(file.stem for file in cases.FOLDER.glob("[0-9]*.py"))


def test_no_case_comes_back_silently_wrong_or_ends_in_an_error_that_is_not_ours(
    outcomes: dict[str, dict[str, Any]],
) -> None:
    allowed = ("KEPT", "REFUSED", "BUILD_ERROR")
    wrong = {
        name: (one["outcome"], one["others"], one["detail"])
        for name, one in outcomes.items()
        if not all(outcome.startswith(allowed) for outcome in (one["outcome"], *one["others"]))
    }
    assert wrong == {}


def test_only_the_models_that_keras_refuses_to_build_are_not_built(outcomes: dict[str, dict[str, Any]]) -> None:
    unbuilt = {name for name, one in outcomes.items() if one["outcome"] == "BUILD_ERROR"}
    assert unbuilt == {"077_sublayer_created_in_call", "182_weight_added_in_call"}


def test_as_many_cases_are_kept_as_the_last_time(outcomes: dict[str, dict[str, Any]]) -> None:
    assert sum(one["outcome"].startswith("KEPT") for one in outcomes.values()) >= LEAST_KEPT


def test_the_table_of_outcomes_is_up_to_date(outcomes: dict[str, dict[str, Any]]) -> None:
    assert cases.TABLE.read_text() == cases.table(outcomes)
