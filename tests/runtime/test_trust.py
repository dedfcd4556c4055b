"""Nothing of a file runs without trust, and names in it never reach what was not made for models."""

import json

import pytest

from kept.formats.base import open_artifact
from tests.runtime.crafting import craft
from tests.runtime.models import HEAD, PLAIN_LAYER

SCALE = HEAD + PLAIN_LAYER + "model = keras.Sequential([keras.Input((3,)), Scale(2)])\n"
BENT = HEAD + "def bent(x):\n    return x + 1\n"
ACTIVATION = BENT + "model = keras.Sequential([keras.Input((3,)), layers.Dense(2, activation=bent)])\n"
LAMBDA = BENT + "model = keras.Sequential([keras.Input((3,)), layers.Lambda(bent)])\n"
SAVE = "import kept\nkept.save(model, file, verify=False)\n"
LOAD = "import kept\nresult = type(kept.load(file).layers[0]).__name__\n"


@pytest.fixture
def scale(one_lab):
    """A saved model with a class of `__main__`, and the processes that load it."""
    one_lab.here(SCALE, SAVE).result  # noqa: B018  it must not have failed
    return one_lab


def record(lab):
    with open_artifact(lab.file) as artifact:
        return artifact.metadata["kept"]


def test_the_error_names_every_class_with_its_place_and_what_allows_it(scale):
    error = scale.elsewhere(LOAD).error
    assert error["type"] == "UntrustedCodeError"
    assert "Scale" in error["text"]
    line = SCALE.splitlines().index("class Scale(layers.Layer):") + 1
    assert f"script_saves.py:{line}" in error["text"]
    assert error["required"] == [f"sha256:{unit['sha256']}" for unit in record(scale)["sources"].values()]


def test_what_the_error_requires_is_a_whole_answer(scale):
    required = scale.elsewhere(LOAD).error["required"]
    assert scale.elsewhere(f"import kept\nresult = kept.load(file, trusted={required!r}).layers[0].units").result == 2


def test_every_missing_class_is_named_at_once(one_lab):
    two = SCALE + "class Other(layers.Layer):\n    def call(self, x):\n        return x\nmodel.add(Other())\n"
    one_lab.here(two, SAVE)
    error = one_lab.elsewhere(LOAD).error
    assert all(name in error["text"] for name in ("Scale", "Other"))


def test_embedded_source_does_not_run_without_trust(scale):
    canary = scale.folder / "ran"

    def poison(config, metadata):
        for unit in metadata["kept"]["sources"].values():
            unit["text"] = f"open({str(canary)!r}, 'w')\n" + unit["text"]

    required = scale.elsewhere(LOAD).error["required"]
    craft(scale.file, poison)
    assert scale.elsewhere(LOAD).error["type"] == "UntrustedCodeError"
    assert scale.elsewhere(f"import kept\nkept.load(file, trusted={required!r})").error["type"] == "CorruptFileError"
    assert not canary.exists()


def test_a_module_that_the_file_names_is_imported_only_where_it_is_trusted(scale):
    (scale.folder / "acme").mkdir()
    (scale.folder / "acme" / "parts.py").write_text(
        PLAIN_LAYER.join(["import keras\nfrom keras import layers, ops\nopen(__file__ + '.ran', 'w').close()\n", ""])
    )

    def elsewhere_defined(config, metadata):
        metadata["kept"]["objects"][0] |= {"import": "acme.parts:Scale", "reference": None}

    craft(scale.file, elsewhere_defined)
    path = f"import sys\nsys.path.insert(0, {str(scale.folder)!r})\n"
    assert scale.elsewhere(path, LOAD).error["required"] == ["acme.parts"]
    assert not (scale.folder / "acme" / "parts.py.ran").exists()
    for trusted in ("acme", ["acme.parts"]):
        assert (
            scale.elsewhere(path, f"import kept\nresult = kept.load(file, trusted={trusted!r}).layers[0].units").result
            == 2
        )


def test_trusting_a_package_does_not_trust_another_whose_name_begins_the_same(scale):
    craft(
        scale.file,
        lambda config, metadata: metadata["kept"]["objects"][0].update({"import": "acmeplus:Scale", "reference": None}),
    )
    assert scale.elsewhere("import kept\nkept.load(file, trusted=['acme'])").error["type"] == "UntrustedCodeError"


STANDARD = ["os:system", "posix:system", "subprocess:run", "subprocess:Popen", "builtins:eval", "builtins:exec",
            "builtins:print", "runpy:run_path", "importlib:import_module", "pathlib:Path", "pickle:loads",
            "antigravity:fly", "webbrowser:open"]  # fmt: skip


@pytest.mark.parametrize("source", [ACTIVATION, LAMBDA], ids=["activation", "Lambda"])
def test_no_record_reaches_python_itself(one_lab, source):
    one_lab.here(source, SAVE).result  # noqa: B018
    untouched = one_lab.file.read_bytes()
    for path in STANDARD:
        craft(
            one_lab.file,
            lambda config, metadata, path=path: metadata["kept"]["objects"][0].update(
                {"import": path, "reference": None}
            ),
        )
        trusting = f"import kept\nkept.load(file, trusted=[{path.partition(':')[0]!r}])"
        assert one_lab.elsewhere(LOAD).error["type"] == "UnsafeContentError", path
        assert one_lab.elsewhere(trusting).error["type"] == "UnsafeContentError", path
        one_lab.file.write_bytes(untouched)


