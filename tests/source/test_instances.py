"""Of what class an object is, told from what stands around it."""

import pytest

from kept.source.instances import assigned, is_model, object_class
from kept.source.module import parse
from kept.source.project import Project
from kept.source.saving_calls import ending

HEAD = "import os\nfrom pathlib import Path\n\nimport keras\nfrom keras import layers\n\n"
HEAD += "class Net(keras.Model):\n    pass\n\n"


def last(text):
    """The module, and the expression of its last statement."""
    module = Project().add(parse(HEAD + text, "shop.py", "shop"))
    return module, module.tree.body[-1].value


MODELS = {
    "a constructor": "keras.Sequential()",
    "an own class": "Net()",
    "a name": "m = keras.Model(a, b)\nm",
    "a name given twice the same": "m = keras.Sequential()\nm = Net()\nm",
    "a model that is loaded": "m = keras.models.load_model(p)\nm",
    "a model of applications": "keras.applications.ResNet50()",
    "what a function returns": "def make():\n    m = keras.Sequential()\n    return m\n\nmake()",
    "what a function says it returns": "def make() -> keras.Model:\n    return other()\n\nmake()",
    "a walrus": "(m := Net())",
}
UNKNOWN = {
    "a name from elsewhere": "from elsewhere import m\nm",
    "a name given two things": "m = Net()\nm = other()\nm",
    "a name of a loop": "m = Net()\nfor m in models:\n    pass\nm",
    "what may be None or another's": "def make():\n    return other()\n\nmake()",
    "what a decorated function returns": "@cached\ndef make():\n    return Net()\n\nmake()",
    "a layer's output": "layers.Dense(3)(x)",
    "itself": "m = m\nm",
}


@pytest.mark.parametrize("text", MODELS.values(), ids=MODELS)
def test_an_expression_surely_gives_a_model(text):
    assert is_model(*last(text))


@pytest.mark.parametrize("text", UNKNOWN.values(), ids=UNKNOWN)
def test_an_expression_of_which_nothing_is_sure_gives_nothing(text):
    assert object_class(*last(text)) is None


def test_an_object_of_an_own_class_is_of_that_class():
    assert object_class(*last("Net()")).name == "Net"


def test_a_name_with_one_value_has_it():
    module, node = last("a = 1\na")
    assert assigned(module, node).value == 1
    assert assigned(*last("a = 1\na = 2\na")) is None


@pytest.mark.parametrize(
    ("text", "tail"),
    [
        ('"a/m"', "a/m"),
        ('f"{a}/m"', "/m"),
        ('f"m{a}"', None),
        ('folder + "/m"', "/m"),
        ('Path("a") / "m"', "m"),
        ('os.path.join(a, "m")', "m"),
        ('Path(a, "m")', "m"),
        ('"/".join(parts)', None),
        ('p = "m"\nstr(p)', "m"),
        ("p", None),
        ('""', None),
        ("1", None),
    ],
)
def test_the_end_of_a_path_is_known_where_it_is_written_down(text, tail):
    assert ending(*last(text)) == tail
