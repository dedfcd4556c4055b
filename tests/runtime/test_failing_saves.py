"""A save that fails costs nothing: the old file is there bit for bit, the weights are rescued, the error says why."""

import pytest

from tests.runtime import failing as shared

failing = shared.failing

BROKEN = """
class Broken(layers.Layer):
    def __init__(self, source):
        super().__init__()
        self.first = next(source, "")  # what it was made from is gone
    def get_config(self):
        raise ValueError("no config today")
"""
THERE = """
class Only(layers.Layer):
    def __init__(self, maker=0, **options):
        super().__init__(**options)
        self.maker = maker
        if maker != os.getpid():
            {act}
    def call(self, x):
        return x

model = keras.Sequential([keras.Input((3,)), Only(os.getpid()), layers.Dense(2)])
"""
FINE = "model = keras.Sequential([keras.Input((3,)), layers.Dense(2)])\n"


# What cannot be described


def test_a_config_that_raises_is_named_with_its_object_path(failing):
    ended = failing(BROKEN + "model = keras.Sequential([keras.Input((3,)), layers.Dense(2), Broken(iter('ab'))])")
    assert ended.error == "SerializationError"
    assert ended.text == [
        "the model was not saved; it cannot be described",
        "  model.layers[1]: Broken.get_config raises ValueError: no config today",
        "    hint      write Broken.get_config so that it returns the arguments of __init__",
        "  weights   RESCUE",
    ]
    assert ended.costs_nothing


def test_an_old_except_clause_for_what_keras_raises_still_works(failing):
    ended = failing(BROKEN + "model = keras.Sequential([keras.Input((3,)), Broken(iter('ab'))])")
    assert "TypeError" in ended.bases


def test_all_configs_that_raise_are_named_at_once(failing):
    ended = failing(
        BROKEN
        + """
class Block(layers.Layer):
    def __init__(self):
        super().__init__()
        self.inner = Broken(iter('ab'))
    def get_config(self):
        return {**super().get_config(), "inner": keras.saving.serialize_keras_object(self.inner)}

model = keras.Sequential([keras.Input((3,)), Broken(iter('ab')), Block(), layers.Dense(2)])
"""
    )
    named = [line.split(":")[0] for line in ended.text if "get_config raises" in line]
    assert named == ["  model.layers[0]", "  model.layers[1].inner"]
    assert ended.costs_nothing


def test_a_config_that_is_none_is_named(failing):
    ended = failing(
        """
class Empty(layers.Layer):
    def __init__(self, source):
        super().__init__()
        self.first = next(source)
    def get_config(self):
        return None

model = keras.Sequential([keras.Input((3,)), Empty(iter('ab'))])
"""
    )
    assert ended.text[1:] == [
        "  model.layers[0]: Empty.get_config returns no dict",
        "    expected  a dict of the arguments of __init__",
        "    found     None",
        "    hint      return super().get_config() | {...}",
        "  weights   RESCUE",
    ]
    assert ended.costs_nothing


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("(n for n in [1])", "<generator object"),
        ("open(os.devnull)", "<_io.TextIOWrapper name='/dev/null'"),
        ("object()", "<object object at"),
        ("iter([1])", "<list_iterator object at"),
    ],
)
def test_a_value_that_cannot_be_encoded_is_named_with_its_key(failing, value, shown):
    ended = failing(
        f"""
class Holds(layers.Layer):
    def get_config(self):
        return {{**super().get_config(), "thing": {value}}}

model = keras.Sequential([keras.Input((3,)), layers.Dense(2), Holds()])
"""
    )
    assert ended.error == "SerializationError"
    assert ended.text[1] == "  model.layers[1]: Holds.get_config returns what cannot be written"
    assert ended.text[3].startswith(f"    found     thing={shown}")
    assert ended.costs_nothing


def test_a_state_that_cannot_be_read_is_named_and_every_variable_is_rescued(failing):
    ended = failing(
        """
class Shy(layers.Layer):
    def build(self, shape):
        self.scale = self.add_weight(shape=(3,), initializer="ones", name="scale")
    def call(self, x):
        return x * self.scale
    def save_own_variables(self, store):
        raise RuntimeError("not these")

model = keras.Sequential([keras.Input((3,)), Shy(), layers.Dense(2)])

def after(rescue):
    import h5py
    with h5py.File(rescue) as file:
        return {name: file[name]["vars/0"].shape for name in file}
"""
    )
    assert ended.text[:2] == [
        "the model's state cannot be read",
        "  model.layers[0]: Shy.save_own_variables raises RuntimeError: not these",
    ]
    assert sorted(ended.after.values()) == [[2], [3], [3, 2]]
    assert ended.costs_nothing


def test_the_rescue_file_holds_the_weights_for_plain_keras(failing):
    ended = failing(
        BROKEN
        + """
def build():
    return keras.Sequential([keras.Input((3,)), layers.Dense(2), Broken(iter('ab'))])

model = build()

def after(rescue):
    other = build()
    other.load_weights(rescue)
    return [np.array_equal(a, b) for a, b in zip(model.get_weights(), other.get_weights())]
"""
    )
    assert ended.rescue.startswith("model.keras.rescue-")
    assert ended.rescue.endswith(".weights.h5")
    assert ended.after == [True, True]


