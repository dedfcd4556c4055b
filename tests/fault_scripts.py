"""The scripts of `tests.faults`: models that plain Keras does not bring back as they were."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FAULTS", "HEAD", "Fault"]

HEAD = """
import keras, numpy as np
from keras import layers, ops
x = np.linspace(-1, 1, 12, dtype="float32").reshape(4, 3)
y = np.ones((4, 2), "float32")
def numbers(values):
    return [float(one) for one in np.asarray(ops.convert_to_numpy(values)).ravel()]
def answer(model):
    return numbers(model(x, training=False))[:3]
def dense(units=2, **arguments):
    return keras.Sequential([keras.Input((3,)), layers.Dense(units, **arguments)])
"""


@dataclass(frozen=True)
class Fault:
    """Two scripts.

    Attributes:
        save: Makes a model, saves it to `file`, and leaves in `result` what must come back.
        load: Loads it, and leaves in `result` what came back.
        classes: Defines the classes of the model, in both processes.
        changes: What the second process defines in their stead.
        defined_again: Whether the second process has the classes at all.
    """

    save: str
    load: str
    classes: str = ""
    changes: str = ""
    defined_again: bool = True


ANSWER = "result = answer(load(file))\n"
SAVE_ANSWER = "save(model, file)\nresult = answer(model)\n"
REGISTERED = "@keras.saving.register_keras_serializable()\n"

FAULTS = {
    "F1 A save that fails where a good model was": Fault(
        classes="""
import threading
class Locked(layers.Layer):
    def get_config(self):
        return super().get_config() | {"lock": threading.Lock()}
    def call(self, x):
        return x
""",
        save="""
model = dense()
save(model, file)
result = answer(model)
try:
    save(keras.Sequential([keras.Input((3,)), Locked()]), file)
except TypeError:
    pass
""",
        load=ANSWER,
    ),
    "F2 A custom layer, in a process that has not imported it": Fault(
        classes="""