LIBRARY = ["numpy:load", "numpy:save", "h5py:File", "kept:load", "keras.src.saving.saving_api:load_model", "keras.utils:get_file",
           "kept.runtime.load:os.system", "keras.src.utils.file_utils:shutil.rmtree", "h5py._hl.files:File.close"]  # fmt: skip


def test_no_record_reaches_what_a_library_happens_to_have_imported(one_lab):
    one_lab.here(LAMBDA, SAVE).result  # noqa: B018
    for path in LIBRARY:
        craft(
            one_lab.file,
            lambda config, metadata, path=path: metadata["kept"]["objects"][0].update(
                {"import": path, "reference": None}
            ),
        )
        assert one_lab.elsewhere(LOAD).error["type"] in ("UntrustedCodeError", "UnsafeContentError"), path


@pytest.mark.parametrize(
    "node",
    [
        {"module": "os", "class_name": "function", "config": "system", "registered_name": "system"},
        {"module": "posix", "class_name": "system", "config": {}, "registered_name": "system"},
        {"module": "keras.utils", "class_name": "function", "config": "get_file", "registered_name": "get_file"},
        {"module": "keras.utils", "class_name": "get_file", "config": {}},
        {"module": "keras.saving", "class_name": "function", "config": "load_model", "registered_name": "load_model"},
        {"module": "keras.src.utils.file_utils", "class_name": "get_file", "config": {}},
        {"module": "keras.config", "class_name": "function", "config": "enable_unsafe_deserialization"},
    ],
    ids=lambda node: f"{node['module']}-{node['class_name']}",
)
def test_no_node_of_a_stock_file_reaches_what_no_model_needs(one_lab, node):
    one_lab.here(LAMBDA, SAVE).result  # noqa: B018

    def crafted(config, metadata):
        del metadata["kept"]
        config["config"]["layers"][1]["config"]["function"] = node

    craft(one_lab.file, crafted)
    assert one_lab.elsewhere(LOAD).error["type"] == "UnsafeContentError"


def test_a_function_that_the_caller_imported_is_used(one_lab):
    one_lab.here(ACTIVATION, SAVE).result  # noqa: B018
    assert one_lab.elsewhere(BENT, LOAD).result == "Dense"


@pytest.mark.parametrize("key", ["Scale", "mine>Scale", "__main__:Scale"])
def test_custom_objects_win_over_every_registration(one_lab, key):
    registered = SCALE.replace("class Scale", "@keras.saving.register_keras_serializable('mine')\nclass Scale")
    one_lab.here(registered, SAVE).result  # noqa: B018
    given = registered + "class Given(Scale):\n    pass\nGiven.__name__ = 'Scale'\n"
    load = f"import kept\nmodel = kept.load(file, {{{key!r}: Given}})\nresult = type(model.layers[0]) is Given\n"
    assert one_lab.elsewhere(given, load).result


def test_without_embedded_source_a_file_holds_no_text_and_needs_the_class(one_lab):
    one_lab.here(SCALE, "import kept\nkept.save(model, file, verify=False, embed_source=False)").result  # noqa: B018
    assert record(one_lab)["sources"] == {}
    assert one_lab.elsewhere(LOAD).error["type"] == "UntrustedCodeError"
    assert one_lab.elsewhere(SCALE, LOAD).result == "Scale"


def test_a_lambda_that_stock_keras_marshalled_runs_only_without_safe_mode(one_lab):
    stock = HEAD + "model = keras.Sequential([keras.Input((3,)), layers.Lambda(lambda x: x + 1)])\nmodel.save(file)\n"
    one_lab.here(stock).result  # noqa: B018
    assert one_lab.elsewhere(LOAD).error["type"] == "UnsafeContentError"
    assert one_lab.elsewhere(LOAD.replace("(file)", "(file, safe_mode=False)")).result == "Lambda"


def test_a_lambda_of_kept_is_source_and_holds_no_bytecode(one_lab):
    one_lab.here(HEAD + "model = keras.Sequential([keras.Input((3,)), layers.Lambda(lambda x: x + 1)])\n" + SAVE)
    with open_artifact(one_lab.file) as artifact:
        assert "__lambda__" not in json.dumps(artifact.config)
        assert "lambda x: x + 1" in json.dumps(artifact.metadata)


STATES = {
    "a class": [["model.layers[0]", "__class__", "Dense"]],
    "a dict": [["model.layers[0]", "__dict__", {"a": 1}]],
    "no name": [["model.layers[0]", "a b", 3]],
    "no such part": [["model.layers[9]", "a", 3]],
    "no value": [["model.layers[0]", "a", {"$": "eval", "value": "1"}]],
    "no list": 7,
}
TOLD = "import kept\ntry:\n    kept.load(file)(x)\nexcept kept.KeptError as error:\n    result = type(error).__name__\n"


