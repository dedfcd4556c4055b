"""Runs every check of the project: `python -m tests`, with pytest's own arguments if any.

The exit code is 0 only if all of them pass. Every backend must be installed: a missing one is a failure here.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = Path(sys.executable).parent
# The tests of one file share warm processes; the files stay in their order, in which the longest comes first.
IN_PARALLEL = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
CHECKS = {
    "ruff check": [sys.executable, "-m", "ruff", "check", "."],
    "ruff format": [sys.executable, "-m", "ruff", "format", "--check", "."],
    "mypy": [sys.executable, "-m", "mypy"],
    "lint-imports": [str(SCRIPTS / "lint-imports"), "--no-logo"],
    "pytest": [sys.executable, "-m", "pytest", *IN_PARALLEL, *sys.argv[1:]],
}


def passes(command: list[str]) -> bool:
    """Runs one check in the root of the project; what it has to say goes to the terminal."""
    environment = {**os.environ, "KEPT_ALL_BACKENDS": "1"}
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode == 0


def main() -> int:
    """Runs the checks one after the other; pytest is the last, so that its closing line is too."""
    failed = []
    for name, command in CHECKS.items():
        began = time.monotonic()
        print(f"\n{name}", flush=True)
        if name == "pytest" and failed:
            print(f"failed before: {', '.join(failed)}", flush=True)
        if not passes(command):
            failed.append(name)
        if name != "pytest":
            verdict = "FAILED" if name in failed else "passed"
            print(f"{name} {verdict} in {time.monotonic() - began:.1f} s", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
