"""`kept inspect`: what it prints, where, and the exit codes."""

import json
import resource

import numpy as np
import pytest

from kept.cli import main
from kept.formats.artifact import NewTensor
from tests.inspecting.files import SOURCE, by_kept, by_keras


@pytest.fixture
def inspect(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main(["inspect", *map(str, arguments)])
        shown = capsys.readouterr()
        return ended.value.code, shown.out, shown.err

    return run


@pytest.fixture
def small(tmp_path):
    by_kept(tmp_path / "small.keras")
    return "small.keras"


def test_a_file_is_told_of_on_stdout_and_is_exit_code_zero(inspect, small):
    code, out, err = inspect(small)
    assert (code, err) == (0, "")
    assert out.startswith("small.keras   .keras archive, ")
    assert "* Scaled is custom, from train.py:9; source inside (--source)" in out


def test_several_files_are_told_of_in_order(inspect, small, tmp_path):
    by_keras(tmp_path / "stock.keras")
    code, out, _ = inspect(small, "stock.keras")
    assert code == 0
    assert out.index("small.keras ") < out.index("\n\nstock.keras ")


def test_what_cannot_be_read_is_told_of_on_stderr_and_is_exit_code_two(inspect, small):
    code, out, err = inspect("nothing.keras", small)
    assert code == 2
    assert err == "kept: nothing.keras: no such file or folder\n"
    assert out.startswith("small.keras ")


def test_damage_is_found_with_checksums_and_is_exit_code_one(inspect, small, tmp_path):
    data = bytearray((tmp_path / small).read_bytes())
    at = data.index(np.arange(12, dtype="float32").tobytes())
    data[at + 5] ^= 1
    (tmp_path / small).write_bytes(data)
    assert inspect(small)[0] == 0
    code, out, _ = inspect("--checksums", small)
    assert code == 1
    assert "record does not hold: 1 tensor of 7\n  layers/dense/vars/0\n" in out


def test_json_is_one_object_with_everything(inspect, small):
    code, out, _ = inspect("--format", "json", "--stats", small, "nothing.keras")
    told = json.loads(out, parse_constant=lambda name: pytest.fail(name))
    assert code == 2
    assert (told["task"], told["failures"][0]["kind"]) == ("inspect", "UnknownFormatError")
    stem = told["inspections"][0]["model"]["layers"][1]
    assert (stem["name"], stem["tensors"][1]["stats"]["nan_count"]) == ("stem", 1)


def test_source_is_shown_as_it_is_and_alone(inspect, small):
    code, out, _ = inspect("--source", small)
    assert code == 0
    assert out.startswith("# __main__, sha256:")
    assert out.endswith(SOURCE)


def test_a_layer_is_shown_by_any_of_its_paths(inspect, small):
    shown = {inspect("--layer", path, small)[1] for path in ("stem", "config.layers[1]", "layers/dense")}
    assert len(shown) == 1
    assert shown.pop().startswith("stem   Dense   (None, 4)\n")


def test_a_layer_that_is_not_there_is_exit_code_two(inspect, small):
    code, out, err = inspect("--layer", "stm", small)
    assert (code, out) == (2, "")
    assert err.startswith("kept: small.keras: there is no such layer\n")


def test_every_tensor_is_shown_when_asked_for(inspect, small):
    out = inspect("--tensors", small)[1]
    assert "  layers/dense/vars/0                  (3, 4)  float32  48 B\n" in out
    assert "optimizer/vars/1" in out


def test_stats_show_what_the_numbers_are_like(inspect, small):
    out = inspect("--stats", small)[1]
    assert "    min 0  max 2  mean 1  std 1  1 zero  1 NaN  1 infinite\n" in out


@pytest.mark.parametrize("output", ["json", "html"])
def test_options_that_an_output_has_no_use_for_are_refused(inspect, small, output):
    code, _, err = inspect("--format", output, "--tensors", small)
    assert code == 2
    assert f"{output} has everything" in err


def test_four_hundred_megabytes_cost_little_time_and_memory(python):
    shape = (10_000, 10_000)
    tensors = {"layers/dense/vars/0": NewTensor(shape, "float32", lambda: np.zeros(shape, "float32"))}
    file = by_keras(python.folder / "large.keras", tensors=tensors, attributes={})
    began = resource.getrusage(resource.RUSAGE_CHILDREN)
    script = "from kept.cli import main\ntry: main(['inspect', 'large.keras'])\n"
    script += "finally: print(open('/proc/self/status').read().split('VmHWM:')[1].split()[0])\n"
    out = python("-c", script).out
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    file.unlink()
    assert "100,000,000 parameters (400.0 MB float32)" in out
    assert int(out.splitlines()[-1]) < 60_000  # kB
    assert ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime < 1.0


def test_a_page_goes_into_a_file_with_what_its_tensors_are_like(inspect, small, tmp_path):
    assert inspect("--format", "html", "-o", "model.html", small) == (0, "", "")
    told = (tmp_path / "model.html").read_text()
    assert told.startswith("<!doctype html>")
    assert '"bars":[' in told


def test_a_page_without_stats_reads_no_tensor(inspect, small, monkeypatch):
    monkeypatch.setattr("kept.inspecting.run.stats_of", lambda *_: pytest.fail("it was read"))
    code, out, _ = inspect("--format", "html", "--no-stats", small)
    assert code == 0
    assert '"bars":[' not in out


def test_a_page_is_not_poured_over_a_terminal(inspect, small, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    code, out, err = inspect("--format", "html", small)
    assert (code, out) == (2, "")
    assert "-o model.html" in err


def test_a_page_of_a_file_that_cannot_be_read_says_so(inspect, tmp_path):
    code, out, _ = inspect("--format", "html", "nothing.keras")
    assert code == 2
    assert "no such file or folder" in out


def test_text_goes_into_a_file_too(inspect, small, tmp_path):
    assert inspect("-o", "told.txt", small)[:2] == (0, "")
    assert (tmp_path / "told.txt").read_text().startswith("small.keras ")


def test_a_file_that_cannot_be_written_is_one_clear_error(inspect, small):
    code, _, err = inspect("--format", "html", "-o", "no/such/folder.html", small)
    assert code == 2
    assert "the report cannot be written" in err
