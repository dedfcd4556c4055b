"""What Keras really says is recognised: a second process provokes every message, and the cause is named."""

import ast
import importlib.util
import json
import re
from pathlib import Path

import pytest

from kept import rules
from kept.messages import causes, messages
from tests.conftest import Python, require_backend

SCRIPT = Path(__file__).with_name("provoked.py")
TREE = ast.parse(SCRIPT.read_text())
NOT_PROVOKING = next(
    ast.literal_eval(node.value)
    for node in TREE.body
    if isinstance(node, ast.Assign) and node.targets[0].id == "NOT_PROVOKING"
)
PROVOKING = [node.name for node in TREE.body if isinstance(node, ast.FunctionDef) and node.name not in NOT_PROVOKING]
NAMES = [module.MESSAGE.name for module in messages()]
# What an older Keras said, or said in other words.
LITERALLY = {
    "NotImplementedError: Layer Scaled has arguments ['self', 'units'] in `__init__` and therefore must override "
    "`get_config`.": "non-serializable-argument",
    "TypeError: can't pickle _thread.RLock objects": "cannot-pickle",
    "TypeError: __init__() got an unexpected keyword argument 'name'": "unexpected-base-argument",
    "ValueError: You are trying to load a weight file containing 7 layers into a model with 0 layers": "layer-count",
    "RuntimeError: Unable to create attribute (object header message is too large)": "hdf5-header",
    "ValueError: Unknown loss function: 'focal'. Please ensure this object is passed": "unknown-object-in-h5",
    "ValueError: ('Unrecognized keyword arguments:', dict_keys(['ragged']))": "unrecognized-arguments",
    "TypeError: ('Keyword argument not understood:', 'W_constraint')": "unrecognized-arguments",
    "In layer 'Scaled', you forgot to call `super().__init__()`": "super-init",
}


def message_of(provoking):
    return provoking.partition("__")[0].replace("_", "-")


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """Function of the script -> what Keras said."""
    backend = next((name for name in ("jax", "torch", "tensorflow") if importlib.util.find_spec(name)), "jax")
    require_backend(backend)
    ended = Python(tmp_path_factory.mktemp("said"))(str(SCRIPT), KERAS_BACKEND=backend)
    assert ended.code == 0, ended.err
    return json.loads(ended.out)


def named(text):
    return [cause.message.name for cause in causes(text)]


@pytest.mark.parametrize("provoking", PROVOKING)
def test_what_keras_says_is_recognised(said, provoking):
    found = causes(said[provoking])
    wrapped = [cause.message.name for cause in found if cause.message.wraps]
    expected = next(module.MESSAGE for module in messages() if module.MESSAGE.name == message_of(provoking))
    assert expected.name in (wrapped if expected.wraps else [found[0].message.name]), said[provoking][-2000:]


def test_every_message_is_provoked():
    assert sorted({message_of(provoking) for provoking in PROVOKING}) == sorted(NAMES)


@pytest.mark.parametrize(
    ("provoking", "name", "value"),
    [
        ("could_not_locate__class", "name", "Scaled"),
        ("could_not_locate__function", "kind", "function"),
        ("unexpected_base_argument", "cls", "WithoutKwargs"),
        ("unexpected_argument", "argument", "size"),
        ("missing_argument", "arguments", "'units' and 'rate'"),
        ("unrecognized_arguments__of_keras_2", "cls", "LSTM"),
        ("positional_arguments", "cls", "Rated"),
        ("non_serializable_argument", "cls", "Table"),
        ("cannot_serialize_object__archive", "type", "set"),
        ("cannot_serialize_object__h5", "type", "set"),
        ("not_json_serializable__key", "type", "tuple"),
        ("variable_count", "expected", "1"),
        ("shape_mismatch__weights", "variable", "3, 4"),
        ("shape_mismatch__h5", "value", "3, 3"),
        ("optimizer_variables", "here", "6"),
        ("optimizer_unknown_variable", "variable", "late"),
        ("set_weights_count__number", "expected", "0"),
        ("set_weights_count__shape", "given", "(3, 4)"),
        ("name_in_lambda", "name", "shifted"),
        ("file_extension__none", "path", "model"),
        ("file_extension__other", "path", "model.pb"),
        ("save_format", "format", "tf"),
        ("file_not_found", "path", "nowhere.keras"),
        ("no_model_config", "path", "model.weights.h5"),
        ("unknown_object_in_h5", "name", "Scaled"),
        ("weight_count", "layer", "other"),
        ("weights_extension__save", "path", "model.h5"),
        ("duplicate_layer_names__functional", "name", "a"),
        ("slash_in_name", "name", "block/dense"),
        ("cannot_pickle__lock", "type", "_thread.lock"),
    ],
)
def test_names_are_read_from_the_message(said, provoking, name, value):
    assert causes(said[provoking])[0].names[name] == value


@pytest.mark.parametrize("text", LITERALLY)
def test_what_older_versions_said_is_recognised(text):
    assert named(text) == [LITERALLY[text]]


def test_the_innermost_cause_comes_before_what_wraps_it(said):
    found = named(said["unable_to_revive_model"])
    assert found[0] == "missing-argument"
    assert {"unable-to-revive-model", "could-not-be-deserialized"} < set(found)


def test_a_lambda_that_is_refused_has_two_messages(said):
    assert named(said["lambda_is_saved__and_refused"])[:2] == ["lambda-is-saved", "could-not-interpret"]


def test_a_cause_that_is_said_twice_is_one_cause():
    text = "Unknown layer: 'A'. Please ensure\nUnknown layer: 'A'. Please ensure\nUnknown layer: 'B'. Please ensure"
    assert [cause.names["name"] for cause in causes(text)] == ["A", "B"]


@pytest.mark.parametrize("mark", ["> ", "E   ", "| ", "\x1b[31m"])
def test_how_a_text_was_quoted_does_not_matter(mark):
    text = "Unable to synchronously create\ndataset (name\nalready exists)"
    assert named("".join(f"{mark}{line}\n" for line in text.splitlines())) == ["duplicate-dataset"]


def test_what_is_no_message_of_keras_has_no_cause():
    assert causes("ZeroDivisionError: division by zero") == []


def test_the_source_of_keras_is_no_message_of_keras():
    """Notebooks show lines of the source around the line that raised."""
    spec = importlib.util.find_spec("keras")
    folder = Path(spec.origin).parent / "src"
    every = [
        "saving/serialization_lib.py",
        "saving/saving_api.py",
        "legacy/saving/serialization.py",
        "ops/operation.py",
    ]
    assert [named((folder / name).read_text()) for name in every] == [[], [], [], []]


def test_a_long_log_is_read_at_once(said):
    noise = "step 1/100 loss: 0.5 from_config load_model deserialize\n" * 20_000
    assert named(noise + "d" * 100_000 + said["missing_argument"])[0] == "missing-argument"


@pytest.mark.parametrize("module", messages(), ids=NAMES)
def test_the_groups_of_a_pattern_are_those_that_its_sentences_name(module):
    message = module.MESSAGE
    groups = {re.sub(r"_\d+$", "", name) for name in re.compile(message.pattern).groupindex}
    assert set(re.findall(r"(?<!\{)\{(\w+)\}", message.cause + message.edit)) <= groups


def test_the_rules_that_a_message_names_are_there():
    known = {module.RULE.name for package in rules.packages() for module in rules.rules(package)}
    assert {name for module in messages() for name in module.MESSAGE.rules} - known == set()
