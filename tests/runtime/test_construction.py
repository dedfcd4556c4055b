"""Objects whose config alone would not bring them back: their arguments are captured, or read from what they keep."""

import pytest

from tests.runtime.laboratory import Lab
from tests.runtime.models import HEAD

# None of these keeps an argument as it was given, so that nothing but the call itself tells them.
CLASSES = (
    HEAD
    + """
class Powered(keras.losses.Loss):
    def __init__(self, *powers, scale):
        super().__init__()
        self.tripled, self.total = scale * 3, sum(powers)
    def call(self, y, p):
        return self.tripled * ops.mean(ops.abs(y - p) ** self.total, -1)
class Halved(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, start):
        self.half = start / 2
    def __call__(self, step):
        return self.half
class Boosted(keras.optimizers.SGD):
    def __init__(self, rate, /, boost, **kw):
        super().__init__(rate, **kw)
        self.one_more = boost + 1
class Counted(keras.metrics.Metric):
    def __init__(self, threshold, name="counted"):
        super().__init__(name=name)
        self.squared, self.n = threshold**2, self.add_variable((), "zeros", name="n")
    def update_state(self, y, p, sample_weight=None):
        self.n.assign_add(self.squared)
    def result(self):
        return self.n + 0
class Shrunk(keras.regularizers.Regularizer):
    def __init__(self, by):
        self.half = by * 0.5
    def __call__(self, x):
        return self.half * ops.sum(ops.abs(x))
class Within(keras.constraints.Constraint):
    def __init__(self, limit):
        self.far = limit * 5.0
    def __call__(self, x):
        return ops.clip(x, -self.far, self.far)
class Filled(keras.initializers.Initializer):
    def __init__(self, value):
        self.half = value * 0.5
    def __call__(self, shape, dtype=None):
        return ops.full(shape, self.half, dtype)
class Shifted(layers.Layer):
    def __init__(self, first, /, *more, table):
        super().__init__()
        self.total = first + sum(more) + float(np.sum(table)) + 0.5
    def call(self, x):
        return x + self.total
class Net(keras.Model):
    def __init__(self, shared, width):
        super().__init__()
        self.parts = [shared, layers.Dense(2 * width, kernel_regularizer=Shrunk(0.3), kernel_constraint=Within(0.4), kernel_initializer=Filled(0.2))]
    def call(self, x):
        for part in self.parts:
            x = part(x)
        return x
def observed(model):
    shifted, dense = model.parts
    return {
        "a loss": model.loss.tripled, "variadic arguments": model.loss.total, "a metric": model.get_metrics_result()["counted"] * 0 + model.metrics[1].metrics[0].squared,
        "an optimizer": model.optimizer.one_more, "a schedule": model.optimizer._learning_rate.half, "a regularizer": dense.kernel_regularizer.half,
        "a constraint": dense.kernel_constraint.far, "an initializer": dense.kernel_initializer.half, "a layer": shifted.total, "a model": dense.units,
    }
"""
)
CAPTURED = (
    CLASSES
    + """
import kept
kept.install()
try:
    model = Net(Shifted(1.0, 2.0, table=np.ones(2)), width=1)
    model.compile(Boosted(Halved(0.1), boost=2), Powered(1.0, 2.0, scale=2.0), metrics=[Counted(3.0)])
    model.train_on_batch(x, y)
finally:
    kept.uninstall()
proof = kept.save(model, file, verify="resume")
result = {"observed": {key: float(one) for key, one in observed(model).items()}, "resume": proof.resume, "repairs": [[one.where, one.what] for one in proof.repairs]}
"""
)
LOAD = """
import kept
try:
    kept.load(file)
except kept.UntrustedCodeError as error:
    model = kept.load(file, trusted=error.required)
"""
# The process that loads has none of the script that saved but this.
OBSERVE = (
    CLASSES[CLASSES.index("def observed") :] + "result = {key: float(one) for key, one in observed(model).items()}\n"
)
KINDS = (
    "a loss", "variadic arguments", "a metric", "an optimizer", "a schedule", "a regularizer", "a constraint",
    "an initializer", "a layer", "a model",
)  # fmt: skip


@pytest.fixture(scope="module")
def captured(laboratory, tmp_path_factory):
    lab = Lab(laboratory, "torch", tmp_path_factory.mktemp("captured"))
    saved = lab.here(CAPTURED).result
    return saved, lab.elsewhere(LOAD, OBSERVE).result


@pytest.mark.parametrize("kind", KINDS)
def test_arguments_that_nothing_keeps_are_captured_of(captured, kind):
    saved, loaded = captured
    assert loaded[kind] == saved["observed"][kind]


