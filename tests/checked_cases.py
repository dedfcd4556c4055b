"""Checks the model of every real-world case: `python -m tests.checked_cases [--write]`.

The cases are those of `tests/cases.py`; each is built in a fork of a process that has only imported Keras.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests import cases

TABLE = cases.ROOT / "docs" / "checked-cases.md"
NOT_IN_THE_MODEL = frozenset(
    {
        "063_registered_name_collision", "067_ctor_arg_removed_after_save", "068_default_changed_after_save",
        "070_attribute_renamed_after_save", "073_layer_removed_after_save", "074_call_code_changed_after_save",
        "077_sublayer_created_in_call", "142_h5_duplicate_weight_names", "148_weights_h5_reordered_code",
        "151_save_no_extension", "152_save_format_tf", "154_save_to_fileobj", "155_export_then_load_model",
        "157_keras2_h5_depthwise_groups", "159_package_renamed", "168_ctor_reads_global",
        "172_frozen_flag_then_model_trainable_property", "174_h5_compiled_with_mse", "175_dict_of_layers_order",
        "182_weight_added_in_call",
    }
)  # fmt: skip
"""Cases whose fault is in the file, in a later version of the code, or in how it is called; or that no model has."""


def run(backend: str) -> dict[str, list[str]]:
    """Names of the rules that speak up, for each case of a backend."""
    environment = {**os.environ, **cases.SEEN_BY_CASES, "KERAS_BACKEND": backend, "CASES_TOOL": "stock"}
    command = [sys.executable, "-m", "tests.checked_cases", "--backend", backend]
    ended = subprocess.run(command, cwd=cases.ROOT, env=environment, capture_output=True, text=True, check=False)
    lines = [line for line in ended.stdout.splitlines() if line.startswith("{")]
    if ended.returncode or not lines:
        raise RuntimeError(f"the cases of {backend} did not run:\n{ended.stdout[-2000:]}\n{ended.stderr[-2000:]}")
    return dict(json.loads(lines[-1]))


def run_here(backend: str) -> dict[str, list[str]]:
    """Checks the cases in forks of this process, which must be fresh."""
    import keras  # noqa: F401  the pristine parent only imports

    protocol = cases.protocol()
    found = {}
    for file in sorted(cases.FOLDER.glob("[0-9]*.py")):
        if protocol.peek_backend(str(file)) == backend:
            told = protocol.child(_checked, str(file))
            found[file.stem] = told if isinstance(told, list) else [f"error: {told}"]
    return found


def _checked(path: str) -> list[str]:
    """The rules that speak up for one case, as it is when it is saved."""
    import numpy as np

    import kept

    protocol = cases.protocol()
    case = protocol.import_case(path)
    try:
        model = case.build()
        if getattr(case, "PREDICT", True):
            model(case.inputs(), training=False)
    except Exception:  # Keras itself refuses to build the model
        return []
    random = np.random.default_rng(7)
    for weight in model.weights if getattr(case, "PERTURB", True) else ():
        if "float" in str(weight.dtype) and "seed" not in weight.path:
            weight.assign(protocol.npify(weight) + random.uniform(0.05, 0.3, size=weight.shape).astype("float32"))
    if hasattr(case, "finalize"):
        case.finalize(model)
    return sorted({one.rule for one in kept.check(model)})


def table(found: dict[str, list[str]]) -> str:
    """The outcome as a page of documentation."""
    stock = _stock()
    wrong = [name for name in found if stock[name] != "ok"]
    visible = [name for name in wrong if name not in NOT_IN_THE_MODEL]
    lines = [
        "# What is found in real-world cases",
        "",
        "Each row is a small model whose saving or loading is known to go wrong, and the rules of",
        "[kept check](check.md) that speak up. `python -m tests.checked_cases --write` writes this page, and the",
        "tests check it.",
        "",
        f"Plain Keras 3.15.1 brings {len(found) - len(wrong)} of {len(found)} back as they were. Of the others,",
        f"{len(visible)} have their fault in the live model; something is found in",
        f"{sum(bool(found[name]) for name in visible)} of them. The fault of the rest is in the file, in a later",
        "version of the code, or in how it is called.",
        "",
        "| case | plain Keras | found |",
        "|---|---|---|",
        *(f"| {name} | {stock[name]} | {_links(rules)} |" for name, rules in sorted(found.items())),
    ]
    return "\n".join(lines) + "\n"


def _links(rules: list[str]) -> str:
    return ", ".join(f"[{rule}](rules/{rule}.md)" for rule in rules)


def _stock() -> dict[str, str]:
    text = Path(cases.FOLDER, "cases.json").read_text()
    return {one["case"]: one["stock_keras_3_15_1"] for one in json.loads(text)}


def everything() -> dict[str, list[str]]:
    """The rules that speak up, for each case of every backend."""
    return {name: rules for backend in cases.BACKENDS for name, rules in run(backend).items()}


def main(arguments: list[str]) -> Any:
    """Checks the cases, or writes the table."""
    if arguments[:1] == ["--backend"]:
        sys.stdout.write("\n" + json.dumps(run_here(arguments[1])) + "\n")
        return
    found = everything()
    sys.stdout.write(table(found))
    if "--write" in arguments:
        TABLE.write_text(table(found))


if __name__ == "__main__":
    main(sys.argv[1:])
