"""A class is traced to its ancestors in Keras, over files, aliases, mixins and imports."""

import pytest

from kept.source.kinds import Kind
from kept.source.project import Project
from tests.source.reading import model_of, module


@pytest.mark.parametrize(
    ("base", "kind"),
    [
        ("keras.layers.Layer", Kind.LAYER),
        ("keras.Layer", Kind.LAYER),
        ("keras.layers.Dense", Kind.LAYER),
        ("keras.Model", Kind.MODEL),
        ("keras.models.Sequential", Kind.MODEL),
        ("keras.losses.Loss", Kind.LOSS),
        ("keras.metrics.Mean", Kind.METRIC),
        ("keras.optimizers.Adam", Kind.OPTIMIZER),
        ("keras.optimizers.schedules.LearningRateSchedule", Kind.SCHEDULE),
        ("keras.initializers.Initializer", Kind.INITIALIZER),
        ("keras.regularizers.Regularizer", Kind.REGULARIZER),
        ("keras.constraints.Constraint", Kind.CONSTRAINT),
        ("keras.callbacks.Callback", Kind.CALLBACK),
    ],
    ids=lambda one: getattr(one, "value", one),
)
def test_the_kind_of_a_class_comes_from_keras(base, kind):
    assert model_of(f"import keras\nclass A({base}): ...").kind is kind


def test_a_plain_class_has_no_kind():
    found = model_of("class A: ...")
    assert found.kind is None
    assert found.is_known


def test_mixins_do_not_hide_keras():
    text = "import keras\nclass Mixin: ...\nclass A(Mixin, keras.layers.Layer): ..."
    assert model_of(text).kind is Kind.LAYER


def test_an_unknown_base_is_told():
    found = model_of("import keras, other\nclass A(other.Thing, keras.Model): ...")
    assert not found.is_known
    assert found.kind is Kind.MODEL


def test_a_base_is_found_in_another_file():
    project = Project(search=())
    module("import keras\nclass Base(keras.layers.Layer): ...", "shop/base.py", "shop.base", project)
    found = module("from .base import Base\nclass A(Base): ...", "shop/layers.py", "shop.layers", project)
    assert found.classes[0].kind is Kind.LAYER


def test_a_base_is_found_through_a_package_that_hands_it_on():
    project = Project(search=())
    module("import keras\nclass Base(keras.layers.Layer): ...", "shop/inner/base.py", "shop.inner.base", project)
    module("from .base import *", "shop/inner/__init__.py", "shop.inner", project, is_package=True)
    found = module("from shop.inner import Base as B\nclass A(B): ...", "train.py", "train", project)
    assert found.classes[0].kind is Kind.LAYER


def test_a_base_is_found_beside_a_script_that_is_no_package():
    project = Project(search=())
    for folder, base in (("one", "keras.layers.Layer"), ("two", "keras.Model")):
        module(f"import keras\nclass Base({base}): ...", f"{folder}/base.py", "base", project)
    found = module("from base import Base\nclass A(Base): ...", "two/train.py", "train", project)
    assert found.classes[0].kind is Kind.MODEL


def test_a_base_in_an_installed_package_is_read_and_not_imported(tmp_path):
    (tmp_path / "shelf").mkdir()
    (tmp_path / "shelf/__init__.py").write_text("from shelf.deep import Base\nraise SystemExit\n")
    (tmp_path / "shelf/deep.py").write_text("import keras\nclass Base(keras.layers.Layer): ...\n")
    found = module("import shelf\nclass A(shelf.Base): ...", project=Project(search=[str(tmp_path)]))
    assert found.classes[0].kind is Kind.LAYER


@pytest.mark.parametrize("text", ["class A(A): ...", "class A(B): ...\nclass B(A): ..."], ids=["self", "circle"])
def test_a_class_that_is_its_own_ancestor_ends(text):
    found = model_of(text, "A")
    assert found.kind is None
    assert found not in found.ancestors


def test_two_modules_that_import_from_each_other_end():
    project = Project(search=())
    module("from b import X", "a.py", "a", project)
    module("from a import X", "b.py", "b", project)
    found = module("from a import X\nclass A(X): ...", "c.py", "c", project)
    assert not found.classes[0].is_known


@pytest.mark.parametrize(
    ("decorator", "name"),
    [
        ("@keras.saving.register_keras_serializable()", "Custom>A"),
        ("@keras.saving.register_keras_serializable('shop')", "shop>A"),
        ("@keras.saving.register_keras_serializable(package='shop', name='Z')", "shop>Z"),
        ("@keras.utils.register_keras_serializable(name='Z')", "Custom>Z"),
        ("@keras.saving.register_keras_serializable(PACKAGE)", None),
    ],
    ids=["bare", "package", "both", "name", "computed"],
)
def test_a_registration_is_read(decorator, name):
    found = model_of(f"import keras\n{decorator}\nclass A(keras.Model): ...").registration
    assert found.registered_name == name


def test_a_class_without_the_decorator_is_not_registered():
    assert model_of("import keras\n@other\nclass A(keras.Model): ...").registration is None


def test_the_config_is_that_of_the_nearest_ancestor_with_what_it_adds():
    text = """
        import keras
        class A(keras.layers.Layer):
            def get_config(self):
                return {**super().get_config(), "a": self.a}
        class B(A):
            def get_config(self):
                config = super().get_config()
                config.update(b=self.b)
                return config
    """
    assert model_of(text).config_keys >= {"a", "b", "name", "trainable", "dtype"}


def test_a_layer_without_a_config_is_written_by_keras_itself():
    assert model_of("import keras\nclass A(keras.layers.Layer): ...").is_automatic
    assert not model_of("import keras\nclass A(keras.layers.Dense): ...").is_automatic


@pytest.mark.parametrize(
    ("init", "name", "accepted"),
    [
        ("def __init__(self, units): super().__init__()", "units", True),
        ("def __init__(self, units): super().__init__()", "trainable", False),
        ("def __init__(self, units, **kwargs): super().__init__(**kwargs)", "trainable", True),
        ("def __init__(self, units, **kwargs): super().__init__(**kwargs)", "nobody", False),
        ("def __init__(self, **kwargs): super().__init__()", "nobody", True),
        ("def __init__(self, **kw):\n        kw.pop('rate', 1)\n        super().__init__(**kw)", "rate", True),
    ],
    ids=["own", "closed", "handed on", "unknown", "dropped", "taken out"],
)  # fmt: skip
def test_what_a_constructor_takes_is_told(init, name, accepted):
    assert model_of(f"import keras\nclass A(keras.layers.Layer):\n    {init}").accepts(name) is accepted
