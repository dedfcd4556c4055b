"""Models behind URLs are loaded and verified as those on this machine."""

import pytest

from tests.remote import environment
from tests.runtime.models import HEAD, ONLY_TENSORFLOW, STEP
from tests.runtime.test_save import LOAD, SAVE, assert_equal

TRAINED = HEAD + "model = keras.Sequential([keras.Input((3,)), layers.Dense(2)])\nmodel.compile('adam', 'mse')\n" + STEP
AT_A_URL = """
import fsspec, os
memory = fsspec.filesystem("memory")
memory.makedirs("/models", exist_ok=True)
name = os.path.basename(file)
memory.put(os.path.dirname(file), "/models", recursive=True)
file = f"memory://models/{os.path.basename(folder)}/{name}"
"""
NAMED = "import os\nfile = os.path.join(os.path.dirname(file), {name!r})\n"
KEEP = "from tests.runtime.observing import keep, observe\nkeep(folder, x)\nresult = observe(model, x)\n"
STOCK_KEEPS = ("layers", "variables", "optimizer")
LARGE = HEAD + "model = keras.Sequential([keras.Input((1024,)), layers.Dense(2048), layers.Dense(2048)])\n"
LOAD_FROM_S3 = """
import fsspec, kept
fsspec.config.conf["s3"] = {"endpoint_url": endpoint, "key": key, "secret": secret}
model = kept.load(url)
result = [[float(one.sum()), list(one.shape)] for one in model.get_weights()]
"""
SUMS = "kept.save(model, file)\nresult = [[float(one.sum()), list(one.shape)] for one in model.get_weights()]\n"
WEIGHTS = """
import kept
kept.save_weights(model, file, **arguments)
result = [one.tolist() for one in model.get_weights()]
"""
LOAD_WEIGHTS = """
import kept
kept.load_weights(model, file)
result = [one.tolist() for one in model.get_weights()]
"""


def test_a_model_behind_a_url_is_the_one_that_was_saved(lab):
    before = lab.here(TRAINED, SAVE).result
    assert_equal(before, lab.elsewhere(AT_A_URL, LOAD).result)


@pytest.mark.parametrize(
    ("name", "save"),
    [
        ("model.h5", "import kept\nkept.save(model, file)\n"),
        ("stock.keras", "model.save(file)\n"),
        ("stock.h5", "model.save(file)\n"),
        ("model", "import kept\nkept.save(model, file, zipped=False)\n"),
    ],
)
def test_every_kind_of_model_is_loaded_from_a_url(name, save, one_lab):
    named = NAMED.format(name=name)
    before = one_lab.here(TRAINED, named, save, KEEP).result
    assert_equal(before, one_lab.elsewhere(named, AT_A_URL, LOAD).result, STOCK_KEEPS)


def test_assets_and_a_saved_model_are_loaded_from_a_url(tensorflow_lab):
    before = tensorflow_lab.here(HEAD, ONLY_TENSORFLOW["a vocabulary"], SAVE).result
    assert_equal(before, tensorflow_lab.elsewhere(AT_A_URL, LOAD).result)


def test_a_saved_model_of_kept_is_loaded_from_a_url(tensorflow_lab):
    named = NAMED.format(name="served")
    before = tensorflow_lab.here(TRAINED, named, "import kept\nkept.save_saved_model(model, file)\n", KEEP).result
    assert_equal(before, tensorflow_lab.elsewhere(named, AT_A_URL, LOAD).result)


@pytest.mark.parametrize(
    ("name", "arguments"), [("model.weights.h5", {}), ("model.weights.json", {"max_shard_size": 1e-6})]
)
def test_weights_are_loaded_from_a_url(name, arguments, one_lab):
    named = NAMED.format(name=name)
    wide = TRAINED.replace("layers.Dense(2)]", "layers.Dense(64), layers.Dense(2)]")
    before = one_lab.here(wide, named, WEIGHTS, arguments=arguments).result
    assert (
        one_lab.elsewhere(
            wide.replace(STEP, "model.optimizer.build(model.variables)\n"), named, AT_A_URL, LOAD_WEIGHTS
        ).result
        == before
    )


def test_memory_is_not_shared_with_a_url(one_lab):
    one_lab.here(TRAINED, SAVE).result  # noqa: B018
    error = one_lab.elsewhere(AT_A_URL, LOAD.replace("load(file)", "load(file, mmap=True)")).error
    assert error["type"] == "KeptError"
    assert "a file behind a URL cannot be mapped" in error["text"]
    assert "memory://models/" in error["text"]


def test_a_model_behind_a_url_is_verified_and_named_by_it(one_lab):
    one_lab.here(TRAINED, SAVE).result  # noqa: B018
    verify = "import kept\nproof = kept.verify(file)\nresult = [proof.holds, proof.outputs.value, proof.path == file]\n"
    assert one_lab.elsewhere(AT_A_URL, verify).result == [True, "equal", True]


def test_what_cannot_be_verified_is_named_by_its_url(one_lab):
    one_lab.file.write_bytes(b"PK\x03\x04 and nothing more")
    error = one_lab.elsewhere(AT_A_URL, "import kept\nkept.verify(file)\n").error
    assert error["text"].startswith("memory://models/")
    assert "the archive is cut" in error["text"]


def test_the_weights_of_a_model_in_s3_are_fetched_once_in_large_pieces(one_lab, bucket):
    before = one_lab.here(LARGE, "import kept\n", SUMS).result
    url = bucket.put(one_lab.file)
    signed_in = environment(bucket.endpoint)
    key, secret = signed_in["AWS_ACCESS_KEY_ID"], signed_in["AWS_SECRET_ACCESS_KEY"]
    given = {"url": url, "endpoint": bucket.endpoint, "key": key, "secret": secret}
    assert one_lab.elsewhere(LOAD_FROM_S3, **given).result == before
    assert bucket.nbytes < one_lab.file.stat().st_size + (1 << 19)
    assert max(one.nbytes for one in bucket.gets) == 4 << 20
