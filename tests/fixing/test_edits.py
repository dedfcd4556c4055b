"""One edit for one rule at a time: text before, text after."""

import textwrap

import pytest

from kept.fixing.source import Unmendable
from tests.fixing.mending import edited

EDITS = {
    "get_config is written with what the base class does not return": (
        "missing-get-config",
        "Gated",
        """
        import keras

        class Gated(keras.layers.MultiHeadAttention):
            def __init__(self, num_heads, key_dim, gate=1.0, **kwargs):
                super().__init__(num_heads, key_dim, **kwargs)
                self.gate = gate
        """,
        """
        import keras

        class Gated(keras.layers.MultiHeadAttention):
            def __init__(self, num_heads, key_dim, gate=1.0, **kwargs):
                super().__init__(num_heads, key_dim, **kwargs)
                self.gate = gate

            def get_config(self):
                config = super().get_config()
                config.update({"gate": self.gate})
                return config
        """,
    ),
    "a method has the type hints that the others have": (
        "missing-get-config",
        "Net",
        """
        import keras

        class Net(keras.Model):
            def __init__(self, inner: keras.layers.Layer, **kwargs) -> None:
                super().__init__(**kwargs)
                self.inner = inner
        """,
        """
        import keras

        class Net(keras.Model):
            def __init__(self, inner: keras.layers.Layer, **kwargs) -> None:
                super().__init__(**kwargs)
                self.inner = inner

            def get_config(self) -> dict:
                config = super().get_config()
                config.update({"inner": keras.saving.serialize_keras_object(self.inner)})
                return config

            @classmethod
            def from_config(cls, config: dict) -> "Net":
                config = dict(config)
                config["inner"] = keras.saving.deserialize_keras_object(config["inner"])
                return cls(**config)
        """,
    ),
    "an argument that no attribute holds is stored first": (
        "incomplete-get-config",
        "Net",
        """
        import tensorflow as tf

        class Net(tf.keras.Model):
            def __init__(self, units, depth, **kwargs):
                super().__init__(**kwargs)
                self.depth = depth
                self.parts = [tf.keras.layers.Dense(units) for _ in range(depth)]

            def get_config(self):
                return {**super().get_config(), 'depth': self.depth}
        """,
        """
        import tensorflow as tf

        class Net(tf.keras.Model):
            def __init__(self, units, depth, **kwargs):
                super().__init__(**kwargs)
                self.units = units
                self.depth = depth
                self.parts = [tf.keras.layers.Dense(units) for _ in range(depth)]

            def get_config(self):
                return {**super().get_config(), 'depth': self.depth, 'units': self.units}
        """,
    ),
    "an object that keras.activations.get made is serialised": (
        "missing-get-config",
        "Net",
        """
        from tensorflow import keras

        class Net(keras.Model):
            def __init__(self, activation="relu", **kwargs):
                super().__init__(**kwargs)
                self.activation = keras.activations.get(activation)
        """,
        """
        from tensorflow import keras

        class Net(keras.Model):
            def __init__(self, activation="relu", **kwargs):
                super().__init__(**kwargs)
                self.activation = keras.activations.get(activation)

            def get_config(self):
                config = super().get_config()
                config.update({"activation": keras.activations.serialize(self.activation)})
                return config
        """,
    ),
    "what the constructor gives the base class becomes an argument": (
        "init-without-kwargs",
        "Rated",
        """
        import keras

        class Rated(keras.losses.Loss):
            def __init__(self):
                super().__init__(name="rated")
        """,
        """
        import keras

        class Rated(keras.losses.Loss):
            def __init__(self, name="rated", **kwargs):
                super().__init__(name=name, **kwargs)
        """,
    ),
    "other keywords get the name that Keras looks for": (
        "init-without-kwargs",
        "Half",
        """
        import keras

        class Half(keras.layers.Layer):
            def __init__(self, units, **kw):
                super().__init__(**kw)
                self.units = dict(kw=units, **kw).kw
        """,
        """
        import keras

        class Half(keras.layers.Layer):
            def __init__(self, units, **kwargs):
                super().__init__(**kwargs)
                self.units = dict(kw=units, **kwargs).kw
        """,
    ),
    "a base class that is not told anything is called": (
        "init-without-kwargs",
        "Half",
        """
        import keras

        class Half(keras.layers.Layer):
            def __init__(self):
                self.factor = 0.5
        """,
        """
        import keras

        class Half(keras.layers.Layer):
            def __init__(self, **kwargs):
                super().__init__(**kwargs)
                self.factor = 0.5
        """,
    ),
    "an import is added where the file has none": (
        "unregistered-custom-object",
        "Half(Layer",
        '''
        """A module."""
        from __future__ import annotations

        from keras.layers import Layer


        # about Half
        class Half(Layer):
            pass
        ''',
        '''
        """A module."""
        from __future__ import annotations

        from keras.layers import Layer
        import keras


        # about Half
        @keras.saving.register_keras_serializable(package="shop")
        class Half(Layer):
            pass
        ''',
    ),
    "an argument in **kwargs becomes a parameter": (
        "consumed-argument",
        "kwargs.pop",
        """
        import keras

        class Scale(keras.layers.Layer):
            def __init__(self, **kwargs):
                self.factor = kwargs.pop("factor", 1.0)
                super().__init__(**kwargs)
        """,
        """
        import keras

        class Scale(keras.layers.Layer):
            def __init__(self, factor=1.0, **kwargs):
                self.factor = factor
                super().__init__(**kwargs)
        """,
    ),
    "a loop over layers is built as it is called": (
        "missing-build",
        "Stack",
        """
        import keras

        class Stack(keras.layers.Layer):
            def __init__(self, **kwargs):
                super().__init__(**kwargs)
                self.parts = [keras.layers.Dense(3) for _ in range(2)]
                self.head = keras.layers.Dense(1)

            def call(self, inputs):
                x = inputs
                for part in self.parts:
                    x = part(x)
                return self.head(x)
        """,
        """
        import keras

        class Stack(keras.layers.Layer):
            def __init__(self, **kwargs):
                super().__init__(**kwargs)
                self.parts = [keras.layers.Dense(3) for _ in range(2)]
                self.head = keras.layers.Dense(1)

            def build(self, input_shape):
                shape = input_shape
                for part in self.parts:
                    part.build(shape)
                    shape = part.compute_output_shape(shape)
                self.head.build(shape)

            def call(self, inputs):
                x = inputs
                for part in self.parts:
                    x = part(x)
                return self.head(x)
        """,
    ),
    "a with statement around a pickle goes with it": (
        "pickled-model",
        "pickle.dump(",
        """
        import pickle, keras
        model = keras.Sequential([])
        # to be kept
        with open("models/best.pkl", "wb") as stream:
            pickle.dump(model, stream)
        """,
        """
        import pickle, keras
        model = keras.Sequential([])
        # to be kept
        model.save("models/best.keras")
        """,
    ),
    "a path that is joined gets its ending where it ends": (
        "removed-save-format",
        "model.save",
        """
        import os, keras
        model = keras.Sequential([])
        model.save(os.path.join(folder, "best"), save_format="h5", overwrite=True)
        """,
        """
        import os, keras
        model = keras.Sequential([])
        model.save(os.path.join(folder, "best.h5"), overwrite=True)
        """,
    ),
    "a lambda is named for what it is given to": (
        "lambda-in-model",
        "lambda",
        """
        import keras

        model = keras.Sequential([keras.layers.Lambda(lambda x, k=2: x * k, name="double it")])
        """,
        """
        import keras


        @keras.saving.register_keras_serializable(package="shop")
        def double_it(x, k=2):
            return x * k


        model = keras.Sequential([keras.layers.Lambda(double_it, name="double it")])
        """,
    ),
}


