"""Model files in S3: which bytes are fetched, and what becomes of what can go wrong there."""

import time
from pathlib import Path

import keras
import numpy as np
import pytest

import kept
from kept.errors import CorruptFileError, KeptError, UnknownFormatError
from kept.formats import keras_archive, keras_directory, safetensors, sharded_weights, weights_h5
from kept.formats.artifact import NewTensor
from kept.formats.base import open_artifact
from kept.limits import Limits
from tests.formats.samples import record, small_archive, write_sample
from tests.remote import PROXIES, web_server

MB = 1 << 20
PATH = "layers/dense_3/vars/0"
CONFIG = {"module": "keras", "class_name": "Sequential", "config": {"name": "sequential", "layers": []}}


def dense(size):
    """Kernels and biases of four layers, as they are to be written."""
    kernels = {f"layers/dense_{index}/vars/0": np.full(size + 5 * index, index, "float32") for index in range(4)}
    biases = {f"layers/dense_{index}/vars/1": np.full(64, index, "float32") for index in range(4)}
    return {path: NewTensor.of(array) for path, array in (kernels | biases).items()}


def own_record(written):
    return record(written)["kept"]


def archive(path, tensors):
    keras_archive.write(str(path), config=CONFIG, tensors=tensors, metadata=record)


def folder(path, tensors):
    path.mkdir()
    keras_directory.write(str(path), config=CONFIG, tensors=tensors, metadata=record)


def weights(path, tensors):
    weights_h5.write(str(path), tensors, record=own_record)


def shards(path, tensors):
    path.mkdir()
    index = str(path / "model.weights.json")
    sharded_weights.write(index, tensors, {}, own_record, shard_nbytes=5 * MB)


