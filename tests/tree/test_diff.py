"""What differs between two configs."""

import pytest

from kept.errors import LimitExceededError
from kept.tree.change import Kind
from kept.tree.diff import diff
from kept.tree.parse import parse
from tests.inspecting.files import layer, model


def told(a, b):
    """Pairs that differ: name in a, name in b, changed paths with values."""
    return [
        (
            one.a.name if one.a else None,
            one.b.name if one.b else None,
            {change.path: (change.a, change.b) for change in one.changes},
        )
        for one in diff(parse(a), parse(b))
        if one.differs
    ]


def called(class_name, name, *inputs, **config):
    """A layer of a graph, called once on the outputs of others."""
    tensors = [
        {
            "class_name": "__keras_tensor__",
            "config": {"shape": [None, 4], "dtype": "float32", "keras_history": [one, 0, 0]},
        }
        for one in inputs
    ]
    return {**layer(class_name, name, **config), "inbound_nodes": [{"args": tensors, "kwargs": {}}] if inputs else []}


def test_equal_configs_have_no_differences():
    config = model(layer("Dense", "a", units=4), layer("Dropout", "b", rate=0.5))
    assert told(config, config) == []


def test_a_changed_setting_is_told_with_both_values():
    assert told(model(layer("Dense", "a", units=4)), model(layer("Dense", "a", units=8))) == [
        ("a", "a", {"units": (4, 8)})
    ]


def test_settings_of_objects_in_a_config_are_told_by_their_path():
    def dense(seed):
        made = {"module": "keras.initializers", "class_name": "HeNormal", "config": {"seed": seed}}
        return model(layer("Dense", "a", kernel_initializer=made))

    assert told(dense(1), dense(2)) == [("a", "a", {"kernel_initializer.seed": (1, 2)})]


def test_an_object_of_another_class_is_told_whole():
    zeros = {"module": "keras.initializers", "class_name": "Zeros", "config": {}}
    ones = {"module": "keras.initializers", "class_name": "Ones", "config": {}}
    a, b = (model(layer("Dense", "a", bias_initializer=one)) for one in (zeros, ones))
    assert told(a, b) == [("a", "a", {"bias_initializer": (zeros, ones)})]


def test_added_and_removed_layers_stand_where_they_were_put():
    a = model(layer("Dense", "one"), layer("Dropout", "gone"), layer("Dense", "two"))
    b = model(layer("Dense", "one"), layer("Dense", "two"), layer("Softmax", "new"))
    assert told(a, b) == [("gone", None, {}), (None, "new", {})]


def test_a_renamed_layer_is_one_layer():
    assert told(model(layer("Dense", "a", units=4)), model(layer("Dense", "b", units=4))) == [("a", "b", {})]


def test_a_moved_layer_is_told_with_its_places():
    a = model(layer("A", "a"), layer("B", "b"), layer("C", "c"))
    b = model(layer("B", "b"), layer("C", "c"), layer("A", "a"))
    (moved,) = [one for one in diff(parse(a), parse(b)) if one.differs]
    assert (moved.a.name, moved.moved, moved.places) == ("a", True, (0, 2))


def test_connections_follow_the_names_of_renamed_layers():
    a = model(called("InputLayer", "x"), called("Dense", "a", "x"), called("Softmax", "s", "a"))
    b = model(called("InputLayer", "x"), called("Dense", "b", "x"), called("Softmax", "s", "b"))
    assert told(a, b) == [("a", "b", {})]


def test_a_layer_that_is_called_on_another_one_has_other_inputs():
    a = model(called("InputLayer", "x"), called("Dense", "a", "x"), called("Softmax", "s", "a"))
    b = model(called("InputLayer", "x"), called("Dense", "a", "x"), called("Softmax", "s", "x"))
    assert told(a, b) == [("s", "s", {"inputs": (["a"], ["x"])})]


def test_layers_inside_layers_are_compared_as_layers():
    inner = layer("Sequential", "inner", "keras", layers=[layer("Dense", "a", units=4)])
    other = layer("Sequential", "inner", "keras", layers=[layer("Dense", "a", units=5)])
    assert told(model(inner), model(other)) == [("a", "a", {"units": (4, 5)})]


def test_numbers_that_keras_draws_when_it_saves_are_no_differences():
    a, b = (model(layer("Dense", "a", dtype={"class_name": "X", "config": {}, "shared_object_id": n})) for n in (1, 2))
    assert told(a, b) == []


@pytest.mark.parametrize("policy", [{"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}}])
def test_a_dtype_policy_is_the_same_as_its_name(policy):
    assert told(model(layer("Dense", "a", dtype="float32")), model(layer("Dense", "a", dtype=policy))) == []


def test_true_is_not_one():
    assert told(model(layer("Dense", "a", x=1)), model(layer("Dense", "a", x=True))) == [("a", "a", {"x": (1, True)})]


def test_entries_of_a_long_list_are_told_one_by_one():
    words = list("abcdefgh")
    a, b = (
        model(layer("StringLookup", "a", vocabulary=words)),
        model(layer("StringLookup", "a", vocabulary=[*words[:-1], "z"])),
    )
    assert told(a, b) == [("a", "a", {"vocabulary[7]": ("h", "z")})]


def test_classes_of_ones_own_differ_by_their_module():
    a, b = (model(layer("Scaled", "a", module)) for module in ("acme.old", "acme.new"))
    assert told(a, b) == [("a", "a", {"module": ("acme.old", "acme.new")})]


def test_shapes_a_layer_was_built_for_may_follow_from_other_changes():
    a, b = ({**layer("Dense", "a"), "build_config": {"input_shape": [None, n]}} for n in (1, 2))
    (change,) = [change for one in diff(parse(model(a)), parse(model(b))) for change in one.changes]
    assert (change.path, change.kind, change.follows) == ("build_config.input_shape", Kind.CHANGED, True)


def test_a_config_that_is_nested_too_deep_is_refused():
    def deep(value):
        for _ in range(150):
            value = {"class_name": "X", "config": {"x": [value]}}
        return parse(value)

    with pytest.raises(LimitExceededError, match="nested too deep"):
        diff(deep(1), deep(2))
