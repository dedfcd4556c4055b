"""What a checkpoint writes, keeps and tells; each script runs in a warm process."""

PREPARE = """
import glob, os, shutil, threading, time, warnings
import keras, numpy as np
import kept

def built(**options):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2), keras.layers.Dropout(0.5), keras.layers.Dense(1)])
    model.compile("adam", "mse", **options)
    return model

x, y = np.ones((8, 3), "float32"), np.ones((8, 1), "float32")

def fit(model, *callbacks, epochs=1, **options):
    return model.fit(x, y, batch_size=4, epochs=epochs, callbacks=list(callbacks), verbose=0, **options)

def assert_equal(one, other):
    pairs = zip([*one.variables, *one.optimizer.variables], [*other.variables, *other.optimizer.variables], strict=True)
    for a, b in pairs:
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(a), keras.ops.convert_to_numpy(b))

def names(where=folder):
    return sorted(os.path.basename(one) for one in glob.glob(os.path.join(where, "*.*")) if "script" not in one)

class Says(keras.callbacks.Callback):
    def __init__(self, values):
        super().__init__()
        self.values = iter(values)
    def on_epoch_end(self, epoch, logs):
        logs["score"] = next(self.values)

run = os.path.join(folder, "run")
"""


def test_each_epoch_leaves_a_proven_file_that_plain_keras_loads(lab):
    answer = lab.here(PREPARE, "model = built()", "fit(model, kept.Checkpoint(run), epochs=2)", "result = names(run)",
                      "again = keras.saving.load_model(os.path.join(run, result[-1]))",
                      "np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))")  # fmt: skip
    assert answer.result == ["00001-step-2.keras", "00002-step-4.keras"]


def test_a_training_starts_and_goes_on_from_restore(lab):
    script = """
model, at = kept.restore(built, run)
assert at == kept.Position()
fit(model, kept.Checkpoint(run), epochs=2)
other, at = kept.restore(built, run)
assert_equal(model, other)
result = [at.epoch, at.step, at.steps, sorted(at.history), len(at.history["loss"]), os.path.basename(at.path)]
"""
    assert lab.here(PREPARE, script).result == [2, 0, 4, ["loss"], 2, "00002-step-4.keras"]


def test_restore_puts_the_state_into_a_model_that_is_given(one_lab):
    script = """
model = built()
fit(model, kept.Checkpoint(run))
other = built()
same, at = kept.restore(other, run)
assert same is other and at.epoch == 1
assert_equal(model, other)
"""
    assert one_lab.here(PREPARE, script, "result = at.steps").result == 2


def test_a_training_loop_of_ones_own_saves_and_goes_on(one_lab):
    script = """
keras.utils.set_random_seed(7)
def train(epochs):
    model, at = kept.restore(built, run)
    with kept.Checkpoint(run, monitor="loss") as checkpoint:
        for epoch in range(at.epoch, epochs):
            losses = [float(model.train_on_batch(x, y)) for _ in range(3)]
            checkpoint.save(model, epoch=epoch + 1, logs={"loss": losses[-1]})
    return model
train(2)
twice = train(4)
shutil.rmtree(run)
keras.utils.set_random_seed(7)
once = train(4)
assert_equal(twice, once)
_, at = kept.restore(built, run)
result = [at.epoch, at.steps, len(at.history["loss"]), at.best == min(at.history["loss"])]
"""
    assert one_lab.here(PREPARE, script).result == [4, 12, 4, True]


def test_the_best_one_stays_beside_the_newest(one_lab):
    script = """
best = kept.Checkpoint(run, monitor="score", mode="max", max_to_keep=2, verify=False)
fit(built(), Says([1.0, 9.0, 3.0, 4.0, 5.0]), best, epochs=5)
result = [names(run), best.best]
"""
    assert one_lab.here(PREPARE, script).result == [
        ["00002-step-4.keras", "00004-step-8.keras", "00005-step-10.keras"], 9.0
    ]  # fmt: skip


