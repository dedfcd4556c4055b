"""The description of a model, before anything of it is written."""

import tempfile
from pathlib import Path

import keras
import pytest

from kept.runtime import draft


def test_a_description_that_fails_leaves_no_folder_of_assets(tmp_path, monkeypatch):
    def fail(*_):
        assert list(Path(tmp_path).iterdir())
        raise RuntimeError("no")

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(draft, "note_order_and_changes", fail)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    with pytest.raises(RuntimeError):
        draft.Draft.of(model)
    assert list(Path(tmp_path).iterdir()) == []