def test_what_is_no_model_is_refused(failing):
    ended = failing("model = layers.Dense(2)")
    assert (ended.error, ended.rescue) == ("SerializationError", None)
    assert ended.text == [
        "only a Keras model can be saved",
        "  expected  a keras.Model",
        "  found     <class 'keras.src.layers.core.dense.Dense'>",
    ]
    assert ended.costs_nothing


# What a fresh process cannot make


def test_a_class_that_only_this_process_can_make_is_refused(failing):
    ended = failing(THERE.format(act="raise RuntimeError('only at home')"))
    assert ended.error == "VerificationError"
    assert ended.text[0] == "a fresh process could not load it: the model cannot be rebuilt from its config"
    assert ended.text[1].endswith("Error: only at home")
    assert ended.costs_nothing


def test_a_from_config_that_raises_elsewhere_is_refused(failing):
    ended = failing(
        """
os.environ["MAKER"] = str(os.getpid())

class Picky(layers.Layer):
    @classmethod
    def from_config(cls, config):
        if os.environ["MAKER"] != str(os.getpid()):
            raise LookupError("no such place")
        return cls(**config)

model = keras.Sequential([keras.Input((3,)), Picky()])
"""
    )
    assert ended.error == "VerificationError"
    assert "LookupError: no such place" in "\n".join(ended.text)
    assert ended.costs_nothing


# What comes back as something else


def test_a_model_that_computes_something_else_elsewhere_is_refused(failing):
    ended = failing(
        """
class Turns(layers.Layer):
    def call(self, x):
        return x if hasattr(keras, "turned") else -x

keras.turned = True
model = keras.Sequential([keras.Input((3,)), Turns()])
"""
    )
    assert ended.error == "VerificationError"
    assert ended.text[:2] == [
        "what a fresh process loads is not the model that was saved",
        "  model: the outputs differ after loading",
    ]
    assert ended.costs_nothing


def test_a_random_number_in_a_closure_that_cannot_be_written_is_refused(failing):
    ended = failing(
        """
class Drawn(layers.Layer):
    def __init__(self, **options):
        super().__init__(**options)
        factor, stream = float(np.random.default_rng().random()), open("/dev/null")
        self.scale = lambda x: x * factor if stream else x
    def call(self, x):
        return self.scale(x)

model = keras.Sequential([keras.Input((3,)), Drawn()])
"""
    )
    assert ended.error == "VerificationError"
    assert "  model.layers[0].scale: comes back as another function" in ended.text
    assert ended.costs_nothing


def test_another_number_of_variables_is_refused(failing):
    ended = failing(
        """
class Grows(layers.Layer):
    def build(self, shape):
        n = 2 if hasattr(keras, "grown") else 1
        self.parts = [self.add_weight(shape=(3,), name=f"part_{i}") for i in range(n)]
    def call(self, x):
        return x + sum(self.parts)

keras.grown = True
model = keras.Sequential([keras.Input((3,)), Grows()])
"""
    )
    assert ended.error == "VerificationError"
    assert ended.text[1].startswith("  layers/grows/vars/1: ")
    assert ended.costs_nothing


# A verifying process that dies or hangs


@pytest.mark.parametrize(
    ("act", "how"),
    [
        ("os._exit(3)", "exit code 3"),
        ("os.kill(os.getpid(), 9)", "signal 9"),
        ("os.killpg(0, 9)", "signal 9"),
        ("sys.stderr.write('adieu\\n'); sys.stderr.flush(); os._exit(5)", "exit code 5, after saying: adieu"),
    ],
)
def test_a_verifying_process_that_dies_is_reported_and_the_next_save_works(failing, act, how):
    ended = failing(THERE.format(act=act))
    assert ended.error == "VerificationError"
    assert ended.text == [
        "the verifying process died",
        "  expected  an answer",
        f"  found     {how}",
        "  weights   RESCUE",
    ]
    assert ended.costs_nothing
    assert failing(FINE).error == ""


def test_the_last_words_are_those_of_the_process_that_died(failing):
    failing(THERE.format(act="raise RuntimeError('earlier')"))
    ended = failing(THERE.format(act="os._exit(3)"))
    assert ended.text[2] == "  found     exit code 3"


def test_a_verifying_process_that_hangs_is_ended_and_the_next_save_works(failing):
    ended = failing(THERE.format(act="time.sleep(600)") + "options = {'timeout': 1.5}")
    assert ended.error == "VerificationError"
    assert ended.text == [
        "the verifying process gave no answer in time",
        "  expected  an answer within 1.5 s",
        "  found     none; the process was ended",
        "  hint      give it longer with timeout=, or compare less with verify='weights'",
        "  weights   RESCUE",
    ]
    assert ended.costs_nothing
    assert failing(FINE).error == ""
