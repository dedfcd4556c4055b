"""A training that is killed anywhere and started again ends exactly as one that never was interrupted."""

import pytest

from tests.conftest import BACKENDS, require_backend
from tests.runtime.checkpoint.training import Trainings

OFTEN = {"save_freq": 3, "max_to_keep": 2, "verify": False}
# In a batch before the first checkpoint, in an epoch, at the end of one; while a file is written, named, removed.
KILLS = ["batch:2", "batch:9", "batch:15", "write after:2", "name:2", "name after:3", "remove after:1"]


@pytest.fixture(scope="module", params=BACKENDS)
def trainings(request, tmp_path_factory):
    require_backend(request.param)
    made = Trainings(request.param, tmp_path_factory.mktemp(request.param))
    yield made
    made.close()


@pytest.fixture(scope="module")
def whole(trainings):
    """What comes of a training that nothing interrupts."""
    return trainings.run("whole", checkpoint=OFTEN)[1]


@pytest.mark.parametrize("kill", KILLS)
def test_a_training_that_is_killed_ends_as_one_that_is_not(trainings, whole, kill):
    killed, nothing = trainings.run(kill, kill, checkpoint=OFTEN)
    ended, resumed = trainings.run(kill, checkpoint=OFTEN)
    assert (killed, nothing, ended) == (-9, None, 0)
    assert resumed == whole


def test_a_training_whose_checkpoints_are_proven_ends_the_same(trainings, whole):
    proven = {**OFTEN, "verify": "weights"}
    assert trainings.run("proven", "name:3", checkpoint=proven)[0] == -9
    assert trainings.run("proven", checkpoint=proven)[1] == whole


def test_a_training_that_is_killed_again_and_again_comes_to_its_end(trainings, whole):
    codes = [trainings.run("again", kill, checkpoint=OFTEN)[0] for kill in ("batch:4", "name after:1", "batch:17")]
    assert codes == [-9, -9, -9]
    assert trainings.run("again", checkpoint=OFTEN)[1] == whole


def test_nothing_of_a_killed_process_is_left_in_the_folder(trainings):
    trainings.run("left", "write after:2", checkpoint=OFTEN)
    trainings.run("left", checkpoint=OFTEN)
    names = sorted(path.name for path in (trainings.folder / "left").iterdir())
    assert len(names) == 2
    assert all(name.endswith(".keras") and not name.startswith(".") for name in names)


def test_checkpoints_do_not_change_the_training(trainings, whole):
    rarely = trainings.run("rarely", checkpoint={"save_freq": 1000})[1]
    assert rarely == whole


def test_weights_alone_are_enough_to_go_on(trainings, whole):
    alone = {**OFTEN, "save_weights_only": True, "verify": "weights"}
    trainings.run("alone", "batch:9", checkpoint=alone)
    assert {path.suffix for path in (trainings.folder / "alone").iterdir()} == {".h5"}
    assert trainings.run("alone", checkpoint=alone)[1] == whole


def test_a_model_that_the_first_batch_builds_goes_on_too(trainings):
    whole = trainings.run("unbuilt", build=False, checkpoint=OFTEN)[1]
    trainings.run("unbuilt killed", "batch:9", build=False, checkpoint=OFTEN)
    assert trainings.run("unbuilt killed", build=False, checkpoint=OFTEN)[1] == whole


def test_several_batches_in_one_call_are_passed_over_together(trainings):
    often = {"save_freq": 2, "verify": False}
    whole = trainings.run("several", per_execution=2, checkpoint=often)[1]
    trainings.run("several killed", "batch:5", per_execution=2, checkpoint=often)
    assert trainings.run("several killed", per_execution=2, checkpoint=often)[1] == whole


def test_of_two_checkpoints_the_newer_one_is_gone_on_with(trainings):
    whole = trainings.run("two", more=True, checkpoint=OFTEN)[1]
    trainings.run("two killed", "batch:13", more=True, checkpoint=OFTEN)
    assert trainings.run("two killed", more=True, checkpoint=OFTEN)[1] == whole


def test_a_training_that_was_stopped_early_stays_stopped(trainings):
    first = trainings.run("stopped", epochs=9, stop=True)[1]
    assert len(first["history"][0]) < 9
    again = trainings.run("stopped", epochs=9, stop=True)[1]
    assert "nothing is left to train" in again.pop("warnings")[0]
    assert again["history"] == first["history"]
