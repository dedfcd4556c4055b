"""Small projects to check, and what is found in them."""

import contextlib

from kept.checking.options import Options
from kept.checking.sweep import check_sources

LAMBDA = "import keras\n\nmodel = keras.Sequential([keras.Input((3,)), keras.layers.Lambda(lambda x: x + 1)])\n"
CLEAN = "import keras\n\nmodel = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])\n"
BASE = """\
import keras

@keras.saving.register_keras_serializable("shop")
class Base(keras.layers.Layer):
    def call(self, x):
        return x
"""
LOCAL = """\
import keras
from shop.base import Base

def make():
    class Own(Base):
        pass
    return Own()

model = keras.Sequential([keras.Input((3,)), make()])
"""


def write(folder, **files):
    """Writes modules, by dotted name with two underscores for each dot; packages get their `__init__.py`."""
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if path.parent != folder:
            (path.parent / "__init__.py").touch()


def swept(*paths, texts=None, remember=False, jobs=1, **asked):
    """One run, which remembers nothing unless asked to."""
    return check_sources(paths, Options.of(paths, **asked), texts=texts, remember=remember, jobs=jobs)


def found(*paths, **words):
    """Place and rule of every finding."""
    return [(str(one.location), one.rule) for one in swept(*paths, **words).check]


def found_in(text, path="train.py", **words):
    """Line and rule of every finding in a text."""
    check = swept(texts={path: text if isinstance(text, bytes) else text.encode()}, **words).check
    return [(one.location.line, one.rule) for one in check]


@contextlib.contextmanager
def counted(monkeypatch):
    """Counts the files that are judged, in this process."""
    from kept.checking import sweep

    judged = []

    def judging(paths, *arguments, real=sweep.judged, **words):
        judged.extend(paths)
        return real(paths, *arguments, **words)

    monkeypatch.setattr(sweep, "judged", judging)
    yield judged
