"""What plain Keras loses is kept: each fault shows plain Keras failing, and kept holding."""

import importlib.metadata

import pytest

from tests import faults
from tests.conftest import require_backend
from tests.fault_scripts import FAULTS
from tests.runtime.conftest import laboratory
from tests.runtime.laboratory import Lab

__all__ = ["laboratory"]
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def found(laboratory, tmp_path_factory):
    require_backend("jax")
    return faults.outcomes(Lab(laboratory, "jax", tmp_path_factory.mktemp("faults")))


@pytest.mark.parametrize("name", FAULTS)
def test_plain_keras_fails_and_kept_holds(found, name):
    if importlib.metadata.version("keras") == "3.15.1":
        assert found[name]["plain Keras"].kind in ("fails", "silently different")
    assert found[name]["kept"].kind in ("as it was", "refused")


def test_the_page_tells_what_was_found(found):
    if importlib.metadata.version("keras") != "3.15.1":
        pytest.skip("the page is about Keras 3.15.1")
    assert faults.PAGE.read_text() == faults.page(found)
