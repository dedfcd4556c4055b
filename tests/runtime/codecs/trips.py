"""The way of a value through a file, in one process: encoded, written as strict JSON, read, decoded."""

import json

import numpy as np
from hypothesis import strategies as st

from kept.runtime.codecs import decode
from kept.runtime.shelf import FileShelf
from kept.runtime.state import ExtraState

plain = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.complex_numbers(allow_nan=False)
)
frozen = st.recursive(plain, lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3), max_leaves=5)


def codes(value):
    """The code of a value, and what has been kept beside it."""
    state = ExtraState()
    return json.loads(json.dumps(state.encode(value), allow_nan=False)), state


def again(value):
    """The value as it comes back; the classes and functions it names are resolved to themselves."""
    code, state = codes(value)
    shelf = FileShelf({name: np.array(array) for name, array in state.arrays.items()})
    shelf.references = dict(state.references.named)
    return decode(code, shelf)


def nested(value):
    """The value as it comes back from deep inside: a list, a tuple, a dict with a key that is no text."""
    return again([{"a": ({1: [value]},)}])[0]["a"][0][1][0]


def comes_back(value):
    """Whether a value comes back equal and of its type, alone and nested."""
    return all(type(one) is type(value) and one == value for one in (again(value), nested(value)))
