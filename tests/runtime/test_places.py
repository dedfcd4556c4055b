"""Where a model can be put beside a file: file objects, folders, names that say no format; each proven like any other."""

import io
import json
import os

import pytest

import kept
from kept.errors import CorruptFileError, UnknownFormatError, WriteError
from kept.runtime import streams
from tests.runtime.models import HEAD, ONLY_TENSORFLOW, PLAIN_LAYER
from tests.runtime.test_save import assert_equal

MODEL = HEAD + PLAIN_LAYER + "model = keras.Sequential([keras.Input((3,)), Scale(2), layers.Dropout(0.5)])\n"
TRAINED = MODEL + "model.compile('adam', 'mse', metrics=['mae'])\nmodel.train_on_batch(x, y)\n"
BROKEN = "Scale.get_config = lambda self: 1 / 0\nScale.__init__ = lambda self, *units: None\n"
SAVE = "import io, kept\nfrom tests.runtime.observing import keep, observe, variables\nkeep(folder, x)\nbefore = variables(model)\n"
KEEP = "assert variables(model) == before\nresult = observe(model, x) | {'proof': proof.outputs.value}\n"
LOAD = """
import io, kept
from tests.runtime.observing import kept_inputs, observe
def load(place):
    try:
        return kept.load(place())
    except kept.UntrustedCodeError as error:
        return kept.load(place(), trusted=error.required)
model = load({place})
result = observe(model, kept_inputs(folder)) | {{'compiled': model.compiled}}
"""


def test_a_file_object_takes_a_proven_archive_and_gives_it_back(one_lab):
    save = "stream = io.BytesIO()\nproof = kept.save(model, stream)\nopen(file, 'wb').write(stream.getvalue())\n"
    before = one_lab.here(TRAINED, SAVE, save, KEEP).result
    assert before["proof"] == "equal"
    after = one_lab.elsewhere(LOAD.format(place="lambda: io.BytesIO(open(file, 'rb').read())")).result
    assert_equal(before, after)
    assert_equal(before, one_lab.elsewhere(LOAD.format(place="lambda: open(file, 'rb')")).result)


def test_a_model_that_cannot_be_saved_leaves_a_file_object_empty_and_its_weights_in_a_file(one_lab):
    check = "stream = io.BytesIO()\ntry:\n    kept.save(model, stream)\nexcept kept.KeptError as error:\n"
    check += "    result = [len(stream.getvalue()), error.path, error.rescue]\n"
    size, path, rescue = one_lab.here(MODEL, BROKEN, SAVE, check).result
    assert (size, path) == (0, "<BytesIO>")
    assert os.path.getsize(rescue) > 0
    os.remove(rescue)


@pytest.mark.parametrize("stream", [io.StringIO(), io.BufferedReader(io.BytesIO()), "closed"])
def test_a_file_object_that_takes_no_bytes_is_one_clear_error(stream):
    if stream == "closed":
        stream = io.BytesIO()
        stream.close()
    with pytest.raises(WriteError, match="the file object"), streams.written_to(stream):
        pass


@pytest.mark.parametrize(
    ("stream", "error"),
    [
        (io.StringIO("text"), UnknownFormatError),
        (io.BufferedWriter(io.BytesIO()), UnknownFormatError),
        (io.BytesIO(), CorruptFileError),
        (io.BytesIO(b"no model"), UnknownFormatError),
        (3, UnknownFormatError),
    ],
)
def test_a_file_object_that_gives_no_model_is_one_clear_error(stream, error):
    with pytest.raises(error):
        kept.load(stream)


def test_a_raw_file_that_takes_a_part_at_a_time_gets_everything():
    class Slow(io.RawIOBase):
        taken = b""

        def writable(self):
            return True

        def write(self, data):
            self.taken += bytes(data[:7])
            return min(7, len(data))

    slow = Slow()
    with streams.written_to(slow) as path, open(path, "wb") as file:
        file.write(bytes(range(100)))
    assert slow.taken == bytes(range(100))