def test_only_better_ones_are_saved_where_that_is_asked_for(one_lab):
    script = """
fit(built(), Says([3.0, 4.0, 2.0]), kept.Checkpoint(run, monitor="score", mode="min", save_best_only=True), epochs=3)
result = names(run)
"""
    assert one_lab.here(PREPARE, script).result == ["00001-step-2.keras", "00002-step-6.keras"]


def test_a_value_that_is_not_in_the_logs_is_told_once(one_lab):
    answer = one_lab.here(
        PREPARE, "fit(built(), kept.Checkpoint(run, save_best_only=True), epochs=2)\nresult = names(run)"
    )
    assert answer.result == []
    assert [one for one in answer.warnings if "val_loss" in one] == [
        "KeptWarning: save_best_only: nothing is saved, the logs have no 'val_loss' but loss"
    ]


def test_a_damaged_newest_one_is_passed_over_and_named(one_lab):
    script = """
fit(built(), kept.Checkpoint(run), epochs=2)
newest = os.path.join(run, names(run)[-1])
with open(newest, "r+b") as file:
    file.truncate(os.path.getsize(newest) - 9)
_, at = kept.restore(built, run)
result = at.epoch
"""
    answer = one_lab.here(PREPARE, script)
    assert answer.result == 1
    assert any("00002-step-4.keras: passed over, it is damaged" in one for one in answer.warnings)


def test_where_all_are_damaged_nothing_is_begun_anew(one_lab):
    script = """
fit(built(), kept.Checkpoint(run))
open(os.path.join(run, names(run)[0]), "wb").close()
fit(built(), kept.Checkpoint(run))
"""
    error = one_lab.here(PREPARE, script).error
    assert error["type"] == "CorruptFileError"
    assert "00001-step-2.keras: the file is empty" in error["text"]


def test_what_fails_in_the_background_is_raised_at_the_next_batch(one_lab):
    script = """
import resource
class Counting(keras.callbacks.Callback):
    batches = 0
    def on_train_batch_end(self, batch, logs=None):
        Counting.batches += 1
        time.sleep(0.05)
before = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (9000, before[1]))
try:
    fit(built(), Counting(), kept.Checkpoint(run, save_freq=1, verify=False), epochs=40)
except kept.WriteError as error:
    result = [str(error).splitlines()[0].replace(folder, ""), Counting.batches < 20, names(run)]
finally:
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
"""
    told = one_lab.here(PREPARE, script).result
    assert told == ["/run/00001-step-1.keras: the file would exceed the limit on file size", True, []]


def test_a_model_that_cannot_be_written_is_refused_before_it_is_trained(one_lab):
    script = """
class Held(keras.layers.Layer):
    def __init__(self, lock):
        super().__init__()
        self.lock = lock
    def call(self, x):
        return x
    def get_config(self):
        return {**super().get_config(), "lock": self.lock}
model = keras.Sequential([keras.Input((3,)), Held(threading.Lock()), keras.layers.Dense(1)])
model.compile("sgd", "mse")
before = model.get_weights()[0].copy()
try:
    fit(model, kept.Checkpoint(run))
except kept.SerializationError as error:
    result = [bool(np.all(before == model.get_weights()[0])), "model.layers[0]" in str(error)]
"""
    assert one_lab.here(PREPARE, script).result == [True, True]


def test_state_of_the_users_own_goes_into_the_file_as_it_was_taken(lab):
    script = """
@kept.serializable
class Counts(keras.layers.Layer):
    def __init__(self, **options):
        super().__init__(**options)
        self.calls = 0
    def call(self, x):
        return x
model = keras.Sequential([keras.Input((3,)), Counts(name="counts"), keras.layers.Dense(1)])
model.compile("sgd", "mse")
class Moves(keras.callbacks.Callback):
    def on_train_batch_begin(self, batch, logs=None):
        model.layers[0].calls += 1
fit(model, Moves(), kept.Checkpoint(run, save_freq=1, max_to_keep=None), epochs=2)
result = [kept.load(os.path.join(run, one)).layers[0].calls for one in names(run)]
"""
    assert lab.here(PREPARE, script).result == [1, 2, 3, 4]