class Scale(layers.Layer):
    def __init__(self, factor, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor
    def call(self, x):
        return x * self.factor
""",
        save="model = keras.Sequential([keras.Input((3,)), Scale(3.0)])\n" + SAVE_ANSWER,
        load=ANSWER,
        defined_again=False,
    ),
    "F3 The next training step of a model with Dropout": Fault(
        save="""
model = keras.Sequential([keras.Input((3,)), layers.Dense(8), layers.Dropout(0.5), layers.Dense(2)])
model.compile("sgd", "mse")
model.train_on_batch(x, y)
save(model, file)
result = float(model.train_on_batch(x, y))
""",
        load="result = float(load(file).train_on_batch(x, y))\n",
    ),
    "F3 The state of a metric": Fault(
        save="""
model = dense()
model.compile("sgd", "mse", metrics=["mae"])
model.train_on_batch(x, y)
save(model, file)
result = len(model.metrics[1].variables) and float(model.get_metrics_result()["mae"])
""",
        load="""
model = load(file)
result = len(model.metrics[1].variables) and float(model.get_metrics_result()["mae"])
""",
    ),
    "F4 The optimizer, when a layer was frozen after training": Fault(
        save="""
model = keras.Sequential([keras.Input((3,)), layers.Dense(3), layers.Dense(2)])
model.compile(keras.optimizers.Adam(0.1), "mse")
for _ in range(3):
    model.train_on_batch(x, y)
model.layers[0].trainable = False
save(model, file)
result = f'step {int(model.optimizer.iterations)}'
""",
        load="model = load(file)\nresult = f'step {int(model.optimizer.iterations)}'\n",
    ),
    "F5 An array that a layer fills after it was made": Fault(
        classes=REGISTERED
        + """
class Table(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.table = np.zeros(3, "float32")
    def call(self, x):
        return x + self.table
""",
        save="layer = Table()\nmodel = keras.Sequential([keras.Input((3,)), layer])\nlayer.table[:] = [1, 2, 3]\n"
        + SAVE_ANSWER,
        load=ANSWER,
    ),
    "F5 A variable that an object beside the layers holds": Fault(
        classes="""
class Held:
    def __init__(self):
        self.rate = keras.Variable(1.0)
@keras.saving.register_keras_serializable()
class Rated(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.held = Held()
    def call(self, x):
        return x * self.held.rate
""",
        save="layer = Rated()\nmodel = keras.Sequential([keras.Input((3,)), layer])\nlayer.held.rate.assign(5.0)\n"
        + SAVE_ANSWER,
        load=ANSWER,
    ),
    "F6 Weights of a layer that the model has no more": Fault(
        save="""
model = keras.Sequential([keras.Input((3,)), layers.Dense(3), layers.BatchNormalization()])
save_weights(model, folder + "/a.weights.h5")
result = "an error"
""",
        load="""
model = keras.Sequential([keras.Input((3,)), layers.Dense(3)])
load_weights(model, folder + "/a.weights.h5")
result = "no error"
""",
    ),
    "F7 Layers in a dict whose keys are in another order": Fault(
        classes=REGISTERED
        + """
class Branches(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.branches = {"left": layers.Dense(3), "right": layers.Dense(3)}
    def call(self, x):
        return self.branches["right"](self.branches["left"](x) + 1)
""",
        save="model = Branches()\nmodel(x)\n" + SAVE_ANSWER,
        changes=REGISTERED
        + """
class Branches(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.branches = {"right": layers.Dense(3), "left": layers.Dense(3)}
    def call(self, x):
        return self.branches["right"](self.branches["left"](x) + 1)
""",
        load=ANSWER,
    ),
    "F8 A class given in `custom_objects`, where another is registered": Fault(
        classes="""
@keras.saving.register_keras_serializable("mine")
class Twice(layers.Layer):
    def call(self, x):
        return x * 2
class Doubled(layers.Layer):
    def call(self, x):
        return x + x
""",
        save="save(keras.Sequential([keras.Input((3,)), Twice()]), file)\nresult = 'Doubled'\n",
        load="result = type(load(file, {'Twice': Doubled}).layers[0]).__name__\n",
    ),
    "F9 Two classes of one name": Fault(
        classes="""
def first():
    @keras.saving.register_keras_serializable()
    class Block(layers.Layer):
        def call(self, x):
            return x + 1
    return Block
def second():
    @keras.saving.register_keras_serializable()
    class Block(layers.Layer):
        def call(self, x):
            return x * 5
    return Block
blocks = first(), second()
""",
        save="model = keras.Sequential([keras.Input((3,)), blocks[0](), blocks[1]()])\n" + SAVE_ANSWER,
        load=ANSWER,
    ),
    "F10 A class that was renamed": Fault(
        classes=REGISTERED
        + """
class Old(layers.Layer):
    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1],))
    def call(self, x):
        return x * self.kernel
""",
        save="model = keras.Sequential([keras.Input((3,)), Old(), Old()])\n" + SAVE_ANSWER,
        changes=REGISTERED
        + """
class New(layers.Layer):
    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1],))
    def call(self, x):
        return x * self.kernel
""",
        load="result = answer(load(file, {'Old': New, 'Custom>Old': New}))\n",
        defined_again=False,
    ),
    "F11 A tuple, and a dict whose keys are numbers": Fault(
        classes=REGISTERED
        + """
class Mapped(layers.Layer):
    def __init__(self, sizes, table, **kwargs):
        super().__init__(**kwargs)
        self.sizes, self.table = sizes, table
    def call(self, x):
        return x
    def get_config(self):
        return super().get_config() | {"sizes": self.sizes, "table": self.table}
""",
        save="""
save(keras.Sequential([keras.Input((3,)), Mapped((3, 4), {1: "a"})]), file)
result = repr([(3, 4), {1: "a"}])
""",
        load="layer = load(file).layers[0]\nresult = repr([layer.sizes, dict(layer.table)])\n",
    ),
    "F11 A set, a complex number and a path": Fault(
        classes=REGISTERED
        + """
class Odd(layers.Layer):
    def __init__(self, names, shift, place, **kwargs):
        super().__init__(**kwargs)
        self.names, self.shift, self.place = names, shift, place
    def call(self, x):
        return x
    def get_config(self):
        return super().get_config() | {"names": self.names, "shift": self.shift, "place": self.place}
""",
        save="""
import pathlib
save(keras.Sequential([keras.Input((3,)), Odd({"a"}, 1 + 2j, pathlib.Path("b"))]), file)
result = repr([{"a"}, 1 + 2j, pathlib.Path("b")])
""",
        load="layer = load(file).layers[0]\nresult = repr([set(layer.names), layer.shift, layer.place])\n",
    ),
    "F18 A subclassed model without get_config": Fault(
        classes=REGISTERED
        + """
