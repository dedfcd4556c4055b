"""Tensors go by what they mean: code that makes the same parts in another order gets each part its own."""

import h5py
import pytest

from tests.runtime.models import HEAD

OBSERVE = """
import kept
from tests.runtime.observing import as_text
def by_part(model):
    layer = model.layers[0]
    optimizer = getattr(model, "optimizer", None)
    index = {id(v): n for n, v in enumerate(optimizer._trainable_variables)} if optimizer else {}
    def seen(variable):
        slots = [optimizer._momentums[index[id(variable)]], optimizer._velocities[index[id(variable)]]] if optimizer else []
        return [as_text(one) for one in [variable, *slots]]
    return {name: [seen(one) for one in variables] for name, variables in sorted(parts(layer).items())}
def in_order(model):
    return [as_text(one) for one in model.weights]
"""
DICT = """
class Heads(layers.Layer):
    def __init__(self, **options):
        super().__init__(**options)
        self.heads = {name: layers.Dense(3) for name in ORDER}
    def build(self, shape):
        for head in self.heads.values():
            head.build(shape)
    def call(self, x):
        return sum(n * self.heads[name](x) for n, name in enumerate(sorted(ORDER)))
def parts(layer):
    return {name: head.weights for name, head in layer.heads.items()}
"""
LIST = DICT.replace("{name: layers.Dense(3) for name in ORDER}", "[layers.Dense(3, name=name) for name in ORDER]").replace(
    "self.heads.values()", "self.heads"
).replace("self.heads[name](x)", "next(one for one in self.heads if one.name == name)(x)").replace(
    "for name, head in layer.heads.items()", "for head in layer.heads for name in [head.name]"
)  # fmt: skip
ATTRIBUTES = """
class Heads(layers.Layer):
    def __init__(self, **options):
        super().__init__(**options)
        for name in ORDER:
            setattr(self, name, layers.Dense(3))
    def build(self, shape):
        for name in ORDER:
            getattr(self, name).build(shape)
    def call(self, x):
        return sum(n * getattr(self, name)(x) for n, name in enumerate(sorted(ORDER)))
def parts(layer):
    return {name: getattr(layer, name).weights for name in ORDER}
"""
VARIABLES = """
class Heads(layers.Layer):
    def build(self, shape):
        for name in ORDER:
            setattr(self, name, self.add_weight(shape=(shape[-1],), name=name, initializer="random_normal"))
    def call(self, x):
        return sum(n * getattr(self, name) * x for n, name in enumerate(sorted(ORDER)))
def parts(layer):
    return {name: [getattr(layer, name)] for name in ORDER}
"""
KINDS = {"a dict": DICT, "a list of named layers": LIST, "attributes": ATTRIBUTES, "variables": VARIABLES}
SAVED, LOADED = "ORDER = ['one', 'two', 'three']\n", "ORDER = ['three', 'one', 'two']\n"
MODEL = """
model = keras.Sequential([keras.Input((3,)), Heads(), layers.Dense(2)])
model.compile("adam", "mse")
for _ in range(3):
    model.train_on_batch(x, y)
"""
SEEN = "result = [by_part(model), in_order(model), float(model.train_on_batch(x, y))]\n"


@pytest.mark.parametrize("kind", KINDS)
def test_each_part_gets_its_own_weights_and_slots_of_the_optimizer(kind, torch_lab):
    before = torch_lab.here(HEAD, SAVED, KINDS[kind], OBSERVE, MODEL, "kept.save(model, file)\n", SEEN).result
    load = "model = kept.load(file)\n"
    assert torch_lab.elsewhere(HEAD, LOADED, KINDS[kind], OBSERVE, load, SEEN).result == before


def test_training_goes_on_in_code_of_another_order_on_every_backend(lab):
    before = lab.here(HEAD, SAVED, DICT, OBSERVE, MODEL, "kept.save(model, file)\n", SEEN).result
    after = lab.elsewhere(HEAD, LOADED, DICT, OBSERVE, "model = kept.load(file)\n", SEEN).result
    assert after[:2] == before[:2]
    assert after[2] == pytest.approx(before[2])


WEIGHTS = "weights = folder + '/w.weights.h5'\n"
PLAIN = MODEL.partition("model.compile")[0]


