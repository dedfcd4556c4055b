"""`kept.serializable`: one line above a class, and whatever it was made from comes back."""

from tests.runtime.test_save import HEAD, LOAD

DECLARED = """
import kept
@kept.serializable
class Norm:
    def __init__(self, mean):
        self.offset = mean + 1
    def __call__(self, x):
        return x - self.offset
@kept.serializable(package="acme")
class Scale(layers.Layer):
    def __init__(self, *factors, norm, bias):
        super().__init__()
        self.factor, self.bias, self.norm = sum(factors), bias * 2, norm
    def call(self, x):
        return self.norm(x) * self.factor + self.bias
@kept.serializable(package="acme")
class Far(keras.losses.Loss):
    def __init__(self, weight):
        super().__init__()
        self.tripled = weight * 3
    def call(self, y, p):
        return self.tripled * ops.mean(ops.abs(y - p), -1)
@kept.serializable(package="acme", name="twice")
def double(x):
    return x * 2
model = keras.Sequential([keras.Input((3,)), Scale(1.0, 2.0, norm=Norm(3), bias=4.0), layers.Dense(2, activation=double)])
model.compile("sgd", Far(2.0))
model.train_on_batch(x, y)
"""
SAVE = """
proof = kept.save(model, file, verify="resume")
result = [proof.resume.value, keras.saving.get_registered_name(Scale), keras.saving.get_registered_name(double)]
"""
SEEN = """
layer = model.layers[0]
result = [layer.factor, layer.bias, layer.norm.offset, model.loss.tripled]
"""
REFUSED = """
import kept
def tried(wrong):
    try:
        wrong()
    except kept.KeptError as error:
        return str(error).splitlines()[0]
@kept.serializable(package="acme")
class Scale(layers.Layer):
    pass
first = Scale
def again():
    class Scale(layers.Layer):
        pass
    kept.serializable(Scale, package="acme")
result = [tried(lambda: kept.serializable(3)), tried(again)]
"""


def test_what_was_declared_comes_back_with_arguments_that_no_config_tells(lab):
    assert lab.here(HEAD, DECLARED, SAVE).result == ["equal", "acme>Scale", "acme>twice"]
    loaded = LOAD.replace("result = observe(model, kept_inputs(folder))", SEEN)
    assert lab.elsewhere(loaded).result == [3.0, 8.0, 4, 6.0]


def test_a_declared_class_is_made_as_before(one_lab):
    made = one_lab.here(HEAD, DECLARED, "result = [Norm(1).offset, Norm(mean=2).offset, Scale.__name__]")
    assert made.result == [2, 3, "Scale"]


def test_a_name_that_is_taken_and_what_is_no_class_are_refused(one_lab):
    assert one_lab.here(HEAD, REFUSED).result == [
        "only a class or a function can be declared serializable",
        "the name acme>Scale is taken",
    ]
