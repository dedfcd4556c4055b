"""What a fresh process loads otherwise is kept beside what Keras writes, as far as it can be put back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from .codecs import NotEncodable
from .compare import Difference, Kind
from .state import SETTINGS, ExtraState, is_kept_name, keep_build, setting_from
from .walk import Place

__all__ = ["mend"]


def mend(
    state: ExtraState,
    found: list[Difference],
    places: list[Place],
    attribute: Callable[[str, str], Any],
) -> list[Difference]:
    """Takes what differed after a round trip into the extra state, as far as it can be put back.

    Args:
        state: Takes it.
        found: What differed.
        places: What `walk(model)` gave.
        attribute: Gives an attribute by object path and name; a `KeyError` where there is none.

    Returns:
        The differences that were taken in; the others cannot be mended.
    """
    live = {place.path: place.value for place in places}
    known = {(path, name) for path, name, _ in state.attributes}
    set_after = {(path, name) for path, name, _ in state.settings}
    taken = []
    wholes: list[str] = []
    for one in found:
        value = live.get(one.path)
        if any(one.path == whole or one.path.startswith((f"{whole}.", f"{whole}[")) for whole in wholes):
            continue  # a part of a value that is now put back as a whole
        if one.kind is Kind.VALUE and one.path not in state.variables:
            state.keep_variable(one.path)
        elif one.kind is Kind.FLAG and one.name == "trainable" and one.path not in state.flags:
            state.flags[one.path] = bool(one.before)
        elif one.kind is Kind.FLAG and one.name == "built" and one.before and one.path not in state.builds:
            if not keep_build(state, one.path, value):
                continue
        elif one.kind is Kind.FLAG and one.name in SETTINGS and (one.path, one.name) not in set_after:
            if not _keep_setting(state, one, value):
                continue
        elif one.kind is Kind.ATTRIBUTE and is_kept_name(one.name) and (one.path, one.name) not in known:
            try:
                code = state.encode(attribute(one.path, one.name))
            except (NotEncodable, KeyError, TypeError):
                continue
            state.attributes.append((one.path, one.name, code))
            wholes.append(f"{one.path}.{one.name}")
        else:
            continue
        taken.append(one)
    return taken


def _keep_setting(state: ExtraState, one: Difference, variable: Any) -> bool:
    """Takes in the regularizer or constraint of a variable that is another than its layer would give it."""
    setting = getattr(variable, one.name)
    config = None if setting is None else keras.saving.serialize_keras_object(setting)
    if config is not None and setting_from(one.name, config) is None:
        return False
    state.settings.append((one.path, one.name, config))
    return True
