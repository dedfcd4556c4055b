"""Warm processes for the tests of this folder."""

import importlib.util

import pytest

from tests.conftest import BACKENDS, require_backend
from tests.runtime.laboratory import Lab, Laboratory


@pytest.fixture(scope="session")
def laboratory(tmp_path_factory):
    made = Laboratory(tmp_path_factory.mktemp("laboratory"))
    yield made
    made.close()


@pytest.fixture(params=BACKENDS)
def lab(request, laboratory, tmp_path):
    """The warm processes of each backend in turn."""
    require_backend(request.param)
    return Lab(laboratory, request.param, tmp_path)


@pytest.fixture
def one_lab(laboratory, tmp_path):
    """The warm processes of one backend, for what does not depend on it."""
    there = [name for name in ("jax", "torch", "tensorflow") if importlib.util.find_spec(name) is not None]
    require_backend(there[0] if there else "jax")
    return Lab(laboratory, there[0], tmp_path)


@pytest.fixture
def tensorflow_lab(laboratory, tmp_path):
    """The warm processes of the TensorFlow backend."""
    require_backend("tensorflow")
    return Lab(laboratory, "tensorflow", tmp_path)


@pytest.fixture
def torch_lab(laboratory, tmp_path):
    """The warm processes of the Torch backend, which compiles nothing."""
    require_backend("torch")
    return Lab(laboratory, "torch", tmp_path)
