"""Which way imports point, seen from outside: in a real process."""

import pytest

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
