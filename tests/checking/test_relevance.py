"""Files that have nothing to do with Keras are left alone; no other file is."""

import pytest

from kept.checking.relevance import relevant


def judged(**texts):
    return sorted(relevant({f"{name}.py": text.encode() for name, text in texts.items()}))


def test_files_that_name_keras_or_tensorflow_are_judged():
    assert judged(a="import keras", b="import tensorflow as tf", c="import os", d="# kept: ignore") == [
        "a.py",
        "b.py",
        "d.py",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "from .a import build",
        "import a",
        "import os, a as b",
        "from . import (\n    x,\n    a,\n)",
        "if 1:\n  from a import *",
    ],
)
def test_files_that_import_one_of_them_are_judged_on_the_way_too(text):
    assert judged(a="import keras", b=text, c="from b import f", d="import os") == ["a.py", "b.py", "c.py"]


def test_a_package_that_may_be_built_on_keras_counts():
    assert judged(a="from acme.layers import Dense", b="import numpy as np\nfrom pathlib import Path") == ["a.py"]


def test_a_file_that_is_named_is_judged_whatever_is_in_it():
    assert relevant({"a.py": b"import os", "b.py": b"import os"}, {"a.py"}) == {"a.py"}
