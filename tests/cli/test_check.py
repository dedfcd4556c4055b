"""`kept check`: what it takes, what it prints, and the exit codes; in real processes, several targets in each."""

import importlib.util
import json

import pytest

from tests.conftest import Python, require_backend

TRAIN = """
import keras

class Scaled(keras.layers.Layer):
    def __init__(self, scale=1.0, **kwargs):
        super().__init__(**kwargs)
        self.scale = scale

    def call(self, x):
        return self.scale * x

def build_model():
    return keras.Sequential([keras.Input((3,)), Scaled(3.0)])

def sound():
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])

def broken():
    return 1 / 0

number = 3
ready = sound()

if __name__ == "__main__":
    raise SystemExit("the script was run")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    python = Python(tmp_path_factory.mktemp("check"))
    python.write("train.py", TRAIN)
    python.write("shop/__init__.py", "")
    python.write("shop/models.py", TRAIN)
    python.write("raises.py", "raise RuntimeError('no data here')\n")
    return python.folder


@pytest.fixture(scope="module")
def kept(folder):
    backend = next((name for name in ("torch", "jax", "tensorflow") if importlib.util.find_spec(name)), "torch")
    require_backend(backend)
    return lambda *arguments: Python(folder).kept("check", *arguments, KERAS_BACKEND=backend)


@pytest.fixture(scope="module")
def told(kept):
    """One run over everything that can be asked for, in JSON."""
    targets = [
        "train.py:build_model", "train.py:sound", "train.py:ready", "shop.models:sound", "train.py:number",
        "train.py:broken", "train.py:build_modl", "none.py:x", "no.such:x", "raises.py:x", "train",
    ]  # fmt: skip
    ended = kept("--format", "json", *targets)
    report = json.loads(ended.out)
    assert ended.code == 2
    return {check["subject"]: check["findings"] for check in report["checks"]}, {
        failure["path"]: failure for failure in report["failures"]
    }


def test_findings_are_exit_code_one(kept):
    ended = kept("train.py:build_model")
    assert ended.code == 1
    assert ended.out.startswith("kept  1 finding in train.py:build_model\n\ntrain.py:4:7  unregistered  KPT211\n")
    assert "the script was run" not in ended.err


def test_a_sound_model_is_exit_code_zero_and_quiet_says_nothing(kept):
    ended = kept("-q", "train.py:sound", "shop.models:ready")
    assert (ended.code, ended.out) == (0, "")


def test_a_factory_or_a_model_of_a_file_or_a_module_can_be_named(told):
    checks, _ = told
    assert [one["rule"] for one in checks["train.py:build_model"]] == ["unregistered"]
    assert checks["train.py:sound"] == checks["train.py:ready"] == checks["shop.models:sound"] == []


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("train.py:number", "number gives no Keras model"),
        ("train.py:broken", "broken() raises ZeroDivisionError"),
        ("train.py:build_modl", "there is no build_modl in train.py"),
        ("none.py:x", "there is no such file"),
        ("no.such:x", "no module named no"),
        ("raises.py:x", "raises.py cannot be imported"),
        ("train", "this names no model"),
    ],
)
def test_what_cannot_be_checked_is_one_message(target, message, told):
    assert told[1][target]["message"] == message


def test_an_error_of_the_factory_names_the_line(told):
    problem = told[1]["train.py:broken"]["problems"][0]
    assert problem["where"] == "train.py:19"
    assert problem["found"] == "ZeroDivisionError: division by zero"


def test_rules_are_selected_and_ignored_by_name_and_code(kept):
    assert kept("train.py:build_model", "--ignore", "unregistered").code == 0
    assert kept("train.py:build_model", "--select", "KPT20,KPT211").code == 1


def test_an_unknown_rule_is_exit_code_two(kept):
    ended = kept("train.py:build_model", "--select", "unregisterd")
    assert (ended.code, ended.out) == (2, "")
    assert "did you mean unregistered?" in ended.err


def test_the_report_goes_into_a_file_on_request(kept, folder):
    ended = kept("train.py:build_model", "--format", "concise", "-o", "found.txt")
    assert (ended.code, ended.out) == (1, "")
    assert (folder / "found.txt").read_text() == (
        "train.py:4:7: KPT211 unregistered Scaled is not registered (model.layers[0])\n"
    )