def plain(text):
    return textwrap.dedent(text).lstrip("\n")


@pytest.mark.parametrize("what", EDITS)
def test_an_edit(what):
    rule, at, before, after = EDITS[what]
    assert edited(rule, before, at, kind=at) == plain(after)


@pytest.mark.parametrize("what", [what for what, (_, _, before, _) in EDITS.items() if "\n    " in plain(before)])
def test_an_edit_in_a_file_with_tabs_is_in_tabs(what):
    rule, at, before, after = EDITS[what]
    assert edited(rule, plain(before).replace("    ", "\t"), at, kind=at) == plain(after).replace("    ", "\t")


@pytest.mark.parametrize("what", [what for what, (_, _, before, _) in EDITS.items() if '"' in before])
def test_an_edit_in_a_file_with_single_quotes_has_single_quotes(what):
    rule, at, before, after = EDITS[what]
    assert edited(rule, before.replace('"', "'"), at, kind=at) == plain(after).replace('"', "'")


@pytest.mark.parametrize(
    ("rule", "text", "at", "reason"),
    [
        ("lambda-in-model", "def f(k):\n    return g(lambda x: k * x)\n", "lambda", "uses k"),
        ("local-class", "def f(k):\n    class A:\n        x = k\n    return A\n", "A", "uses k"),
        ("removed-save-format", "m.save(p, save_format=form)\n", "m.save", "not written out"),
        (
            "closure-loss",
            "import keras\ndef f(a):\n    print(a)\n    def g(y, p): return a\n    return g\n",
            "f(",
            "more",
        ),
        ("missing-get-config", "x = 1\n", "x", "no class"),
    ],
)
def test_what_only_a_person_can_mend_is_left_with_the_reason(rule, text, at, reason):
    with pytest.raises(Unmendable, match=reason):
        edited(rule, text, at)