def test_state_of_a_callback_that_cannot_be_written_is_named(one_lab):
    script = """
class Holds(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        self.lock = threading.Lock()
fit(built(), Holds(), kept.Checkpoint(run), epochs=2)
result = names(run)
"""
    answer = one_lab.here(PREPARE, script)
    told = [one for one in answer.warnings if "Holds.lock" in one]
    assert len(answer.result) == 2
    assert len(told) == 1
    assert "a resumed training will not have the state of Holds.lock" in told[0]


def test_there_is_never_more_than_one_write_in_flight(one_lab):
    script = """
from kept.runtime.checkpoint import taking
before, running, most = taking.keras_archive.write, [], []
def slow(*args, **kwargs):
    running.append(1)
    most.append(len(running))
    time.sleep(0.05)
    try:
        return before(*args, **kwargs)
    finally:
        running.pop()
taking.keras_archive.write = slow
try:
    fit(built(), kept.Checkpoint(run, save_freq=1, verify=False, max_to_keep=None), epochs=3)
finally:
    taking.keras_archive.write = before
result = [most, len(names(run))]
"""
    assert one_lab.here(PREPARE, script).result == [[1] * 6, 6]


def test_fewer_data_than_before_are_an_error_and_no_other_training(one_lab):
    script = """
class Stops(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        raise KeyboardInterrupt
checkpoint = kept.Checkpoint(run, save_freq=2)
try:
    fit(built(), checkpoint, Stops())
except KeyboardInterrupt:
    checkpoint.wait()
built().fit(x[:4], y[:4], batch_size=4, verbose=0, callbacks=[kept.Checkpoint(run)])
"""
    error = one_lab.here(PREPARE, script).error
    assert error["type"] == "MismatchError"
    assert "the epoch ended before the batch to go on with" in error["text"]


def test_a_wrong_argument_is_told_with_what_it_may_be(one_lab):
    script = """
result = []
wrong = [{"mode": "up"}, {"save_freq": 0}, {"max_to_keep": True}, {"verify": "outputs"}]
for options in wrong:
    try:
        kept.Checkpoint(run, **options)
    except kept.KeptError as error:
        result.append(str(error).splitlines()[0])
"""
    assert one_lab.here(PREPARE, script).result == [
        "mode: this is no value for it", "save_freq: this is no value for it", "max_to_keep: this is no value for it",
        "verify: a training that goes on cannot be asked for outputs",
    ]  # fmt: skip


def test_a_checkpoint_that_does_not_come_back_gets_no_name_and_is_an_error_at_the_end(one_lab):
    script = """
from kept.runtime.checkpoint import taking
before, asked = taking.proven, []
def unlike(*args, **kwargs):
    asked.append(1)
    raise kept.VerificationError("what a fresh process loads is not the model that was saved")
taking.proven = unlike
try:
    fit(built(), kept.Checkpoint(run))
except kept.VerificationError as error:
    result = [str(error).splitlines()[0].replace(folder, ""), names(run), len(asked)]
finally:
    taking.proven = before
"""
    assert one_lab.here(PREPARE, script).result == [
        "/run/00001-step-2.keras: what a fresh process loads is not the model that was saved", [], 1
    ]  # fmt: skip


def test_a_fit_that_was_ended_while_it_went_back_leaves_nothing_behind(one_lab):
    script = """
class Ends(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        raise KeyboardInterrupt
def ended(model, data, checkpoint):
    try:
        model.fit(data, y[: len(data)], batch_size=4, verbose=0, callbacks=[checkpoint, Ends()])
    except (KeyboardInterrupt, kept.MismatchError):
        checkpoint.wait()
ended(built(), x, kept.Checkpoint(run, save_freq=2))
model = built()
ended(model, x[:4], kept.Checkpoint(run))
before = model.get_weights()[0].copy()
history = fit(model, kept.Checkpoint(run, resume=False), epochs=2)
result = [history.epoch, bool(np.any(before != model.get_weights()[0]))]
"""
    assert one_lab.here(PREPARE, script).result == [[0, 1], True]
