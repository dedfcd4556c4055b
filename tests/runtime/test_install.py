"""Every way of Keras to save and load ends in kept, and `uninstall` gives everything back."""

import io
import os
from pathlib import Path

import keras
import numpy as np
import pytest
from keras.models import load_model as held_since_long_ago

import kept
from kept.errors import KeptWarning, SerializationError, UnknownFormatError, WriteError
from kept.proof import Level, Proof
from kept.runtime import install, journal, load, routes, save, saved_model, weights, weights_loading

NAMES = ("save_model", "load_model", "save_weights", "load_weights")


@pytest.fixture
def model():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])


@pytest.fixture
def calls(monkeypatch):
    """Routed saves and loads, which are only written down; the files they would write hold their own names."""
    made = []

    def fake(verb, writes):
        def call(*arguments, **options):
            made.append((verb, arguments, options))
            if not writes:
                return verb
            path = arguments[1]
            if hasattr(path, "write"):
                return Proof("<BytesIO>", 1, Level.OUTPUTS)
            if verb != "save_saved_model":
                with open(path, "w") as file:
                    file.write(verb)
            return Proof(path, 1, Level.OUTPUTS)

        return call

    for module, verb in ((save, "save"), (weights, "save_weights"), (saved_model, "save_saved_model")):
        monkeypatch.setattr(module, verb, fake(verb, writes=True))
    for module, verb in ((load, "load"), (weights_loading, "load_weights")):
        monkeypatch.setattr(module, verb, fake(verb, writes=False))
    kept.install()
    yield made
    kept.uninstall()
    journal.clear()


@pytest.fixture(autouse=True)
def in_empty_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def on_tensorflow(monkeypatch):
    monkeypatch.setattr(routes, "_backend", lambda: "tensorflow")


@pytest.mark.parametrize(
    "do",
    [
        lambda model: model.save("m.keras"),
        lambda model: keras.saving.save_model(model, "m.keras"),
        lambda model: keras.models.save_model(model, "m.keras", True),
        lambda model: keras._tf_keras.keras.models.save_model(model, filepath="m.keras"),
    ],
)
def test_every_name_of_save_is_routed(do, model, calls):
    do(model)
    assert [(verb, arguments) for verb, arguments, _ in calls] == [("save", (model, "m.keras"))]


@pytest.mark.parametrize(
    "do",
    [
        lambda: keras.saving.load_model("m.keras"),
        lambda: keras.models.load_model("m.keras"),
        lambda: keras._tf_keras.keras.models.load_model("m.keras"),
        lambda: held_since_long_ago("m.keras"),
    ],
)
def test_every_name_of_load_is_routed_even_one_imported_before(do, calls):
    do()
    assert [verb for verb, _, _ in calls] == ["load"]


def test_arguments_of_load_keep_their_order(calls):
    keras.saving.load_model("m.keras", {"a": 1}, False, False)
    assert calls == [("load", ("m.keras", {"a": 1}, False, False), {})]


def test_weights_are_routed(model, calls):
    model.save_weights("m.weights.h5")
    model.load_weights("m.weights.h5", skip_mismatch=True)
    keras.saving.load_weights(model, "m.weights.h5")
    assert [verb for verb, _, _ in calls] == ["save_weights", "load_weights", "load_weights"]


@pytest.mark.parametrize(("weights_only", "verb"), [(False, "save"), (True, "save_weights")])
def test_checkpoints_are_routed(weights_only, verb, model, calls):
    model.compile("sgd", "mse")
    path = "c.weights.h5" if weights_only else "c.keras"
    saving = keras.callbacks.ModelCheckpoint(path, save_weights_only=weights_only)
    model.fit(np.zeros((4, 2)), np.zeros((4, 1)), epochs=2, verbose=0, callbacks=[saving])
    assert [name for name, _, _ in calls] == [verb, verb]


def test_uninstall_restores_every_attribute_exactly(model):
    def state():
        functions = [getattr(keras.saving, name) for name in NAMES]
        parts = [(id(f), id(f.__code__), f.__defaults__, f.__kwdefaults__, f.__doc__) for f in functions]
        return parts, keras.models.load_model, keras.Model.save, keras.Model.save_weights, keras.Model.load_weights

    before = state()
    kept.install()
    assert state() != before
    kept.uninstall()
    assert state() == before


def test_installing_twice_is_installing_once(calls, model):
    kept.install(verify="weights")
    model.save("m.keras")
    kept.uninstall()
    model.save("stock.keras")
    assert [(arguments[1], options["verify"]) for _, arguments, options in calls] == [("m.keras", "weights")]
    assert Path("stock.keras").read_bytes()[:2] == b"PK"


def test_keras_stays_within_reach_while_it_is_routed(calls, model):
    install.stock("save_model")(model, "m.keras")
    assert calls == []
    assert Path("m.keras").read_bytes()[:2] == b"PK"


