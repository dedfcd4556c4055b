"""Models that plain Keras loads as they are: nothing may be found in them."""

import keras
import numpy as np

SHAPES = {1: (8,), 2: (6, 4), 3: (8, 8, 3), 4: (4, 4, 4, 2)}
NEEDED = {
    "units": 4, "filters": 4, "rate": 0.25, "pool_size": 2, "kernel_size": 3, "input_dim": 10, "output_dim": 4,
    "num_heads": 2, "key_dim": 4, "n": 3, "target_shape": (-1,), "dims": (1,), "axes": 1, "mask_value": 0.0,
    "stddev": 0.1, "head_dim": 4, "num_query_heads": 2, "num_key_value_heads": 1, "height": 8, "width": 8,
    "target_height": 8, "target_width": 8, "factor": 0.1, "num_bins": 4, "scale": 2.0, "mean": 0.0,
    "max_value": 4.0, "min_value": 0.0, "equation": "ab,bc->ac", "output_shape": 4,
    "activation": "relu", "output_size": 2, "max_number": 4, "height_factor": 0.1, "width_factor": 0.1,
}  # fmt: skip
MORE = {
    "CategoryEncoding": {"num_tokens": 4},
    "Discretization": {"bin_boundaries": [0.5]},
    "RandomPosterization": {"factor": 4},
    "StringLookup": {"vocabulary": ["a", "b"]},
}
ELSEWHERE = {
    "InputLayer", "Layer", "Wrapper", "Lambda", "TFSMLayer", "JaxLayer", "FlaxLayer", "NNXLayer", "TorchModuleWrapper",
    "RNN", "StackedRNNCells", "AbstractRNNCell", "Pipeline", "HashedCrossing",
}  # fmt: skip


def layers():
    """One of each layer of Keras, with the arguments that it must have and no others."""
    import inspect

    for name, kind in sorted(vars(keras.layers).items()):
        if not isinstance(kind, type) or not issubclass(kind, keras.layers.Layer) or name in ELSEWHERE:
            continue
        parameters = list(inspect.signature(kind.__init__).parameters.values())[1:]
        needed = [p.name for p in parameters if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD]
        if "layer" in needed or "cell" in needed:
            inner = keras.layers.LSTM(3) if name == "Bidirectional" else keras.layers.Dense(3)
            yield name, kind(inner)
            continue
        try:
            yield name, kind(**{**{one: NEEDED[one] for one in needed}, **MORE.get(name, {})})
        except ImportError:  # a layer that is TensorFlow's, where that is not installed
            continue


def single(layer):
    """A model of one layer, by the first shape of inputs that it takes; None where it takes none of them."""
    for shape in SHAPES.values():
        for dtype in ("float32", "int32"):
            try:
                inputs = keras.Input(shape, dtype=dtype)
                return keras.Model(inputs, layer(inputs))
            except Exception:
                continue
    return None


