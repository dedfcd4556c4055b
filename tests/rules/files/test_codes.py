"""What values of kept may name is what kept itself writes and reads."""

from kept.rules.codes import TAGS, Code, is_computing
from kept.runtime.codecs import codecs, known


def named(value, tag="known"):
    return is_computing(Code("", tag, {"$": tag, "value": value}))


def test_the_tags_are_those_of_the_codecs():
    assert {codec.tag for codec in codecs()} == TAGS


def test_everything_that_kept_writes_only_computes():
    assert [name for name in known._KNOWN if not named(name)] == []


def test_classes_and_functions_of_keras_are_known():
    for name in ("keras.layers:Dense", "keras.ops:relu", "keras.optimizers.schedules:CosineDecay"):
        assert named(name), name


def test_what_does_more_is_not():
    for name in ("builtins:eval", "numpy:load", "os:system", "keras.utils:get_file", "keras.layers:Lambda", "eval", "",
                 "keras.layers:TFSMLayer", "keras.layers:StringLookup", "keras.layers:deserialize"):  # fmt: skip
        assert not named(name), name


def test_a_module_is_one_of_a_few():
    assert all(named(name, "module") for name in ("math", "numpy", "torch.nn.functional", "keras.ops"))
    assert not any(named(name, "module") for name in ("os", "keras.utils", "numpy.lib", "subprocess"))
