"""Makes Keras say each of the messages, and prints what it said as JSON: a script for a process of its own.

Each function below is named after the message that it provokes; what follows two underscores tells variants apart.
"""

import copy
import io
import json
import logging
import pickle
import sys
import threading
import traceback
import types
import warnings

import keras
import numpy as np
from keras import layers

registered = keras.saving.register_keras_serializable("shop")


def sequential(*inside):
    return keras.Sequential([keras.Input((3,)), *inside])


def round_trip(model, path="model.keras", **options):
    model.save(path)
    return keras.saving.load_model(path, **options)


def with_config(**config):
    """A model with a layer whose config holds these values too."""

    class Scaled(layers.Layer):
        def call(self, x):
            return x

        def get_config(self):
            return {**super().get_config(), **config}

    return sequential(Scaled())


def could_not_locate__class():
    class Scaled(layers.Layer):
        def call(self, x):
            return x

    round_trip(sequential(Scaled()))


def could_not_locate__function():
    def twice(x):
        return 2 * x

    round_trip(sequential(layers.Dense(2, activation=twice)))


def could_not_locate__module():
    shop = types.ModuleType("shop")
    source = "import keras\nclass Scaled(keras.layers.Layer):\n    def call(self, x):\n        return x\n"
    exec(source, shop.__dict__)
    round_trip(sequential(shop.Scaled()))


def could_not_locate__copied():
    class Scaled(layers.Layer):
        def call(self, x):
            return x

    copy.deepcopy(sequential(Scaled()))


def could_not_be_deserialized():
    @registered
    class Broken(layers.Layer):
        def call(self, x):
            return x

        @classmethod
        def from_config(cls, config):
            raise TypeError("the table is not there")

        def get_config(self):
            return super().get_config()

    round_trip(sequential(Broken()))


def error_when_deserializing():
    @registered
    class Checked(layers.Layer):
        def __init__(self, units=None, **kwargs):
            super().__init__(**kwargs)
            self.limit = 1 / (units or 0)

        def call(self, x):
            return x

        def get_config(self):
            return super().get_config()

    keras.models.clone_model(sequential(Checked(3)))


class Positional(keras.Model):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.dense = layers.Dense(units)

    def call(self, x):
        return self.dense(x)

    def get_config(self):
        return {"name": self.name}


def unable_to_revive_model():
    registered(Positional)
    model = Positional(3)
    model(np.ones((1, 3)))
    round_trip(model)


def unexpected_base_argument():
    @registered
    class WithoutKwargs(layers.Layer):
        def __init__(self, scale=1.0):
            super().__init__()
            self.scale = scale

        def call(self, x):
            return x

        def get_config(self):
            return {**super().get_config(), "scale": self.scale}

    round_trip(sequential(WithoutKwargs()))


def unexpected_argument():
    @registered
    class Renamed(layers.Layer):
        def __init__(self, units=3, name=None, trainable=True, dtype=None):
            super().__init__(name=name, trainable=trainable, dtype=dtype)

        def call(self, x):
            return x

        def get_config(self):
            return {**super().get_config(), "size": 3}

    round_trip(sequential(Renamed()))


def missing_argument():
    @registered
    class Forgetful(layers.Layer):
        def __init__(self, units, rate, **kwargs):
            super().__init__(**kwargs)

        def call(self, x):
            return x

        def get_config(self):
            return super().get_config()

    round_trip(sequential(Forgetful(3, 2)))


def unrecognized_arguments__of_keras_2():
    layers.LSTM.from_config({"units": 3, "time_major": False})


def unrecognized_arguments__wrapped():
    layers.DepthwiseConv2D.from_config({"kernel_size": 3, "groups": 1})


def unknown_optimizer_argument():
    keras.optimizers.SGD.from_config({"lr": 0.1})


def dict_instead_of_object():
    @registered
    class Wrapper(layers.Layer):
        def __init__(self, inner, **kwargs):
            super().__init__(**kwargs)
            self.inner, self.units = inner, inner.units

        def call(self, x):
            return self.inner(x)

        def get_config(self):
            return {**super().get_config(), "inner": keras.saving.serialize_keras_object(self.inner)}

    round_trip(sequential(Wrapper(layers.Dense(3))))


def positional_arguments():
    class Rated(layers.Layer):
        def __init__(self, *rates):
            super().__init__()

        def call(self, x):
            return x

    sequential(Rated(1, 2)).save("model.keras")