class Deep(keras.Model):
    def __init__(self, depth=1, **kwargs):
        super().__init__(**kwargs)
        self.depth = depth
        self.parts = [layers.Dense(3) for _ in range(depth)]
    def call(self, x):
        for part in self.parts:
            x = part(x)
        return x
""",
        save="model = Deep(depth=4)\nmodel(x)\n" + SAVE_ANSWER,
        load=ANSWER,
    ),
    "F18 A subclass of Dense with one more argument": Fault(
        classes=REGISTERED
        + """
class Scaled(layers.Dense):
    def __init__(self, units, factor=1.0, **kwargs):
        super().__init__(units, **kwargs)
        self.factor = factor
    def call(self, x):
        return super().call(x) * self.factor
""",
        save="model = keras.Sequential([keras.Input((3,)), Scaled(2, factor=7.0)])\n" + SAVE_ANSWER,
        load=ANSWER,
    ),
    "F19 A layer that only training uses": Fault(
        classes=REGISTERED
        + """
class Helped(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.main, self.extra = layers.Dense(3), layers.Dense(3)
    def call(self, x, training=False):
        return self.main(x) + self.extra(x) if training else self.main(x)
""",
        save="""
model = Helped()
model(x, training=True)
model.extra.bias.assign([1, 2, 3])
save(model, file)
result = numbers(model(x, training=True))[:3]
""",
        load="result = numbers(load(file)(x, training=True))[:3]\n",
    ),
    "F20 A function named as one of Keras": Fault(
        classes="""
def gelu(x):
    return x + 100
""",
        save="model = dense(activation=gelu)\n" + SAVE_ANSWER,
        load=ANSWER,
    ),
    "F21 A bit of a weights file that flips": Fault(
        save="""
import h5py
model = dense(4)
path = folder + "/b.weights.h5"
save_weights(model, path)
with h5py.File(path) as file:
    found = []
    file.visititems(lambda name, item: found.append(item))
    offset = next(one for one in found if getattr(one, "shape", ()) == (3, 4)).id.get_offset()
content = bytearray(open(path, "rb").read())
content[offset + 2] ^= 64
open(path, "wb").write(content)
result = "an error"
""",
        load="load_weights(dense(4), folder + '/b.weights.h5')\nresult = 'no error'\n",
    ),
    "Keras's own Huber(delta=0.1)": Fault(
        save="""
model = dense()
model.compile("sgd", keras.losses.Huber(delta=0.1))
save(model, file)
result = float(model.loss(y, 3 * y))
""",
        load="result = float(load(file).loss(y, 3 * y))\n",
    ),
    "Keras's own initializers.Identity(gain=3.0)": Fault(
        save="""
model = dense(3, kernel_initializer=keras.initializers.Identity(gain=3.0))
save(model, file)
result = model.layers[0].kernel_initializer.gain
""",
        load="result = load(file).layers[0].kernel_initializer.gain\n",
    ),
    "Keras's own MeanSquaredError(dtype='float64')": Fault(
        save="""
model = dense()
model.compile("sgd", keras.losses.MeanSquaredError(dtype="float64"))
save(model, file)
result = model.loss.dtype
""",
        load="result = load(file).loss.dtype\n",
    ),
    "Keras's own AUC(label_weights=...)": Fault(
        save="""
model = dense(3)
model.compile("sgd", "mse", metrics=[keras.metrics.AUC(multi_label=True, num_labels=3, label_weights=[0.5, 1.0, 2.0])])
model.train_on_batch(x, np.eye(4, 3))
save(model, file)
result = numbers(model.metrics[1].metrics[0].label_weights)
""",
        load="result = numbers(load(file).metrics[1].metrics[0].label_weights)\n",
    ),
    "Keras's own ELU(activity_regularizer=L2(0.1))": Fault(
        save="""
model = keras.Sequential([keras.Input((3,)), layers.ELU(0.3, activity_regularizer=keras.regularizers.L2(0.1))])
save(model, file)
result = 0.1
""",
        load="result = round(float(load(file).layers[0].activity_regularizer.l2), 6)\n",
    ),
}  # fmt: skip
