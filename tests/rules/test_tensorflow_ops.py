"""The list of operations that a graph may have is what the installed TensorFlow registers, without what reaches out."""

import pytest

from tests.rules.tensorflow_ops import FILE, LEFT_OUT, registered


def test_the_list_is_that_of_the_installed_tensorflow():
    pytest.importorskip("tensorflow")
    assert sorted(one for one in registered() if not LEFT_OUT.search(one)) == FILE.read_text().split()


@pytest.mark.parametrize("op", ["ReadFile", "WriteFile", "PyFunc", "SaveV2", "ImmutableConst", "RpcCall", "PrintV2"])
def test_what_reaches_out_is_left_out(op):
    assert LEFT_OUT.search(op)
    assert op not in FILE.read_text().split()
