import json
import zipfile

import pytest

from kept.errors import CorruptFileError, LimitExceededError, UnknownFormatError
from kept.formats.base import open_artifact
from kept.limits import Limits
from tests.formats.samples import GOLDEN

TRAINED = GOLDEN / "keras_3_15_1" / "trained.keras"
OLD = {"class_name": "Sequential", "config": [], "keras_version": "2.3.1", "backend": "tensorflow"}


@pytest.fixture
def file(tmp_path):
    return tmp_path / "model.json"


def test_the_config_of_an_archive_is_read_by_itself(file):
    file.write_bytes(zipfile.ZipFile(TRAINED).read("config.json"))
    with open_artifact(file) as artifact, open_artifact(TRAINED) as whole:
        assert (artifact.format, artifact.config) == ("architecture_json", whole.config)
        assert (artifact.tensors, artifact.assets) == ({}, {})


def test_what_older_versions_of_keras_write_is_read(file):
    file.write_text(json.dumps(OLD))
    with open_artifact(file) as artifact:
        assert artifact.metadata == {"keras_version": "2.3.1", "backend": "tensorflow"}
        assert artifact.config["class_name"] == "Sequential"


def test_infinity_is_read_where_keras_writes_it(file):
    file.write_text('{"class_name": "M", "config": {"max": Infinity}}')
    with open_artifact(file) as artifact:
        assert artifact.config["config"] == {"max": float("inf")}


def test_a_layer_named_as_an_index_names_its_map_changes_nothing(file):
    file.write_text('{"class_name": "M", "config": {"name": "weight_map"}}')
    with open_artifact(file) as artifact:
        assert artifact.format == "architecture_json"


def test_other_json_is_no_model(file):
    file.write_text('{"name": "package", "version": "1"}')
    with pytest.raises(UnknownFormatError) as caught:
        open_artifact(file)
    assert str(caught.value) == (
        f"{file}: JSON, but not the config of a model\n"
        "  expected  class_name and config\n"
        "  found     the keys ['name', 'version']"
    )


@pytest.mark.parametrize("config", ["7", "null", '"text"'])
def test_a_config_that_is_none_is_no_model(file, config):
    file.write_text(f'{{"class_name": "M", "config": {config}}}')
    with pytest.raises(UnknownFormatError, match="JSON, but not the config of a model"):
        open_artifact(file)


def test_two_configs_in_one_are_refused(file):
    file.write_text('{"class_name": "M", "config": {}, "config": {"layers": []}}')
    with pytest.raises(CorruptFileError, match="the key 'config' stands twice"):
        open_artifact(file)


def test_a_large_document_is_refused(file):
    file.write_text(json.dumps(OLD))
    with pytest.raises(LimitExceededError, match="JSON document is too large"):
        open_artifact(file, Limits(json_bytes=20))
