"""Layers whose names begin alike stand together, where that makes a long list short."""

from kept.report import Layer
from kept.report._series import in_series, is_series


def chain(names):
    """Layers of these names, each called with the output of the one before."""
    return [
        Layer(name, name, "Dense", inputs=(before,)) for before, name in zip([names[0], *names], names, strict=False)
    ]


def shown(layers):
    return [(one.name, len(one.layers)) for one in in_series(layers)]


BLOCKS = [f"block{number}_{part}" for number in range(9) for part in ("conv", "bn", "relu", "add")]


def test_the_blocks_of_a_model_are_series():
    assert shown(chain(["input", *BLOCKS, "top"])) == [("input", 0), *((f"block{n}", 4) for n in range(9)), ("top", 0)]


def test_a_short_list_is_left_as_it_is():
    assert shown(chain(BLOCKS[:20])) == [(name, 0) for name in BLOCKS[:20]]


def test_as_many_words_are_taken_as_tell_blocks_apart():
    names = [f"conv_dw_{number}{part}" for number in range(12) for part in ("", "_bn", "_relu")]
    assert shown(chain(names)) == [(f"conv_dw_{number}", 3) for number in range(12)]


def test_a_series_within_a_series():
    names = [f"stage{s}_block{b}_{part}" for s in range(3) for b in range(11) for part in ("a", "b", "c")]
    (first, *_) = in_series(chain(names))
    assert (first.name, [one.name for one in first.layers][:2]) == ("stage0", ["stage0_block0", "stage0_block1"])


def test_names_that_say_nothing_make_no_series():
    names = [f"{kind}_{number}" for number in range(20) for kind in ("dense", "norm")]
    assert shown(chain(names)) == [(name, 0) for name in names]
    assert shown(chain([f"dense_{number}" for number in range(40)]))[0] == ("dense_0", 0)


def test_what_is_met_again_later_is_no_series():
    names = [*BLOCKS, *(f"block0_{part}" for part in ("x", "y", "z"))]
    assert ("block0", 4) not in shown(chain(names))


def test_without_edges_the_order_is_free():
    layers = [Layer(name, name) for name in sorted(BLOCKS, key=lambda name: name[::-1])]
    assert sorted(shown(layers)) == [(f"block{number}", 4) for number in range(9)]


def test_a_series_is_known_as_one():
    one = in_series(chain(["input", *BLOCKS]))[1]
    assert is_series(one)
    assert not is_series(one.layers[0])
