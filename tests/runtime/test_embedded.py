"""Embedded source runs only where it is trusted, and leaves the process as it was."""

from __future__ import annotations

import dataclasses
import inspect
import sys
import traceback
import types
from pathlib import Path

import pytest

from kept.errors import CorruptFileError, KeptError, UntrustedCodeError
from kept.runtime.embedded import Namespace, load_units
from kept.runtime.source_units import SourceUnit, digest


def unit(text: str, module: str = "__main__", uses: tuple[str, ...] = (), package: str = "") -> SourceUnit:
    return SourceUnit(module, text, digest(text), "train.py", package=package, uses=uses)


def load(*units: SourceUnit) -> Namespace:
    return load_units({each.module: each for each in units}, trusted={each.trust for each in units})


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    return tmp_path / "ran"


def test_untrusted_source_does_not_run_and_the_error_says_what_would_allow_it(canary: Path) -> None:
    bad = unit(f"open({str(canary)!r}, 'w')\nclass A: pass\n")
    with pytest.raises(UntrustedCodeError) as caught:
        load_units({"__main__": bad}, trusted=()).resolve("__main__:A")
    assert caught.value.required == [f"sha256:{bad.sha256}"]
    assert not canary.exists()


def test_every_unit_that_is_needed_is_asked_for_at_once() -> None:
    first = unit("from a import f\n", uses=("a",))
    units = {"__main__": first, "a": unit("from b import f", "a", ("b",)), "b": unit("f = len", "b", ("__main__",))}
    space = load_units({**units, "c": unit("x = 1", "c")}, trusted={first.trust})
    assert space.required(["__main__:f"]) == [units["a"].trust, units["b"].trust]


def test_a_unit_that_is_reached_without_being_declared_needs_trust_too(canary: Path) -> None:
    first = unit("def f():\n    import hidden\n")
    hidden = unit(f"open({str(canary)!r}, 'w')\n", "hidden")
    function = load_units({"__main__": first, "hidden": hidden}, trusted={first.trust}).resolve("__main__:f")
    with pytest.raises(UntrustedCodeError, match="hidden"):
        function()
    assert not canary.exists()


def test_a_changed_text_is_refused_whatever_is_trusted(canary: Path) -> None:
    good = unit("class A: pass\n")
    changed = dataclasses.replace(good, text=f"open({str(canary)!r}, 'w')\n")
    with pytest.raises(CorruptFileError, match="recorded hash"):
        load_units({"__main__": changed}, trusted={good.trust})
    assert not canary.exists()


def test_the_script_part_of_a_file_does_not_run_under_another_name(canary: Path) -> None:
    text = f"class A: pass\nif __name__ == '__main__':\n    open({str(canary)!r}, 'w')\n"
    load(unit(text, "blocks")).resolve("blocks:A")
    with pytest.raises(CorruptFileError, match="more than definitions"):
        load(unit(text)).resolve("__main__:A")
    assert not canary.exists()


def test_a_reference_only_reaches_what_the_unit_defines() -> None:
    space = load(unit("import os\nclass A:\n    class B: pass\n"))
    assert space.resolve("__main__:A.B").__qualname__ == "A.B"
    for reference in ("os:system", "__main__:A.mro", "__main__:missing", "__main__:A()", "__main__"):
        with pytest.raises(CorruptFileError):
            space.resolve(reference)


def test_the_same_texts_give_the_same_objects() -> None:
    a = unit("class Same: pass\n")
    assert load(a).resolve("__main__:Same") is load(a).resolve("__main__:Same")
    assert load(a, unit("x = 1", "b")).resolve("__main__:Same") is not load(a).resolve("__main__:Same")


def test_units_find_each_other_before_anything_installed() -> None:
    space = load(unit("from json import dumps\nimport math\n"), unit("def dumps(x): return 'mine'\n", "json"))
    assert space.resolve("__main__:dumps")(1) == "mine"
    assert sys.modules["json"].dumps(1) == "1"


def test_submodules_of_a_package_are_found_in_every_way_of_importing() -> None:
    text = "import pkg.sub\nimport pkg.sub as s\nfrom pkg import sub\nfrom pkg.sub import f\n"
    text += "def use(): return pkg.sub is s is sub and f()\n"
    space = load(
        unit(text), unit("from .deep import f\n", "pkg.sub", package="pkg"), unit("def f(): return 1", "pkg.deep")
    )
    assert space.resolve("__main__:use")() == 1
    assert "pkg" not in sys.modules


def test_a_traceback_and_inspect_show_the_embedded_text() -> None:
    function = load(unit("def divide(x):\n    return x / 0\n")).resolve("__main__:divide")
    with pytest.raises(ZeroDivisionError) as caught:
        function(1)
    assert "return x / 0" in "".join(traceback.format_tb(caught.value.__traceback__))
    assert inspect.getsource(function) == "def divide(x):\n    return x / 0\n"


def test_an_error_in_the_source_names_it_and_what_was_missing() -> None:
    broken = dataclasses.replace(unit("class A(base): pass\n"), missing=("base",))
    with pytest.raises(KeptError) as caught:
        load(broken).resolve("__main__:A")
    assert str(caught.value) == (
        "train.py: the embedded source of __main__ raised NameError: name 'base' is not defined\n"
        "  hint      it could not keep: base"
    )


def test_a_unit_survives_json_and_a_damaged_one_says_where() -> None:
    one = unit("x = 1\n", uses=("a",))
    assert SourceUnit.from_dict(one.to_dict()) == one
    with pytest.raises(CorruptFileError) as caught:
        SourceUnit.from_dict({**one.to_dict(), "uses": ["a", 1]})
    assert caught.value.where == "uses[1]"


def test_a_reference_cannot_borrow_what_trusted_source_imports() -> None:
    text = "import subprocess\nfrom os import system\nrun = subprocess.run\nclass A:\n    start = subprocess.Popen\n"
    space = load(unit(text))
    for name in ("subprocess", "subprocess.run", "system", "run", "A.start", "A.__dict__"):
        with pytest.raises(CorruptFileError):
            space.resolve(f"__main__:{name}")


def test_what_keras_had_registered_before_stays_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    registered = {"Custom>Old": 1}
    saving = types.SimpleNamespace(get_custom_objects=lambda: registered)
    monkeypatch.setitem(sys.modules, "keras", types.SimpleNamespace(saving=saving))
    text = "import keras\nkeras.saving.get_custom_objects().update({'Custom>Old': 2, 'Custom>New': 3})\ndef f(): pass\n"
    load(unit(text, "layers")).resolve("layers:f")
    assert registered == {"Custom>Old": 1, "Custom>New": 3}