def test_what_kept_itself_asks_of_keras_is_not_routed(calls, model, monkeypatch):
    monkeypatch.setattr(save, "save", lambda m, path, **_: [m.save(path), Proof(path, 1)][1])
    model.save("m.keras")
    assert Path("m.keras").read_bytes()[:2] == b"PK"
    assert len(journal.entries()) == 1


def test_what_is_saved_is_recorded(calls, model):
    model.save("m.keras")
    assert [entry.path for entry in journal.entries()] == ["m.keras"]


def test_what_cannot_be_saved_is_recorded_and_raised(calls, model, monkeypatch):
    def refuse(*_, **__):
        raise SerializationError("nothing can encode it", where="model.x")

    monkeypatch.setattr(save, "save", refuse)
    with pytest.raises(TypeError, match="nothing can encode it"):
        model.save("m.keras")
    assert [entry.message for entry in journal.entries()] == ["nothing can encode it"]


@pytest.mark.parametrize(
    ("path", "save_format", "expected"),
    [
        ("m.keras", None, "keras"),
        ("m.keras", "keras_v3", "keras"),
        ("m.h5", None, "h5"),
        ("m.HDF5", "h5", "h5"),
        ("m", "h5", "h5"),
        ("m", None, "tf"),
        ("runs/v1.2", None, "tf"),
        ("a.b/m/", None, "tf"),
        ("m.tf", "tf", "tf"),
        ("m", "TF", "tf"),
    ],
)
def test_the_format_is_what_the_script_means(path, save_format, expected):
    assert routes.chosen_format(path, save_format) == expected


@pytest.mark.parametrize(("path", "save_format"), [("m.kears", None), ("m", "keras"), ("m", "onnx")])
def test_a_name_that_means_no_format_is_an_error(path, save_format, calls, model):
    with pytest.raises(UnknownFormatError):
        model.save(path, save_format=save_format)
    assert calls == []


def test_an_extension_wins_over_save_format_and_says_so(calls, model):
    with pytest.warns(KeptWarning, match="extension decides"):
        model.save("m.h5", save_format="tf")
    assert calls[0][:2] == ("save", (model, "m.h5"))


@pytest.mark.parametrize("arguments", [{}, {"save_format": "tf"}, {"include_optimizer": True, "save_traces": True}])
def test_a_path_without_extension_is_a_saved_model_on_tensorflow(arguments, calls, model, monkeypatch):
    on_tensorflow(monkeypatch)
    model.save("m", **arguments)
    assert calls[0][:2] == ("save_saved_model", (model, "m"))


@pytest.mark.parametrize("arguments", [{}, {"save_format": "tf"}])
def test_without_tensorflow_an_archive_takes_the_place_of_a_saved_model(arguments, calls, model, monkeypatch):
    monkeypatch.setattr(routes, "_backend", lambda: "jax")
    with pytest.warns(KeptWarning, match="saved as runs/m.keras"):
        model.save("runs/m/", **arguments)
    assert calls[0][:2] == ("save", (model, "runs/m.keras"))
    with pytest.warns(KeptWarning, match="runs/m.keras is loaded"):
        keras.saving.load_model("runs/m/")
    assert calls[1][1][0] == "runs/m.keras"


def test_an_archive_is_not_written_where_a_load_would_find_something_older(calls, model, monkeypatch):
    monkeypatch.setattr(routes, "_backend", lambda: "jax")
    os.mkdir("m")
    with pytest.raises(ValueError, match="needs the TensorFlow backend") as caught:
        model.save("m")
    assert "m.keras" in caught.value.hint
    assert calls == []


@pytest.mark.parametrize("path", ["a/b/m.keras", "a/b/m.h5"])
def test_folders_above_a_path_are_made(path, calls, model):
    model.save(path)
    model.save_weights("c/d/m.weights.h5")
    assert [arguments[1] for _, arguments, _ in calls] == [path, "c/d/m.weights.h5"]
    assert Path(path).is_file()


def test_a_save_that_fails_leaves_no_empty_folders(calls, model, monkeypatch):
    def refuse(*_, **__):
        raise SerializationError("nothing can encode it")

    monkeypatch.setattr(save, "save", refuse)
    os.mkdir("a")
    with pytest.raises(SerializationError):
        model.save("a/b/c/m.keras")
    assert os.listdir("a") == []


def test_folders_that_cannot_be_made_are_one_clear_error(calls, model):
    Path("a").touch()
    with pytest.raises(WriteError, match="not a folder"):
        model.save("a/b/m.keras")
    assert calls == []


