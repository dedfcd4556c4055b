"""What get_config returns is read from its text, in every style that people write."""

import ast

import pytest

from tests.source.reading import model_of

STYLES = {
    "display": "return {**super().get_config(), 'a': self.a}",
    "update": "c = super().get_config()\nc.update({'a': self.a})\nreturn c",
    "keywords": "c = super().get_config()\nc.update(a=self.a)\nreturn c",
    "assigned": "c = super().get_config()\nc['a'] = self.a\nreturn c",
    "items": "b = super().get_config()\nc = {'a': self.a}\nreturn dict(list(b.items()) + list(c.items()))",
    "dict": "return dict(super().get_config(), a=self.a)",
    "union": "return super().get_config() | {'a': self.a}",
    "in place": "c = super().get_config()\nc |= {'a': self.a}\nreturn c",
    "copy": "c = super().get_config().copy()\nc['a'] = self.a\nreturn c",
    "old super": "c = super(A, self).get_config()\nc['a'] = self.a\nreturn c",
    "two displays": "b = super().get_config()\nc = {'a': self.a}\nreturn {**b, **c}",
    "loop": "c = super().get_config()\nfor n in ('a',):\n    c[n] = getattr(self, n)\nreturn c",
    "comprehension": "return super().get_config() | {n: getattr(self, n) for n in ['a']}",
    "local": "c = super().get_config()\nv = self.a\nc.update({'a': v})\nreturn c",
}


def config(body):
    """The config that a body of get_config makes."""
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    return model_of(f"class A(Base):\n    def get_config(self):\n{lines}\n").own_config


@pytest.mark.parametrize("style", STYLES)
def test_every_style_is_read(style):
    found = config(STYLES[style])
    assert {key: ast.unparse(one.value) for key, one in found.entries.items()} == {"a": "self.a"}
    assert found.from_base
    assert not found.opaque


@pytest.mark.parametrize(
    "body",
    [
        "return self._config",
        "return helper(self)",
        "return vars(self)",
        "c = {}\nfill(c)\nreturn c",
        "c = {}\nfor n in self.names:\n    c[n] = 1\nreturn c",
        "c = {}\nc[self.key] = 1\nreturn c",
        "c = {}\nc.update(self.more())\nreturn c",
        "return {**self.more, 'a': 1}",
    ],
    ids=range(8),
)
def test_what_cannot_be_told_is_said_to_be_opaque(body):
    assert config(body).opaque


def test_a_key_under_a_condition_is_told():
    found = config("c = {'a': 1}\nif self.b:\n    c['b'] = self.b\nreturn c")
    assert {key: one.conditional for key, one in found.entries.items()} == {"a": False, "b": True}


def test_a_key_that_only_one_return_has_is_conditional():
    found = config("if self.b:\n    return {'a': 1}\nreturn {'a': 1, 'b': 2}")
    assert {key: one.conditional for key, one in found.entries.items()} == {"a": False, "b": True}


def test_keys_that_are_taken_out_are_told():
    found = config("c = super().get_config()\nc.pop('name')\ndel c['dtype']\nreturn c")
    assert found.removed == {"name", "dtype"}


def test_a_config_that_is_not_returned_is_told():
    assert config("c = super().get_config()\nc['a'] = 1").returns_nothing
    assert not config("raise NotImplementedError").returns_nothing
    assert not config("pass").returns_nothing


def test_a_config_that_only_raises_is_told():
    assert config("raise NotImplementedError").raises
