"""Codecs of the user: registered, or as two methods of a class; in a second process, too."""

import array

import pytest

import kept
from kept.errors import MismatchError, SerializationError
from kept.runtime.codecs import decode, registered
from kept.runtime.shelf import FileShelf
from tests.runtime.codecs.trips import again, codes, comes_back
from tests.runtime.models import HEAD


class Money:
    def __init__(self, text):
        self.cents = int(float(text) * 100)

    def __eq__(self, other):
        return isinstance(other, Money) and self.cents == other.cents

    __hash__ = None


class Own:
    def __init__(self, *parts):
        self.total = sum(parts)

    def __kept_encode__(self):
        return {"total": (self.total,)}

    @classmethod
    def __kept_decode__(cls, value):
        return cls(*value["total"])

    def __eq__(self, other):
        return type(self) is type(other) and self.total == other.total

    __hash__ = None


def money(cents):
    return Money(cents / 100)


def doubles(numbers):
    return array.array("d", numbers)


@pytest.fixture
def money_codec(monkeypatch):
    monkeypatch.setattr(registered, "_BY_NAME", {})
    monkeypatch.setattr(registered, "_BY_KIND", {})
    kept.register_codec(Money, encode=lambda value: value.cents, decode=money, name="Money")


def test_a_registered_type_comes_back(money_codec):
    assert comes_back(Money("1.25"))


def test_the_class_of_a_codec_may_be_one_of_pythons_own(money_codec):
    kept.register_codec(array.array, encode=list, decode=doubles, name="doubles")
    assert comes_back(array.array("d", [1.5, 2]))


def test_a_process_that_had_no_codec_can_save_what_it_loaded(money_codec):
    code, state = codes(Money("1.25"))
    shelf = FileShelf({})
    shelf.references = dict(state.references.named)
    registered._BY_NAME.clear()
    registered._BY_KIND.clear()
    assert comes_back(decode(code, shelf))


def test_without_its_codec_the_type_is_refused():
    with pytest.raises(registered.NotEncodable):
        codes(Money("1.25"))


def test_a_codec_may_be_registered_again_but_not_for_another_class(money_codec):
    kept.register_codec(Money, encode=str, decode=money, name="Money")
    with pytest.raises(SerializationError, match="registered already"):
        kept.register_codec(Own, encode=str, decode=money, name="Money")


def test_registering_does_not_import_keras(python):
    python.write(
        "s.py", "import kept, sys\nkept.register_codec(int, encode=str, decode=int)\nprint('keras' in sys.modules)"
    )
    assert python("s.py").out == "False\n"


def test_what_is_no_codec_is_refused():
    with pytest.raises(SerializationError, match="a class and two functions"):
        kept.register_codec("Money", encode=str, decode=money)


def test_a_class_with_both_methods_comes_back():
    assert comes_back(Own(1, 2))


def test_a_decode_that_fails_is_named(money_codec):
    kept.register_codec(Money, encode=lambda value: "x", decode=money, name="Money")
    with pytest.raises(MismatchError, match="money raises TypeError"):
        again(Money("1"))


PRICED = HEAD + """
class Money:
    def __init__(self, text):
        self.cents = int(float(text) * 100)
def money(cents):
    return Money(cents / 100)
class Priced(layers.Layer):
    def __init__(self, price, **kwargs):
        super().__init__(**kwargs)
        self.price = price
    def call(self, x):
        return x * self.price.cents
    def get_config(self):
        return super().get_config() | {"price": self.price}
import kept
"""  # fmt: skip
REGISTER = "kept.register_codec(Money, encode=lambda value: value.cents, decode=money, name='Money')\n"
SAVE = "model = keras.Sequential([keras.Input((3,)), Priced(Money('1.25'))])\nkept.save(model, file)\n"
ASK = "result = model.layers[0].price.cents"
ALLOW = """
import kept
try:
    model = kept.load(file)
except kept.UntrustedCodeError as error:
    model = kept.load(file, trusted=error.required)
"""


def test_a_fresh_process_decodes_with_the_source_in_the_file(one_lab):
    one_lab.here(PRICED, REGISTER, SAVE).result  # noqa: B018
    assert one_lab.elsewhere(ALLOW, ASK).result == 125


def test_a_codec_registered_where_a_file_is_loaded_goes_first(one_lab):
    one_lab.here(PRICED, REGISTER, SAVE).result  # noqa: B018
    theirs = REGISTER.replace("decode=money", "decode=lambda cents: Money(9)")
    assert one_lab.elsewhere(PRICED, theirs, "model = kept.load(file, check=False)\n", ASK).result == 900


def test_a_process_that_lacks_a_codec_is_told_its_name(one_lab):
    one_lab.here(PRICED, REGISTER, SAVE.replace("file)", "file, verify=False, embed_source=False)")).result  # noqa: B018
    error = one_lab.elsewhere(PRICED.replace("def money", "def other"), "kept.load(file)").error
    assert error["type"] == "UntrustedCodeError"
    assert "no codec is registered as 'Money'" in error["text"]


def test_a_class_with_both_methods_comes_back_in_a_fresh_process(one_lab):
    body = """class Money:
    def __kept_encode__(self):
        return self.cents
    @classmethod
    def __kept_decode__(cls, cents):
        return cls(cents / 100)
"""
    one_lab.here(PRICED.replace("class Money:\n", body), SAVE).result  # noqa: B018
    assert one_lab.elsewhere(ALLOW, ASK).result == 125