@pytest.mark.parametrize("kind", KINDS)
def test_a_weights_file_fits_code_of_another_order(kind, torch_lab):
    seen = "result = by_part(model)\n"
    save = PLAIN + "kept.save_weights(model, weights)\n"
    before = torch_lab.here(HEAD, SAVED, KINDS[kind], OBSERVE, WEIGHTS, save, seen).result
    load = PLAIN + "kept.load_weights(model, weights)\n"
    assert torch_lab.elsewhere(HEAD, LOADED, KINDS[kind], OBSERVE, WEIGHTS, load, seen).result == before


GRAPH = """
import kept
from tests.runtime.observing import as_text
weights = folder + "/w.weights.h5"
def net(*order):
    given, made = keras.Input((3,)), {}
    for name in order:
        made[name] = layers.Dense(3, name=name)(given)
    return keras.Model(given, layers.subtract([made[name] for name in sorted(made)]))
def seen(model):
    return {one.name: [as_text(v) for v in one.weights] for one in model.layers if one.weights}
"""
SWAPPED = "other = net('q', 'k')\nkept.load_weights(other, weights)\nresult = seen(other) == seen(model)\n"


@pytest.mark.parametrize("save", ["kept.save_weights(model, weights)", "model.save_weights(weights)"])
def test_named_layers_of_a_graph_find_their_weights_in_a_file_of_kept_and_of_plain_keras(save, torch_lab):
    assert torch_lab.here(HEAD, GRAPH, "model = net('k', 'q')\n", save, SWAPPED).result


def test_a_graph_with_an_optimizer_keeps_the_order_of_its_weights(torch_lab):
    ready = "other = net('q', 'k')\nother.compile('adam', 'mse')\nother.optimizer.build(other.trainable_variables)\n"
    order = "before = [one.path for one in other.weights]\nkept.load_weights(other, weights)\n"
    same = "result = [before == [one.path for one in other.weights], seen(other) == seen(model)]\n"
    save = "model = net('k', 'q')\nkept.save_weights(model, weights)\n"
    assert torch_lab.here(HEAD, GRAPH, save, ready, order, same).result == [True, True]


AMBIGUOUS = """
class Two(layers.Layer):
    def __init__(self, q, k):
        super().__init__()
        self.q, self.k = layers.Dense(3, name=q), layers.Dense(3, name=k)
    def build(self, shape):
        self.q.build(shape)
        self.k.build(shape)
    def call(self, x):
        return self.q(x) - 2 * self.k(x)
def two(*names):
    return keras.Sequential([keras.Input((3,)), Two(*names)])
"""


def test_a_layer_that_goes_by_another_ones_name_is_an_error_naming_both(torch_lab):
    save = "kept.save_weights(two('q', 'k'), weights)\nother = two('k', 'q')\n"
    error = torch_lab.here(HEAD, AMBIGUOUS, GRAPH, save, "kept.load_weights(other, weights)").error
    assert error["type"] == "MismatchError"
    assert error["places"] == ["layers/two/k/vars", "layers/two/q/vars"]
    assert "could be meant for either of two layers" in error["text"]


def test_a_new_name_is_no_other_layers_name_and_loads(torch_lab):
    save = "model = two('q', 'k')\nkept.save_weights(model, weights)\nother = two('query', 'k')\n"
    load = "kept.load_weights(other, weights)\nresult = [as_text(v) for v in other.weights] == [as_text(v) for v in model.weights]"
    assert torch_lab.here(HEAD, AMBIGUOUS, GRAPH, save, load).result


def test_a_part_that_is_not_there_does_not_take_the_place_of_another(torch_lab):
    dicts = DICT.replace("sorted(ORDER)", "ORDER")
    torch_lab.here(HEAD, SAVED, dicts, OBSERVE, PLAIN, "kept.save(model, file)").result  # noqa: B018
    other = "ORDER = ['four', 'one', 'two']\n"
    error = torch_lab.elsewhere(HEAD, other, dicts, OBSERVE, "kept.load(file)").error
    assert error["type"] == "MismatchError"
    assert "layers/heads/heads/dense/vars/0" in error["text"] or "its place is another's" in error["text"]


def test_what_tensors_mean_is_in_the_file(torch_lab):
    torch_lab.here(HEAD, AMBIGUOUS, GRAPH, "kept.save_weights(two('q', 'k'), weights)").result  # noqa: B018
    with h5py.File(torch_lab.folder / "w.weights.h5") as file:
        record = bytes(file["_kept/record"][:]).decode()
    assert '"layers/two/q/vars/0":"model.layers<two>.q._kernel"' in record.replace(" ", "")
