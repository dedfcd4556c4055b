"""Every public class of Keras, with arguments that are not its defaults, comes back as it was.

What comes back is looked at without anything of kept: config, attributes, outputs, values, the next steps of training.
"""

import json

import pytest

from tests.conftest import require_backend
from tests.runtime.laboratory import Lab

NAMESPACES = (
    "layers", "losses", "metrics", "optimizers", "optimizers.schedules", "regularizers", "constraints", "initializers",
)  # fmt: skip
SAVE = """
import kept
from tests.runtime import every_class_survey as survey
result = survey.save_all(folder, namespaces, {"kept": kept.save, "stock": survey.stock_save})
"""
LOAD = """
import kept
from tests.runtime import every_class_survey as survey
loads = {"kept": kept.load, "stock": survey.stock_load}
result = {name: survey.load_all(folder, namespaces, name, load) for name, load in loads.items()}
"""
# What stock Keras 3.15.1 loses of the arguments themselves; of nearly all losses it loses the dtype.
LOST_BY_STOCK = {
    "losses": ("Huber", "values"), "initializers": ("Identity", "gain"), "layers": ("MaxNumBoundingBoxes", "fill_value"),
}  # fmt: skip


def surveyed(backend, namespaces, laboratory, folder):
    require_backend(backend)
    lab = Lab(laboratory, backend, folder)
    saved, loaded = {}, {"kept": {}, "stock": {}}
    for namespace in namespaces:
        saved |= lab.here(SAVE, namespaces=[namespace]).result
        for name, found in lab.elsewhere(LOAD, namespaces=[namespace]).result.items():
            loaded[name] |= found
    return saved, loaded


@pytest.fixture(scope="module")
def survey(laboratory, tmp_path_factory):
    return surveyed("torch", NAMESPACES, laboratory, tmp_path_factory.mktemp("every_class"))


@pytest.fixture(scope="module")
def survey_on_tensorflow(laboratory, tmp_path_factory):
    return surveyed("tensorflow", ["layers"], laboratory, tmp_path_factory.mktemp("every_class"))


def by_kept(told):
    return {key: error for key, error in told["not saved"].items() if key.startswith("kept ")}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("namespace", NAMESPACES)
def test_every_class_comes_back_as_it_was(survey, namespace):
    saved, loaded = survey
    assert by_kept(saved[namespace]) == {}
    assert loaded["kept"][namespace] == {}


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_every_class_can_be_made_or_is_listed_with_the_reason(survey, namespace):
    assert survey[0][namespace]["not made"] == {}


def test_most_arguments_are_changed(survey):
    changed = survey[0]["layers"]["changed"]
    assert len(changed["Conv2D"]) >= 12
    assert {"delta", "reduction", "dtype"} <= set(survey[0]["losses"]["changed"]["Huber"])
    assert sum(len(one) for told in survey[0].values() for one in told["changed"].values()) > 800


@pytest.mark.parametrize("namespace", LOST_BY_STOCK)
def test_plain_keras_loses_arguments_of_its_own_classes(survey, namespace):
    name, argument = LOST_BY_STOCK[namespace]
    assert argument in json.dumps(survey[1]["stock"][namespace][name])


def test_plain_keras_cannot_save_a_layer_whose_arguments_are_objects_and_cannot_load_a_metric_with_label_weights(
    survey,
):
    saved, loaded = survey
    assert "stock ELU" in saved["layers"]["not saved"]
    assert "Invalid dtype: object" in loaded["stock"]["metrics"]["AUC"][0]


def test_layers_that_only_tensorflow_can_call_come_back_as_they_were(survey_on_tensorflow):
    saved, loaded = survey_on_tensorflow
    assert saved["layers"]["not made"] == by_kept(saved["layers"]) == {}
    assert len(saved["layers"]["changed"]) >= 5
    assert loaded["kept"]["layers"] == {}
