"""What a file needs is told, with what to write in order to trust it; it is no alarm."""

import json

import pytest

import kept
from kept.findings import Severity
from kept.scanning.asked import Asked
from kept.scanning.run import scan_file
from tests.attacks import configs
from tests.inspecting.files import by_kept

SCALED = configs.node("acme.layers", "Scaled", {"units": 2}, "acme>Scaled")


def scanned(tmp_path, config, *trusted):
    path = tmp_path / "model.json"
    path.write_text(json.dumps(config))
    return scan_file(path, Asked(trusted=trusted))


def test_a_custom_class_is_a_note_with_all_its_places(tmp_path):
    (one,) = scanned(tmp_path, configs.model(SCALED, configs.layer("Dense", units=1), SCALED)).findings
    assert (one.rule, one.severity) == ("needs-trust", Severity.NOTE)
    assert one.where == ("config.layers[0]", "config.layers[2]")
    assert one.message == "loading needs acme.layers:Scaled, registered as acme>Scaled"


def test_what_to_trust_is_told(tmp_path):
    found = scanned(tmp_path, configs.model(SCALED))
    assert [one.import_path for one in found.required] == ["acme.layers:Scaled"]
    assert found.trusted == ("acme.layers",)


@pytest.mark.parametrize("trusted", ["acme", "acme.layers"])
def test_what_is_trusted_is_not_mentioned(tmp_path, trusted):
    found = scanned(tmp_path, configs.model(SCALED), trusted)
    assert (found.findings, found.required, found.trusted) == ((), (), ())


def test_another_package_whose_name_begins_alike_is_not_trusted(tmp_path):
    assert scanned(tmp_path, configs.model(SCALED), "acm").required


CUSTOM = {
    "a function by registered name": configs.dense(activation=configs.function("builtins", "swish2", "acme>swish2")),
    "a function by its name alone": configs.dense(activation="swish2"),
    "a class in compile": configs.compiled(loss=configs.node("acme", "Loss", {}, "acme>Loss")),
    "a metric by name": configs.compiled(metrics=["my_metric"]),
    "a class of Keras 2": {"class_name": "Sequential", "config": {"layers": [{"class_name": "acme>A", "config": {}}]}},
    "a cell": configs.model(configs.layer("RNN", cell=configs.node("acme", "Cell", {}, "acme>Cell"))),
    "a function that computes in a backend": configs.dense(
        activation=configs.function("tensorflow.python.ops.gen_nn_ops", "relu6")
    ),
}


@pytest.mark.parametrize("name", CUSTOM)
def test_custom_code_is_found_wherever_it_stands(name, tmp_path):
    found = scanned(tmp_path, CUSTOM[name])
    assert [(one.rule, one.severity) for one in found.findings] == [("needs-trust", Severity.NOTE)]
    assert len(found.required) == 1


def test_embedded_source_is_trusted_by_its_hash(tmp_path):
    by_kept(tmp_path / "model.keras")
    found = scan_file(tmp_path / "model.keras")
    assert (found.required[0].import_path, found.required[0].is_embedded) == ("__main__:Scaled", True)
    assert found.trusted[0].startswith("sha256:")
    left = scan_file(tmp_path / "model.keras", Asked(trusted=found.trusted[:1])).required
    assert [one.import_path for one in left] == ["__main__:my_loss"]


def test_strict_makes_it_count(tmp_path):
    path = tmp_path / "model.json"
    path.write_text(json.dumps(configs.model(SCALED)))
    assert not kept.scan(path, jobs=0)
    assert kept.scan(path, jobs=0, strict=True)


def test_a_project_may_have_settled_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.kept]\ntrusted = ["acme"]\n')
    (tmp_path / "model.json").write_text(json.dumps(configs.model(SCALED)))
    assert not kept.scan("model.json", jobs=0, strict=True)
