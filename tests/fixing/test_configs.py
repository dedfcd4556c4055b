"""Edits of `get_config` and `from_config`, in the form in which they are found."""

import textwrap

import libcst as cst
import pytest

from kept.fixing import configs
from kept.fixing.source import Unmendable
from kept.fixing.style import Style

FORMS = {
    "update": (
        """
        def get_config(self):
            config = super().get_config()
            config.update({"a": self.a})
            return config
        """,
        """
        def get_config(self):
            config = super().get_config()
            config.update({"a": self.a, "b": self.b})
            return config
        """,
    ),
    "update with keywords": (
        """
        def get_config(self):
            config = super().get_config()
            config.update(a=self.a)
            return config
        """,
        """
        def get_config(self):
            config = super().get_config()
            config.update(a=self.a, b=self.b)
            return config
        """,
    ),
    "one entry a line, with comments": (
        """
        def get_config(self):
            config = super().get_config()
            config.update({
                "a": self.a,  # first
                # and last
            })
            return config
        """,
        """
        def get_config(self):
            config = super().get_config()
            config.update({
                "a": self.a,  # first
                "b": self.b,
                # and last
            })
            return config
        """,
    ),
    "merged dicts": (
        """
        def get_config(self):
            base = super().get_config()
            config = {'a': self.a}
            return dict(list(base.items()) + list(config.items()))
        """,
        """
        def get_config(self):
            base = super().get_config()
            config = {'a': self.a, 'b': self.b}
            return dict(list(base.items()) + list(config.items()))
        """,
    ),
    "merged by stars": (
        """
        def get_config(self):
            base = super().get_config()
            config = {"a": self.a}
            return {**base, **config}
        """,
        """
        def get_config(self):
            base = super().get_config()
            config = {"a": self.a, "b": self.b}
            return {**base, **config}
        """,
    ),
    "nothing of its own": (
        """
        def get_config(self):
            return super().get_config()
        """,
        """
        def get_config(self):
            config = super().get_config()
            config.update({"b": self.b})
            return config
        """,
    ),
    "item by item": (
        """
        def get_config(self):
            config = super().get_config()
            config["a"] = self.a
            return config
        """,
        """
        def get_config(self):
            config = super().get_config()
            config["a"] = self.a
            config.update({"b": self.b})
            return config
        """,
    ),
    "on one line": (
        """
        def get_config(self): return {**super().get_config(), "a": {"x": self.a}}
        """,
        """
        def get_config(self): return {**super().get_config(), "a": {"x": self.a}, "b": self.b}
        """,
    ),
}


def function(text):
    tree = cst.parse_module(textwrap.dedent(text).lstrip("\n"))
    return cst.ensure_type(tree.body[0], cst.FunctionDef), Style.of(tree)


def code(node):
    return cst.Module([node]).code


@pytest.mark.parametrize("form", FORMS)
def test_an_entry_is_added_as_the_others_are_written(form):
    before, after = FORMS[form]
    node, style = function(before)
    assert code(configs.with_entries(node, {"b": "self.b"}, style)) == textwrap.dedent(after).lstrip("\n")


@pytest.mark.parametrize("form", ["update", "update with keywords", "item by item", "merged dicts"])
def test_an_entry_is_renamed_where_it_stands(form):
    node, _ = function(FORMS[form][0])
    renamed = configs.renamed(node, "a", "c")
    assert list(configs.entry_values(renamed)) == ["c"]
    assert code(renamed).replace("c", "a") == code(node).replace("c", "a")


@pytest.mark.parametrize("form", ["update", "update with keywords", "item by item", "on one line"])
def test_an_entry_gets_another_value_where_it_stands(form):
    node, style = function(FORMS[form][0])
    changed = configs.revalued(node, {"a": "list(self.a)"}, style)
    assert "list(self.a)" in code(changed)
    assert list(configs.entry_values(changed)) == ["a"]


def test_the_config_of_the_base_class_is_put_first_and_what_it_brings_left_out():
    node, style = function('def get_config(self): return {"name": self.name, "a": self.a}\n')
    assert code(configs.with_base(node, ["name"], style)) == (
        'def get_config(self): return {**super().get_config(), "a": self.a}\n'
    )


def test_a_dict_with_an_entry_a_line_begins_with_the_config_of_the_base_class():
    node, style = function('def get_config(self):\n    return {\n        "a": self.a,\n    }\n')
    assert code(configs.with_base(node, [], style)) == (
        'def get_config(self):\n    return {\n        **super().get_config(),\n        "a": self.a,\n    }\n'
    )


def test_a_config_that_is_made_and_not_returned_is_returned():
    node, style = function("def get_config(self):\n    cfg = super().get_config()\n    cfg.update(a=1)\n")
    assert code(configs.returning(node, style)).endswith("    cfg.update(a=1)\n    return cfg\n")


def test_what_is_not_there_cannot_be_mended():
    node, style = function("def get_config(self):\n    self.a = 1\n")
    with pytest.raises(Unmendable, match="makes no config"):
        configs.returning(node, style)
    with pytest.raises(Unmendable, match="not understood"):
        configs.with_base(node, [], style)
    with pytest.raises(Unmendable, match="writes a cannot be told"):
        configs.renamed(node, "a", "b")


def test_many_entries_of_a_new_config_stand_one_below_the_other():
    text = configs.get_config_text({name: f"self.{name}" for name in ("first", "second", "third", "fourth")})
    assert text.count("\n") == 9
    assert '        "third": self.third,\n' in text


def test_a_from_config_that_is_there_revives_one_key_more():
    node, style = function("def from_config(cls, cfg):\n    return cls(**cfg)\n")
    revived = configs.with_revived(node, {"a": 'revive(config["a"])'}, style)
    assert code(revived) == (
        'def from_config(cls, cfg):\n    cfg = dict(cfg)\n    cfg["a"] = revive(cfg["a"])\n    return cls(**cfg)\n'
    )
