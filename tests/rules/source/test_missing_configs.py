"""Classes without a `get_config`, and those whose `get_config` leaves something out."""

import pytest

from tests.rules.source.reading import findings, names

LAYER = "import keras\nimport numpy as np\nfrom keras import layers\n\nclass A(layers.Layer):\n"
CALL = "    def call(self, x):\n        return x\n"


def layer(init, body="", config=None, base="layers.Layer"):
    """A layer `A` with the parameters and the body of its constructor, and what its `get_config` returns."""
    text = (
        LAYER.replace("layers.Layer", base) + f"    def __init__(self, {init}):\n        super().__init__(**kwargs)\n"
    )
    text += "".join(f"        {line}\n" for line in body.split("\n") if line)
    if config is not None:
        text += f"    def get_config(self):\n        return {config}\n"
    return text + CALL


def rules(text):
    return sorted(set(names(text)))


@pytest.mark.parametrize(
    "text",
    [
        layer("units, rate=0.1, **kwargs", "self.units = units"),
        layer("units: int, shape: tuple[int, ...] = (1, 2), **kwargs", "self.units = units"),
        layer("activation='relu', **kwargs", "self.activation = keras.activations.get(activation)"),
        layer("fn: 'keras.layers.Layer' = 'relu', **kwargs", "self.fn = fn"),
        layer("*, units, **kwargs", "self.units = units"),
        LAYER + CALL,
        "class A:\n    def __init__(self, x): self.x = x\n",
        "import keras\nclass A(keras.callbacks.Callback):\n    def __init__(self, fn):\n        self.fn = fn\n",
        "import keras\nclass A(keras.Model):\n    def call(self, x): return x\n",
        "import other\nclass A(other.Base):\n    def __init__(self, x):\n        self.x = x\n",
    ],
)
def test_a_class_that_keras_writes_by_itself_is_clean(text):
    assert rules(text) in ([], ["unregistered-custom-object"])


@pytest.mark.parametrize(
    ("init", "body"),
    [
        ("inner: layers.Layer, **kwargs", "self.inner = inner"),
        ("inner: 'layers.Layer | None' = None, **kwargs", "self.inner = inner"),
        ("table: np.ndarray, **kwargs", "self.table = table"),
        ("init=keras.initializers.Zeros(), **kwargs", "self.init = init"),
        ("fn, **kwargs", "self.fn = fn\nself.first = self.fn(1)"),
        ("make=layers.Dense, **kwargs", "self.dense = make(3)"),
        ("seen: set[str], **kwargs", "self.seen = seen"),
    ],
)
def test_a_layer_with_an_argument_that_is_not_plain_needs_a_get_config(init, body):
    found = findings(layer(init, body), select="missing-get-config")
    assert [one.message.split(" ")[0] for one in found] == ["A"]
    assert "NotImplementedError" in found[0].stock


def test_the_argument_of_a_call_in_the_file_is_evidence():
    text = layer("inner, **kwargs", "self.inner = inner") + "\na = A(layers.Dense(3))\n"
    assert "inner is layers.Dense(3) in line" in findings(text, select="missing-get-config")[0].message


@pytest.mark.parametrize(
    ("base", "init", "expected"),
    [
        ("keras.Model", "depth=1, **kwargs", "after load_model depth has its default again"),
        ("keras.Model", "depth, **kwargs", "saving raises NotImplementedError"),
        ("layers.Dense", "scale=1.0, **kwargs", "after load_model scale has its default again"),
        ("keras.metrics.Mean", "threshold, **kwargs", "load_model raises TypeError: threshold is not given"),
        ("keras.initializers.Zeros", "gain=1.0, **kwargs", "after load_model gain has its default again"),
    ],
)
def test_what_becomes_of_an_argument_that_the_base_does_not_know(base, init, expected):
    found = findings(layer(init, "self.depth = [depth]\nself.scale = [scale, threshold, gain]", base=base))
    assert [one.rule for one in found if "get-config" in one.rule] == ["missing-get-config"]
    assert expected in found[0].stock


