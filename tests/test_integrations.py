"""What editors, CI systems and pre-commit are told is true: the commands and options exist, and the files are valid."""

import itertools
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from kept.cli import Commands
from kept.findings import Location, Rule
from kept.report import Check, Report, concise, outputs
from tests.conftest import ROOT

HOOKS = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
CI = (ROOT / "docs" / "ci.md").read_text()
EDITORS = (ROOT / "docs" / "editors.md").read_text()
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
USED = re.compile(r"uses: OWNER/kept@v1\n(?:\s+continue-on-error: true\n)?\s+with:\n((?:\s{10,}\S.*\n)+)")
COMMAND = re.compile(r"\bkept (?:check|fix)\b[^\n`\"]*")


def blocks(text, language):
    return [body for kind, body in BLOCK.findall(text) if kind == language]


def parameters(name):
    """Option -> what it may be, of one command."""
    return {option: one.type for one in Commands().get_command(None, name).params for option in one.opts}


def unknown(line):
    """What a command line has that the command has not."""
    _, name, *words = shlex.split(line.replace("\\ ", " "))
    known = parameters(name)
    options = [word for word in words if word.startswith("--") and word != "--"]
    formats = [value for option, value in itertools.pairwise(words) if option == "--format"]
    return [option for option in options if option not in known] + [one for one in formats if one not in outputs()]


@pytest.mark.parametrize("hook", HOOKS, ids=lambda hook: hook["id"])
def test_a_hook_of_pre_commit_is_a_command(hook):
    assert unknown(hook["entry"]) == []
    assert hook["language"] == "python"
    assert set(hook["types_or"]) == {"python", "jupyter"}


@pytest.mark.parametrize("text", [CI, EDITORS], ids=["ci", "editors"])
def test_every_command_in_the_documentation_exists(text):
    lines = [line for body in dict(BLOCK.findall(text)).values() for line in COMMAND.findall(body)]
    assert lines
    assert [line for line in lines if unknown(line)] == []


def test_every_output_is_documented():
    rows = "".join(line for line in CI.splitlines() if line.startswith("| `"))
    assert [name for name in outputs() if f"`{name}`" not in rows] == []


@pytest.mark.parametrize("body", blocks(CI, "yaml"))
def test_every_snippet_is_yaml_whose_hooks_and_inputs_exist(body):
    tree = yaml.safe_load(body)
    assert tree
    for hook in re.findall(r"- id: (\S+)", body):
        assert hook in [one["id"] for one in HOOKS]
    for step in re.findall(
        r"uses: OWNER/kept@v1\n(?:\s+continue-on-error: true\n)?\s+with:\n((?:\s{10,}\S.*\n)+)", body
    ):
        assert set(yaml.safe_load(step)) <= set(ACTION["inputs"])


def test_the_action_has_a_format_that_is_there():
    assert ACTION["inputs"]["format"]["default"] in outputs()


def run_action(folder, **inputs):
    """The last step of the action, as GitHub runs it; kept is what is here."""
    (folder / "kept").symlink_to(ROOT / "src")
    (folder / "bin").mkdir()
    (folder / "bin" / "python").symlink_to(sys.executable)
    step = ACTION["runs"]["steps"][-1]
    given = {name: one["default"] for name, one in ACTION["inputs"].items()} | inputs
    names = {name: given[re.search(r"inputs\.([\w-]+)", value)[1]] for name, value in step["env"].items()}
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=folder,
        env={**os.environ, **names, "RUNNER_TEMP": str(folder), "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_action_reports_where_the_finding_is(tmp_path):
    (tmp_path / "my.py").write_text("def f(:\n")
    ended = run_action(tmp_path, paths="my.py")
    assert ended.returncode == 1, ended.stderr
    assert ended.stdout.startswith("::error file=my.py,line=1,")


def test_the_action_writes_a_file_and_takes_further_options(tmp_path):
    (tmp_path / "my.py").write_text("x = 1\n")
    ended = run_action(
        tmp_path, paths="my.py", format="sarif", **{"output-file": "k.sarif", "arguments": "--ignore KPT1"}
    )
    assert ended.returncode == 0, ended.stderr
    assert json.loads((tmp_path / "k.sarif").read_text())["runs"][0]["results"] == []


def pattern():
    """The problem matcher of VS Code."""
    (task,) = json.loads(blocks(EDITORS, "json")[0])["tasks"]
    return task["problemMatcher"]["pattern"]


@pytest.mark.parametrize(
    ("location", "place"),
    [
        (Location("src/layers.py", 22, 9, 19), ("src/layers.py", "22", "9")),
        (Location("C:\\models\\a b.py", 3), ("C:\\models\\a b.py", "3", None)),
    ],
    ids=["column", "line"],
)
def test_the_problem_matcher_matches_what_the_concise_output_prints(location, place):
    finding = Rule("KPT102", "a.incomplete_get_config").finding("a: b", location=location)
    line = concise.render(Report("check", checks=(Check("src", (finding,), 0, 1),))).rstrip("\n")
    found = re.match(pattern()["regexp"], line)
    assert tuple(found[pattern()[part]] for part in ("file", "line", "column")) == place
    assert (found[pattern()["code"]], found[pattern()["message"]]) == ("KPT102", "incomplete-get-config a: b")


def test_the_line_in_the_documentation_is_of_that_form():
    assert re.match(pattern()["regexp"], blocks(EDITORS, "")[0])


def test_files_that_others_read_have_no_tabs():
    names = ("action.yml", ".pre-commit-hooks.yaml")
    assert [name for name in names if "\t" in Path(ROOT, name).read_text()] == []
