"""Writes `tensorflow_2_21` beside this script: what TensorFlow and Keras 2 write, small.

    python tests/golden/make_tensorflow.py     (with tensorflow==2.21 and tf_keras==2.21)

    keras_2             a trained model of `tf_keras`, as its `save` writes it
    keras_2_subclassed  one without get_config, saved without traces
    keras_2_4           keras_2, its metadata where Keras 2.4 and older had it: in the objects themselves
    module              a tf.Module with texts, bfloat16, float8, scalars, a table with its file
    checkpoint          a variable in two slices and others, in two files of data

Beside them, `expected.npz` has the bytes of every tensor, by folder and key, as TensorFlow reads them.
"""

import os
import shutil
from pathlib import Path

import numpy as np
import tensorflow as tf
import tf_keras as keras
from tensorflow.core.protobuf import saved_model_pb2
from tf_keras.protobuf import saved_metadata_pb2

FOLDER = Path(__file__).resolve().parent / "tensorflow_2_21"


def functional():
    keras.utils.set_random_seed(1)
    inputs = keras.Input((3,), name="x")
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, name="deep")], name="inner")
    hidden = keras.layers.Dense(4, activation="relu", name="hidden")(inputs)
    model = keras.Model(inputs, inner(hidden), name="small")
    model.compile("adam", "mse", metrics=["mae"])
    model.fit(np.ones((4, 3), "float32"), np.ones((4, 2), "float32"), verbose=0)
    return model


class Net(keras.Model):
    def __init__(self):
        super().__init__(name="net")
        self.first = keras.layers.Dense(2, name="a")
        self.rest = [keras.layers.LSTM(2, name="rnn"), {"last": keras.layers.Dense(1, name="z")}]

    def call(self, x):
        return self.rest[1]["last"](self.rest[0](self.first(x)))


class Module(tf.Module):
    def __init__(self, words):
        self.kernel = tf.Variable(np.arange(12, dtype="float32").reshape(3, 4), name="kernel")
        self.half = tf.Variable(tf.constant([1, 2, 3], tf.bfloat16))
        self.quarter = tf.Variable(tf.cast([1.0, 2.0], tf.dtypes.experimental.float8_e5m2))
        self.step = tf.Variable(7, dtype=tf.int64)
        self.texts = tf.Variable([["un", "deux"], [b"\xff\0x", ""]])
        self.empty = tf.Variable(np.zeros((0, 4), "float32"))
        self.inside = [tf.Variable(True), {"a/b.c": tf.Variable(tf.constant([1 + 2j], tf.complex64))}]
        file = tf.lookup.TextFileInitializer(words, tf.string, 0, tf.int64, 1, delimiter=",")
        self.table = tf.lookup.StaticHashTable(file, -1)

    @tf.function(input_signature=[tf.TensorSpec([None, 3], name="x"), tf.TensorSpec(None, tf.string, name="words")])
    def serve(self, x, words):
        return {"y": x @ self.kernel, "numbers": self.table.lookup(words)}


def without_metadata_file(folder):
    """The metadata of Keras, moved from its own file into the objects."""
    metadata = saved_metadata_pb2.SavedMetadata.FromString((folder / "keras_metadata.pb").read_bytes())
    model = saved_model_pb2.SavedModel.FromString((folder / "saved_model.pb").read_bytes())
    for node in metadata.nodes:
        model.meta_graphs[0].object_graph_def.nodes[node.node_id].user_object.metadata = node.metadata
    model.meta_graphs[0].ClearField("graph_def")
    (folder / "saved_model.pb").write_bytes(model.SerializeToString())
    (folder / "keras_metadata.pb").unlink()


def in_slices(folder):
    """A checkpoint of two parts that were saved apart, merged as TensorFlow merges them."""
    whole = np.arange(20, dtype="float32").reshape(5, 4)
    parts = [folder / "part-0", folder / "part-1"]
    save = tf.raw_ops.SaveV2
    save(
        prefix=str(parts[0]), tensor_names=["cut", "other"], shape_and_slices=["5 4 0,2:-", ""],
        tensors=[whole[:2], np.int32(3)],
    )  # fmt: skip
    save(
        prefix=str(parts[1]), tensor_names=["cut", "texts"], shape_and_slices=["5 4 2,3:-", ""],
        tensors=[whole[2:], np.array(["un", "deux"])],
    )  # fmt: skip
    prefixes = [str(part) for part in parts]
    tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=prefixes, destination_prefix=str(folder / "model"))
    (folder / "checkpoint").write_text('model_checkpoint_path: "model"\nall_model_checkpoint_paths: "model"\n')


def stored(prefix):
    reader = tf.train.load_checkpoint(str(prefix))
    found = {}
    for key in sorted(set(reader.get_variable_to_shape_map()) - {"_CHECKPOINTABLE_OBJECT_GRAPH"}):
        array = np.asarray(reader.get_tensor(key))
        text = b"\n".join(array.ravel().tolist()) if array.dtype == object else array.tobytes()
        found[key] = np.frombuffer(text, "uint8")
    return found


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir()
    functional().save(FOLDER / "keras_2", save_format="tf")
    net = Net()
    net(np.ones((1, 2, 3), "float32"))
    net.save(FOLDER / "keras_2_subclassed", save_format="tf", save_traces=False)
    shutil.copytree(FOLDER / "keras_2", FOLDER / "keras_2_4")
    without_metadata_file(FOLDER / "keras_2_4")
    os.chdir(FOLDER)  # the path of the words becomes part of the file
    Path("words.txt").write_text("un,1\ndeux,2\n")
    module = Module("words.txt")
    tf.saved_model.save(module, "module", signatures={"serving_default": module.serve})
    Path("words.txt").unlink()
    (FOLDER / "checkpoint").mkdir()
    in_slices(FOLDER / "checkpoint")
    arrays = {}
    for folder in sorted(FOLDER.iterdir()):
        prefix = folder / "model" if folder.name == "checkpoint" else folder / "variables" / "variables"
        arrays |= {f"{folder.name}:{key}": array for key, array in stored(prefix).items()}
    for file in FOLDER.rglob("fingerprint.pb"):
        file.unlink()
    np.savez_compressed(FOLDER / "expected.npz", **arrays)


if __name__ == "__main__":
    main()
