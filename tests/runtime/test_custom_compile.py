"""Models with a `compile` of their own are compiled again as they were."""

import pytest

from tests.runtime.models import HEAD
from tests.runtime.test_construction import LOAD

SAVE = "import kept\nproof = kept.save(model, file, verify='resume')\nresult = [proof.resume, proof.resume_note]\n"
MODEL = """
class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense, self.drop = layers.Dense(2), layers.Dropout(0.5)
    def call(self, x, training=False):
        return self.drop(self.dense(x), training=training)
    {compile}
    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        return self.weight * ops.mean(self.error(y, y_pred))
model = Own()
model.compile({arguments})
model.fit(x, y, verbose=0)
"""
ERROR = "keras.losses.Huber(delta=0.5, reduction='none')"
FORMS = {
    "arguments under names of their own": (
        "def compile(self, opt, measure, error, weight=1.0):\n        super().compile(optimizer=opt, metrics=measure)\n        self.error, self.weight = error, weight",
        f"keras.optimizers.Adam(0.01), ['mae'], {ERROR}, weight=0.25",
    ),
    "arguments handed on by position": (
        "def compile(self, opt, error, weight):\n        super().compile(opt)\n        self.error = error\n        self.weight = weight",
        f"keras.optimizers.Adam(0.01), {ERROR}, 0.25",
    ),
    "keywords of Keras beside its own": (
        "def compile(self, *, error, weight=1.0, **kwargs):\n        super().compile(**kwargs)\n        self.error, self.weight = error, weight",
        f"optimizer=keras.optimizers.Adam(0.01), metrics=['mae'], error={ERROR}, weight=0.25",
    ),
}  # fmt: skip
OBSERVE = """
result = [model.compiled, type(model.optimizer).__name__, round(float(model.optimizer.learning_rate), 6),
    int(model.optimizer.iterations), model.weight, type(model.error).__name__, model.error._fn_kwargs["delta"]]
"""


@pytest.mark.parametrize("form", FORMS)
def test_a_compile_comes_back_with(one_lab, form):
    compiles, arguments = FORMS[form]
    proven = one_lab.here(HEAD, MODEL.format(compile=compiles, arguments=arguments), SAVE).result
    assert proven == ["equal", ""]
    assert one_lab.elsewhere(LOAD, OBSERVE).result == [True, "Adam", 0.01, 1, 0.25, "Huber", 0.5]


DOUBLED = "def compile(self, opt, weight):\n        super().compile(opt)\n        self.error, self.weight = keras.losses.mean_squared_error, 2 * weight"


def test_an_attribute_that_is_not_what_its_argument_was_comes_back_as_it_is(one_lab):
    one_lab.here(HEAD, MODEL.format(compile=DOUBLED, arguments="'adam', 0.5"), SAVE).result  # noqa: B018
    assert one_lab.elsewhere(LOAD, "result = model.weight").result == 1.0


def test_an_argument_of_compile_that_the_model_does_not_keep_is_named(one_lab):
    hidden = MODEL.format(compile=DOUBLED, arguments="'adam', 0.5").replace("self.weight", "self.doubled")
    error = one_lab.here(HEAD, hidden, SAVE).error
    assert (error["type"], error["places"]) == ("SerializationError", ["model"])
    assert "Own.compile takes weight, which the model does not keep" in error["text"]
    assert "assign self.weight = weight in compile" in error["text"]


PAIR = """
class Pair(keras.Model):
    def __init__(self):
        super().__init__()
        self.maker, self.critic = layers.Dense(3), layers.Dense(1)
    def call(self, x):
        return self.critic(self.maker(x))
    def compile(self, maker_optimizer, critic_optimizer):
        super().compile()
        self.maker_optimizer, self.critic_optimizer = maker_optimizer, critic_optimizer
model = Pair()
model(x)
model.compile(keras.optimizers.Adam(0.01), keras.optimizers.SGD(0.1, momentum=0.9))
model.maker_optimizer.build(model.maker.trainable_variables)
model.critic_optimizer.build(model.critic.trainable_variables)
for optimizer, part in ((model.maker_optimizer, model.maker), (model.critic_optimizer, model.critic)):
    optimizer.apply([ops.ones(one.shape) for one in part.trainable_variables])
"""
STATES = """
import keras
result = [[int(one.iterations), len(one.variables), [float(keras.ops.sum(v)) for v in one.variables]]
    for one in (model.maker_optimizer, model.critic_optimizer)]
"""


def test_two_optimizers_come_back_each_with_the_state_of_its_own_variables(one_lab):
    saved = one_lab.here(HEAD, PAIR, "import kept\nkept.save(model, file)\n", STATES).result
    assert one_lab.elsewhere(LOAD, STATES).result == saved
    assert [one[:2] for one in saved] == [[1, 6], [1, 4]]


def test_a_compile_of_its_own_is_not_left_out_by_a_class_that_says_how_to_compile(one_lab):
    says = """def compile(self, opt, weight):
        super().compile(opt)
        self.error, self.weight = keras.losses.Huber(delta=0.5, reduction="none"), 2 * weight
    def get_compile_config(self):
        return {"opt": keras.saving.serialize_keras_object(self.optimizer), "weight": self.weight / 2}
    def compile_from_config(self, config):
        self.compile(keras.saving.deserialize_keras_object(config["opt"]), config["weight"])
        self.optimizer.build(self.trainable_variables)"""
    saved = one_lab.here(HEAD, MODEL.format(compile=says, arguments="keras.optimizers.Adam(0.01), 0.125"), SAVE)
    assert saved.result == ["equal", ""]
    assert one_lab.elsewhere(LOAD, OBSERVE).result == [True, "Adam", 0.01, 1, 0.25, "Huber", 0.5]
