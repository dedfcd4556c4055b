"""Over a grid of small classes, the rules find what Keras loses, and leave alone what Keras brings back."""

import importlib.util
import json
from collections import Counter

import pytest

from tests.conftest import Python, require_backend
from tests.rules.source.grid import texts
from tests.rules.source.reading import findings

SCRIPT = __file__.replace("test_agreement.py", "agreeing.py")
STEP = 13


@pytest.fixture(scope="module")
def judged(tmp_path_factory):
    """Per class of the grid: its text, what Keras does with it, and what the rules find."""
    there = [name for name in ("torch", "jax", "tensorflow") if importlib.util.find_spec(name) is not None]
    require_backend(there[0] if there else "torch")
    folder = tmp_path_factory.mktemp("grid")
    every = list(texts(STEP))
    (folder / "texts.json").write_text(json.dumps(every))
    ended = Python(folder)(SCRIPT, "texts.json", KERAS_BACKEND=there[0], timeout=280)
    assert ended.code == 0, ended.err[-3000:]
    outcomes = json.loads(ended.out.splitlines()[-1])
    return [
        (text, outcome, findings(text))
        for text, outcome in zip(every, outcomes, strict=True)
        if outcome != "unmakeable"
    ]


@pytest.mark.timeout(600)
def test_the_grid_has_classes_of_every_outcome(judged):
    counts = Counter(outcome for _, outcome, _ in judged)
    assert all(counts[outcome] >= 20 for outcome in ("raises", "lost", "kept")), counts


@pytest.mark.timeout(600)
def test_what_keras_brings_back_is_left_alone(judged):
    wrong = [(text, [one.message for one in found]) for text, outcome, found in judged if outcome == "kept" and found]
    assert wrong == []


@pytest.mark.timeout(600)
@pytest.mark.parametrize(("outcome", "share"), [("raises", 0.99), ("lost", 0.9)])
def test_what_keras_does_not_bring_back_is_found(judged, outcome, share):
    failing = [(text, found) for text, one, found in judged if one == outcome]
    missed = [text for text, found in failing if not found]
    assert len(missed) <= (1 - share) * len(failing), "\n".join(missed[:5])
