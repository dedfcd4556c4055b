"""The report for programs."""

import json

from kept.errors import KeptError, Problem
from kept.proof import Level, Proof
from kept.report import Failure, Report, outputs
from kept.report import json as as_json


def read(*entries):
    return json.loads(as_json.render(Report.of("verify", entries)))


def test_a_proof_is_there_with_every_field():
    proof = Proof("m.keras", 5, Level.WEIGHTS, problems=(Problem("differs", "model"),))
    (entry,) = read(proof)["proofs"]
    assert entry == {**json.loads(json.dumps(proof.to_dict())), "holds": False}


def test_a_failure_is_plain_data():
    (entry,) = read(Failure.of("m.keras", KeptError("no", where="model.x", hint="do")))["failures"]
    assert (entry["path"], entry["kind"], entry["message"], entry["hint"]) == ("m.keras", "KeptError", "no", "do")
    assert entry["problems"][0]["where"] == "model.x"


def test_an_error_of_someone_else_is_one_line():
    assert Failure.of("m", ValueError("a\n  b")).message == "a b"
    assert Failure.of("m", ValueError()).message == "ValueError"


def test_the_version_and_the_task_are_told():
    assert (read()["version"], read()["task"]) == (1, "verify")


def test_outputs_are_found_by_looking():
    assert outputs() == ["concise", "github", "gitlab", "html", "json", "jsonl", "junit", "sarif", "text"]