def test_what_was_captured_trains_on_as_before(captured):
    assert captured[0]["resume"] == "equal"


def test_the_report_says_whose_arguments_were_captured(captured):
    repaired = dict(captured[0]["repairs"])
    assert repaired["model.loss"] == "Powered.get_config does not return powers, scale; read from its constructor"
    assert {"model", "model.parts[0]", "model.optimizer"} <= set(repaired)


def test_classes_still_construct_once_capture_has_ended(one_lab):
    use = "made = [Powered(1.0, scale=1).total, Counted(2).squared, Boosted(0.1, boost=1).one_more, Filled(1).half, Halved(1).half, Shrunk(1).half, Within(1).far, Shifted(1, 2, table=3).total]\n"
    answer = one_lab.here(CLASSES, "import kept\nkept.install()\nkept.uninstall()\n", use, "result = made")
    assert answer.result == [1.0, 4, 2, 0.5, 0.5, 0.5, 5.0, 6.5]


def test_what_is_constructed_once_capture_has_ended_is_not_captured(one_lab):
    check = "from kept.runtime.capture import captured_arguments\nresult = [captured_arguments(Filled(1)), captured_arguments(Shifted(1, table=3))]"
    assert one_lab.here(CLASSES, "import kept\nkept.install()\nkept.uninstall()\n", check).result == [{}, {}]


LOSS = """
class Scaled(keras.losses.Loss):
    def __init__(self, {parameter}):
        super().__init__()
        {assign}
    def call(self, y, p):
        return {scale} * ops.mean(ops.abs(y - p), -1)
model = keras.Sequential([keras.Input((3,)), layers.Dense(2)])
model.compile("sgd", Scaled(4.0))
"""
SAVE = "import kept\nproof = kept.save(model, file)\nresult = [one.what for one in proof.repairs]\n"
KEPT_AS = {
    "the attribute of its name": ("rate", "self.rate = rate", "self.rate"),
    "the private attribute of its name": ("rate", "self._rate = rate", "self._rate"),
    "an attribute that is assigned from it": ("r", "self.rate = float(r)", "self.rate"),
    "an attribute with a default of its own": ("r=None", "self.rate = r if r is not None else 1.0", "self.rate"),
    "an annotated attribute": ("r", "self.rate: float = r", "self.rate"),
}


@pytest.mark.parametrize("how", KEPT_AS)
def test_an_argument_that_was_not_captured_is_read_from(one_lab, how):
    parameter, assign, scale = KEPT_AS[how]
    name = parameter.partition("=")[0]
    repairs = one_lab.here(HEAD, LOSS.format(parameter=parameter, assign=assign, scale=scale), SAVE).result
    assert repairs == [f"Scaled.get_config does not return {name}; read from its constructor"]
    kept = one_lab.elsewhere(LOAD, f"self = model.loss\nresult = {scale}").result
    assert kept == 4.0


def test_an_argument_that_nothing_keeps_is_named_in_the_refusal(one_lab):
    lost = LOSS.format(parameter="rate", assign="self.double = 2 * rate", scale="self.double")
    error = one_lab.here(HEAD, lost, SAVE).error
    assert error["type"] in ("VerificationError", "SerializationError")
    assert "Scaled" in error["text"]
    assert "rate" in error["text"]


def test_a_get_config_that_changes_its_object_tells_what_it_was_made_from(one_lab):
    changing = """
class Popped(layers.Layer):
    def __init__(self, sizes, **kwargs):
        super().__init__(**kwargs)
        self.sizes = sizes
    def call(self, x):
        return x + 1
    def get_config(self):
        self.sizes = list(self.sizes[1:])
        return super().get_config() | {"sizes": self.sizes}
model = keras.Sequential([keras.Input((3,)), Popped((3, 4, 5))])
"""
    one_lab.here(HEAD, changing, SAVE).result  # noqa: B018
    assert one_lab.elsewhere(LOAD, "result = list(model.layers[0].sizes)").result == [3, 4, 5]


def test_a_constant_name_in_get_config_is_that_of_each_layer(one_lab):
    named = """
class Same(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
    def call(self, x):
        return x + 1
    def get_config(self):
        return {"name": "same"}
model = keras.Sequential([keras.Input((3,)), Same(name="first"), Same(name="second")])
"""
    one_lab.here(HEAD, named, SAVE).result  # noqa: B018
    assert one_lab.elsewhere(LOAD, "result = [one.name for one in model.layers]").result == ["first", "second"]
