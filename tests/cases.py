"""Saves and loads every real-world case through kept: `python -m tests.cases [--write docs/cases.md]`.

A case is a small module that builds a model whose saving is known to go wrong; the folder that holds them, with the
protocol that runs and judges them, is `KEPT_CASES`, or `../shared/cases` beside the repository. Saving and loading
happen in two forks of a process that has only imported Keras and its backend; weights files, too, are loaded through
kept.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDER = Path(os.environ.get("KEPT_CASES", ROOT.parent / "shared" / "cases"))
BACKENDS = ("torch", "tensorflow")
TABLE = ROOT / "docs" / "cases.md"
SEEN_BY_CASES = {"CASE_PHASE": "save", "CASES_TOOL": "kept", "TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}


def protocol() -> ModuleType:
    """The module that runs and judges cases."""
    spec = importlib.util.spec_from_file_location("run_cases", FOLDER / "run_cases.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["run_cases"] = module
    spec.loader.exec_module(module)
    return module


def run(backend: str, names: list[str]) -> dict[str, dict[str, Any]]:
    """Outcome of each case of a backend, in a fresh process."""
    with tempfile.TemporaryDirectory(prefix="kept-cases-") as folder:
        environment = {**os.environ, **SEEN_BY_CASES, "KERAS_BACKEND": backend, "CASES_OUT": folder}
        command = [sys.executable, "-m", "tests.cases", "--backend", backend, *names]
        ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        lines = [line for line in ended.stdout.splitlines() if line.startswith("{")]
        if ended.returncode or not lines:
            raise RuntimeError(f"the cases of {backend} did not run:\n{ended.stdout[-2000:]}\n{ended.stderr[-2000:]}")
        return dict(json.loads(lines[-1]))


def run_here(backend: str, names: list[str]) -> dict[str, dict[str, Any]]:
    """Runs the cases in forks of this process, which must be fresh; one proving process serves all of them."""
    import keras  # noqa: F401  the pristine parent only imports
    import tensorflow  # noqa: F401  which the protocol's own snapshots would import in every fork

    import kept
    from kept.runtime import prover

    cases = protocol()
    standby = prover.prover()

    def save(path: str, folder: str) -> Any:
        standby.owner = os.getpid()
        standby._process.poll = lambda: None  # a fork may not ask for the exit code of its parent's child
        return phase_save(path, folder)

    def load(path: str, folder: str, file_format: str, mode: int) -> Any:
        if file_format == "weights":
            kept.install()
        return phase_load(path, folder, file_format, mode)

    phase_save, phase_load = cases.phase_save, cases.phase_load
    cases.phase_save, cases.phase_load = save, load
    outcomes: dict[str, dict[str, Any]] = {}
    for file in sorted(FOLDER.glob("[0-9]*.py")):
        if cases.peek_backend(str(file)) == backend and (not names or file.stem in names):
            result = cases.run_one(str(file), True)
            others = [one["outcome"] for one in list(result.get("formats", {}).values())[1:]]
            outcomes[file.stem] = {
                "outcome": result["outcome"], "others": others, "detail": result["detail"], "seconds": result["secs"],
            }  # fmt: skip
    return outcomes


def table(outcomes: dict[str, dict[str, Any]]) -> str:
    """The outcomes as a page of documentation."""
    stock = {one["case"]: one["stock_keras_3_15_1"] for one in json.loads((FOLDER / "cases.json").read_text())}
    kinds = {name: one["outcome"].partition("(")[0] for name, one in outcomes.items()}
    count = {kind: sum(one == kind for one in kinds.values()) for kind in (*WORDS, "SILENT_WRONG")}
    lines = [
        "# What becomes of real-world cases",
        "",
        "Each row is a small model whose saving or loading is known to go wrong. `python -m tests.cases --write`",
        "writes this page, and the tests check it.",
        "",
        f"Of {len(kinds)} cases kept brings back {count['KEPT']}, refuses {count['REFUSED']} with a message,",
        f"and gets {count['SILENT_WRONG']} silently wrong. The model itself cannot be built in {count['BUILD_ERROR']}.",
        f"Plain Keras 3.15.1 brings back {sum(one == 'ok' for one in stock.values())}",
        f"and gets {sum(one == 'silently wrong' for one in stock.values())} silently wrong.",
        "",
        "| case | plain Keras | kept |",
        "|---|---|---|",
        *(f"| {name} | {stock[name]} | {WORDS.get(kind, kind)} |" for name, kind in sorted(kinds.items())),
    ]
    return "\n".join(lines) + "\n"


WORDS = {"KEPT": "kept", "REFUSED": "refused", "BUILD_ERROR": "cannot be built"}


def main(arguments: list[str]) -> None:
    """Runs cases, or writes the table."""
    if arguments[:1] == ["--backend"]:
        sys.stdout.write("\n" + json.dumps(run_here(arguments[1], arguments[2:])) + "\n")
        return
    write = "--write" in arguments
    names = [one for one in arguments if not one.startswith("--")]
    outcomes = {name: one for backend in BACKENDS for name, one in run(backend, names).items()}
    for name, one in sorted(outcomes.items()):
        sys.stdout.write(f"{name:48} {one['outcome']:20} {one['seconds']:5.1f} s  {one['detail'][:200]}\n")
    if write:
        TABLE.write_text(table(outcomes))


if __name__ == "__main__":
    main(sys.argv[1:])
