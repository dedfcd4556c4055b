"""Custom objects become text, and a process that never saw their module makes them again from it."""

from __future__ import annotations

import functools
import hashlib
import inspect
import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from kept.errors import SerializationError
from kept.runtime.embedded import load_units
from kept.runtime.sources import SourceCollector, definition, describe, is_local

SAVE = """

import json as _json
from kept.runtime.sources import SourceCollector as _Collector
_collector = _Collector()
_references = [_collector.add(_object) for _object in ({objects},)]
_units = {{name: unit.to_dict() for name, unit in _collector.units().items()}}
open({out!r}, "w").write(_json.dumps([_references, _units]))
"""

LOAD = """
import json, sys
from kept.runtime.embedded import load_units
from kept.runtime.sources import SourceUnit, SourceCollector
references, units = json.load(open({saved!r}))
units = {{name: SourceUnit.from_dict(unit) for name, unit in units.items()}}
space = load_units(units, trusted={{unit.trust for unit in units.values()}})
objects = [space.resolve(reference) for reference in references]
first = objects[0]
{code}
"""


def run(folder: Path, code: str, **env: str) -> str:
    """Runs code in a new Python; returns what it printed."""
    source = Path(__file__).parents[2] / "src"
    env = {**os.environ, "PYTHONPATH": str(source), "PYTHONDONTWRITEBYTECODE": "1", **env}
    (folder / "script.py").write_text(code)
    done = subprocess.run(
        [sys.executable, folder / "script.py"], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class Workshop:
    """Saves objects in one process and uses them in another one, elsewhere."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.saved = folder / "saved.json"
        (folder / "there").mkdir()
        (folder / "here").mkdir()

    def module(self, name: str, text: str) -> None:
        path = self.folder / "there" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip())

    def save(self, script: str, objects: str, **env: str) -> dict[str, Any]:
        tail = SAVE.format(objects=objects, out=str(self.saved))
        run(self.folder / "there", textwrap.dedent(script).lstrip() + tail, **env)
        return self.units()

    def units(self) -> dict[str, Any]:
        units: dict[str, Any] = json.loads(self.saved.read_text())[1]
        return units

    def load(self, code: str, **env: str) -> str:
        return run(self.folder / "here", LOAD.format(saved=str(self.saved), code=textwrap.dedent(code)), **env)


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


def test_a_class_of_main_comes_back_with_the_imports_and_helpers_it_uses(workshop: Workshop) -> None:
    units = workshop.save(
        """
        import os, math as m
        from math import (pi,
            tau)
        def unused(): return os
        def area(r): return pi * r ** 2
        class Disk:
            def __init__(self, r=2.0):
                self.r = m.fabs(r)
            def area(self):
                return area(self.r)
        """,
        "Disk",
    )
    assert "os" not in units["__main__"]["text"].split("class")[0].split("import math as m")[0]
    assert "unused" not in units["__main__"]["text"]
    assert "tau" not in units["__main__"]["text"]
    assert workshop.load("print(first(-1.0).area(), first.__module__)") == "3.141592653589793 __main__"


def test_a_module_beside_the_script_becomes_a_unit_of_its_own(workshop: Workshop) -> None:
    workshop.module("scales.py", "K = 3\n\ndef scaled(x):\n    return K * x\n\ndef other(x):\n    return x\n")
    script = """
        from scales import scaled
        class Layer:
            def call(self, x):
                return scaled(x)
        """
    units = workshop.save(script, "Layer")
    assert sorted(units) == ["__main__", "scales"]
    assert "other" not in units["scales"]["text"]
    assert units["scales"]["file"] == "scales.py"
    assert workshop.load("print(first().call(2), 'scales' in sys.modules)") == "6 False"


def test_a_notebook_comes_back_from_its_cells(workshop: Workshop) -> None:
    script = """
        import linecache
        def cell(number, text):
            name = f"<ipython-input-{number}-abc>"
            linecache.cache[name] = (len(text), None, text.splitlines(True), name)
            exec(compile(text, name, "exec"), notebook)
        notebook = {"__name__": "__main__", "In": []}
        cell(1, "import math as m\\nscale = m.floor(2.5)")
        cell(2, "class Layer:\\n    def call(self, x): return x")
        cell(3, "class Layer:\\n    def call(self, x): return m.sqrt(x) * scale")
        """
    units = workshop.save(script, "notebook['Layer']")
    assert units["__main__"]["file"] == "notebook"
    assert "import math as m" in units["__main__"]["text"]
    assert workshop.load("print(first().call(9.0))") == "6.0"


def test_two_closures_of_one_factory_keep_their_own_values(workshop: Workshop) -> None:
    script = """
        def make_loss(alpha, power):
            def loss(y, p):
                return alpha * abs(y - p) ** power
            return loss
        one = [make_loss(3.0, 2)]
        two = [make_loss(float("inf"), 2)]
        """
    units = workshop.save(script, "one[0], two[0], one[0]")
    text = units["__main__"]["text"]
    assert text.count("def loss") == 1
    assert "_kept_loss_1 = _kept_scope_1(alpha=3.0, power=2)" in text
    code = "print([f(1, 3) for f in objects], first.__name__, first is objects[2])"
    assert workshop.load(code) == "[12.0, inf, 12.0] loss True"


def test_each_of_several_lambdas_on_one_line_is_told_from_the_others(workshop: Workshop) -> None:
    script = "k = 5\nfs = [lambda x: x + 1, lambda x: x + 2, (lambda k: lambda x: x * k)(7), lambda x: x + k]\n"
    workshop.save(script, "*fs")
    assert workshop.load("print([f(10) for f in objects])") == "[11, 12, 70, 15]"


def test_of_two_definitions_of_one_name_the_one_that_ran_is_kept(workshop: Workshop) -> None:
    script = """
        import os
        if os.environ.get("WHICH") == "b":
            class A:
                def call(self): return "b"
            class Empty: b = 1
        else:
            class A:
                def call(self): return "a"
            class Empty: a = 1
        """
    workshop.save(script, "A, Empty", WHICH="b")
    assert workshop.load("print(first().call(), hasattr(objects[1], 'b'))") == "b True"
    workshop.save(script, "A, Empty", WHICH="a")
    assert workshop.load("print(first().call(), hasattr(objects[1], 'a'))") == "a True"


def test_a_constant_keeps_the_value_that_was_in_force(workshop: Workshop) -> None:
    script = """
        import os
        D = 1.0 if os.environ.get("X") else 3.0
        class T:
            rate = float(os.environ["X"])
            steps = 0
            def __init__(self, t=D, n=int(os.environ.get("X", 9))):
                self.t, self.n = t, n
        T.steps = 4
        D = 8.0
        """
    workshop.save(script, "T", X="5")
    assert workshop.load("print(first().t, first().n, first.rate, first.steps)") == "1.0 5 5.0 4"


def test_values_of_many_kinds_come_back_equal(workshop: Workshop) -> None:
    script = """
        import enum, pathlib, collections, argparse, functools
        import numpy as np
        class Color(enum.Enum):
            RED = 1
        Point = collections.namedtuple("Point", "x y")
        values = [None, True, -0.0, float("-inf"), 1e-320, 2+3j, "a\\n", b"\\xff", {1, 2}, frozenset(), (1,),
                  {"k": [1]},
                  range(3), slice(1, None), ..., pathlib.Path("a/b"), Color.RED, np.float32(0.1), np.dtype("int8"),
                  np.array([[0.1, np.nan]], "float32"), argparse.Namespace(units=3), Point(1, 2),
                  functools.partial(round, ndigits=1)]
        def make(values):
            def get(): return values
            return get
        get = make(values)
        """
    workshop.save(script, "get")
    expected = (
        "[None, True, -0.0, -inf, 1e-320, (2+3j), 'a\\n', b'\\xff', {1, 2}, frozenset(), (1,), {'k': [1]}, range(0, 3),"
        " slice(1, None, None), Ellipsis, PosixPath('a/b'), <Color.RED: 1>, np.float32(0.1), dtype('int8'),"
        " array([[0.1, nan]], dtype=float32), Namespace(units=3), Point(x=1, y=2),"
        " functools.partial(<built-in function round>, ndigits=1)]"
    )
    assert workshop.load("print(first())") == expected


def test_relative_imports_of_a_package_become_absolute(workshop: Workshop) -> None:
    workshop.module("pkg/__init__.py", "from .blocks import Block\n")
    workshop.module("pkg/ops.py", "def double(x):\n    from . import deep\n    return deep.two() * x\n")
    workshop.module("pkg/deep/__init__.py", "def two():\n    return 2\n")
    workshop.module(
        "pkg/blocks.py",
        """
        from .ops import double
        class Block:
            def call(self, x): return double(x)
        """,
    )
    units = workshop.save("import pkg\n", "pkg.Block")
    assert "from pkg.ops import double" in units["pkg.blocks"]["text"]
    assert units["pkg.blocks"]["file"] == "pkg/blocks.py"
    assert workshop.load("print(first().call(4), first.__module__)") == "8 pkg.blocks"


def test_a_local_module_used_as_a_module_is_kept_whole(workshop: Workshop) -> None:
    workshop.module(
        "blocks.py", "import base\nK = base.K\ndef f(x):\n    return x + K\nif __name__ == '__main__':\n    1/0\n"
    )
    workshop.module("base.py", "K = 40\n")
    units = workshop.save("import blocks\nclass A:\n    def call(self): return blocks.f(2)\n", "A")
    assert units["blocks"]["whole"]
    assert units["base"]["whole"]
    assert not units["__main__"]["whole"]
    assert workshop.load("print(first().call())") == "42"


def test_decorators_stay(workshop: Workshop) -> None:
    script = """
        import functools
        REGISTRY = {}
        def register(name):
            def wrap(cls):
                REGISTRY[name] = cls
                cls.tag = name
                return cls
            return wrap
        def loud(f):
            @functools.wraps(f)
            def inner(*args):
                return f(*args).upper()
            return inner
        def bare(f):
            def inner(*args):
                return f(*args) + "!"
            return inner
        @register("a")
        class A:
            @loud
            def call(self): return greet()
            @staticmethod
            def helper(): return "h"
        @loud
        @bare
        def greet(): return "hi"
        """
    workshop.save(script, "A, greet, A.helper")
    code = "print(first().call(), objects[1](), first.tag, objects[2]())"
    assert workshop.load(code) == "HI! HI! a h"


def test_a_base_class_in_another_local_module_comes_along(workshop: Workshop) -> None:
    workshop.module("bases.py", "class Root:\n    k = 2\nclass Base(Root):\n    def f(self): return self.k\n")
    workshop.save(
        "import bases\nfrom bases import Base as B\nclass A(B):\n    def f(self): return super().f() + 1\n", "A"
    )
    assert (
        workshop.load("print(first().f(), [c.__name__ for c in first.__mro__])") == "3 ['A', 'Base', 'Root', 'object']"
    )


def test_a_dataclass_with_lazy_annotations_comes_back(workshop: Workshop) -> None:
    workshop.module(
        "settings.py",
        """
        from __future__ import annotations
        from dataclasses import dataclass, field
        from typing import ClassVar
        @dataclass
        class Settings:
            kind: ClassVar[str] = "s"
            units: int = 3
            names: list[str] = field(default_factory=list)
        """,
    )
    units = workshop.save("from settings import Settings\n", "Settings")
    assert units["settings"]["text"].splitlines()[2] == "from __future__ import annotations"
    assert workshop.load("print(first(units=4), first.kind)") == "Settings(units=4, names=[]) s"


def test_super_works_in_a_local_class_with_a_local_base(workshop: Workshop) -> None:
    script = """
        class Base:
            def f(self): return 1
        def make(base, factor):
            class Local(base):
                scale = factor * 10
                def f(self, more=factor): return super().f() * factor + more
            return Local
        """
    workshop.save(script, "make(Base, 5)")
    assert workshop.load("print(first().f(), first.scale, first.__name__)") == "10 50 Local"


def test_what_cannot_be_kept_is_named(workshop: Workshop) -> None:
    script = """
        log = open(__file__)
        def make(stream):
            def read(): return stream.read()
            return read
        class A:
            def ok(self): return 1
            def call(self): return log.read()
        """
    units = workshop.save(script, "A, make(log)")
    assert units["__main__"]["missing"] == ["log", "stream"]
    assert workshop.load("print(first().ok())") == "1"


def test_saving_what_was_loaded_gives_the_same_text(workshop: Workshop) -> None:
    workshop.module("bases.py", "class Base:\n    def f(self): return 1\n")
    script = """
        import os, math
        from bases import Base
        D = 2.0 + float(os.environ.get("X", 1))
        def make(alpha):
            def loss(y): return alpha * y * D
            class Local(Base):
                size = alpha
                def f(self): return super().f() + alpha
            return loss, Local, lambda y: math.floor(y) + alpha
        class Main(Base):
            def f(self, n=int(D)): return n
        Main.extra = 7
        inc = lambda x: x + 1
        """
    workshop.save(script, "*make(3.0), *make(4.0), Main, inc")
    code = """
        again = SourceCollector()
        assert [again.add(obj) for obj in objects] == references
        for name, unit in again.units().items():
            assert unit == units[name], unit.text + "-----\\n" + units[name].text
        print(len(again.units()), [objects[0](1), objects[1]().f(), objects[2](1.5), objects[6]().f(), objects[7](1)])
        """
    assert workshop.load(code) == "2 [9.0, 4.0, 4.0, 3, 2]"


def test_functions_that_call_each_other_share_a_factory(workshop: Workshop) -> None:
    script = """
        def make(n):
            def even(k): return k == n or odd(k - 1)
            def odd(k): return k != n and even(k - 1)
            count = lambda k: 0 if k == n else 1 + count(k - 1)
            return even, count
        """
    workshop.save(script, "*make(0)")
    assert workshop.load("print(first(6), first(7), objects[1](4))") == "True False 4"


def test_a_file_edited_after_its_import_is_not_taken_for_what_ran(workshop: Workshop) -> None:
    workshop.module("blocks.py", "class A:\n    def f(self): return 1\nclass B:\n    def f(self): return 1\n")
    script = """
        import blocks, pathlib
        from kept.errors import SerializationError
        file = pathlib.Path(blocks.__file__)
        file.write_text("# moved\\n\\n" + file.read_text().replace("return 1", "return 2", 1))
        try:
            SourceCollector().add(blocks.A)
        except SerializationError as error:
            assert "no longer holds the code that 'A' was made from" in str(error)
        else:
            raise AssertionError
        """
    workshop.save("from kept.runtime.sources import SourceCollector\n" + textwrap.dedent(script), "blocks.B")
    assert workshop.load("print(first().f())") == "1"


def test_a_text_remembered_before_the_edit_is_the_one_that_is_kept(workshop: Workshop) -> None:
    workshop.module("blocks.py", "class A:\n    def f(self): return 1\n")
    script = """
        import blocks, pathlib
        from kept.runtime.sources import remember
        remember(blocks.__file__)
        pathlib.Path(blocks.__file__).write_text("class A:\\n    def f(self): return 2\\n")
        """
    workshop.save(script, "blocks.A")
    assert workshop.load("print(first().f())") == "1"


def test_modules_that_import_each_other_come_back(workshop: Workshop) -> None:
    one = "import two\nfrom two import g\nclass A:\n    def f(self): return g(2)\ndef h(x): return x + 1\n"
    workshop.module("one.py", one)
    workshop.module("two.py", "import one\ndef g(x):\n    from one import h\n    return h(x) * 10\n")
    workshop.save("from one import A\nfrom two import g\n", "g, A")
    assert workshop.load("print(first(1), objects[1]().f())") == "20 30"


def test_a_method_replaced_after_the_class_was_made_stays_replaced(workshop: Workshop) -> None:
    script = """
        class A:
            def f(self): return 1
        def faster(self): return 2
        def install(): A.f = faster
        install()
        A.__module__ = "elsewhere"
        """
    workshop.save(script, "A")
    assert workshop.load("print(first().f(), first.__module__)") == "2 elsewhere"


def test_an_object_without_source_is_refused_with_a_reason() -> None:
    for obj, reason in [
        (functools.partial(print), "partial object has no source"),
        (Path().exists, "method object has no source"),
        (Path, "belongs to the installed module pathlib"),
        (eval("lambda: 1"), "source of '<lambda>' is not available"),
        (3, "int object has no source"),
    ]:
        with pytest.raises(SerializationError, match=reason):
            SourceCollector().add(obj)


def test_code_changed_by_an_import_hook_is_found_by_its_place() -> None:
    class Local:
        def f(self) -> int:
            assert True  # pytest rewrites this line
            return 1

    collector = SourceCollector()
    reference = collector.add(Local)
    units = collector.units()
    space = load_units(units, trusted={unit.trust for unit in units.values()})
    assert space.resolve(reference)().f() == 1


def test_installed_and_local_are_told_apart() -> None:
    assert [is_local(obj) for obj in (json, Path, len, pytest, run, Workshop, sys.modules[__name__])] == [
        *(False, False, False, False),
        *(True, True, True),
    ]


def test_describe_says_where_an_object_comes_from_and_never_raises() -> None:
    class Odd:
        def __getattr__(self, name: str) -> Any:
            raise ZeroDivisionError

    origin = describe(run)
    assert (origin.qualname, origin.file, origin.signature) == ("run", __file__, str(inspect.signature(run)))
    assert origin.line == run.__code__.co_firstlineno
    assert origin.source_sha256 == hashlib.sha256(definition(run).text.encode()).hexdigest()
    assert describe(len).module == "builtins"
    assert describe(Odd()).qualname.endswith("Odd")


KERAS_SCRIPT = """
    import keras
    from keras import layers as L, ops
    D = 2.0
    @keras.saving.register_keras_serializable(package="acme")
    class Scaled(L.Layer):
        def __init__(self, units, factor=D, **kwargs):
            super().__init__(**kwargs)
            self.inner, self.factor = L.Dense(units, kernel_initializer="ones"), factor
        def call(self, x):
            return self.inner(x) * self.factor
    base = keras.losses.MeanAbsoluteError()
    def make_loss(weight, inner):
        def loss(y, p):
            return weight * inner(y, p)
        return loss
    """


def test_a_keras_layer_and_a_loss_that_closes_over_a_keras_loss_come_back(workshop: Workshop) -> None:
    env = {"KERAS_BACKEND": "jax", "CUDA_VISIBLE_DEVICES": ""}
    units = workshop.save(KERAS_SCRIPT, "Scaled, make_loss(3.0, keras.losses.MeanAbsoluteError())", **env)
    assert "from keras import layers as L" in units["__main__"]["text"]
    code = """
        import numpy as np
        layer = first(1)
        print(float(layer(np.ones((1, 3)))[0, 0]), float(objects[1](np.ones((1, 2)), np.zeros((1, 2)))))
        """
    assert workshop.load(code, **env) == "6.0 3.0"
