"""What `kept run` reports: every save of the script, however it was asked for, each of them once."""

import keras
import pytest

import kept
from kept.errors import WriteError
from kept.runtime import journal

SMALL = "import keras, kept\nmodel = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])\n"


@pytest.fixture
def model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    journal.clear()
    yield keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    journal.clear()


def test_a_direct_save_is_recorded(model):
    kept.save(model, "m.keras", verify=False)
    kept.save_weights(model, "m.weights.h5")
    assert [entry.path for entry in journal.entries()] == ["m.keras", "m.weights.h5"]


def test_a_direct_save_that_fails_is_recorded(model):
    with pytest.raises(WriteError):
        kept.save(model, "no/such/folder/m.keras", verify=False)
    assert [(entry.path, "folder" in entry.message) for entry in journal.entries()] == [
        ("no/such/folder/m.keras", True)
    ]


def test_what_a_verification_saves_for_itself_is_not_recorded(model):
    assert kept.verify(model, "structure").holds
    assert journal.entries() == ()


def test_direct_and_routed_saves_of_a_script_are_reported_once_each(python):
    python.write("s.py", SMALL + "kept.save(model, 'direct.keras')\nmodel.save('routed.keras')\n")
    ended = python.kept("run", "s.py")
    assert ended.code == 0, ended.err
    assert "2 saves proven" in ended.err
    assert ended.err.count("direct.keras") == ended.err.count("routed.keras") == 1