WRITERS = {
    "model.keras": archive,
    "folder": folder,
    "model.weights.h5": weights,
    "model.safetensors": lambda path, tensors: safetensors.write(str(path), tensors),
    "shards": shards,
}


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A model of 65 MB in an archive, and of 9 MB in every other format."""
    made = tmp_path_factory.mktemp("large")
    for name, write in WRITERS.items():
        write(made / name, dense(4 * MB if name == "model.keras" else MB // 2))
    return made


@pytest.fixture
def small(bucket, tmp_path):
    return bucket.put(small_archive(tmp_path / "small.keras"))


def inside(url):
    return f"{url}/model.weights.json" if url.endswith("/shards") else url


@pytest.mark.parametrize("name", WRITERS)
def test_a_look_into_a_large_model_reads_a_small_part_of_it(name, large, bucket):
    url = bucket.put(large / name)
    seen = kept.inspect(inside(url))
    assert seen.nbytes > (64 if name == "model.keras" else 8) * MB
    assert PATH in {one.path for one in seen.tensors}
    assert bucket.nbytes < MB // 2
    assert len(bucket.gets) < 60


def test_a_look_into_a_large_model_of_plain_keras_reads_a_small_part_of_it(bucket, tmp_path):
    model = keras.Sequential([keras.Input((1024,)), *(keras.layers.Dense(4096 >> (2 * index)) for index in range(3))])
    model.save(tmp_path / "stock.keras")
    assert (tmp_path / "stock.keras").stat().st_size > 20 * MB
    seen = kept.inspect(bucket.put(tmp_path / "stock.keras"))
    assert seen.model.parameter_count == model.count_params()
    assert bucket.nbytes < MB // 2


@pytest.mark.parametrize("name", WRITERS)
def test_a_tensor_is_read_by_exactly_its_bytes(name, large, bucket):
    with open_artifact(inside(bucket.put(large / name))) as artifact:
        bucket.log.requests.clear()
        tensor = artifact.tensors[PATH]
        assert np.array_equal(tensor.read(), np.full(tensor.shape, 3, "float32"))
    assert bucket.nbytes == tensor.nbytes
    assert len(bucket.gets) == (5 if name == "model.keras" else 1)


@pytest.mark.parametrize("name", [name for name in WRITERS if name != "model.keras"])
def test_statistics_and_checksums_read_every_byte_twice_at_most(name, large, bucket):
    seen = kept.inspect(inside(bucket.put(large / name)), checksums=True, stats=True)
    assert [one.stats.mean for one in seen.tensors if one.path == PATH] == [3.0]
    recorded = seen.record is not None  # safetensors has no checksums
    assert [one.holds for one in seen.tensors if one.path == PATH] == [True if recorded else None]
    assert bucket.nbytes < (1 + recorded) * seen.nbytes + MB // 2


def test_what_a_url_holds_is_what_the_file_holds(bucket, tmp_path):
    write_sample(tmp_path / "a.keras")
    with open_artifact(tmp_path / "a.keras") as here, open_artifact(bucket.put(tmp_path / "a.keras")) as there:
        assert {one.path: one.read().tobytes() for one in there} == {one.path: one.read().tobytes() for one in here}
        assert {name: one.read() for name, one in there.assets.items()} == {"words/vocabulary.txt": b"un\ndeux\n"}
        assert (there.config, there.metadata, there.attributes) == (here.config, here.metadata, here.attributes)


def test_small_tensors_are_read_together(bucket, tmp_path):
    many = {f"layers/dense_{index:03}/vars/0": NewTensor.of(np.full(500, index, "float32")) for index in range(400)}
    weights(tmp_path / "many.weights.h5", many)
    url = bucket.put(tmp_path / "many.weights.h5")
    assert kept.inspect(url, checksums=True).holds
    assert len(bucket.gets) < 50


def test_a_folder_is_listed_once_and_its_files_are_named(bucket, large):
    with open_artifact(bucket.put(large / "folder")) as artifact:
        assert artifact.format == "keras_directory"
        assert str(artifact.path / "config.json") == bucket.url("folder/config.json")
    assert len([one for one in bucket.log.requests if one not in bucket.gets and one.method == "GET"]) <= 3


def test_shards_elsewhere_are_never_fetched(bucket, tmp_path):
    index = tmp_path / "model.weights.json"
    for name in ("../secret.weights.h5", "s3://other/secret", "a?versionId=1", "%2e%2e%2fsecret", "memory::x"):
        index.write_text(f'{{"weight_map": {{"/layers/dense/vars": "{name}"}}}}')
        url = bucket.put(index)
        with pytest.raises(KeptError) as caught:
            open_artifact(url)
        assert isinstance(caught.value, kept.UnsafeContentError)
        assert {one.path.rpartition("/")[2] for one in bucket.log.requests} == {index.name}


@pytest.mark.parametrize("url", ["s3://no-such-bucket-anywhere/model.keras", "{bucket}/nothing.keras"])
def test_what_is_not_there_is_said_to_be_not_there(url, bucket):
    url = url.format(bucket=bucket.url("")[:-1])
    with pytest.raises(UnknownFormatError) as caught:
        kept.inspect(url)
    assert str(caught.value) == f"{url}: no such file or folder"


def test_wrong_credentials_are_refused_in_one_sentence(small, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody-else")
    with pytest.raises(KeptError) as caught:
        kept.inspect(small)
    assert (caught.value.path, caught.value.message) == (small, "access is refused")
    assert "sign in" in caught.value.hint


def test_no_credentials_are_refused_in_one_sentence(small, monkeypatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(KeptError, match="access is refused") as caught:
        kept.inspect(small)
    assert caught.value.path == small


def test_a_server_that_fails_is_one_clear_error(small, bucket):
    bucket.refuse(500, "InternalError")
    with pytest.raises(KeptError, match="cannot be read from there") as caught:
        open_artifact(small, Limits(request_seconds=30))
    assert (caught.value.path, caught.value.found) == (small, "Internal Server Error")


def test_a_server_that_hangs_is_left_after_the_time_that_the_limits_give(small, bucket):
    bucket.hang(6)
    began = time.monotonic()
    with pytest.raises(KeptError, match=r"no answer within 0\.5 s"):
        open_artifact(small, Limits(request_seconds=0.5))
    assert time.monotonic() - began < 4


def test_an_object_that_is_replaced_while_open_is_noticed(bucket, large, tmp_path):
    with open_artifact(bucket.put(large / "model.weights.h5")) as artifact:
        bucket.put(small_archive(tmp_path / "other.keras"), "model.weights.h5")
        with pytest.raises(CorruptFileError, match="replaced while it was read"):
            artifact.tensors[PATH].read()


def test_an_object_that_is_cut_while_it_is_served_is_noticed(large, bucket):
    url = bucket.put(large / "model.safetensors")
    with open_artifact(url) as artifact:
        bucket.cut(1000)
        with pytest.raises(KeptError) as caught:
            artifact.tensors[PATH].read()
    assert caught.value.path == url


def test_an_object_that_was_replaced_before_is_seen_anew(small, bucket, tmp_path):
    assert kept.inspect(small).tensors[0].path == "vars/0"
    bucket.put(tmp_path / "small.keras", "beside.keras")
    write_sample(tmp_path / "small.keras")
    bucket.put(tmp_path / "small.keras")
    assert len(kept.inspect(small).tensors) > 1


def test_an_empty_object_is_an_empty_file(bucket, tmp_path):
    (tmp_path / "empty.keras").touch()
    with pytest.raises(CorruptFileError, match="the file is empty"):
        kept.inspect(bucket.put(tmp_path / "empty.keras"))


@pytest.fixture
def no_proxy(monkeypatch):
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("no_proxy")
def test_a_web_server_that_knows_ranges_will_do(large):
    with web_server(large, ranges=True) as url:
        assert kept.inspect(f"{url}/model.keras").nbytes == (large / "model.keras").stat().st_size
        with pytest.raises(UnknownFormatError, match="no such file or folder"):
            kept.inspect(f"{url}/nothing.keras")


@pytest.mark.usefixtures("no_proxy")
def test_a_web_server_that_knows_no_ranges_will_not_do(large):
    with web_server(large, ranges=False) as url, pytest.raises(KeptError, match="cannot be read from there") as caught:
        kept.inspect(f"{url}/model.weights.h5")
    assert caught.value.path == f"{url}/model.weights.h5"


@pytest.mark.usefixtures("no_proxy")
def test_a_web_server_that_is_not_there_is_not_a_missing_file(tmp_path):
    with web_server(tmp_path, ranges=True) as url:
        pass
    with pytest.raises(KeptError, match="cannot be read from there") as caught:
        kept.inspect(f"{url}/model.keras")
    assert "Connect call failed" in caught.value.found


def test_a_url_that_became_a_path_says_how_it_is_given():
    with pytest.raises(UnknownFormatError) as caught:
        kept.inspect(Path("s3://bucket/model.keras"))
    assert caught.value.hint == "give a URL as a text: 's3://bucket/model.keras'"
