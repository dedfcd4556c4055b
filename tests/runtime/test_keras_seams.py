"""Each private corner of Keras that kept uses behaves as kept needs it to, on each backend and on an older Keras."""

import os
import subprocess
import sys

import pytest

from tests.conftest import QUIET, ROOT
from tests.runtime.models import HEAD, PLAIN_LAYER, STEP

SEAMS = (
    HEAD
    + PLAIN_LAYER
    + "from kept.runtime import deferral_seams, state_seams\nfrom kept.runtime import keras_seams as seams\n"
)
NET = (
    "model = keras.Sequential([keras.Input((3,)), layers.Dense(4), layers.Dropout(0.5), layers.Dense(2)])\nmodel.compile('adam', 'mse')\n"
    + STEP
)


def test_what_is_collected_is_what_keras_writes_and_nothing_is_copied(lab):
    collect = "found, stack = state_seams.collect_state(model)\nstack.close()\nheld = {id(v) for e in found.entries.values() for v in e.values()}\n"
    stock = """
import h5py
model.save_weights(folder + "/w.weights.h5")
written = []
with h5py.File(folder + "/w.weights.h5") as file:
    file.visititems(lambda path, item: written.append(path) if isinstance(item, h5py.Dataset) else None)
paths = sorted(f"{group}/vars/{key}".lstrip("/") for group, entry in found.entries.items() for key in entry)
result = [paths == sorted(written), all(id(v) in held for v in model.weights)]
"""
    assert lab.here(SEAMS, NET, collect, stock).result == [True, True]


def test_what_was_collected_can_be_put_back(lab):
    restore = """
from tests.runtime.observing import variables
found, stack = state_seams.collect_state(model, assets=False)
arrays = {path: {key: np.array(ops.convert_to_numpy(v)) for key, v in entry.items()} for path, entry in found.entries.items()}
before = variables(model)
for one in (*model.weights, *model.optimizer.variables):
    one.assign(ops.convert_to_tensor(one) * 0)
result = [state_seams.restore_state(found, arrays), variables(model)["optimizer"] == before["optimizer"]]
"""
    assert lab.here(SEAMS, NET, restore).result == [[], True]


def test_the_optimizer_tells_its_variables(lab):
    assert lab.here(
        SEAMS,
        NET,
        "result = [v.path for v in seams.optimized_variables(model.optimizer)] == [v.path for v in model.trainable_variables]",
    ).result


def test_names_that_keras_made_up_are_told_from_chosen_ones(one_lab):
    names = "made = [layers.Dense(2), layers.Dense(2), layers.Dense(2, name='mine')]\nresult = [seams.has_automatic_name(one) for one in made]"
    assert one_lab.here(SEAMS, names).result == [True, True, False]


def test_the_counters_of_names_are_the_live_ones(one_lab):
    count = "before = dict(seams.name_counters())\nlayers.Dense(2)\nresult = seams.name_counters() != before and bool(seams.name_counters())"
    assert one_lab.here(SEAMS, count).result


def test_the_structure_of_inputs_and_outputs_is_kept(one_lab):
    nested = "a = keras.Input((3,), name='a')\nmodel = keras.Model({'a': a}, {'o': layers.Dense(2)(a)})\n"
    assert one_lab.here(
        SEAMS, nested, "result = [list(seams.inputs_structure(model)), list(seams.outputs_structure(model))]"
    ).result == [["a"], ["o"]]


@pytest.mark.parametrize(
    ("source", "expected"), [("Scale(2)", {"units": 2, "factor": 2.0}), ("layers.Dense(2)", {"units": 2})]
)
def test_the_arguments_that_keras_noted_are_found(one_lab, source, expected):
    found = one_lab.here(SEAMS, f"result = dict(seams.constructor_arguments({source}))").result
    assert {key: found.get(key) for key in expected} == expected


def test_serialising_does_not_import_tensorflow_where_it_is_not_the_backend(laboratory, tmp_path):
    from tests.conftest import require_backend

    require_backend("jax")
    check = "import os, sys\nos.environ['KERAS_BACKEND'] = 'jax'\nimport keras, kept\nmodel = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])\nkept.save(model, 'm.keras', verify=False)\nkept.load('m.keras')\nprint('tensorflow' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", check],
        cwd=tmp_path,
        env={**os.environ, **QUIET, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "False\n", done.stderr


def test_the_global_random_stream_can_be_taken_and_given_back(lab):
    take = "keras.random.normal((1,))\nstream = seams.global_rng()\nseams.set_global_rng(None)\nkeras.random.normal((1,))\nother = seams.global_rng()\nseams.set_global_rng(stream)\nresult = [stream is not None, other is not stream, seams.global_rng() is stream]"
    assert lab.here(SEAMS, take).result == [True, True, True]


OLD_KERAS = ROOT / "tests" / "runtime" / "old_keras.py"


@pytest.mark.parametrize("backend", ["torch", "jax"])
def test_an_older_keras_saves_loads_and_verifies(backend, tmp_path):
    """`KEPT_OLD_PYTHON` names an interpreter with Keras 3.10; without one, the installed Keras is asked again."""
    python = os.environ.get("KEPT_OLD_PYTHON", sys.executable)
    environment = {**os.environ, **QUIET, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "KERAS_BACKEND": backend}
    done = subprocess.run([python, str(OLD_KERAS)], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["all held"]), done.stderr[-3000:]
