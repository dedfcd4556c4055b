"""What a file calls the things of Keras, and the import that is added where it has no name for them."""

import pytest

from kept.fixing.imports import Imports
from kept.fixing.source import Source
from tests.fixing.mending import module

NAMES = [
    ("import keras\n", "keras.saving.get", []),
    ("import keras as k\n", "k.saving.get", []),
    ("import tensorflow as tf\n", "tf.keras.saving.get", []),
    ("import tensorflow\n", "tensorflow.keras.saving.get", []),
    ("from tensorflow import keras\n", "keras.saving.get", []),
    ("import tensorflow.keras as K\n", "K.saving.get", []),
    ("from keras import saving\n", "saving.get", []),
    ("from keras.saving import get\n", "get", []),
    ("from keras import layers\n", "keras.saving.get", ["import keras"]),
    ("from tensorflow.keras import layers\n", "keras.saving.get", ["from tensorflow import keras"]),
    ("import tensorflow as tf\nfrom keras import layers\n", "keras.saving.get", ["import keras"]),
    ("def f():\n    import keras\n", "keras.saving.get", ["import keras"]),
    ("try:\n    import keras\nexcept ImportError:\n    pass\n", "keras.saving.get", []),
    ("if TYPE_CHECKING:\n    import keras\n", "keras.saving.get", ["import keras"]),
    ("x = 1\n", "keras.saving.get", ["import keras"]),
]


@pytest.mark.parametrize(("text", "written", "added"), NAMES)
def test_keras_is_called_as_the_file_calls_it(text, written, added):
    imports = Imports(module(text))
    assert imports.keras("saving.get") == written
    assert imports.added == added


def test_an_import_is_asked_for_once():
    imports = Imports(module("x = 1\n"))
    assert imports.keras("saving.get") == imports.keras("saving.get")
    assert imports.added == ["import keras"]


PLACES = [
    ("x = 1\n", "import keras\n\nx = 1\n"),
    ("# licence\n\nx = 1\n", "# licence\n\nimport keras\n\nx = 1\n"),
    ('"""Doc."""\n\nx = 1\n', '"""Doc."""\n\nimport keras\n\nx = 1\n'),
    ("#!/usr/bin/env python\nimport os\n\nx = 1\n", "#!/usr/bin/env python\nimport os\nimport keras\n\nx = 1\n"),
    (
        "from __future__ import annotations\n\nx = 1\n",
        "from __future__ import annotations\n\nimport keras\n\nx = 1\n",
    ),
    ("import os\nx = 1\nimport sys\n", "import os\nimport keras\nx = 1\nimport sys\n"),
]


@pytest.mark.parametrize(("before", "after"), PLACES)
def test_an_import_stands_below_those_at_the_top(before, after):
    source = Source(module(before))
    source.imports.keras("saving.get")
    assert source.rewritten() == after