def trained():
    """A model of everyday parts, trained for a step."""
    inputs = keras.Input((8, 8, 3))
    x = keras.layers.Conv2D(4, 3, padding="same", activation="relu")(inputs)
    x = keras.layers.Add()([keras.layers.BatchNormalization()(x), x])
    x = keras.layers.GlobalAveragePooling2D()(keras.layers.SpatialDropout2D(0.2)(x))
    outputs = keras.layers.Dense(2, activation="softmax", name="label")(keras.layers.Dropout(0.5)(x))
    model = keras.Model(inputs, outputs)
    schedule = keras.optimizers.schedules.CosineDecay(1e-3, 10)
    model.compile(
        keras.optimizers.AdamW(schedule, use_ema=True), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    model.fit(np.ones((4, 8, 8, 3)), np.zeros(4), epochs=1, verbose=0)
    return model


@keras.saving.register_keras_serializable("healthy")
class Block(keras.layers.Layer):
    """A layer as the guides of Keras write it."""

    def __init__(self, units, activation="relu", kernel_initializer="glorot_uniform", **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.activation = keras.activations.get(activation)
        self.kernel_initializer = keras.initializers.get(kernel_initializer)
        self.table = np.arange(4.0)
        self.norm = keras.layers.LayerNormalization()
        self.blocks = [keras.layers.Dense(units, kernel_initializer=self.kernel_initializer) for _ in range(2)]
        self.seed_generator = keras.random.SeedGenerator(3)

    def build(self, shape):
        self.norm.build(shape)
        for block in self.blocks:
            block.build(shape)
            shape = (*shape[:-1], self.units)

    def call(self, x, training=False):
        x = self.norm(x)
        for block in self.blocks:
            x = self.activation(block(x))
        return keras.random.dropout(x, 0.1, seed=self.seed_generator) if training else x

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "activation": keras.activations.serialize(self.activation),
            "kernel_initializer": keras.initializers.serialize(self.kernel_initializer),
        }


@keras.saving.register_keras_serializable("healthy")
class Around(keras.layers.Layer):
    """A layer around another, which it revives itself."""

    def __init__(self, inner, **kwargs):
        super().__init__(**kwargs)
        self.inner = inner

    def build(self, shape):
        if not self.inner.built:  # an inner layer comes back built
            self.inner.build(shape)

    def call(self, x):
        return self.inner(x)

    def get_config(self):
        return {**super().get_config(), "inner": keras.saving.serialize_keras_object(self.inner)}

    @classmethod
    def from_config(cls, config):
        return cls(keras.saving.deserialize_keras_object(config.pop("inner")), **config)


@keras.saving.register_keras_serializable("healthy")
class Net(keras.Model):
    """A subclassed model with its own training step and metric."""

    def __init__(self, units=4, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.block = Block(units)
        self.head = keras.layers.Dense(1)
        self.seen = keras.metrics.Mean(name="seen")

    def build(self, shape):
        self.block.build(shape)
        self.head.build((*shape[:-1], self.units))

    def call(self, x, training=False):
        return self.head(self.block(x, training=training))

    def get_config(self):
        return {**super().get_config(), "units": self.units}


@keras.saving.register_keras_serializable("healthy")
def weighted(y_true, y_pred):
    return 2 * keras.ops.mean(keras.ops.square(y_true - y_pred), axis=-1)


@keras.saving.register_keras_serializable("healthy")
class Above(keras.metrics.Mean):
    def __init__(self, threshold=0.5, **kwargs):
        super().__init__(**kwargs)
        self.threshold = threshold

    def update_state(self, y_true, y_pred, sample_weight=None):
        super().update_state(keras.ops.cast(y_pred > self.threshold, "float32"))

    def get_config(self):
        return {**super().get_config(), "threshold": self.threshold}


def custom():
    """Classes of one's own that are written as they should be, inside one another, shared and trained."""
    shared = Block(4, activation="gelu")
    model = keras.Sequential([keras.Input((4,)), shared, Around(Block(4)), keras.layers.Dense(1)])
    model.compile("sgd", loss=weighted, metrics=[Above(0.25)])
    model.fit(np.ones((4, 4)), np.ones((4, 1)), verbose=0)
    return model


def subclassed():
    """A subclassed model, trained."""
    model = Net(units=6)
    model.build((None, 4))
    model.compile("rmsprop", loss=weighted)
    model.fit(np.ones((4, 4)), np.ones((4, 1)), verbose=0)
    return model


def application():
    """An application of Keras in a model, its layers frozen."""
    base = keras.applications.MobileNetV2(weights=None, input_shape=(32, 32, 3), include_top=False, alpha=0.35)
    for layer in base.layers:
        layer.trainable = False
    inputs = keras.Input((32, 32, 3))
    model = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.Flatten()(base(inputs, training=False))))
    model.compile("adam", "mse")
    return model


MODELS = {"trained": trained, "custom": custom, "subclassed": subclassed, "application": application}
