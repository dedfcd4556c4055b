"""Models as scripts: each leaves `model` and `x`. They are run as `__main__`, where people write their classes."""

HEAD = """
import keras, numpy as np
from keras import layers, ops
x = np.linspace(-1, 1, 12, dtype="float32").reshape(4, 3)
y = np.ones((4, 2), "float32")
"""

PLAIN_LAYER = """
class Scale(layers.Layer):
    def __init__(self, units, factor=2.0):
        super().__init__()
        self.units, self.factor = units, factor
    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], self.units))
    def call(self, x):
        return ops.matmul(x, self.kernel) * self.factor
"""

STEP = "model.train_on_batch(x, y)\n"

MODELS = {
    "a plain layer without get_config": PLAIN_LAYER + "model = keras.Sequential([keras.Input((3,)), Scale(2, 3.0)])\n",
    "a registered layer without get_config": "@keras.saving.register_keras_serializable('mine')"
    + PLAIN_LAYER
    + "model = keras.Sequential([keras.Input((3,)), Scale(2, factor=0.5)])\n",
    "a functional model with shared and nested layers": PLAIN_LAYER
    + """
shared = Scale(3)
inner = keras.Sequential([keras.Input((3,)), Scale(3, 0.1), layers.Dense(3)])
a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
model = keras.Model({"a": a, "b": b}, [shared(a), inner(b), layers.add([inner(a), shared(b)])])
x = {"a": x, "b": 2 * x}
""",
    "a subclassed model with arguments": PLAIN_LAYER
    + """
class Net(keras.Model):
    def __init__(self, width, depth):
        super().__init__()
        self.width = width
        self.blocks = [Scale(width) for _ in range(depth)]
        self.head = layers.Dense(2)
    def get_config(self):
        return {"width": self.width, "depth": len(self.blocks)}
    def call(self, x):
        for block in self.blocks:
            x = block(x)
        return self.head(x)
model = Net(5, depth=3)
model(x)
""",
    "a custom loss, metric and train_step": """
def far(y_true, y_pred):
    return ops.mean(ops.abs(y_true - y_pred) ** 3)
class Mean(keras.metrics.Metric):
    def __init__(self, power=1, name="mean"):
        super().__init__(name=name)
        self.power = power
        self.total = self.add_weight(shape=(), initializer="zeros")
    def update_state(self, y_true, y_pred, sample_weight=None):
        self.total.assign_add(ops.mean(y_pred**self.power))
    def result(self):
        return ops.convert_to_tensor(self.total)
class Trained(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense, self.dropout = layers.Dense(2), layers.Dropout(0.5)
    def call(self, x, training=False):
        return self.dropout(self.dense(x), training=training)
    def train_step(self, *args):
        return super().train_step(*args)
model = Trained()
model.compile("adam", far, metrics=[Mean(2)])
"""
    + STEP,
    "a dropout that has been used": """
model = keras.Sequential([keras.Input((3,)), layers.Dense(2), layers.Dropout(0.5), layers.GaussianNoise(0.1)])
model.compile(keras.optimizers.SGD(0.1, momentum=0.9), "mse", metrics=["mae"])
"""
    + STEP,
    "a frozen layer after training": """
model = keras.Sequential([keras.Input((3,)), layers.Dense(3), layers.Dense(2)])
model.compile("adam", "mse")
"""
    + STEP
    + "model.layers[0].trainable = False\n",
    "a Lambda layer": """
rate = 3.0
model = keras.Sequential([keras.Input((3,)), layers.Lambda(lambda x: x * rate), layers.Dense(2)])
""",
    "a closure as a loss": """
def weighted(weight):
    def loss(y_true, y_pred):
        return weight * ops.mean(ops.square(y_true - y_pred))
    return loss
model = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
model.compile("sgd", weighted(0.25))
"""
    + STEP,
    "mixed precision": PLAIN_LAYER
    + """
keras.mixed_precision.set_global_policy("mixed_bfloat16")
model = keras.Sequential([keras.Input((3,)), layers.Dense(4), Scale(2)])
""",
    "int8 weights": """
model = keras.Sequential([keras.Input((3,)), layers.Dense(4), layers.Dense(2)])
model.quantize("int8")
""",
    "a stateful recurrent layer": """
model = keras.Sequential([keras.Input(batch_shape=(4, 3, 1)), layers.LSTM(2, stateful=True)])
x = x[..., None]
model.predict(x, verbose=0)
""",
    "a normalization that was adapted": """
norm = layers.Normalization()
norm.adapt(np.arange(12, dtype="float32").reshape(4, 3))
model = keras.Sequential([keras.Input((3,)), norm, layers.Dense(2)])
""",
    "two classes of one name": """
def first():
    class Block(layers.Layer):
        def call(self, x):
            return x + 1
    return Block
def second():
    class Block(layers.Layer):
        def call(self, x):
            return x * 5
    return Block
model = keras.Sequential([keras.Input((3,)), first()(), second()(), first()()])
""",
    "a class named as a built-in": """
class Dense(layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.units = units
    def call(self, x):
        return x[..., : self.units] - 7
model = keras.Sequential([keras.Input((3,)), Dense(2), layers.Dense(2)])
""",
    "functions named as built-ins": """
def gelu(x):
    return x + 100
def dice(y_true, y_pred):
    return ops.mean(y_pred) * 11
model = keras.Sequential([keras.Input((3,)), layers.Dense(2, activation=gelu)])
model.compile("sgd", dice)
"""
    + STEP,
    "numpy attributes and counters": """
class Counted(layers.Layer):
    def __init__(self):
        super().__init__()
        self.table, self.count, self.seen = np.zeros(3), 0, set()
    def call(self, x):
        return x + ops.convert_to_tensor(self.table.astype("float32"))
layer = Counted()
model = keras.Sequential([keras.Input((3,)), layer])
layer.table[:] = [1.0, 2.0, 3.0]
layer.count, layer.seen = 5, {"a", "b"}
""",
}

ONLY_TENSORFLOW = {
    "a vocabulary": """
words = layers.StringLookup(output_mode="multi_hot")
words.adapt(["un", "deux", "trois"])
model = keras.Sequential([keras.Input((2,), dtype="string"), words, layers.Dense(2)])
x = np.array([["un", "deux"], ["trois", "?"]])
""",
    "a tf.function as a loss": """
import tensorflow as tf
@tf.function
def graph_loss(y_true, y_pred):
    return tf.reduce_mean(tf.abs(y_true - y_pred))
model = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
model.compile("sgd", graph_loss)
"""
    + STEP,
    "an activation of TensorFlow": """
import tensorflow as tf
model = keras.Sequential([keras.Input((3,)), layers.Dense(2, activation=tf.nn.swish)])
""",
}
