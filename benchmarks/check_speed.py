"""`kept check` over the source of the installed Keras, beside linters on the same tree.

Each time is that of a whole process, the start of the interpreter included. Cold: nothing is remembered. Warm: the same
run again, nothing has changed. Linters do another work: Ruff asks its default rules, written in Rust, of each file
alone; Pylint infers types across files, and is given one folder of the tree, since the whole of it takes it minutes.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

TIMED = """
import subprocess, sys, time
command = [sys.executable, "-m", {words}]
for _ in range({unmeasured}):
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
began = time.perf_counter()
ended = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
seconds = time.perf_counter() - began
if ended.returncode < 0 or b"Traceback" in ended.stderr or b"No module named" in ended.stderr:
    sys.exit(ended.stderr.decode())
print(seconds)
"""


def tree() -> Path:
    """The folder of the installed Keras, which is not imported."""
    spec = importlib.util.find_spec("keras")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("Keras is not installed")
    return Path(spec.submodule_search_locations[0])


def timed(*words: str, unmeasured: int = 0) -> str:
    """A script that prints how long `python -m WORDS` takes, after some runs that do not count."""
    return TIMED.format(words=", ".join(map(repr, words)), unmeasured=unmeasured)


def facts() -> str:
    """How large the trees are."""
    return f"All of Keras: {_size(tree())}. `keras/src/layers/core`: {_size(PART)}."


def _size(folder: Path) -> str:
    files = list(folder.rglob("*.py"))
    return f"{len(files)} files, {sum(path.read_bytes().count(bytes([10])) for path in files):,} lines"


PART = tree() / "src" / "layers" / "core"
PYLINT = {"`pylint`, `keras/src/layers/core` only": timed("pylint", "--score=n", "-j", "0", str(PART))}
CASES = {
    "`kept check`, cold": timed("kept", "check", str(tree())),
    "`kept check`, warm": timed("kept", "check", str(tree()), unmeasured=1),
    "`kept check`, cold, `keras/src/layers/core` only": timed("kept", "check", str(PART)),
    "`ruff check`, cold": timed("ruff", "check", "--isolated", str(tree())),
    "`ruff check`, warm": timed("ruff", "check", "--isolated", str(tree()), unmeasured=1),
    **(PYLINT if importlib.util.find_spec("pylint") else {}),
}
