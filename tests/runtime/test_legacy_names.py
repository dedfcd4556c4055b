"""A legacy `.h5` of a layer whose variables have one name: plain Keras cannot write it."""

import h5py

from tests.runtime.models import HEAD

TWINS = (
    HEAD
    + """
import kept
@keras.saving.register_keras_serializable()
class Twins(layers.Layer):
    def build(self, shape):
        self.a, self.b = (self.add_weight(shape=(3,), name="w", initializer="random_normal") for _ in range(2))
        self.inside = layers.Dense(3, name="w")
        self.inside.build(shape)
    def call(self, x):
        return self.inside(x * self.a - self.b)
"""
)
MODEL = """
model = keras.Sequential([keras.Input((3,)), Twins()])
model.compile("adam", "mse")
model.train_on_batch(x, x)
names = [one.path for one in (*model.variables, *model.optimizer.variables)]
"""
SEEN = "result = [one.numpy().tolist() for one in model.weights]\n"


def test_plain_keras_and_kept_load_it_and_the_live_names_stay(torch_lab):
    save = "file += '.h5'\nkept.save(model, file)\n"
    same = "assert names == [one.path for one in (*model.variables, *model.optimizer.variables)]\n"
    before = torch_lab.here(TWINS, MODEL, save, same, SEEN).result
    for load in ("keras.models.load_model(file + '.h5', compile=False)", "kept.load(file + '.h5')"):
        assert torch_lab.elsewhere(TWINS, f"model = {load}\n", SEEN).result == before


def test_each_variable_has_a_dataset_of_its_own(torch_lab):
    torch_lab.here(TWINS, MODEL, "kept.save(model, file + '.h5')").result  # noqa: B018
    with h5py.File(torch_lab.file.with_name("model.keras.h5")) as file:
        names = list(file["model_weights/twins"].attrs["weight_names"])
        assert len({*names}) == 4
        assert all(name in file["model_weights/twins"] for name in names)
