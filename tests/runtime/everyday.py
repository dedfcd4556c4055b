"""What people train, in miniature: each script makes `x` and `y` with `DATA`, and leaves a trained `model`.

Nothing here is unusual. Each combines what a tutorial combines: a compile by names, a fit with callbacks, and a save.
"""

HEAD = """
import keras, numpy as np
from keras import layers, ops
r = np.random.default_rng(5)
"""

ROWS = "x = r.normal(size=(32, 6)).astype('float32')\n"
IMAGES = "x = r.random((16, 8, 8, 3)).astype('float32')\n"
TOKENS = "x = r.integers(1, 20, (16, 7))\nx[:, 5:] = 0\n"
SERIES = "x = r.normal(size=(16, 9, 2)).astype('float32')\n"
WORDS = "x = np.array(['the cat sat', 'a dog ran home', 'no cat', 'the dog'] * 4)\n"
CLASSES = "y = r.integers(0, 4, len(x))\n"
ONE_HOT = "y = np.eye(4)[r.integers(0, 4, len(x))]\n"
YES_OR_NO = "y = r.integers(0, 2, len(x))\n"
NUMBERS = "y = r.normal(size=(len(x), 1)).astype('float32')\n"

MLP = "model = keras.Sequential([keras.Input((6,)), layers.Dense(8, activation='relu'), layers.BatchNormalization(), layers.Dropout(0.2), layers.Dense(4, activation='softmax')])\n"
CNN = "model = keras.Sequential([keras.Input((8, 8, 3)), layers.RandomFlip('horizontal'), layers.Rescaling(1.0 / 255), layers.Conv2D(4, 3, activation='relu'), layers.MaxPooling2D(), layers.Flatten(), layers.Dense(4)])\n"
FIT = "model.fit(x, y, epochs=2, batch_size=8, verbose=0)\n"

