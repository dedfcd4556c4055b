"""What TensorFlow writes today in a process of its own, read here without it and compared bit for bit."""

import json

import numpy as np
import pytest

from kept.formats.base import open_artifact
from tests.conftest import Python, require_backend

VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"
WRITE = """
import json, os
import keras, numpy as np, tensorflow as tf
import kept

keras.utils.set_random_seed(1)
layers = [keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3, name="conv"), keras.layers.Flatten()]
layers += [keras.layers.Dropout(0.5), keras.layers.Dense(2, dtype="mixed_bfloat16")]
model = keras.Sequential(layers, name="net")
model.compile("adam", "mse")
model.fit(np.ones((2, 8, 8, 3), "float32"), np.ones((2, 2), "float32"), verbose=0)
model.export("exported", verbose=False)
tf.saved_model.save(model, "whole")
kept.save_saved_model(model, "kept")
tf.train.Checkpoint(model=model, optimizer=model.optimizer).save("training/ckpt")

module = tf.Module()
module.large = tf.Variable(np.random.default_rng(0).normal(size=(512, 1024)).astype("float32"))
module.text = tf.Variable([b"\\xff\\x00", "un", ""])
module.types = [tf.Variable(tf.cast([1, 0, 1], kind)) for kind in
                (tf.bfloat16, tf.half, tf.double, tf.uint8, tf.int8, tf.uint16, tf.int64, tf.bool, tf.complex128)]
module.scalar = tf.Variable(3)
module.empty = tf.Variable(np.zeros((2, 0, 3), "float64"))
tf.saved_model.save(module, "module")

os.makedirs("first")
graph = tf.Graph()
with graph.as_default():
    v1 = tf.compat.v1
    thirds, random = v1.fixed_size_partitioner(3), v1.random_normal_initializer()
    v1.get_variable("cut", [7, 6], partitioner=thirds, initializer=random)
    v1.get_variable("plain", [5], tf.int32, initializer=v1.ones_initializer())
    with v1.Session() as session:
        session.run(v1.global_variables_initializer())
        v1.train.Saver(sharded=True).save(session, "first/model")

tf.raw_ops.SaveV2(prefix="big/part-0", tensor_names=["a", "b"], shape_and_slices=["", "4 2 0,3:-"],
                  tensors=[tf.range(5), tf.ones([3, 2])])
tf.raw_ops.SaveV2(prefix="big/part-1", tensor_names=["b", "c"], shape_and_slices=["4 2 3,1:-", ""],
                  tensors=[tf.zeros([1, 2]), tf.constant(["x"])])
tf.raw_ops.MergeV2Checkpoints(checkpoint_prefixes=["big/part-0", "big/part-1"], destination_prefix="big/merged")

prefixes = {name: f"{name}/variables/variables" for name in ("exported", "whole", "kept", "module")}
prefixes |= {"training": "training/ckpt-1", "first": "first/model", "big/merged.index": "big/merged"}
arrays, keys = {}, {}
for name, prefix in prefixes.items():
    reader = tf.train.load_checkpoint(prefix)
    for key in sorted(set(reader.get_variable_to_shape_map()) - {"_CHECKPOINTABLE_OBJECT_GRAPH"}):
        array = np.asarray(reader.get_tensor(key))
        content = b"|".join(array.ravel().tolist()) if array.dtype == object else array.tobytes()
        arrays[f"{len(keys)}"] = np.frombuffer(content, "uint8")
        keys[f"{name}:{key}"] = [str(array.dtype), list(array.shape)]
np.savez("expected.npz", **arrays)
json.dump(keys, open("expected.json", "w"))
signatures = tf.saved_model.load("exported").signatures
json.dump(sorted(signatures), open("signatures.json", "w"))
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The folder that TensorFlow wrote into, and what it reads from it: name -> key -> (type, shape, bytes)."""
    require_backend("tensorflow")
    python = Python(tmp_path_factory.mktemp("tensorflow"))
    python.write("write.py", WRITE)
    done = python("write.py", KERAS_BACKEND="tensorflow")
    assert done.code == 0, done.err[-2000:]
    arrays, expected = np.load(python.folder / "expected.npz"), {}
    for index, (place, (dtype, shape)) in enumerate(json.loads((python.folder / "expected.json").read_text()).items()):
        name, _, key = place.partition(":")
        told = ("string" if dtype == "object" else dtype, tuple(shape), arrays[f"{index}"].tobytes())
        expected.setdefault(name, {})[key.removesuffix(VALUE)] = told
    return python.folder, expected


def content(tensor):
    array = tensor.read()
    return b"|".join(array.ravel().tolist()) if array.dtype == object else array.tobytes()


@pytest.mark.parametrize(
    "name", ["exported", "whole", "kept", "module", "training", "first", "big/merged.index"], ids=lambda name: name
)
def test_every_tensor_is_what_tensorflow_reads(written, name):
    folder, expected = written
    with open_artifact(folder / name) as artifact:
        artifact.extras["check"]()
        found = {tensor.path: (tensor.dtype, tensor.shape, content(tensor)) for tensor in artifact}
    assert found == expected[name]


def test_signatures_are_those_that_tensorflow_offers(written):
    folder, _ = written
    with open_artifact(folder / "exported") as artifact:
        (graph,) = artifact.extras["graphs"]
    named = [name for name in graph.signatures if not name.startswith("__")]
    assert named == json.loads((folder / "signatures.json").read_text())
    assert graph.signatures["serve"].outputs["output_0"].shape == (None, 2)


def test_variables_of_an_export_have_the_names_of_keras(written):
    folder, _ = written
    with open_artifact(folder / "exported") as artifact:
        names = artifact.extras["names"]
    assert [names[f"variables/{index}"] for index in range(2)] == ["net/conv/kernel", "net/conv/bias"]


def test_the_model_that_kept_puts_inside_is_still_found(written):
    folder, _ = written
    with open_artifact(folder / "kept") as artifact, open_artifact(artifact.extras["keras_archive"]) as inside:
        assert inside.config["config"]["name"] == "net"
        assert artifact.extras["graphs"][0].tags == ("serve",)