@pytest.mark.parametrize("base", ["keras.regularizers.Regularizer", "keras.optimizers.schedules.LearningRateSchedule"])
def test_a_class_whose_base_refuses_needs_a_get_config(base):
    text = f"import keras\nclass A({base}):\n    def __call__(self, x):\n        return x\n"
    assert names(text, select="missing-get-config") == ["missing-get-config"]


@pytest.mark.parametrize(
    ("base", "init", "body", "more"),
    [
        ("keras.Model", "inputs, outputs, name=None, **kwargs", "pass", ""),
        ("keras.losses.Loss", "x=1, **kwargs", "self.x = x", ""),
        ("keras.Model", "x=1, **kwargs", "self.x = x", "@abc.abstractmethod\n    def run(self): ..."),
        ("keras.Model", "x=1, **kwargs", "self.x = x", "def get_config(self): raise NotImplementedError"),
        ("keras.Model", "weights=None, **kwargs", "load(weights)", ""),
        ("keras.Model", "x=1, **kwargs", "assert x == 1", ""),
    ],
)
def test_a_class_that_loses_nothing_or_is_not_to_be_saved_is_clean(base, init, body, more):
    text = f"import abc, keras\nclass A({base}):\n    def __init__(self, {init}):\n        {body}\n    {more}\n"
    assert names(text, select="missing-get-config") == []


def test_a_base_class_is_clean():
    text = "import keras\nclass BaseNet(keras.Model):\n    def __init__(self, x=1, **kwargs):\n        self.x = x\n"
    assert names(text, select="missing-get-config") == []
    assert names(text.replace("BaseNet", "Net"), select="missing-get-config") == ["missing-get-config"]


def test_a_sequential_that_adds_its_own_layers_needs_a_get_config():
    text = """
    import keras
    class A(keras.Sequential):
        def __init__(self, units=1, **kwargs):
            super().__init__(**kwargs)
            self.add(keras.layers.Dense(units))
    """
    assert names(text, select="missing-get-config") == ["missing-get-config"]


def test_a_class_without_a_get_config_has_one_finding():
    text = "import keras\nclass A(keras.Model):\n    def __init__(self, depth=1):\n        self.d = depth\n"
    found = [one for one in findings(text) if one.rule != "unregistered-custom-object"]
    assert [one.rule for one in found] == ["missing-get-config"]
    assert "unexpected keyword argument trainable" in found[0].stock


BASE = """
import keras
class Base(keras.layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
    def call(self, x):
        return x
    def get_config(self):
        return {**super().get_config(), "units": self.units}
"""


def test_a_subclass_with_one_more_argument_needs_its_own_get_config():
    more = "class A(Base):\n    def __init__(self, more=1, **kwargs):\n        super().__init__(**kwargs)\n"
    found = findings(BASE + more + "        self.more = more\n", select="missing-get-config")
    assert [one.kind for one in found] == ["A"]


def test_a_subclass_with_the_same_arguments_needs_none():
    same = "class A(Base):\n    def __init__(self, units, **kwargs):\n        super().__init__(units, **kwargs)\n"
    assert names(BASE + same, select="missing-get-config") == []


@pytest.mark.parametrize(
    ("init", "body", "config"),
    [
        ("a, b=1, **kwargs", "self.a = a\nself.b = b", "{**super().get_config(), 'a': self.a}"),
        ("a, b=1, **kwargs", "self.a = a\nself.b = b", "dict(super().get_config(), a=self.a)"),
        ("b=1, **kwargs", "self.inner = layers.Dense(b)", "super().get_config()"),
        ("b, **kwargs", "pass", "super().get_config()"),
        ("a, b=1, **kwargs", "self.a = a\nself.b = b", "{'a': self.a, 'name': self.name}"),
    ],
)
def test_an_argument_that_get_config_leaves_out_is_found(init, body, config):
    found = findings(layer(init, body, config), select="incomplete-get-config")
    assert [one.message for one in found] == ["A.get_config does not return b"]


