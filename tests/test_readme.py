"""What the README shows is what happens; `.ci/run` runs its two commands.

`python -m tests.test_readme` writes the picture anew from a real run.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.conftest import ROOT, Python, require_backend

README = ROOT / "README.md"
PICTURE = re.compile(r"(<!-- picture -->\n```\n)(.*?)(```\n<!-- end of picture -->)", re.DOTALL)
COMMANDS = re.compile(r"<!-- commands -->(.*?)<!-- end of commands -->", re.DOTALL)
EXAMPLE = "examples/dense_without_config.py"


def take_picture(folder):
    """What `kept run` on the example prints, without what TensorFlow logs when it is imported."""
    python = Python(folder)
    (folder / "examples").symlink_to(ROOT / "examples")
    ended = python.kept("run", EXAMPLE, KERAS_BACKEND="tensorflow")
    told = ended.err[ended.err.rindex("\nkept  ") :]
    return f"$ kept run {EXAMPLE}\n{ended.out}{told}"


def without_numbers(text):
    """The text with every measured number replaced, and spaces that align them made one."""
    return re.sub(r" +", " ", re.sub(r"\d+\.\d+", "N", text))


def test_the_picture_is_what_the_command_prints(tmp_path):
    require_backend("tensorflow")
    shown = PICTURE.search(README.read_text())[2]
    assert without_numbers(shown) == without_numbers(take_picture(tmp_path))


def test_there_are_two_commands_of_one_line_each():
    commands = [line for line in COMMANDS.search(README.read_text())[1].splitlines() if line.startswith("python3 ")]
    assert len(commands) == 2
    assert commands[0].endswith(f"kept run {EXAMPLE}")
    assert commands[1].endswith("python -m tests")


def test_the_continuous_integration_runs_the_commands_of_the_readme(tmp_path):
    (tmp_path / ".ci").mkdir()
    (tmp_path / ".ci/run").write_bytes((ROOT / ".ci/run").read_bytes())
    lines = ["<!-- commands -->", "python3 -c 'print(1 + 1)'", "python3 -c 'exit(3)'", "<!-- end of commands -->", ""]
    (tmp_path / "README.md").write_text("\n".join(lines))
    ended = subprocess.run(["bash", str(tmp_path / ".ci/run")], capture_output=True, text=True, check=False)
    assert ended.returncode == 3
    assert ended.stdout == f"\n$ {lines[1]}\n2\n\n$ {lines[2]}\n"


TRAINING = """
import sys
import keras

def build_model():
    return keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])

if __name__ == "__main__":
    build_model().save("model.keras")
    print(*sys.argv[1:])
"""
TRACEBACK = "ValueError: Unknown layer: 'Twice'. Please ensure you are using a `keras.utils.custom_object_scope`"


VERBS = ["run", "check", "check", "fix", "explain", "inspect", "diff", "scan", "verify"]


@pytest.mark.timeout(300)
def test_every_command_in_the_text_runs(python):
    require_backend("torch")
    python.write("train.py", TRAINING)
    python.write("src/layers.py", TRAINING)
    python.write("traceback.txt", TRACEBACK)
    commands = re.findall(r"^kept (\S.*)$", README.read_text(), flags=re.MULTILINE)
    codes = {}
    for command in commands:
        words, _, source = command.partition(" < ")
        stdin = (python.folder / source).read_text() if source else ""
        codes[command] = python.kept(*words.split(), stdin=stdin, KERAS_BACKEND="torch").code
        if command.startswith("run"):
            (python.folder / "downloads").mkdir()
            for name in ("before.keras", "after.keras", "downloads/model.keras"):
                shutil.copy(python.folder / "model.keras", python.folder / name)
    assert [command.split()[0] for command in codes] == VERBS
    assert set(codes.values()) == {0}


def test_the_python_example_uses_names_that_are_there():
    import kept

    named = set(re.findall(r"\bkept\.([a-z_]+)\(", README.read_text()))
    assert named
    assert named <= set(kept.__all__)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        picture = take_picture(Path(scratch))
    README.write_text(PICTURE.sub(lambda found: found[1] + picture + found[3], README.read_text()))
    sys.stdout.write(picture)
