"""Which way imports point, seen from outside: in a real process."""

import sys

import pytest

from kept.cli import Commands
from tests.conftest import ROOT

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
    own = ["cli", "errors", "findings", "proof", "report", "report._inspection", "report._scan", "version"]
    assert [name for name in imported if name.startswith("kept")] == sorted(
        ["kept", *COMMANDS, *(f"kept.{name}" for name in own)]
    )
    assert {name.partition(".")[0] for name in imported} == {"click", "kept"}


@pytest.mark.parametrize("option", ["-v", "--tensors", "--stats", "--checksums", "--format=json"])
def test_a_look_into_a_file_imports_neither_keras_nor_a_backend(option, python):
    source = f"""
import sys
from kept.cli import main
try:
    main(["inspect", {option!r}, *sys.argv[1:]])
except SystemExit as ended:
    print(ended.code, sorted({{"keras", "tensorflow", "jax", "torch", "libcst"}} & set(sys.modules)))
"""
    python.write("s.py", source)
    files = [str(path) for name in ("*.keras", "*.h5") for path in sorted((ROOT / "tests" / "golden").rglob(name))]
    assert python("s.py", *files).out.endswith("0 []\n")


def test_formats_and_reports_never_import_keras(python):
    source = """
import importlib, pkgutil, sys
for package in ("kept.formats", "kept.tree", "kept.inspecting", "kept.report"):
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
