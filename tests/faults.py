"""Shows what plain Keras loses, and that kept keeps it: `python -m tests.faults [--write] [--backend jax] [NAME...]`.

Each fault is two scripts, one for the process that saves and one for a process that has never seen the model. Both run
once with plain Keras and once with kept behind the names `save`, `load`, `save_weights` and `load_weights`. What the
first leaves in `result` is what the second must find.
"""

from __future__ import annotations

import re
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import ROOT
from tests.fault_scripts import FAULTS, HEAD, Fault
from tests.runtime.laboratory import Lab, Laboratory

PAGE = ROOT / "docs" / "what-keras-loses.md"
MEANS = {
    "plain Keras": """
Refused = ()
def save(model, path):
    model.save(path)
def load(path, custom_objects=None):
    return keras.saving.load_model(path, custom_objects=custom_objects)
def save_weights(model, path):
    model.save_weights(path)
def load_weights(model, path):
    model.load_weights(path)
""",
    "kept": """
import kept
Refused = kept.KeptError
def save(model, path):
    kept.save(model, path)
def load(path, custom_objects=None):
    try:
        return kept.load(path, custom_objects)
    except kept.UntrustedCodeError as error:
        return kept.load(path, custom_objects, trusted=error.required)
save_weights, load_weights = kept.save_weights, kept.load_weights
""",
}
REFUSALS = ("KeptError", "SerializationError", "MismatchError", "VerificationError", "CorruptFileError", "FormatError")


@dataclass(frozen=True)
class Outcome:
    """What became of a model: `as it was`, `refused`, `fails`, or `silently different`."""

    kind: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}" if self.detail else self.kind


def outcome(fault: Fault, means: str, lab: Lab) -> Outcome:
    """One fault, saved and loaded by one of the two."""
    lab.file.unlink(missing_ok=True)
    setting = (HEAD, MEANS[means])
    saved = lab.here(*setting, fault.classes, fault.save)
    if "error" in saved.given:
        return _failed(saved.error, "saving")
    loaded = lab.elsewhere(*setting, fault.classes if fault.defined_again else "", fault.changes, fault.load)
    if "error" in loaded.given:
        return _failed(loaded.error, "loading")
    if loaded.result == saved.result:
        return Outcome("as it was")
    return Outcome("silently different", _difference(saved.result, loaded.result))


def _difference(one: object, other: object) -> str:
    """In words; numbers are left out, since they depend on the machine."""
    if _is_numbers(one):
        return "other numbers"
    return str(other) if one == "an error" else f"`{one}` is `{other}`"


def _failed(error: dict[str, str], when: str) -> Outcome:
    kind = "refused" if error["type"] in REFUSALS else "fails"
    return Outcome(kind, f"{when} raises `{error['type']}`")


def _is_numbers(value: object) -> bool:
    return isinstance(value, float) or (isinstance(value, list) and all(isinstance(one, float) for one in value))


def outcomes(lab: Lab, names: list[str] | None = None) -> dict[str, dict[str, Outcome]]:
    """Fault -> plain Keras and kept -> what became of the model."""
    chosen = {name: fault for name, fault in FAULTS.items() if not names or name in names}
    return {name: {means: outcome(fault, means, lab) for means in MEANS} for name, fault in chosen.items()}


def page(found: dict[str, dict[str, Outcome]]) -> str:
    """The outcomes as a page of documentation."""
    lines = [
        "# What Keras loses and kept keeps",
        "",
        "Each row is a script that saves a model in one process and loads it in another, once with plain Keras 3.15.1",
        "and once with kept. `python -m tests.faults --write` runs them and writes this page, and the tests check it.",
        "The scripts are in `tests/fault_scripts.py`.",
        "",
        "| what | plain Keras | kept |",
        "|---|---|---|",
        *(f"| {_title(name)} | {_cell(one['plain Keras'])} | {_cell(one['kept'])} |" for name, one in found.items()),
        "",
        "*Silently different* is the worst of these: nothing is said, and the model that comes back is another one.",
        "*Refused* means that kept says what does not fit, and leaves the file or the model as it was.",
    ]
    return "\n".join(lines) + "\n"


def _title(name: str) -> str:
    """Without the number under which a fault is known to its test."""
    return re.sub(r"^F\d+ ", "", name)


def _cell(one: Outcome) -> str:
    return str(one).replace("|", "\\|")


def main(arguments: list[str]) -> int:
    """Runs faults, and writes the page."""
    backend = arguments[arguments.index("--backend") + 1] if "--backend" in arguments else "jax"
    names = [one for one in arguments if not one.startswith("--") and one != backend]
    with tempfile.TemporaryDirectory() as folder:
        laboratory = Laboratory(Path(folder))
        try:
            found = outcomes(Lab(laboratory, backend, Path(folder)), names)
        finally:
            laboratory.close()
    for name, one in found.items():
        sys.stdout.write(f"{name}\n" + "".join(f"    {means:12} {result}\n" for means, result in one.items()))
    if "--write" in arguments:
        PAGE.write_text(page(found))
    return int(any(one["kept"].kind not in ("as it was", "refused") for one in found.values()))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