EVERYDAY = {
    "digits with numbers of classes": (ROWS + CLASSES, MLP + "model.compile('adam', 'sparse_categorical_crossentropy', metrics=['accuracy'])\n" + FIT),
    "digits one-hot with several metrics": (
        ROWS + ONE_HOT,
        MLP + "model.compile('rmsprop', 'categorical_crossentropy', metrics=['accuracy', keras.metrics.TopKCategoricalAccuracy(k=2), keras.metrics.AUC(multi_label=True, num_labels=4)])\n" + FIT,
    ),
    "one or the other with precision and recall": (
        ROWS + YES_OR_NO,
        "model = keras.Sequential([keras.Input((6,)), layers.Dense(8, activation='relu'), layers.Dense(1, activation='sigmoid')])\n"
        "model.compile('adam', 'binary_crossentropy', metrics=['accuracy', 'precision', 'recall', keras.metrics.AUC(name='auc')])\n" + FIT,
    ),
    "images with logits and augmentation": (
        IMAGES + CLASSES,
        CNN + "model.compile('adam', keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=['accuracy'])\n" + FIT,
    ),
    "a regression with callbacks and validation": (
        ROWS + NUMBERS,
        ("model = keras.Sequential([keras.Input((6,)), layers.Dense(8, activation='relu'), layers.Dense(1)])\n"
        "model.compile(keras.optimizers.Adam(0.01), 'mse', metrics=['mae', 'mape', keras.metrics.RootMeanSquaredError()])\n"
        "calls = [keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True), keras.callbacks.ReduceLROnPlateau(patience=1)]\n"
        "model.fit(x, y, validation_split=0.25, epochs=3, verbose=0, callbacks=calls)\n"),
    ),
    "features of their own, normalised": (
        ROWS + NUMBERS,
        "norm = layers.Normalization()\nnorm.adapt(x)\n"
        "model = keras.Sequential([keras.Input((6,)), norm, layers.Dense(8, activation='gelu', kernel_regularizer='l2'), layers.Dense(1)])\n"
        "model.compile(keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.1, 10), momentum=0.9, nesterov=True), 'huber')\n" + FIT,
    ),
    "a sentence by its tokens": (
        TOKENS + YES_OR_NO,
        "model = keras.Sequential([keras.Input((7,), dtype='int32'), layers.Embedding(20, 8, mask_zero=True), layers.Bidirectional(layers.LSTM(4)), layers.Dense(1)])\n"
        "model.compile('adam', keras.losses.BinaryCrossentropy(from_logits=True), metrics=[keras.metrics.BinaryAccuracy(threshold=0.0)])\n" + FIT,
    ),
    "a series by a stacked GRU": (
        SERIES + NUMBERS,
        "model = keras.Sequential([keras.Input((9, 2)), layers.GRU(4, return_sequences=True, dropout=0.1), layers.GRU(3), layers.Dense(1)])\n"
        "model.compile(keras.optimizers.AdamW(0.01, weight_decay=0.1, clipnorm=1.0), 'mae')\n" + FIT,
    ),
    "a small transformer": (
        TOKENS + CLASSES,
        "given = keras.Input((7,), dtype='int32')\nh = layers.Embedding(20, 8)(given)\n"
        "a = layers.MultiHeadAttention(2, 4)(h, h)\nh = layers.LayerNormalization()(layers.Add()([h, a]))\n"
        "h = layers.LayerNormalization()(h + layers.Dense(8)(layers.Dense(16, activation='gelu')(h)))\n"
        "model = keras.Model(given, layers.Dense(4, activation='softmax')(layers.GlobalAveragePooling1D()(h)))\n"
        "model.compile(keras.optimizers.Adam(0.01), 'sparse_categorical_crossentropy', metrics=['accuracy', keras.metrics.SparseTopKCategoricalAccuracy(k=2)])\n" + FIT,
    ),
    "two inputs and two outputs by name": (
        ("x = {'a': r.normal(size=(16, 3)).astype('float32'), 'b': r.normal(size=(16, 2)).astype('float32')}\n"
        "y = {'kind': r.integers(0, 3, 16), 'price': r.normal(size=(16, 1)).astype('float32')}\n"),
        ("a, b = keras.Input((3,), name='a'), keras.Input((2,), name='b')\nh = layers.Dense(8, activation='relu')(layers.Concatenate()([a, b]))\n"
        "model = keras.Model({'a': a, 'b': b}, {'kind': layers.Dense(3, activation='softmax', name='kind')(h), 'price': layers.Dense(1, name='price')(h)})\n"
        "model.compile('adam', {'kind': 'sparse_categorical_crossentropy', 'price': 'mse'}, loss_weights={'kind': 1.0, 'price': 0.2}, metrics={'kind': ['accuracy'], 'price': ['mae']})\n"
        "model.fit(x, y, epochs=2, verbose=0)\n"),
    ),
    "two outputs in a list": (
        ROWS + "y = [r.integers(0, 2, (32, 1)), r.normal(size=(32, 1)).astype('float32')]\n",
        ("given = keras.Input((6,))\nh = layers.Dense(8, activation='relu')(given)\n"
        "model = keras.Model(given, [layers.Dense(1, activation='sigmoid', name='p')(h), layers.Dense(1, name='v')(h)])\n"
        "model.compile('adam', ['binary_crossentropy', 'mse'], metrics=[['accuracy'], ['mae', 'mse']])\nmodel.fit(x, y, verbose=0)\n"),
    ),
    "fine-tuning with a frozen base": (
        IMAGES + CLASSES,
        "base = keras.Sequential([keras.Input((8, 8, 3)), layers.Conv2D(4, 3), layers.BatchNormalization(), layers.GlobalAveragePooling2D()], name='base')\n"
        "base.trainable = False\ngiven = keras.Input((8, 8, 3))\nmodel = keras.Model(given, layers.Dense(4, activation='softmax')(base(given, training=False)))\n"
        "model.compile('adam', 'sparse_categorical_crossentropy', metrics=['accuracy'])\n" + FIT
        + "base.trainable = True\nmodel.compile(keras.optimizers.Adam(1e-5), 'sparse_categorical_crossentropy', metrics=['accuracy'])\n" + FIT,
    ),
    "weights of classes and of rows": (
        ROWS + CLASSES,
        MLP + "model.compile('nadam', 'sparse_categorical_crossentropy', weighted_metrics=['accuracy'])\n"
        "model.fit(x, y, class_weight={0: 1.0, 1: 2.0, 2: 1.0, 3: 0.5}, sample_weight=None, verbose=0)\n",
    ),
    "a subclassed model with losses of its own": (
        ROWS + CLASSES,
        "class Net(keras.Model):\n    def __init__(self, width=8):\n        super().__init__()\n        self.hidden = layers.Dense(width, activation='relu')\n        self.drop = layers.Dropout(0.1)\n        self.out = layers.Dense(4)\n"
        "    def call(self, x, training=False):\n        h = self.drop(self.hidden(x), training=training)\n        self.add_loss(1e-3 * ops.mean(ops.square(h)))\n        return self.out(h)\n"
        "model = Net()\nmodel.compile('adam', keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=['accuracy'])\n" + FIT,
    ),
    "a loss and a metric that are functions": (
        ROWS + NUMBERS,
        "def asymmetric(y_true, y_pred):\n    d = y_true - y_pred\n    return ops.mean(ops.where(d > 0, 2 * d, -d), axis=-1)\n"
        "def within(y_true, y_pred):\n    return ops.mean(ops.cast(ops.abs(y_true - y_pred) < 0.5, 'float32'), axis=-1)\n"
        "model = keras.Sequential([keras.Input((6,)), layers.Dense(1)])\nmodel.compile('adam', asymmetric, metrics=[within, 'mae'])\n" + FIT,
    ),
    "an autoencoder of two models": (
        ROWS + "y = x\n",
        "encoder = keras.Sequential([keras.Input((6,)), layers.Dense(3, activation='relu')], name='encoder')\n"
        "decoder = keras.Sequential([keras.Input((3,)), layers.Dense(6)], name='decoder')\n"
        "given = keras.Input((6,))\nmodel = keras.Model(given, decoder(encoder(given)))\nmodel.compile('adam', 'mse', metrics=[keras.metrics.CosineSimilarity()])\n" + FIT,
    ),
    "mixed precision": (
        ROWS + CLASSES,
        "keras.config.set_dtype_policy('mixed_float16')\n" + MLP.replace("layers.Dense(4, activation='softmax')", "layers.Dense(4, activation='softmax', dtype='float32')")
        + "model.compile('adam', 'sparse_categorical_crossentropy', metrics=['accuracy'])\n" + FIT + "keras.config.set_dtype_policy('float32')\n",
    ),
    "step by step": (
        ROWS + CLASSES,
        MLP + "model.compile('adam', 'sparse_categorical_crossentropy', metrics=['accuracy'], run_eagerly=True)\n"
        "for at in range(0, 32, 8):\n    model.train_on_batch(x[at : at + 8], y[at : at + 8])\n",
    ),
    "gradients that are gathered": (
        ROWS + NUMBERS,
        "model = keras.Sequential([keras.Input((6,)), layers.Dense(4, activation='swish'), layers.UnitNormalization(), layers.Dense(1)])\n"
        "model.compile(keras.optimizers.Adam(0.01, gradient_accumulation_steps=2, global_clipnorm=1.0), 'mse')\n" + FIT,
    ),
    "compiled again with another loss": (
        ROWS + CLASSES,
        MLP + "model.compile('adam', 'sparse_categorical_crossentropy', metrics=['accuracy'])\n" + FIT
        + "model.compile('sgd', keras.losses.SparseCategoricalCrossentropy(), metrics=['acc', keras.metrics.SparseTopKCategoricalAccuracy(k=3)])\n" + FIT,
    ),
    "evaluated and never trained": (
        ROWS + CLASSES,
        MLP + "model.compile('adam', 'sparse_categorical_crossentropy', metrics=['accuracy'])\nmodel.evaluate(x, y, verbose=0)\n",
    ),
    "trained, then taken apart": (
        ROWS + CLASSES,
        MLP + "model.compile('adam', 'sparse_categorical_crossentropy', metrics=['accuracy'])\n" + FIT
        + "model = keras.Model(model.inputs, model.layers[-1].output)\nmodel.compile('adam', 'sparse_categorical_crossentropy', metrics=['accuracy'])\n" + FIT,
    ),
    "one metric object in a dict": (
        ROWS + CLASSES,
        "given = keras.Input((6,))\nmodel = keras.Model(given, layers.Dense(4, activation='softmax', name='kind')(given))\n"
        "model.compile('adagrad', {'kind': 'sparse_categorical_crossentropy'}, metrics={'kind': 'accuracy'})\n" + FIT,
    ),
    "pixels to classes": (
        IMAGES + "y = np.eye(3)[r.integers(0, 3, (16, 8, 8))]\n",
        "model = keras.Sequential([keras.Input((8, 8, 3)), layers.Dense(4, activation='relu'), layers.Dense(3, activation='softmax')])\n"
        "model.compile('adam', 'categorical_crossentropy', metrics=['accuracy', keras.metrics.OneHotMeanIoU(3)])\n" + FIT,
    ),
}  # fmt: skip
