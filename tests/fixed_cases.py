"""Checks and mends every real-world case, and lets plain Keras try it: `python -m tests.fixed_cases [--write]`.

The cases are those of `tests/cases.py`. A mended case is saved by one process and loaded by another one that has
imported it, both with plain Keras; the protocol of the cases judges what came back.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kept.checking.sweep import check_sources
from kept.fixing.run import fix_sources
from tests import cases

TABLE = cases.ROOT / "docs" / "fixed-cases.md"
NOT_IN_THE_SOURCE = frozenset(
    {
        "067_ctor_arg_removed_after_save", "070_attribute_renamed_after_save", "073_layer_removed_after_save",
        "074_call_code_changed_after_save", "099_stateful_rnn", "115_mixed_precision_nested_sublayers",
        "116_mixed_precision_builtin", "118_int4_quantized_custom_parent", "142_h5_duplicate_weight_names",
        "148_weights_h5_reordered_code", "157_keras2_h5_depthwise_groups", "159_package_renamed",
        "170_frozen_whole_model", "172_frozen_flag_then_model_trainable_property", "174_h5_compiled_with_mse",
        "175_dict_of_layers_order",
    }
)  # fmt: skip
"""Cases whose fault is in a later version of the code, in the file, or in what Keras does with code that is right."""
NEVER_BUILT = frozenset({"077_sublayer_created_in_call", "182_weight_added_in_call"})
"""Cases whose model Keras refuses to build."""


@dataclass(frozen=True)
class Case:
    """What became of one case.

    Attributes:
        stock: What plain Keras makes of it as it is.
        found: Rules that speak up on its source.
        rules: Rules whose edits it got.
        outcome: What plain Keras makes of it afterwards; empty where nothing was mended.
    """

    stock: str
    found: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    outcome: str = ""

    @property
    def is_kept(self) -> bool:
        """Whether it came back equal, in a process that has imported it."""
        return self.outcome in ("KEPT(mode1)", "KEPT(mode2)")


def texts() -> dict[str, bytes]:
    """The source of each case, by the name of its file."""
    return {file.name: file.read_bytes() for file in sorted(cases.FOLDER.glob("[0-9]*.py"))}


def checked() -> dict[str, tuple[str, ...]]:
    """Names of the rules that speak up on each case."""
    found: dict[str, set[str]] = {}
    for name, text in texts().items():  # each by itself: they register their classes under the same names
        sweep = check_sources([], texts={name: text}, remember=False)
        assert sweep.failures == ()
        found[name.removesuffix(".py")] = {one.rule for one in sweep.check}
    return {name: tuple(sorted(rules)) for name, rules in found.items()}


def mended(folder: Path) -> dict[str, tuple[str, ...]]:
    """Copies the cases to a folder and mends them; names of the rules whose edits each got."""
    before = texts()
    made = fix_sources([], unsafe=True, texts=before, remember=False)
    assert made.failures == ()
    after = {one.path: one.after for one in made.changes}
    for name, text in before.items():
        (folder / name).write_bytes(after.get(name, text))
    return {one.path.removesuffix(".py"): tuple(sorted({each.rule for each in one.done})) for one in made.changes}


def run(backend: str, folder: Path, names: list[str]) -> dict[str, str]:
    """Outcome of each mended case of a backend, with plain Keras."""
    with tempfile.TemporaryDirectory(prefix="kept-cases-") as out:
        seen = {**cases.SEEN_BY_CASES, "CASES_TOOL": "stock", "KERAS_BACKEND": backend, "CASES_OUT": out}
        command = [sys.executable, "-m", "tests.fixed_cases", "--backend", backend, str(folder), *names]
        ended = subprocess.run(
            command, cwd=cases.ROOT, env={**os.environ, **seen}, capture_output=True, text=True, check=False
        )
        lines = [line for line in ended.stdout.splitlines() if line.startswith("{")]
        if ended.returncode or not lines:
            raise RuntimeError(f"the cases of {backend} did not run:\n{ended.stdout[-2000:]}\n{ended.stderr[-2000:]}")
        return dict(json.loads(lines[-1]))


def run_here(backend: str, folder: Path, names: list[str]) -> dict[str, str]:
    """Runs the cases in forks of this process, which must be fresh."""
    import keras  # noqa: F401  the pristine parent only imports
    import tensorflow  # noqa: F401  which saving would import in every fork

    protocol = cases.protocol()
    files = [folder / f"{name}.py" for name in names]
    chosen = [file for file in files if protocol.peek_backend(str(file)) == backend]
    return {file.stem: protocol.run_one(str(file), True)["outcome"] for file in chosen}


def everything() -> dict[str, Case]:
    """What became of each case."""
    told = json.loads((cases.FOLDER / "cases.json").read_text())
    speaking = checked()
    found = {one["case"]: Case(one["stock_keras_3_15_1"], speaking[one["case"]]) for one in told}
    with tempfile.TemporaryDirectory(prefix="kept-mended-") as name:
        folder = Path(name)
        rules = mended(folder)
        for backend in cases.BACKENDS:
            for case, outcome in run(backend, folder, sorted(rules)).items():
                found[case] = replace(found[case], rules=rules[case], outcome=outcome)
    return found


def visible(found: dict[str, Case]) -> dict[str, Case]:
    """The cases that plain Keras does not bring back, and whose fault stands in their source."""
    left_out = NOT_IN_THE_SOURCE | NEVER_BUILT
    return {name: one for name, one in found.items() if one.stock != "ok" and name not in left_out}


def table(found: dict[str, Case]) -> str:
    """The outcome as a page of documentation."""
    faulty = visible(found)
    kept = [name for name, one in faulty.items() if one.is_kept]
    lines = [
        "# What mending makes of real-world cases",
        "",
        "Each row is a small model whose saving or loading is known to go wrong, the rules of",
        "[`kept check`](check.md) that speak up on its source (in italics where",
        "[`kept fix --unsafe-fixes`](fix.md) makes an edit), and what plain Keras 3.15.1 makes of it before and after:",
        "one process saves it, and a fresh one that has imported the source loads it.",
        "`python -m tests.fixed_cases --write` writes this page, and the tests check it.",
        "",
        f"In {len(faulty)} cases that plain Keras does not bring back, the fault stands in the source. It is found in",
        f"{sum(bool(one.found) for one in faulty.values())} of them, and mended, plain Keras brings back {len(kept)}.",
        "The fault of the other cases is in a later version of the code, in the file, or in what Keras makes of",
        "code that is right.",
        "",
        "| case | plain Keras | found | mended, plain Keras |",
        "|---|---|---|---|",
        *(f"| {name} | {one.stock} | {_links(one)} | {_word(one)} |" for name, one in sorted(found.items())),
    ]
    return "\n".join(lines) + "\n"


def _links(case: Case) -> str:
    named = dict.fromkeys((*case.found, *case.rules))
    links = {rule: f"[{rule}](rules/{rule}.md)" for rule in named}
    return ", ".join(f"*{link}*" if rule in case.rules else link for rule, link in links.items())


def _word(one: Case) -> str:
    if not one.outcome:
        return ""
    if one.outcome == "KEPT(mode3)":
        return "ok with custom_objects"
    return "ok" if one.is_kept else one.outcome.partition("(")[0].lower().replace("_", " ")


def main(arguments: list[str]) -> Any:
    """Mends and runs the cases, or writes the table."""
    if arguments[:1] == ["--backend"]:
        sys.stdout.write("\n" + json.dumps(run_here(arguments[1], Path(arguments[2]), arguments[3:])) + "\n")
        return
    found = everything()
    sys.stdout.write(table(found))
    if "--write" in arguments:
        TABLE.write_text(table(found))


if __name__ == "__main__":
    main(sys.argv[1:])