def test_a_folder_is_proven_and_plain_keras_loads_it(one_lab):
    save = "proof = kept.save(model, folder + '/unzipped', zipped=False)\n"
    before = one_lab.here(TRAINED, SAVE, save, KEEP).result
    assert sorted(os.listdir(one_lab.folder / "unzipped")) == ["config.json", "metadata.json", "model.weights.h5"]
    assert_equal(before, one_lab.elsewhere(LOAD.format(place="lambda: folder + '/unzipped'")).result)
    stock = "model = keras.saving.load_model(folder + '/unzipped', custom_objects={'Scale': Scale})\n"
    observe = "from tests.runtime.observing import kept_inputs, observe\nresult = observe(model, kept_inputs(folder))\n"
    assert_equal(before, one_lab.elsewhere(MODEL, stock, observe).result, ("layers", "optimizer"))


def test_a_folder_is_replaced_only_once_the_new_one_is_proven(one_lab):
    save = "proof = kept.save(model, folder + '/unzipped', zipped=False)\n"
    one_lab.here(MODEL, SAVE, save, KEEP).result  # noqa: B018
    before = {file.name: file.read_bytes() for file in (one_lab.folder / "unzipped").iterdir()}
    error = one_lab.here(MODEL, BROKEN, SAVE, save).error
    assert os.path.dirname(error["rescue"]) == str(one_lab.folder)
    assert error["rescue"].endswith(".weights.h5")
    assert {file.name: file.read_bytes() for file in (one_lab.folder / "unzipped").iterdir()} == before


def test_a_folder_with_anything_else_in_it_is_never_replaced(one_lab):
    save = "proof = kept.save(model, folder + '/unzipped', zipped=False)\n"
    one_lab.here(MODEL, SAVE, save, KEEP).result  # noqa: B018
    (one_lab.folder / "unzipped" / "README.md").write_text("mine")
    error = one_lab.here(MODEL, SAVE, save).error
    assert error["type"] == "WriteError"
    assert "README.md" in error["text"]


def test_assets_come_back_from_a_folder(tensorflow_lab):
    save = "proof = kept.save(model, folder + '/unzipped', zipped=False)\n"
    before = tensorflow_lab.here(HEAD, ONLY_TENSORFLOW["a vocabulary"], SAVE, save, save, KEEP).result
    assert_equal(before, tensorflow_lab.elsewhere(LOAD.format(place="lambda: folder + '/unzipped'")).result)


PLACES = {"an archive": "model.keras", "a legacy file": "model.h5"}


@pytest.mark.parametrize("place", PLACES)
def test_without_its_optimizer_a_model_comes_back_as_if_nobody_had_compiled_it(lab, place):
    path = f"folder + '/{PLACES[place]}'"
    save = f"proof = kept.save(model, {path}, include_optimizer=False)\nassert model.compiled\n"
    before = lab.here(TRAINED, SAVE, save, KEEP).result
    after = lab.elsewhere(LOAD.format(place=f"lambda: {path}")).result
    assert before["proof"] == "equal"
    assert (after["compiled"], after["optimizer"], after["metrics"]) == (False, [], [])
    assert_equal(before | {"optimizer": [], "metrics": []}, after | {"variables": before["variables"]})
    if place == "an archive":
        assert "adam" not in json.dumps(record(lab.file)).lower()


def record(file):
    from kept.formats.base import open_artifact

    with open_artifact(file) as artifact:
        return [artifact.config, artifact.metadata, list(artifact.tensors)]


def test_a_script_trains_on_after_a_save_without_the_optimizer(one_lab):
    step = "model.train_on_batch(x, y)\nfrom tests.runtime.observing import variables\nresult = variables(model)\n"
    alone = one_lab.here(TRAINED, step).result
    saved = one_lab.here(TRAINED, "import kept\nkept.save(model, file, include_optimizer=False)\n", step).result
    assert saved == alone


NO_EXTENSION = """
import os, kept
os.chdir(folder)
kept.install()
try:
    {save}
finally:
    kept.uninstall()
result = sorted(one for one in os.listdir("a/b"))
"""


def test_a_name_without_extension_becomes_an_archive_that_is_found_again(one_lab):
    if one_lab.backend == "tensorflow":
        pytest.skip("there it is a SavedModel")
    answer = one_lab.here(MODEL, NO_EXTENSION.format(save="model.save('a/b/m', save_format='tf')"))
    assert answer.result == ["m.keras"]
    assert any("saved as a/b/m.keras" in one for one in answer.warnings)
    load = NO_EXTENSION.format(save="keras.saving.load_model('a/b/m', custom_objects={'Scale': Scale})")
    assert any("a/b/m.keras is loaded" in one for one in one_lab.elsewhere(MODEL, load).warnings)