def test_home_is_found(calls, model, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    model.save("~/m.keras")
    keras.saving.load_model("~/m.keras")
    model.save_weights("~/m.weights.h5")
    model.load_weights("~/m.weights.h5")
    places = [next(one for one in arguments if isinstance(one, str)) for _, arguments, _ in calls]
    assert places == [str(tmp_path / name) for name in ("m.keras", "m.keras", "m.weights.h5", "m.weights.h5")]


def test_h5_without_its_extension_takes_the_name_it_was_given(calls, model):
    model.save("m", save_format="h5")
    assert os.listdir() == ["m"]
    assert journal.entries()[0].path == "m"


@pytest.mark.parametrize("name", ["signatures", "options"])
def test_an_argument_without_effect_is_told(name, calls, model, monkeypatch):
    on_tensorflow(monkeypatch)
    with pytest.warns(KeptWarning, match=f"{name}= has no effect"):
        model.save("m", **{name: object()})


def test_an_unknown_argument_is_refused_by_keras(calls, model):
    with pytest.raises(ValueError, match="not supported"):
        model.save("m.keras", nonsense=1)
    assert calls == []


def test_a_file_object_is_routed_as_it_is(calls, model):
    stream = io.BytesIO()
    keras.saving.save_model(model, stream)
    keras.saving.load_model(stream)
    assert [(verb, stream in arguments) for verb, arguments, _ in calls] == [("save", True), ("load", True)]
    assert journal.entries()[0].path == "<BytesIO>"


def test_what_is_no_place_is_one_clear_error(calls, model):
    with pytest.raises(UnknownFormatError, match="this is no path"):
        model.save(3)
    assert calls == []


@pytest.mark.filterwarnings("ignore:m. a SavedModel needs:kept.errors.KeptWarning")
@pytest.mark.parametrize("backend", ["tensorflow", "jax"])
def test_the_optimizer_is_left_out_where_the_script_says_so(backend, calls, model, monkeypatch):
    monkeypatch.setattr(routes, "_backend", lambda: backend)
    for path in ("m.keras", "m.h5", "m"):
        model.save(path, include_optimizer=False)
    assert [options["include_optimizer"] for _, _, options in calls] == [False] * 3


def test_a_remote_path_is_left_to_keras_and_told(calls, model, monkeypatch):
    monkeypatch.setattr(routes, "stock", lambda name: lambda *arguments, **_: calls.append((name, arguments)))
    with pytest.warns(KeptWarning, match="not proven"):
        model.save("hf://me/model")
    assert calls == [("save_model", (model, "hf://me/model", True, None))]
    assert journal.entries()[0].level is None


def test_a_folder_instead_of_an_archive_is_proven_too(calls, model):
    model.save("folder", zipped=False)
    assert calls[0][:2] == ("save", (model, "folder"))
    assert calls[0][2]["zipped"] is False


@pytest.mark.parametrize(("answer", "written"), [("y", True), ("n", False)])
def test_overwrite_false_asks_as_keras_does(answer, written, calls, model, monkeypatch):
    Path("m.keras").touch()
    monkeypatch.setattr("builtins.input", lambda _: answer)
    model.save("m.keras", overwrite=False)
    assert bool(calls) is written


def test_overwrite_false_with_nobody_to_ask_is_an_error(calls, model, monkeypatch):
    Path("m.keras").touch()
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(WriteError, match="overwrite=False"):
        model.save("m.keras", False)
    assert calls == []


def test_warnings_point_at_the_script(calls, model):
    with pytest.warns(KeptWarning) as caught:
        model.save("m.h5", save_format="tf")
    assert caught[0].filename == __file__


BEFORE_KERAS = """
import sys, kept
kept.install()
assert "keras" not in sys.modules and "numpy" not in sys.modules
import keras
assert all("kept" not in type(finder).__module__ for finder in sys.meta_path)
assert type(keras.__loader__).__name__ == type(keras.__spec__.loader).__name__ == "SourceFileLoader"
from kept.runtime import install
print(keras.saving.save_model.__code__ is install.save_model.__code__)
kept.uninstall()
print(keras.saving.save_model.__code__ is install.save_model.__code__)
"""


def test_install_before_keras_waits_for_it_and_leaves_no_trace(python):
    python.write("s.py", BEFORE_KERAS)
    assert python("s.py").out == "True\nFalse\n"


def test_uninstall_before_keras_leaves_no_trace(python):
    python.write(
        "s.py",
        "import sys, kept\na = list(sys.meta_path)\nkept.install()\nkept.uninstall()\nprint(a == sys.meta_path)\n",
    )
    assert python("s.py").out == "True\n"


def test_a_keras_of_another_age_is_left_alone(python):
    python.write("keras/__init__.py", "__version__ = '2.15.0'\n")
    python.write("s.py", "import kept\nkept.install()\nimport keras\nprint(keras.__version__)\n")
    ended = python("s.py")
    assert ended.out == "2.15.0\n"
    assert "KeptWarning: Keras 2.15.0 is not known to kept" in ended.err