@pytest.mark.parametrize("what", STATES)
def test_crafted_state_ends_in_an_error_of_kept(one_lab, what):
    one_lab.here(ACTIVATION, SAVE).result  # noqa: B018
    craft(one_lab.file, lambda config, metadata: metadata["kept"]["state"].update(attributes=STATES[what]))
    assert one_lab.elsewhere(BENT, TOLD).result in ("MismatchError", "CorruptFileError")


SETTINGS = {
    "another name": ["model.layers[0]._kernel", "trainable", None],
    "another class": ["model.layers[0]._kernel", "regularizer", {"module": "os", "class_name": "system", "config": {}}],
    "a function": ["model.layers[0]._kernel", "regularizer", {"module": "keras.regularizers", "class_name": "get", "config": {}}],
}  # fmt: skip


@pytest.mark.parametrize("what", SETTINGS)
def test_a_crafted_setting_of_a_variable_ends_in_an_error_of_kept(one_lab, what):
    one_lab.here(ACTIVATION, SAVE).result  # noqa: B018
    craft(one_lab.file, lambda config, metadata: metadata["kept"]["state"].update(settings=[SETTINGS[what]]))
    assert one_lab.elsewhere(BENT, TOLD).result in ("MismatchError", "CorruptFileError")


def test_a_crafted_recipe_does_not_take_all_memory(one_lab):
    one_lab.here(ACTIVATION, SAVE.replace(", verify=False", "")).result  # noqa: B018

    def endless(config, metadata):
        metadata["kept"]["fingerprint"]["inputs"]["args"]["shape"] = [10**9, 3]

    craft(one_lab.file, endless)
    assert one_lab.elsewhere(BENT, TOLD).result == "CorruptFileError"


SWITCHED = "import keras\nkeras.config.enable_unsafe_deserialization()\nimport kept\n"
CANARY = """
import keras
from keras import layers
model = keras.Sequential([keras.Input((3,)), layers.Lambda(lambda x: [x + 1, open(r'CANARY', 'w').close()][0])])
"""


@pytest.mark.parametrize("suffix", [".keras", ".h5"])
def test_the_unsafe_switch_of_the_process_is_of_no_matter(one_lab, tmp_path, suffix):
    canary, file = tmp_path / "ran", str(tmp_path / f"stock{suffix}")
    made = CANARY.replace("CANARY", str(canary))
    one_lab.here(made, f"model.save({file!r})\n").result  # noqa: B018  it must not have failed
    canary.unlink()
    assert one_lab.elsewhere(SWITCHED, f"kept.load({file!r})").error["type"] == "UnsafeContentError"
    assert not canary.exists()


def test_the_error_has_the_findings_of_the_scan(one_lab, tmp_path):
    stock = HEAD + "model = keras.Sequential([keras.Input((3,)), layers.Lambda(lambda x: x + 1)])\nmodel.save(file)\n"
    one_lab.here(stock).result  # noqa: B018
    caught = "import kept\ntry:\n    kept.load(file)\nexcept kept.UnsafeContentError as error:\n    "
    found = one_lab.elsewhere(f"{caught}result = [[one.rule, list(one.where)] for one in error.findings]").result
    assert found == [["code-payload", ["config.layers[1].config.function"]]]


def test_without_safe_mode_only_code_of_plain_keras_passes(one_lab):
    def crafted(config, metadata):
        node = {"module": "keras.utils", "class_name": "function", "config": "get_file", "registered_name": "get_file"}
        config["config"]["layers"][1]["config"]["function"] = node
        metadata.pop("kept")

    one_lab.here(LAMBDA, SAVE).result  # noqa: B018
    craft(one_lab.file, crafted)
    error = one_lab.elsewhere(LOAD.replace("(file)", "(file, safe_mode=False)")).error
    assert error["type"] == "UnsafeContentError"
    assert "config.layers[1].config.function: keras.utils.get_file is no part of a model" in error["text"]


def test_a_legacy_file_that_is_replaced_after_it_was_judged_is_not_what_is_loaded(one_lab, tmp_path):
    file, other = str(tmp_path / "one.h5"), str(tmp_path / "other.h5")
    one_lab.here(HEAD + f"keras.Sequential([keras.Input((3,)), layers.Dense(2)]).save({file!r})\n").result  # noqa: B018
    one_lab.here(HEAD + f"keras.Sequential([keras.Input((3,)), layers.Dense(7)]).save({other!r})\n").result  # noqa: B018
    swapping = f"""
import os, kept
from kept.runtime import load
judge = load.refuse_unsafe
def swapping(artifact, **options):
    judge(artifact, **options)
    os.replace({other!r}, {file!r})
load.refuse_unsafe = swapping
try:
    result = kept.load({file!r}).layers[-1].units
finally:
    load.refuse_unsafe = judge
"""
    assert one_lab.elsewhere(swapping).result == 2