@pytest.mark.parametrize(
    ("init", "body", "config"),
    [
        ("a, **kwargs", "self.a = a", "{**super().get_config(), 'a': self.a}"),
        ("a, **kwargs", "self.a = a", "{**super().get_config(), **extra(self)}"),
        ("a=None, b=None, **kwargs", "self.a = a or b", "{**super().get_config(), 'a': self.a}"),
        (
            "a=None, b=None, **kwargs",
            "if a is None:\n    a = (b,)\nself._a = a",
            "{**super().get_config(), 'a': self._a}",
        ),
        ("a=1, **kwargs", "if a != 1:\n    raise ValueError(a)", "super().get_config()"),
        ("a=1, **kwargs", "", "super().get_config()"),
        ("a, activity_regularizer=None, **kwargs", "self.a = a", "{**super().get_config(), 'a': self.a}"),
    ],
)
def test_a_complete_get_config_is_clean(init, body, config):
    assert names(layer(init, body, config), select="incomplete-get-config") == []


def test_a_from_config_that_sees_to_an_argument_is_enough():
    text = layer("a, b=1, **kwargs", "self.b = b", "{**super().get_config(), 'a': 1}")
    text += (
        "    @classmethod\n    def from_config(cls, config):\n        config['b'] = 2\n        return cls(**config)\n"
    )
    assert names(text, select="incomplete-get-config") == []


@pytest.mark.parametrize(
    ("base", "init", "config", "lost"),
    [
        ("layers.Layer", "a, **kwargs", "{'a': self.a}", "name, trainable and dtype"),
        ("layers.Layer", "a, **kwargs", "{'a': self.a, 'name': self.name}", "trainable and dtype"),
        ("keras.losses.Loss", "a, **kwargs", "{'a': self.a}", "name and reduction"),
        ("layers.Dropout", "a=1, **kwargs", "{'a': self.a}", "name, trainable, dtype, noise_shape, rate and seed"),
    ],
)
def test_a_get_config_that_does_not_ask_its_base_is_found(base, init, config, lost):
    found = findings(layer(init, "self.a = a", config, base=base), select="get-config-without-super")
    assert [one.message.partition(": ")[2] for one in found] == [f"{lost} left out"]


@pytest.mark.parametrize(
    ("base", "config"),
    [
        ("layers.Layer", "{**super().get_config(), 'a': self.a}"),
        ("layers.Layer", "dict(list(super(A, self).get_config().items()) + [('a', self.a)])"),
        ("layers.Layer", "{**layers.Layer.get_config(self), 'a': self.a}"),
        ("keras.initializers.Initializer", "{'a': self.a}"),
        ("layers.Layer", "self.everything()"),
    ],
)
def test_a_get_config_that_has_what_its_base_has_is_clean(base, config):
    text = layer("a, **kwargs", "self.a = a", config, base=base).replace(
        "def call", "def __call__(self, x): ...\n    def call"
    )
    assert names(text, select="get-config-without-super") == []


@pytest.mark.parametrize("read", ["kwargs.pop('b', 1)", "kwargs.pop('b')", "kwargs['b']"])
def test_an_argument_that_is_taken_out_of_kwargs_is_found(read):
    text = f"""
    import keras
    class A(keras.layers.Layer):
        def __init__(self, **kwargs):
            self.b = {read}
            super().__init__()
        def call(self, x):
            return x
        def get_config(self):
            return super().get_config()
    """
    assert names(text, select="consumed-argument") == ["consumed-argument"]


@pytest.mark.parametrize(
    "body",
    [
        "kwargs.pop('b', None)",
        "self.b = kwargs.pop('trainable', True)",
        "if 'b' in kwargs:\n                a = kwargs.pop('b')",
        "a = kwargs.pop('b', a)",
        "self.a = kwargs.pop('a', 1)",
        "self.b = kwargs.get('b')",
    ],
)
def test_old_spellings_and_keys_of_the_base_are_clean(body):
    text = f"""
    import keras
    class A(keras.layers.Layer):
        def __init__(self, a=1, **kwargs):
            {body}
            super().__init__(**kwargs)
            self.a = a
        def call(self, x):
            return x
        def get_config(self):
            return {{**super().get_config(), "a": self.a}}
    """
    assert names(text, select="consumed-argument") == []
