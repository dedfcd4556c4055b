"""What a training goes on from: each model gives, in a fresh process, the next step that it gives here."""

import pytest

from tests.runtime.models import HEAD

TRAIN = (
    HEAD
    + """
import kept
def net(*parts):
    return keras.Sequential([keras.Input((3,)), *parts, layers.Dense(2)])
def trained(model, optimizer="adam"):
    model.compile(optimizer, "mse")
    model.train_on_batch(x, y)
    return model
class Block(layers.Layer):
    def __init__(self, **options):
        super().__init__(**options)
        self.inner = layers.Dense(3)
    def build(self, shape):
        self.inner.build(shape)
    def call(self, x):
        return self.inner(x)
"""
)
RESUME = "result = kept.save(model, file, verify='resume').resume.value\n"

AUXILIARY = """
class Net(keras.Model):
    def __init__(self, **options):
        super().__init__(**options)
        self.body, self.head = layers.Dense(3), layers.Dense(2)
        self.auxiliary = keras.Sequential([layers.Dense(4), layers.Dense(3)])
    def call(self, x, training=False):
        hidden = self.body(x)
        return self.head(hidden + self.auxiliary(hidden) if training else hidden)
model = Net()
model(x, training=True)
trained(model)
"""
FORGETFUL = """
class Net(keras.Model):
    def __init__(self, **options):
        super().__init__(**options)
        self.body, self.head = layers.Dense(3), layers.Dense(2)
    def build(self, shape):
        self.scale = self.add_weight(shape=(), initializer="ones")
    def call(self, x):
        return self.head(self.body(x)) * self.scale
model = Net()
model(x)
trained(model)
"""
UNDERSCORE = """
class Stack(layers.Layer):
    def __init__(self, **options):
        super().__init__(**options)
        self._layers = [layers.Dense(3), layers.Dense(3)]
    def build(self, shape):
        for one in self._layers:
            one.build(shape)
    def call(self, x):
        for one in self._layers:
            x = one(x)
        return x
model = trained(net(Stack()))
"""
SHARED = """
shared = layers.Dense(3)
inner = keras.Sequential([keras.Input((3,)), shared, layers.Dense(3)])
given = keras.Input((3,))
model = trained(keras.Model(given, layers.Dense(2)(shared(inner(shared(given))))))
"""
SEVERAL = """
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.first, self.second = layers.Dense(3), layers.Dense(2)
        self.optimizers = {"first": keras.optimizers.Adam(0.01), "second": keras.optimizers.SGD(0.01, momentum=0.9)}
    def call(self, x):
        return self.second(self.first(x))
    def train_step(self, data):
        x, y, _ = data
        loss = ops.mean(ops.square(ops.subtract(self(x, training=True), y)))
        self.zero_grad()
        loss.backward()
        for name, optimizer in self.optimizers.items():
            variables = getattr(self, name).trainable_variables
            optimizer.apply([one.value.grad for one in variables], variables)
        return {"loss": loss}
model = Net()
model(x)
trained(model)
model.optimizer.build(model.trainable_variables)
"""
ALL_OF_IT = """
class Noisy(keras.Model):
    def __init__(self, width):
        super().__init__()
        self.width = width
        self.parts = [layers.Dense(width), layers.BatchNormalization(), layers.Dropout(0.4), layers.Dense(2)]
    def call(self, x, training=False):
        for part in self.parts:
            x = part(x, training=training) if isinstance(part, (layers.Dropout, layers.BatchNormalization)) else part(x)
        return x
class Away(keras.losses.Loss):
    def __init__(self, power):
        super().__init__()
        self.doubled = power * 2
    def call(self, y_true, y_pred):
        return ops.mean(ops.abs(y_true - y_pred) ** self.doubled, -1)
model = Noisy(5)
schedule = keras.optimizers.schedules.ExponentialDecay(0.05, 1, 0.5, staircase=True)
model.compile(keras.optimizers.Adam(schedule, amsgrad=True), Away(1.0), metrics=["mae", keras.metrics.MeanSquaredError()])
for _ in range(3):
    model.train_on_batch(x, y)
"""
MODELS = {
    "a part that only training uses": AUXILIARY,
    "a build that forgets its children": FORGETFUL,
    "layers under a name of Keras's own": UNDERSCORE,
    "a layer shared with a model inside": SHARED,
    "a moving average of the weights": "model = trained(net(), keras.optimizers.Adam(0.01, use_ema=True, ema_overwrite_frequency=3))",
    "a scaled loss": "model = trained(net(), keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(), initial_scale=8.0, dynamic_growth_steps=3))",
    "a policy that was global when it was made": "keras.config.set_dtype_policy('mixed_float16')\nmodel = trained(net())\nkeras.config.set_dtype_policy('float32')",
    "an inner layer frozen after training": "model = trained(net(Block(), Block()))\nmodel.layers[1].inner.trainable = False",
    "a regularizer and a constraint set late": "model = net(Block())\nmodel.layers[0].inner.kernel.regularizer = keras.regularizers.L2(3.0)\n"
    "model.layers[1].bias.constraint = keras.constraints.NonNeg()\ntrained(model)",
    "a regularizer that is only in the config": "model = net(Block())\nmodel.layers[1].kernel_regularizer = keras.regularizers.L2(9.0)\ntrained(model)",
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_training_goes_on_with(name, torch_lab):
    assert torch_lab.here(TRAIN, MODELS[name], RESUME).result == "equal"


def test_on_every_backend_the_next_step_is_the_same_bit_for_bit(lab):
    kept_by_capture = "import kept\nkept.install()\n"
    try:
        assert lab.here(HEAD, kept_by_capture, ALL_OF_IT, RESUME).result == "equal"
    finally:
        lab.here("import kept\nkept.uninstall()\n")


@pytest.mark.parametrize("name", ["a part that only training uses", "a layer shared with a model inside"])
def test_on_every_backend_training_goes_on_with(name, lab):
    assert lab.here(TRAIN, MODELS[name], RESUME).result == "equal"


def test_training_goes_on_with_several_optimizers(torch_lab):
    assert torch_lab.here(TRAIN, SEVERAL, RESUME).result == "equal"
    load = "model = kept.load(file)\nresult = [len(one.variables) for one in model.optimizers.values()]"
    assert torch_lab.elsewhere(TRAIN, SEVERAL.partition("model = ")[0], load).result == [6, 4]


EXCLUDED = """
model = net(layers.Dense(3))
optimizer = keras.optimizers.AdamW(0.01, weight_decay=0.5)
optimizer.exclude_from_weight_decay(var_list=[model.layers[0].kernel], var_names=["bias"])
"""
DECAYS = "result = [model.optimizer._use_weight_decay(one) for one in model.trainable_variables]\n"


@pytest.mark.parametrize("train", ["trained(model, optimizer)", "model.compile(optimizer, 'mse')"])
def test_variables_that_do_not_decay_come_back(train, torch_lab):
    torch_lab.here(TRAIN, EXCLUDED, train, "kept.save(model, file)").result  # noqa: B018
    assert torch_lab.elsewhere("import kept\nmodel = kept.load(file)", DECAYS).result == [False, False, True, False]


def test_training_goes_on_where_some_variables_do_not_decay(torch_lab):
    assert torch_lab.here(TRAIN, EXCLUDED, "trained(model, optimizer)", RESUME).result == "equal"


def test_the_losses_of_a_late_regularizer_are_those_of_the_saved_model(torch_lab):
    losses = "result = [float(one) for one in model.losses]\n"
    model = MODELS["a regularizer and a constraint set late"]
    before = torch_lab.here(TRAIN, model, "kept.save(model, file)", losses).result
    block = "class " + TRAIN.partition("class ")[2]
    assert len(before) == 1
    assert torch_lab.elsewhere(HEAD, block, "import kept\nmodel = kept.load(file)", losses).result == before


def test_a_constraint_of_the_users_own_that_was_set_late_is_refused_by_name(torch_lab):
    late = (
        "class Own(keras.constraints.Constraint):\n    pass\nmodel = net()\nmodel.layers[0].kernel.constraint = Own()\n"
    )
    error = torch_lab.here(TRAIN, late, "kept.save(model, file)").error
    assert (error["type"], error["places"]) == ("VerificationError", ["model.layers[0]._kernel.constraint"])


def test_a_model_that_is_called_with_two_arguments_is_compared(torch_lab):
    two = "class Two(keras.Model):\n    def __init__(self):\n        super().__init__()\n        self.d = layers.Dense(2)\n    def call(self, a, b):\n        return self.d(a) - 2 * self.d(b)\nmodel = Two()\nmodel(x, x)\n"
    assert torch_lab.here(TRAIN, two, "result = kept.save(model, file).outputs.value").result == "equal"


def test_the_state_of_a_recurrent_layer_comes_back(lab):
    recurrent = "model = keras.Sequential([keras.Input(batch_shape=(4, 3, 1)), layers.GRU(2, stateful=True)])\nmodel(x[..., None])\nkept.save(model, file)\n"
    state = "result = [ops.convert_to_numpy(model.layers[0].states[0]).tolist(), ops.convert_to_numpy(model(np.ones((4, 3, 1)))).tolist()]\n"
    before = lab.here(TRAIN, recurrent, state).result
    assert has_values(before[0])
    assert lab.elsewhere(HEAD, "import kept\nmodel = kept.load(file)", state).result == before


def has_values(rows):
    return any(value for row in rows for value in row)
