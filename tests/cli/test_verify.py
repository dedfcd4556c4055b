"""`kept verify`: what it prints, where, and the exit codes."""

import json

import pytest

from kept import _api
from kept.cli import main
from kept.errors import CorruptFileError, Problem, UntrustedCodeError
from kept.proof import Level, Outcome, Proof


def verified(path, level="outputs", *, trusted=()):
    if path == "cut.keras":
        raise CorruptFileError("the archive ends early", path=path)
    if path == "custom.keras" and "acme.act" not in trusted:
        raise UntrustedCodeError("it needs code that is not allowed", path=path, required=["acme.act"])
    problems = (Problem("values differ", "model.layers[0].kernel"),) if path == "other.keras" else ()
    return Proof(path, 1000, Level(level), variable_count=2, outputs=Outcome.EQUAL, problems=problems, seconds=1.0)


@pytest.fixture
def verify(monkeypatch, capsys):
    monkeypatch.setattr(_api, "verify", verified)

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main(["verify", *arguments])
        shown = capsys.readouterr()
        return ended.value.code, shown.out, shown.err

    return run


def test_a_file_that_holds_is_exit_code_zero(verify):
    code, out, err = verify("model.keras")
    assert (code, err) == (0, "")
    assert out.startswith("kept  1 file verified in 1.0 s")


def test_a_file_that_differs_is_exit_code_one(verify):
    code, out, _ = verify("model.keras", "other.keras")
    assert code == 1
    assert "model.layers[0].kernel: values differ" in out


def test_a_file_that_cannot_be_loaded_is_exit_code_two_and_the_others_are_verified(verify):
    code, out, err = verify("cut.keras", "model.keras")
    assert code == 2
    assert err == "kept: cut.keras: the archive ends early\n"
    assert "  model.keras " in out


def test_trust_is_passed_on(verify):
    assert verify("custom.keras")[0] == 2
    assert verify("custom.keras", "--trust", "acme.act")[0] == 0


def test_the_level_is_passed_on(verify):
    assert "structure equal" in verify("model.keras", "--level", "structure")[1]


def test_quiet_says_nothing_of_what_holds(verify):
    assert verify("-q", "model.keras") == (0, "", "")
    assert "other.keras" in verify("-q", "model.keras", "other.keras")[1]


def test_json_is_one_object_on_stdout(verify):
    code, out, _ = verify("--format", "json", "model.keras", "cut.keras")
    report = json.loads(out)
    assert code == 2
    assert [proof["path"] for proof in report["proofs"]] == ["model.keras"]
    assert [failure["kind"] for failure in report["failures"]] == ["CorruptFileError"]


def test_there_is_no_colour_when_piped(verify):
    assert "\x1b" not in verify("other.keras")[1]
