"""`__all__` is exact: it names what is there, and all that others take."""

import ast
import importlib

import pytest

import kept
from tests.conftest import ROOT

SOURCE = ROOT / "src"
MODULES = [path for path in sorted((SOURCE / "kept").rglob("*.py")) if path.name != "__main__.py"]


def name_of(path):
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def listed(tree):
    """The names in `__all__`, or None where there is none."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and [getattr(one, "id", "") for one in node.targets] == ["__all__"]:
            return ast.literal_eval(node.value)
    return None


def imported_from_elsewhere(path):
    """The names that a module takes from other modules of the package: pairs of module and name."""
    package = name_of(path).split(".") if path.name == "__init__.py" else name_of(path).split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.ImportFrom):
            continue
        base = package[: len(package) - node.level + 1] if node.level else []
        module = ".".join([*base, *([node.module] if node.module else [])])
        yield from ((module, alias.name) for alias in node.names if module.startswith("kept"))


def test_what_one_module_takes_from_another_is_listed_there():
    lists = {name_of(path): listed(ast.parse(path.read_text())) or [] for path in MODULES}
    unlisted = {
        f"{module}.{name}"
        for path in MODULES
        for module, name in imported_from_elsewhere(path)
        if module in lists and f"{module}.{name}" not in lists and name not in lists[module]
    }
    assert unlisted == set()


@pytest.mark.parametrize("path", [path for path in MODULES if "runtime" not in path.parts], ids=name_of)
def test_every_listed_name_is_there(path):
    module = importlib.import_module(name_of(path))
    assert [name for name in getattr(module, "__all__", []) if not hasattr(module, name)] == []


def test_the_package_shows_exactly_what_it_lists():
    public = {name for name in dir(kept) if not name.startswith("_")}
    modules = {path.stem for path in (SOURCE / "kept").iterdir()}
    assert public - modules == set(kept.__all__)


def test_type_checkers_see_exactly_what_the_package_lists():
    imported = imported_from_elsewhere(SOURCE / "kept" / "__init__.py")
    assert sorted(name for _, name in imported if name != "__version__") == kept.__all__


def test_a_name_that_is_not_listed_is_not_there():
    with pytest.raises(AttributeError, match="module 'kept' has no attribute 'sava'"):
        kept.sava  # noqa: B018  asking is what is tested


def test_every_public_verb_and_type_is_documented():
    assert [name for name in kept.__all__ if not getattr(kept, name).__doc__] == []
