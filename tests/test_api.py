"""The public verbs: their names, what they ask for by position, and that each tells what it raises."""

import inspect

import pytest

import kept
from kept import _api, errors
from kept.proof import Level

VERBS = {
    "save": ["model", "filepath", "overwrite"],
    "load": ["filepath", "custom_objects", "compile", "safe_mode"],
    "verify": ["path_or_model", "level"],
    "check": ["model_or_source"],
    "fix": ["paths"],
    "inspect": ["path"],
    "diff": ["a", "b"],
    "scan": ["paths"],
    "save_weights": ["model", "filepath", "overwrite", "max_shard_size"],
    "load_weights": ["model", "filepath", "skip_mismatch"],
    "save_saved_model": ["model", "folder", "overwrite"],
    "register_codec": ["kind"],
    "restore": ["model_or_factory", "folder"],
    "serializable": [],
    "install": [],
    "uninstall": [],
}


def parameters(verb, kinds):
    found = inspect.signature(getattr(_api, verb)).parameters.values()
    return [one.name for one in found if one.kind in kinds]


@pytest.mark.parametrize("verb", VERBS)
def test_arguments_have_the_names_and_the_order_of_keras_and_the_rest_is_named(verb):
    assert parameters(verb, [inspect.Parameter.POSITIONAL_OR_KEYWORD]) == VERBS[verb]


def test_every_verb_is_listed():
    assert set(_api.__all__) == set(VERBS)


@pytest.mark.parametrize("verb", [name for name in VERBS if name not in ("install", "uninstall")])
def test_a_verb_documents_every_error_that_it_is_known_to_raise(verb):
    text = inspect.getdoc(getattr(_api, verb))
    assert "Raises:" in text
    assert any(name in text for name in errors.__all__)


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_documents_every_argument(verb):
    text = inspect.getdoc(getattr(_api, verb))
    named = parameters(verb, [inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY])
    missing = [name for name in named if f"{name}:" not in text]
    assert missing == [] or "The arguments are those of `save`" in text


def test_the_package_offers_the_verbs_and_the_errors():
    assert {"save", "load", "verify", "save_weights", "load_weights", "install", "uninstall"} <= set(dir(kept))
    assert all(getattr(kept, name) is getattr(errors, name) for name in errors.__all__ if hasattr(kept, name))


def test_errors_are_caught_by_those_who_catch_what_keras_raises():
    assert issubclass(errors.SerializationError, TypeError)
    assert issubclass(errors.UntrustedCodeError, ValueError)
    assert issubclass(errors.MismatchError, ValueError)
    assert issubclass(errors.WriteError, OSError)


def test_each_level_includes_those_before_it():
    levels = list(Level)
    assert [level.value for level in levels] == ["structure", "weights", "outputs", "resume"]
    assert all(a.includes(b) == (levels.index(a) >= levels.index(b)) for a in levels for b in levels)
