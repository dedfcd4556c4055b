"""`kept scan`: what it prints, where, and the exit codes."""

import json

import jsonschema
import pytest

from kept.cli import main
from kept.report import outputs
from tests.attacks import configs
from tests.conftest import ROOT


@pytest.fixture
def scan(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main(["scan", *map(str, arguments)])
        shown = capsys.readouterr()
        return ended.value.code, shown.out, shown.err

    return run


@pytest.fixture
def clean(tmp_path):
    (tmp_path / "clean.json").write_text(json.dumps(configs.dense()))
    return "clean.json"


@pytest.fixture
def unsafe(tmp_path):
    (tmp_path / "unsafe.json").write_text(json.dumps(configs.dense(activation=configs.function("os", "system"))))
    return "unsafe.json"


@pytest.fixture
def custom(tmp_path):
    config = configs.model(configs.node("acme.layers", "Scaled", {"units": 2}, "acme>Scaled"))
    (tmp_path / "custom.json").write_text(json.dumps(config))
    return "custom.json"


def test_a_clean_file_is_exit_code_zero_and_one_line(scan, clean):
    code, out, err = scan(clean)
    assert (code, err) == (0, "")
    assert out.startswith("kept  1 file judged in ")
    assert out.endswith(" s: clean\n")


def test_a_clean_file_is_named_when_asked(scan, clean):
    assert "clean.json  nothing found: config of a model (.json), " in scan(clean, "-v")[1]


def test_nothing_is_told_where_nothing_is_found_and_quiet_is_asked(scan, clean):
    assert scan(clean, "-q") == (0, "", "")


def test_an_unsafe_file_is_exit_code_one(scan, unsafe):
    code, out, _ = scan(unsafe)
    assert code == 1
    assert out.split("\n")[2:] == [
        "unsafe.json  config of a model (.json), 367 B",
        "  error    misplaced-object  KPT303",
        "           os.system is asked for as if it were code of a model",
        "           config.layers[0].config.activation",
        "",
    ]


def test_what_to_trust_is_shown_and_is_no_alarm(scan, custom):
    code, out, _ = scan(custom)
    assert code == 0
    assert out.split("\n")[2:] == [
        "custom.json  config of a model (.json), 237 B",
        "  trust    loading needs this code",
        "           acme.layers:Scaled  config.layers[0]",
        "",
        "           kept.load('custom.json', trusted=['acme.layers'])",
        "",
    ]


def test_strict_makes_code_to_be_trusted_count(scan, custom):
    assert scan(custom, "--strict")[0] == 1
    assert scan(custom, "--strict", "--trusted", "acme")[0] == 0


def test_a_file_that_is_no_model_is_told_and_counts_only_when_strict(scan, tmp_path):
    (tmp_path / "notes.txt").write_text("none")
    code, out, _ = scan("notes.txt")
    assert code == 0
    assert "notes.txt  not judged: no format recognises it, a file that begins with b'none'" in out
    assert scan("notes.txt", "--strict")[0] == 1
    assert scan("notes.txt", "--format", "concise")[1].startswith("notes.txt: not judged: no format recognises it")
    assert json.loads(scan("notes.txt", "--format", "jsonl")[1])["type"] == "skipped"


def test_rules_are_chosen(scan, unsafe):
    assert scan(unsafe, "--ignore", "misplaced-object")[0] == 0
    assert scan(unsafe, "--select", "KPT306")[0] == 0
    assert scan(unsafe, "--select", "KPT303,KPT306")[0] == 1


def test_a_rule_that_is_not_there_is_exit_code_two(scan, clean):
    code, out, err = scan(clean, "--select", "nonsense")
    assert (code, out) == (2, "")
    assert err.startswith("kept: no rule is called 'nonsense'")


def test_a_path_that_is_not_there_is_exit_code_two(scan):
    assert scan("gone.keras")[0] == 2


@pytest.mark.parametrize("output", outputs())
def test_every_output_names_file_rule_and_place(scan, unsafe, output):
    code, out, _ = scan(unsafe, "--format", output)
    assert code == 1
    for word in ("unsafe.json", "misplaced-object", "config.layers[0].config.activation"):
        assert word in out, word


def test_sarif_is_valid_and_knows_the_page_of_the_rule(scan, unsafe):
    document = json.loads(scan(unsafe, "--format", "sarif")[1])
    jsonschema.validate(document, json.loads((ROOT / "tests" / "report" / "sarif_2_1_0_subset.json").read_text()))
    (rule,) = document["runs"][0]["tool"]["driver"]["rules"]
    assert rule["shortDescription"]["text"] == "A class or function is named where it does not belong."
    (result,) = document["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "unsafe.json"


def test_json_has_everything(scan, unsafe, custom):
    files = json.loads(scan(".", "--format", "json")[1])["scans"][0]["files"]
    assert [(one["path"], len(one["findings"]), one["trusted"]) for one in files] == [
        ("custom.json", 1, ["acme.layers"]),
        ("unsafe.json", 1, []),
    ]


def test_a_report_goes_to_a_file(scan, unsafe, tmp_path):
    assert scan(unsafe, "-o", "report.txt")[:2] == (1, "")
    assert "misplaced-object" in (tmp_path / "report.txt").read_text()


def test_what_is_unsafe_comes_before_what_is_to_be_trusted(scan, unsafe, custom, clean):
    code, out, _ = scan(".", "--jobs", 1)
    assert code == 1
    assert "3 files judged" in out
    assert ": 1 unsafe or broken, 1 to be trusted, 1 clean" in out
    assert out.index("unsafe.json  ") < out.index("custom.json  ")
