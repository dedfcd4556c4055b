"""Which way imports point, seen from outside: in a real process."""

import sys

import pytest

from kept.cli import Commands
from kept.formats.base import formats, open_artifact
from tests.conftest import ROOT
from tests.property.damage import SAMPLES

LIGHT = {
    "import kept": "import kept",
    "kept --help": "from kept.cli import main\ntry: main(['--help'])\nexcept SystemExit: pass",
    "kept.install()": "import kept\nkept.install()",
}


@pytest.mark.parametrize("what", LIGHT)
def test_neither_keras_nor_numpy_is_imported_by(what, python):
    check = "\nimport sys\nprint('heavy', sorted({'keras', 'numpy', 'h5py'} & set(sys.modules)))\n"
    python.write("s.py", LIGHT[what] + check)
    assert python("s.py").out.endswith("heavy []\n")


IMPORTED = """
import sys
before = set(sys.modules)
{what}
print("imported", *sorted(set(sys.modules) - before))
"""
COMMANDS = [f"kept.cli.{name}" for name in Commands().list_commands(None)]


def imported_by(python, what):
    """The modules that a piece of source imports, without those of the standard library."""
    python.write("s.py", IMPORTED.format(what=what))
    names = python("s.py").out.splitlines()[-1].split()[1:]
    return [name for name in names if name.partition(".")[0] not in sys.stdlib_module_names]


def test_importing_kept_imports_nothing_else(python):
    python.write("s.py", IMPORTED.format(what="import kept"))
    assert python("s.py").out == "imported kept kept.version\n"


def test_the_help_imports_the_commands_and_click(python):
    imported = imported_by(python, LIGHT["kept --help"])
    own = ["cli", "cli._terminal", "errors", "findings", "proof", "report", "report._comparison", "report._inspection"]
    own += ["report._scan", "tree", "tree.change", "version"]
    assert [name for name in imported if name.startswith("kept")] == sorted(
        ["kept", *COMMANDS, *(f"kept.{name}" for name in own)]
    )
    assert {name.partition(".")[0] for name in imported} == {"click", "kept"}


LOOKS = [
    *("inspect", "inspect -v", "inspect --tensors", "inspect --stats --format json", "inspect --checksums"),
    *("inspect --format html", "scan", "scan -v", "scan --format json", "scan --format html"),
]
COUNTED = """
import sys
from kept.cli import main
try:
    main([*{words!r}, *sys.argv[1:]])
except SystemExit as ended:
    print(ended.code, sorted({{"keras", "tensorflow", "jax", "torch", "libcst"}} & set(sys.modules)))
"""


@pytest.fixture(scope="module")
def every_format(tmp_path_factory):
    """A file or folder of each format."""
    folder = tmp_path_factory.mktemp("files")
    for name, make in SAMPLES.items():
        make(folder / name)
    return [str(folder / name) if name != "shards" else str(folder / name / "m.weights.json") for name in SAMPLES]


@pytest.mark.parametrize("look", LOOKS)
def test_a_look_into_a_file_of_any_format_imports_neither_keras_nor_a_backend(look, every_format, python):
    python.write("s.py", COUNTED.format(words=look.split()))
    ended = python("s.py", *every_format)
    assert ended.out.endswith("0 []\n"), ended


@pytest.mark.parametrize("look", ["inspect -v", "inspect --tensors", "inspect --checksums", "scan -v"])
def test_a_look_into_a_plain_file_does_not_import_h5py(look, tmp_path, python):
    plain = ["archive", "archive of Keras", "archive, deflated", "legacy", "legacy with a record", "weights"]
    for name in plain:
        SAMPLES[name](tmp_path / name)
    python.write("s.py", COUNTED.replace("libcst", "h5py").format(words=look.split()))
    ended = python("s.py", *(str(tmp_path / name) for name in plain))
    assert ended.out.endswith("0 []\n"), ended


def test_judging_in_the_same_process_imports_neither_keras_nor_a_backend(every_format, python):
    source = """
import sys, kept
found = kept.scan(sys.argv[1:], jobs=0)
print(len(found.files), sorted({"keras", "tensorflow", "jax", "torch"} & set(sys.modules)))
"""
    python.write("s.py", source)
    assert python("s.py", *every_format).out == f"{len(every_format)} []\n"


def test_judging_plain_files_in_the_same_process_does_not_import_h5py(tmp_path, python):
    plain = ["archive", "archive of Keras", "legacy", "weights"]
    for name in plain:
        SAMPLES[name](tmp_path / name)
    python.write("s.py", "import sys, kept\nkept.scan(sys.argv[1:], jobs=0)\nprint('h5py' in sys.modules)")
    assert python("s.py", *(str(tmp_path / name) for name in plain)).out == "False\n"


def test_a_look_into_files_that_others_wrote_imports_neither_keras_nor_a_backend(python):
    golden = ROOT / "tests" / "golden"
    files = [str(path) for name in ("*.keras", "*.h5") for path in sorted(golden.rglob(name))]
    files += [str(path.parent) for path in sorted(golden.rglob("saved_model.pb"))]
    files += [str(golden / "tensorflow_2_21" / "checkpoint"), str(golden / "orbax_0_12" / "folders")]
    python.write("s.py", COUNTED.format(words=["inspect"]))
    assert python("s.py", *files).out.endswith("0 []\n")


def test_the_files_are_of_every_format(every_format):
    found = {open_artifact(path).format for path in every_format}
    assert set(formats()) - {"pickled"} <= found | ({"orbax"} if "orbax" not in SAMPLES else set())


@pytest.mark.parametrize("option", ["-v", "--quick", "--tolerance=1e-3", "--format=json", "--format=html"])
def test_a_comparison_imports_neither_keras_nor_a_backend(option, python):
    source = f"""
import sys
from kept.cli import main
try:
    main(["diff", {option!r}, *sys.argv[1:]])
except SystemExit as ended:
    print(ended.code, sorted({{"keras", "tensorflow", "jax", "torch", "libcst"}} & set(sys.modules)))
"""
    python.write("s.py", source)
    golden = ROOT / "tests" / "golden" / "keras_3_15_1"
    assert python("s.py", str(golden / "trained.keras"), str(golden / "legacy.h5")).out.endswith("1 []\n")


def test_formats_and_reports_never_import_keras(python):
    source = """
import importlib, pkgutil, sys
for package in ("kept.formats", "kept.tree", "kept.inspecting", "kept.comparing", "kept.report"):
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__, package + "."):
        importlib.import_module(module.name)
print(sorted({"keras", "tensorflow", "jax", "torch"} & set(sys.modules)))
"""
    python.write("s.py", source)
    assert python("s.py").out == "[]\n"


def test_pytest_is_imported_only_where_its_suites_are_used(python):
    source = """
import sys, kept, kept.testing
before = "pytest" in sys.modules
from kept.testing import FormatTests
print(before, "pytest" in sys.modules, "keras" in sys.modules)
"""
    python.write("s.py", source)
    assert python("s.py").out == "False True False\n"
