"""How long kept takes to start: whole processes, the interpreter included, beside `import keras` in the same run."""

from __future__ import annotations

WHOLE = """
import subprocess, sys, time
began = time.perf_counter()
subprocess.run([sys.executable, *{words}], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
print(time.perf_counter() - began)
"""


def process(*words: str) -> str:
    """A script that prints how long the interpreter takes with some arguments."""
    return WHOLE.format(words=words)


CASES = {
    "the interpreter alone": process("-c", "pass"),
    "`import kept`": process("-c", "import kept"),
    "`kept --help`": process("-m", "kept", "--help"),
    "`kept rules`": process("-m", "kept", "rules"),
    "`import keras`": process("-c", "import keras"),
}
