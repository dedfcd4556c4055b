"""What from_config does with a config is read from its text."""

import pytest

from tests.source.reading import model_of


def revival(body):
    """What is told of a body of from_config."""
    lines = "\n".join(f"        {line}" for line in body.splitlines())
    return model_of(f"class A:\n    @classmethod\n    def from_config(cls, config):\n{lines}\n").own_revival


@pytest.mark.parametrize(
    "body",
    [
        "config['x'] = deserialize(config['x'])\nreturn cls(**config)",
        "x = deserialize(config.pop('x'))\nreturn cls(x=x, **config)",
        "config = dict(config)\nconfig['x'] = deserialize(config['x'])\nreturn cls(**config)",
        "config.update({'x': deserialize(config['x'])})\nreturn super().from_config(config)",
        "config.update(x=deserialize(config['x']))\nreturn cls(**config)",
        "c = config.copy()\nc['x'] = deserialize(c['x'])\nreturn cls(**c)",
    ],
    ids=range(6),
)
def test_a_key_that_is_made_anew_is_told(body):
    found = revival(body)
    assert "x" in found.keys
    assert found.whole


def test_keys_that_are_handed_on_one_by_one_are_told():
    found = revival("return cls(config['units'], name=config['name'])")
    assert not found.whole
    assert found.passed == {"units", "name"}


def test_what_cannot_be_told_is_said_to_be_opaque():
    assert revival("return build(config)").opaque


def test_a_method_that_is_no_class_method_is_told():
    found = model_of("class A:\n    def from_config(self, config): return self").own_revival
    assert not found.is_class_method