def non_serializable_argument():
    class Table(layers.Layer):
        def __init__(self, table):
            super().__init__()

        def call(self, x):
            return x

    sequential(Table(object())).save("model.keras")


def cannot_serialize_object__archive():
    with_config(ids={1, 2}).save("model.keras")


def cannot_serialize_object__h5():
    with_config(ids={1, 2}).save("model.h5")


def not_json_serializable__key():
    with_config(table={(1, 2): 3}).save("model.keras")


def not_json_serializable__history():
    json.dumps({"loss": [np.float32(0.5)]})


def bytes_in_config():
    with_config(table=b"\xff\xfe").save("model.keras")


def get_config_returns_no_dict():
    class Silent(layers.Layer):
        def call(self, x):
            return x

        def get_config(self):
            super().get_config().update(units=3)

    sequential(Silent()).save("model.keras")


def never_built():
    sequential(layers.Dense(3)).save_weights("model.weights.h5")
    model = keras.Sequential([layers.Dense(3)])
    model.built = True
    model.load_weights("model.weights.h5")


def variable_count():
    sequential(layers.Dense(3)).save_weights("model.weights.h5")
    sequential(layers.Dense(3, use_bias=False)).load_weights("model.weights.h5")


def shape_mismatch__weights():
    sequential(layers.Dense(3)).save_weights("model.weights.h5")
    sequential(layers.Dense(4)).load_weights("model.weights.h5")


def shape_mismatch__h5():
    sequential(layers.Dense(3)).save("model.h5")
    sequential(layers.Dense(4)).load_weights("model.h5")


def shape_mismatch__default():
    @registered
    class Deep(keras.Model):
        def __init__(self, units=3, **kwargs):
            inputs = keras.Input((3,))
            super().__init__(inputs, layers.Dense(units)(inputs), **kwargs)

    round_trip(Deep(units=4))


def objects_could_not_be_loaded():
    sequential(layers.Dense(3)).save_weights("model.weights.h5")
    sequential(layers.Dense(4)).load_weights("model.weights.h5", skip_mismatch=True)


def optimizer_variables():
    model = sequential(layers.Dense(3), layers.Dense(1))
    model.compile("adam", "mse")
    model.fit(np.ones((2, 3)), np.ones((2, 1)), verbose=0)
    model.layers[0].trainable = False
    round_trip(model)


def optimizer_unknown_variable():
    optimizer = keras.optimizers.Adam()
    optimizer.build([keras.Variable(1.0)])
    optimizer.apply([keras.ops.ones(())], [keras.Variable(1.0, name="late")])


def set_weights_count__number():
    layers.Dense(3).set_weights([np.ones((3, 3)), np.ones(3)])


def set_weights_count__shape():
    sequential(layers.Dense(3)).layers[0].set_weights([np.ones((3, 4)), np.ones(3)])


def shifted(x):
    return x + 1


def name_in_lambda():
    model = round_trip(sequential(layers.Lambda(lambda x: shifted(x))), safe_mode=False)
    model(np.ones((1, 3)))


def unsafe_lambda__layer():
    round_trip(sequential(layers.Lambda(lambda x: 2 * x)))


def lambda_is_saved__and_refused():
    model = sequential(layers.Dense(2, activation=lambda x: 2 * x))
    keras.Sequential.from_config(model.get_config())


def could_not_interpret():
    layers.Dense(2, activation="swish2")


def lambda_is_saved():
    sequential(layers.Dense(2, activation=lambda x: 2 * x)).save("model.keras")


def file_extension__none():
    sequential(layers.Dense(2)).save("model")


def file_extension__other():
    sequential(layers.Dense(2)).save("model.pb")


def save_format():
    sequential(layers.Dense(2)).save("model", save_format="tf")


def save_arguments():
    sequential(layers.Dense(2)).save("model.keras", include_traces=True)


def file_not_found():
    keras.saving.load_model("nowhere.keras")


def file_not_found__empty():
    open("empty.keras", "w").close()
    keras.saving.load_model("empty.keras")


def format_not_supported__saved_model():
    keras.saving.load_model(".")


def format_not_supported__checkpoint():
    sequential(layers.Dense(2)).load_weights("checkpoint")


def no_model_config():
    sequential(layers.Dense(2)).save_weights("model.weights.h5")
    keras.saving.load_model("model.weights.h5")


def unknown_object_in_h5():
    class Scaled(layers.Layer):
        def call(self, x):
            return x

    round_trip(sequential(Scaled()), "model.h5")


