"""Tensors that are missing, or too many, or of another shape than the config says."""

import numpy as np
import pytest

from kept.rules import judge, rules
from kept.scanning.reading import opened
from tests.rules.integrity.judging import ARRAYS, BIAS, KERNEL, archive, layer, model, own_record, said, weights


@pytest.fixture
def file(tmp_path):
    return tmp_path / "model.keras"


def without(path):
    return {name: array for name, array in ARRAYS.items() if name != path}


def test_a_whole_file_has_no_finding(file):
    assert said(archive(file)) == said(archive(file, record=own_record)) == {}


@pytest.mark.parametrize("path", ARRAYS)
def test_a_weight_that_the_config_says_is_missed(file, path):
    assert said(archive(file, without(path))) == {"missing-tensor": (path,)}


def test_all_weights_of_a_layer_are_missed(file):
    assert said(archive(file, {})) == {"missing-tensor": (KERNEL, BIAS)}


def test_a_layer_without_a_group_is_missed_by_its_place_in_the_config(file):
    config = model(layer(), layer(name="other", built=(None, 4)))
    assert said(archive(file, config=config)) == {"missing-tensor": ("config.layers[1]",)}


def test_weights_of_what_was_never_built_are_not_missed(file):
    assert said(archive(file, config=model(layer(), layer(name="other", built=None)))) == {}


def test_a_layer_that_stands_elsewhere_in_the_file_is_not_missed(file):
    arrays = {**ARRAYS, "encoder/vars/0": np.ones((4, 4), "<f4"), "encoder/vars/1": np.ones(4, "<f4")}
    config = model(layer(), layer(name="other", built=(None, 4)), class_name="Functional")
    assert said(archive(file, arrays, config)) == {}


def test_a_tensor_that_the_record_has_is_missed(tmp_path):
    def told(written):
        lost = {**written.tensors[BIAS].to_dict(), "shape": [9]}
        record = own_record(written)
        return {**record, "tensors": {**record["tensors"], "optimizer/vars/0": lost}}

    assert said(weights(tmp_path / "a.weights.h5", record=told)) == {"missing-tensor": ("optimizer/vars/0",)}


def test_a_tensor_that_the_record_has_not_is_extra(tmp_path):
    def told(written):
        record = own_record(written)
        return {**record, "tensors": {KERNEL: record["tensors"][KERNEL]}}

    assert said(weights(tmp_path / "a.weights.h5", record=told)) == {"extra-tensor": (BIAS,)}


def test_a_weight_more_than_the_layer_has_is_extra(file):
    assert said(archive(file, config=model(layer(use_bias=False)))) == {"extra-tensor": (BIAS,)}


def test_a_group_that_no_layer_has_is_extra(file):
    arrays = {**ARRAYS, "layers/hidden/vars/0": np.ones(3, "<f4")}
    assert said(archive(file, arrays)) == {"extra-tensor": ("layers/hidden/vars/0",)}


def test_what_belongs_to_the_optimizer_is_not_extra(file):
    assert said(archive(file, {**ARRAYS, "optimizer/vars/0": np.array(3)})) == {}


@pytest.mark.parametrize(
    ("config", "wrong"),
    [
        (layer(units=5), (KERNEL, BIAS)),
        (layer(built=(None, 7)), (KERNEL,)),
        (layer("Embedding", input_dim=3, output_dim=9), (KERNEL,)),
    ],
)
def test_another_shape_than_the_config_says_is_found(file, config, wrong):
    assert said(archive(file, config=model(config)))["shape-mismatch"] == wrong


def test_both_shapes_are_told(file):
    with opened(archive(file, config=model(layer(units=5, built=None)))) as subject:
        found = [one.message for one in judge(subject, rules("integrity"))]
    assert found == ["kernel is (3, 4), and the config says (?, 5)", "bias is (4), and the config says (5)"]


@pytest.mark.parametrize(
    "config",
    [
        layer("Own"),
        {**layer(units=5), "module": "mine", "registered_name": "mine>Dense"},
        layer(units="five"),
        layer(units=True),
        layer(units=5, lora_rank=2),
        layer(units=5, dtype="int8_from_float32"),
        layer(units=5, dtype={"module": "keras", "class_name": "QuantizedDTypePolicy", "config": {}}),
        layer(units=5, quantization_config={"mode": "int8"}),
    ],
)
def test_nothing_is_said_of_a_layer_whose_config_does_not_say_it_for_certain(file, config):
    assert said(archive(file, config=model(config))) == {}


def test_nothing_is_said_of_the_layers_of_a_model_that_is_not_one_of_keras(file):
    config = {**model(layer(units=5)), "module": "mine", "registered_name": "mine>Sequential"}
    assert said(archive(file, config=config)) == {}


def test_a_model_in_a_model_is_compared_too(file):
    arrays = {path.replace("layers/", "layers/sequential/layers/"): array for path, array in ARRAYS.items()}
    config = model(model(layer(units=5), built=(None, 3)))
    config["config"]["layers"][0]["config"]["name"] = "sequential"
    assert said(archive(file, arrays, config, names=False))["shape-mismatch"] == tuple(arrays)


def test_a_layer_goes_by_its_class_where_the_file_has_no_names(file):
    assert said(archive(file, config=model(layer(units=5)), names=False))["shape-mismatch"] == (KERNEL, BIAS)
