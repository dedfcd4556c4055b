"""Every config that asks for what no model needs is found, in every kind of file. Each line: a config and its rule."""

import json
import sys

import h5py
import numpy as np
import pytest

from kept.findings import Severity
from kept.report import Scan
from kept.scanning.run import scan_file
from tests.attacks import configs

CASES = [(rule, name) for rule, every in configs.EVERY.items() for name in every]


def alarms(path):
    """The rules that find more than a note."""
    return {one.rule for one in scan_file(path).findings if one.severity is not Severity.NOTE}


@pytest.mark.parametrize(("rule", "name"), CASES)
def test_it_is_found_in_a_bare_config(rule, name, tmp_path):
    path = tmp_path / "model.json"
    path.write_text(json.dumps(configs.EVERY[rule][name]))
    assert rule in alarms(path)


@pytest.mark.parametrize(("rule", "name"), CASES)
def test_it_is_found_in_an_archive(rule, name, tmp_path):
    assert rule in alarms(configs.archive(tmp_path / "model.keras", configs.EVERY[rule][name]))


@pytest.mark.parametrize(("rule", "name"), CASES)
def test_it_is_found_in_a_legacy_file(rule, name, tmp_path):
    assert rule in alarms(configs.legacy(tmp_path / "model.h5", configs.EVERY[rule][name]))


@pytest.mark.parametrize(
    "training",
    [
        {"optimizer_config": {"class_name": "Adam", "config": {"learning_rate": configs.LAMBDA}}},
        {"loss": configs.LAMBDA},
        {"metrics": [[configs.LAMBDA]]},
        {"weighted_metrics": {"out": configs.LAMBDA}},
        {"anything": [configs.LAMBDA]},
    ],
    ids=lambda training: next(iter(training)),
)
def test_code_is_found_in_the_training_config_of_a_legacy_file(training, tmp_path):
    path = configs.legacy(tmp_path / "model.h5", configs.dense(), training)
    assert "code-payload" in alarms(path)


def test_what_only_one_of_two_readers_sees_is_found(tmp_path):
    path = configs.legacy(tmp_path / "model.h5", configs.model(configs.layer("Lambda", function=configs.LAMBDA)))
    add_config_of_kept(path, configs.dense())
    assert "code-payload" in alarms(path)


def add_config_of_kept(path, config):
    """The group from which kept itself reads, and not the config from which plain Keras does."""
    metadata = {"keras_version": "3.15.1", "kept": {"format": 1, "objects": [], "sources": {}, "tensors": {}}}
    with h5py.File(path, "a") as file:
        for name, document in (("config", config), ("metadata", metadata)):
            file[f"_kept/{name}"] = np.frombuffer(json.dumps(document).encode(), np.uint8)
        file.create_group("_kept/weights")


def test_the_place_is_named(tmp_path):
    path = tmp_path / "model.json"
    path.write_text(json.dumps(configs.MISPLACED["inside a cell"]))
    (one,) = scan_file(path).findings
    assert one.where == ("config.layers[0].config.cell[0].config.activation",)
    assert one.message == "os.system is asked for as if it were code of a model"


def test_the_page_of_a_hostile_name_is_plain_text(tmp_path):
    path = tmp_path / "model.json"
    path.write_text(json.dumps(configs.dense(activation=configs.function("os", "sys\x1b[31mtem\u202e"))))
    text = str(Scan((scan_file(path),)))
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_nothing_of_it_is_imported(tmp_path, monkeypatch):
    (tmp_path / "evil_module_of_the_file.py").write_text("raise SystemExit('it ran')")
    monkeypatch.syspath_prepend(tmp_path)
    path = tmp_path / "model.json"
    path.write_text(json.dumps(configs.model(configs.node("evil_module_of_the_file", "Layer", {}, "evil>Layer"))))
    found = scan_file(path)
    assert [one.import_path for one in found.required] == ["evil_module_of_the_file:Layer"]
    assert "evil_module_of_the_file" not in sys.modules