def custom_loss_in_h5():
    def distance(true, predicted):
        return keras.ops.mean(keras.ops.abs(true - predicted))

    model = sequential(layers.Dense(1))
    model.compile("sgd", distance)
    round_trip(model, "model.h5")


def legacy_metric():
    model = sequential(layers.Dense(1))
    model.compile("sgd", "mse", metrics=["mae"])
    round_trip(model, "model.h5")


def slash_in_name():
    layers.Dense(1, name="block/dense")


def duplicate_layer_names__functional():
    inputs = keras.Input((3,))
    keras.Model(inputs, layers.Dense(1, name="a")(layers.Dense(1, name="a")(inputs)))


def duplicate_layer_names__sequential():
    sequential(layers.Dense(1, name="a"), layers.Dense(1, name="a"))


def duplicate_dataset():
    class Twice(layers.Layer):
        def build(self, shape):
            self.one, self.two = (self.add_weight(shape=(3,), name="w") for _ in range(2))

        def call(self, x):
            return x

    sequential(Twice()).save("model.h5")


def hdf5_header():
    sequential(layers.Dense(1, name="d" * 70_000)).save("model.h5")


def hdf5_signature__pointer():
    with open("pointer.h5", "w") as file:
        file.write("version https://git-lfs.github.com/spec/v1")
    keras.saving.load_model("pointer.h5")


def hdf5_signature__cut():
    sequential(layers.Dense(200)).save_weights("cut.weights.h5")
    with open("cut.weights.h5", "r+b") as file:
        file.truncate(7000)
    sequential(layers.Dense(200)).load_weights("cut.weights.h5")


def layer_count():
    sequential(layers.Dense(3), layers.Dense(3)).save("model.h5")
    sequential(layers.Dense(3)).load_weights("model.h5")


def weight_count():
    sequential(layers.Dense(3)).save("model.h5")
    sequential(layers.Dense(3, use_bias=False, name="other")).load_weights("model.h5")


def weights_extension__save():
    sequential(layers.Dense(3)).save_weights("model.h5")


def weights_extension__checkpoint():
    keras.callbacks.ModelCheckpoint("model.h5", save_weights_only=True)


def checkpoint_extension():
    keras.callbacks.ModelCheckpoint("checkpoint")


def model_not_built__load():
    sequential(layers.Dense(3)).save_weights("model.weights.h5")
    keras.Sequential([layers.Dense(3)]).load_weights("model.weights.h5")


def model_not_built__save():
    keras.Sequential([layers.Dense(3)]).save("model.keras")


def build_from_config():
    @registered
    class TwoInputs(keras.Model):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.dense = layers.Dense(3)

        def call(self, x, y):
            return self.dense(x) + y

    model = TwoInputs()
    model(np.ones((1, 3)), np.ones((1, 3)))
    round_trip(model)


def unbuilt_state():
    class Block(layers.Layer):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, x):
            raise TypeError("not with this input")

    Block().build((1, 3))


def state_after_build():
    class Late(keras.Model):
        def build(self, shape):
            self.built = True

        def call(self, x):
            return x * self.add_weight(shape=(3,))

    Late()(np.ones((1, 3)))


def super_init():
    class Eager(keras.optimizers.Optimizer):
        def __init__(self):
            self.rate = 3

    Eager()


def register_without_get_config():
    registered(type("Plain", (), {}))


def cannot_pickle__lock():
    pickle.dumps({"model": sequential(layers.Dense(1)), "lock": threading.Lock()})


def cannot_pickle__local():
    pickle.dumps(keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: None))


def said(provoke):
    """Everything that a process would have shown: warnings, log, traceback."""
    log = io.StringIO()
    handler = logging.StreamHandler(log)
    logging.getLogger().addHandler(handler)
    try:
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            try:
                provoke()
                error = ""
            except Exception:
                error = traceback.format_exc()
    finally:
        logging.getLogger().removeHandler(handler)
    shown = [f"{one.filename}:{one.lineno}: {one.category.__name__}: {one.message}\n" for one in warned]
    return "".join(shown) + log.getvalue() + error


NOT_PROVOKING = ("registered", "shifted", "sequential", "round_trip", "with_config", "said", "main")


def main():
    here = {name: value for name, value in globals().items() if isinstance(value, types.FunctionType)}
    told = {name: said(value) for name, value in here.items() if name not in NOT_PROVOKING and name.islower()}
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
