"""Which way imports point, seen from outside: in a real process."""

import pytest

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


def test_importing_kept_imports_only_the_standard_library(python):
    source = """
import sys
before = set(sys.modules)
import kept
roots = {name.partition(".")[0] for name in set(sys.modules) - before}
print(sorted(roots - set(sys.stdlib_module_names)))
"""
    python.write("s.py", source)
    assert python("s.py").out == "['kept']\n"


def test_formats_and_reports_never_import_keras(python):
    source = """
import importlib, pkgutil, sys
for package in ("kept.formats", "kept.report"):
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
