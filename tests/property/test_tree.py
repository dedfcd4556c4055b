"""Laws of the config tree: any JSON gives a tree or an error of kept, and a tree gives the JSON back."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kept.errors import KeptError
from kept.inspecting.origins import is_custom, required
from kept.tree.parse import parse, plain
from kept.tree.shapes import output_shapes
from kept.tree.walk import layers_of, walk

QUICK = settings(max_examples=150, deadline=None)

WORDS = ("class_name", "module", "config", "name", "registered_name", "layers", "inbound_nodes", "build_config")
MORE_WORDS = ("input_shape", "batch_shape", "units", "keras_history", "shape", "fn", "items", "compile_config")
KEYS = st.sampled_from([*WORDS, *MORE_WORDS])
CLASSES = st.sampled_from(
    ["Dense", "Sequential", "Functional", "function", "__lambda__", "__keras_tensor__", "InputLayer"]
)
LEAVES = st.none() | st.booleans() | st.integers(-9, 2**70) | st.floats(allow_nan=False) | st.text(max_size=6) | CLASSES
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=4), inner),
    max_leaves=40,
)
CONFIGS = st.dictionaries(KEYS | st.text(max_size=4), JSON, max_size=8)


@QUICK
@given(config=CONFIGS)
def test_a_tree_gives_back_the_json_that_it_was_made_of(config):
    assert plain(parse(config)) == config


@QUICK
@given(config=CONFIGS)
def test_any_config_can_be_asked_for_layers_shapes_and_custom_classes(config):
    tree = parse(config)
    for node in walk(tree):
        assert isinstance(is_custom(node), bool)
        assert all(isinstance(name, str) for name in output_shapes(node))
        assert {layer.path for layer in layers_of(node)} <= {child.path for child in node.children}
    required([tree], None)


@QUICK
@given(depth=st.integers(1, 3000), key=st.sampled_from(["config", "class_name", "layers"]))
def test_a_deep_config_gives_a_tree_or_an_error_of_kept(depth, key):
    deep = {"class_name": "Dense"}
    for level in range(depth):
        deep = {key: [deep] if level % 2 else deep}
    try:
        count = sum(1 for _ in walk(parse(deep)))
    except KeptError:
        count = None
    assert count is None or count >= 1
    assert count is not None or depth > 300 or depth * len(f"{key}[0].") > 2000
