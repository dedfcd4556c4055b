"""The catalogue says of Keras what is so."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.errors import KeptError
from kept.source.catalogue import KerasParameter, catalogue
from kept.source.kinds import Kind, ParameterKind
from tests.conftest import ROOT

KERAS = catalogue("3.15.1")
HOME = ROOT / "src" / "kept" / "source"
RELEASES = sorted(HOME.glob("keras_*.json"))


def keras_class(path):
    found = KERAS.find(path)
    assert found is not None, path
    return found


def parameter(cls, name):
    return next(one for one in keras_class(cls).parameters if one.name == name)


@pytest.mark.parametrize(
    "spelling",
    [
        "keras.layers.Layer",
        "keras.Layer",
        "tf.keras.layers.Layer",
        "tensorflow.keras.layers.Layer",
        "keras.api.layers.Layer",
        "keras.api._v2.keras.layers.Layer",
        "tensorflow.keras.api._v2.keras.layers.Layer",
        "keras._tf_keras.keras.layers.Layer",
        "keras_core.layers.Layer",
        "keras.src.layers.Layer",
        "keras.src.layers.layer.Layer",
    ],
)
def test_a_class_is_found_in_every_spelling_of_keras_3(spelling):
    assert keras_class(spelling).path == "keras.Layer"


@pytest.mark.parametrize(
    "dotted",
    [
        "",
        ".",
        "keras",
        "keras.",
        "Dense",
        "layers.Dense",
        "tf_keras.layers.Layer",
        "shop.keras.layers.Dense",
        "keras.layers.Nothing",
        "keras.losses.mean_squared_error",
        "keras.layers.Dense.call",
        "keras.apis.layers.Dense",
    ],
)
def test_no_class_is_found_in(dotted):
    assert KERAS.find(dotted) is None


@pytest.mark.parametrize(
    ("alias", "path"),
    [
        ("keras.layers.GlobalAvgPool2D", "keras.layers.GlobalAveragePooling2D"),
        ("keras.layers.Convolution2D", "keras.layers.Conv2D"),
        ("keras.models.Model", "keras.Model"),
        ("keras.metrics.Metric", "keras.Metric"),
        ("keras.initializers.glorot_uniform", "keras.initializers.GlorotUniform"),
        ("keras.regularizers.l2", "keras.regularizers.L2"),
        ("keras.constraints.max_norm", "keras.constraints.MaxNorm"),
        ("keras.src.models.Functional", "keras.src.models.functional.Functional"),
    ],
)
def test_a_class_is_found_under_its_other_names(alias, path):
    assert keras_class(alias).path == path


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("keras.Layer", Kind.LAYER),
        ("keras.layers.LSTMCell", Kind.LAYER),
        ("keras.src.layers.convolutional.base_conv.BaseConv", Kind.LAYER),
        ("keras.src.layers.pooling.base_pooling.BasePooling", Kind.LAYER),
        ("keras.Sequential", Kind.MODEL),
        ("keras.src.models.functional.Functional", Kind.MODEL),
        ("keras.losses.MeanSquaredError", Kind.LOSS),
        ("keras.src.losses.losses.LossFunctionWrapper", Kind.LOSS),
        ("keras.metrics.MeanMetricWrapper", Kind.METRIC),
        ("keras.optimizers.Adam", Kind.OPTIMIZER),
        ("keras.optimizers.schedules.CosineDecay", Kind.SCHEDULE),
        ("keras.src.initializers.random_initializers.RandomInitializer", Kind.INITIALIZER),
        ("keras.regularizers.L1L2", Kind.REGULARIZER),
        ("keras.constraints.NonNeg", Kind.CONSTRAINT),
        ("keras.quantizers.AbsMaxQuantizer", Kind.QUANTIZER),
        ("keras.DTypePolicy", Kind.DTYPE_POLICY),
        ("keras.callbacks.EarlyStopping", Kind.CALLBACK),
        ("keras.Operation", Kind.OPERATION),
        ("keras.src.ops.numpy.Absolute", Kind.OPERATION),
        ("keras.export.ExportArchive", Kind.OTHER),
        ("keras.src.saving.keras_saveable.KerasSaveable", Kind.OTHER),
    ],
)
def test_the_kind_of_a_class(path, kind):
    assert keras_class(path).kind is kind


@pytest.mark.parametrize(
    ("path", "bases"),
    [
        ("keras.Layer", ["keras.Operation"]),
        ("keras.Sequential", ["keras.Model", "keras.src.trainers.trainer.Trainer", "keras.Layer", "keras.Operation"]),
        ("keras.layers.LSTM", ["keras.layers.RNN", "keras.Layer", "keras.Operation"]),
        ("keras.optimizers.Adam", ["keras.Optimizer", "keras.src.optimizers.base_optimizer.BaseOptimizer"]),
        ("keras.metrics.MeanMetricWrapper", ["keras.metrics.Mean", "keras.Metric"]),
    ],
)
def test_the_bases_of_a_class_are_in_order_and_none_is_of_a_backend(path, bases):
    assert list(keras_class(path).bases) == [*bases, "keras.src.saving.keras_saveable.KerasSaveable"]


def test_every_base_is_a_class_of_the_catalogue():
    assert [(one.path, base) for one in KERAS for base in one.bases if KERAS.find(base) is None] == []


def test_every_class_is_found_where_it_is_defined_and_under_each_of_its_names():
    assert [one.path for one in KERAS for name in (one.path, one.source, *one.names) if KERAS.find(name) != one] == []


@pytest.mark.parametrize(
    ("cls", "expected"),
    [
        ("keras.layers.Dense", KerasParameter("units", ParameterKind.POSITIONAL)),
        ("keras.layers.Dense", KerasParameter("use_bias", ParameterKind.POSITIONAL, "True")),
        ("keras.layers.Conv2D", KerasParameter("strides", ParameterKind.POSITIONAL, "(1, 1)")),
        ("keras.Layer", KerasParameter("trainable", ParameterKind.KEYWORD, "True")),
        ("keras.Model", KerasParameter("args", ParameterKind.VARIADIC)),
        ("keras.layers.Wrapper", KerasParameter("kwargs", ParameterKind.VARIADIC_KEYWORD)),
        ("keras.optimizers.Adam", KerasParameter("learning_rate", ParameterKind.POSITIONAL, "0.001")),
    ],
)
def test_the_parameters_of_a_constructor(cls, expected):
    assert parameter(cls, expected.name) == expected


def test_a_parameter_without_default_is_required_unless_it_is_variadic():
    required = [one.name for one in keras_class("keras.layers.Wrapper").parameters if one.is_required]
    assert required == ["layer"]


def test_a_constructor_is_inherited():
    assert keras_class("keras.layers.Flatten").parameters[0].name == "data_format"
    assert keras_class("keras.Optimizer").parameters[0].name == "learning_rate"


@pytest.mark.parametrize(
    ("cls", "keyword", "accepted"),
    [
        ("keras.layers.Dense", "name", True),
        ("keras.layers.Dense", "activity_regularizer", True),
        ("keras.layers.Dense", "input_shape", True),
        ("keras.layers.Dense", "rate", False),
        ("keras.layers.Conv2D", "rank", False),
        ("keras.layers.LSTM", "zero_output_for_mask", True),
        ("keras.layers.LSTM", "cell", False),
        ("keras.Loss", "name", True),
        ("keras.Loss", "trainable", False),
        ("keras.optimizers.SGD", "clipnorm", True),
        ("keras.optimizers.SGD", "lr", False),
        ("keras.Model", "inputs", True),
        ("keras.Sequential", "dtype", False),
        ("keras.metrics.MeanMetricWrapper", "axis", None),
    ],
)
def test_what_a_constructor_accepts_through_all_its_bases(cls, keyword, accepted):
    assert keras_class(cls).accepts(keyword) is accepted


@pytest.mark.parametrize(
    ("cls", "keys"),
    [
        ("keras.Layer", "name trainable dtype"),
        ("keras.Model", "name trainable dtype"),
        ("keras.Operation", "name"),
        ("keras.Loss", "name reduction"),
        ("keras.Metric", "name dtype"),
        ("keras.metrics.Mean", "name dtype"),
        ("keras.metrics.F1Score", "name dtype average threshold"),
        ("keras.layers.Dropout", "name trainable dtype rate seed noise_shape"),
        ("keras.layers.Wrapper", "name trainable dtype layer"),
        ("keras.regularizers.L2", "l2"),
        ("keras.initializers.Zeros", ""),
        ("keras.optimizers.schedules.ExponentialDecay", "initial_learning_rate decay_steps decay_rate staircase name"),
    ],
)
def test_the_keys_that_get_config_returns(cls, keys):
    assert keras_class(cls).config_keys == set(keys.split())


def test_keys_that_are_not_always_there_are_told_apart():
    assert keras_class("keras.Layer").optional_keys == {"activity_regularizer"}
    assert "activity_regularizer" in keras_class("keras.layers.Conv2D").config_keys


def test_a_key_that_get_config_takes_out_is_not_among_them():
    found = keras_class("keras.layers.LSTM")
    assert "units" in found.config_keys
    assert "cell" not in found.config_keys | found.optional_keys


def test_every_layer_of_keras_with_a_config_has_known_keys():
    assert [one.path for one in KERAS if one.kind is Kind.LAYER and one.config_keys is None] == []


@pytest.mark.parametrize(
    ("cls", "automatic"),
    [
        ("keras.Layer", True),
        ("keras.Model", True),
        ("keras.Operation", True),
        ("keras.layers.Dense", False),
        ("keras.Loss", False),
        ("keras.Metric", False),
    ],
)
def test_whether_keras_writes_the_config_of_a_subclass(cls, automatic):
    assert keras_class(cls).is_automatic is automatic


def test_some_classes_refuse_to_give_a_config():
    refusing = [one.path for one in KERAS if one.refuses_config and one.path.count(".") < 4]
    assert refusing == [
        "keras.Quantizer",
        "keras.Regularizer",
        "keras.optimizers.schedules.LearningRateSchedule",
    ]


def test_who_defines_get_config_and_from_config():
    conv, stacked = keras_class("keras.layers.Conv2D"), keras_class("keras.layers.StackedRNNCells")
    assert conv.config_owner == "keras.src.layers.convolutional.base_conv.BaseConv"
    assert conv.revival_owner == "keras.Operation"
    assert stacked.revival_owner == stacked.path
    assert not keras_class("keras.callbacks.EarlyStopping").has_config


@pytest.mark.parametrize(
    ("cls", "keys"),
    [
        ("keras.Layer", {"dtype"}),
        ("keras.layers.Wrapper", {"layer"}),
        ("keras.layers.RNN", {"cell"}),
        ("keras.layers.StackedRNNCells", {"cells"}),
        ("keras.Loss", set()),
    ],
)
def test_what_from_config_makes_objects_of(cls, keys):
    assert keras_class(cls).revives == keys


def test_names_that_cannot_be_assigned_are_reserved():
    layer, model = keras_class("keras.Layer"), keras_class("keras.Model")
    assert {"losses", "metrics", "variables", "weights", "dtype"} <= layer.reserved
    assert "layers" in model.reserved - layer.reserved
    assert not {"name", "trainable", "built"} & layer.reserved


def test_names_that_a_class_keeps_for_itself_are_told():
    assert {"name", "trainable", "built", "_layers", "_losses"} <= keras_class("keras.Layer").attributes
    assert "units" in keras_class("keras.layers.Dense").attributes


def test_methods_are_those_of_all_bases():
    assert {"call", "build", "get_config", "compile", "train_step"} <= keras_class("keras.Sequential").methods


def test_a_function_is_found_under_all_its_names():
    found = KERAS.function("tf.keras.losses.mse")
    assert found.path == "keras.metrics.mean_squared_error"
    assert [one.name for one in found.parameters] == ["y_true", "y_pred"]
    assert KERAS.function("keras.models.load_model") == KERAS.function("keras.saving.load_model")


def test_a_class_is_no_function():
    assert KERAS.function("keras.layers.Dense") is None


@pytest.mark.parametrize(
    ("kind", "name", "path"),
    [
        (Kind.LOSS, "mse", "keras.metrics.mean_squared_error"),
        (Kind.LOSS, "Dice", "keras.losses.Dice"),
        (Kind.METRIC, "mse", "keras.metrics.MeanSquaredError"),
        (Kind.ACTIVATION, "swish", "keras.activations.silu"),
        (Kind.INITIALIZER, "he_normal", "keras.initializers.HeNormal"),
        (Kind.REGULARIZER, "l1", "keras.regularizers.L1"),
        (Kind.OPTIMIZER, "adam", "keras.optimizers.Adam"),
    ],
)
def test_the_built_in_names_of_a_kind(kind, name, path):
    assert KERAS.built_in_names(kind)[name] == path


def test_layers_have_no_built_in_names():
    assert KERAS.built_in_names(Kind.LAYER) == {}


@pytest.mark.parametrize("text", ["3.15.1", "3.15.2", "3.16", "4.0.0", None])
def test_a_release_that_is_not_known_is_taken_for_the_nearest_older_one(text):
    assert catalogue(text).version == "3.15.1"


@pytest.mark.parametrize("text", ["3.10.0", "3.12.1", "3.14.0.dev2026", "3.0", "2.15"])
def test_a_release_between_two_is_taken_for_the_older_and_one_before_all_for_the_oldest(text):
    assert catalogue(text).version == "3.10.0"


def test_what_is_no_version_is_one_clear_error():
    with pytest.raises(KeptError, match="'newest' is no version of Keras"):
        catalogue("newest")


def test_a_release_knows_the_classes_that_it_had():
    assert catalogue("3.15.1").find("keras.layers.AdaptiveMaxPooling2D") is not None
    assert catalogue("3.10.0").find("keras.layers.AdaptiveMaxPooling2D") is None


@given(st.text() | st.lists(st.sampled_from(["keras", "api", "_v2", "tf", "src", "layers", "Dense", ""])).map(".".join))
def test_no_text_makes_a_search_fail(text):
    found = KERAS.find(text)
    assert found is None or text.rpartition(".")[2] in {
        name.rpartition(".")[2] for name in (found.path, found.source, *found.names)
    }


@pytest.mark.parametrize("text", ["keras" + ".api" * 10_000, "." * 10_000, "keras.src." * 1000 + "Dense"], ids=range(3))
def test_no_long_text_makes_a_search_fail(text):
    assert KERAS.find(text) is None


@pytest.mark.parametrize("file", RELEASES, ids=lambda file: file.stem)
def test_every_row_of_a_release_can_be_read(file):
    data = json.loads(file.read_text())
    release = catalogue(data["version"])
    assert [one.path for one in release] == list(data["classes"])
    assert [release.function(path).path for path in data["functions"]] == list(data["functions"])
