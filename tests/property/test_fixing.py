"""Laws of mending: no text makes it fail, and what is mended is not mended again."""

import ast
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kept.fixing.documents import PythonFile, document
from kept.fixing.passes import with_edits
from kept.fixing.run import fix_sources
from tests.rules.pages import every, sections

EXAMPLES = [
    f"{sections(module)[heading]}\n"
    for module in every().values()
    if ".source." in module.__name__
    for heading in ("Example", "Use instead")
]
SLOW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def mended(text):
    made = fix_sources([], unsafe=True, texts={"shop.py": text.encode("utf-8", "surrogatepass")}, remember=False)
    assert made.failures == ()
    return made.changes[0].after.decode() if made.changes else text


@st.composite
def spoiled(draw):
    """The example of a rule, with lines taken out, doubled, swapped or put on one line."""
    lines = draw(st.sampled_from(EXAMPLES)).splitlines()
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        other = draw(st.integers(0, len(lines) - 1))
        how = draw(st.sampled_from(["drop", "double", "swap", "comment", "indent"]))
        if how == "drop" and len(lines) > 1:
            del lines[at]
        elif how == "double":
            lines.insert(at, lines[at])
        elif how == "swap":
            lines[at], lines[other] = lines[other], lines[at]
        elif how == "comment":
            lines[at] += "  # é"
        else:
            lines[at] = " " + lines[at]
    return "\n".join(lines) + "\n"


@SLOW
@given(spoiled())
def test_a_spoiled_example_is_mended_or_left_and_never_breaks(text):
    after = mended(text)
    try:
        ast.parse(text)
    except SyntaxError:
        assert after == text
    else:
        ast.parse(after)
        assert mended(after) == after


@SLOW
@given(st.lists(st.sampled_from(EXAMPLES), min_size=2, max_size=3, unique=True))
def test_examples_in_one_file_are_mended_together_and_not_again(texts):
    after = mended("\n\n".join(texts))
    assert mended(after) == after


@SLOW
@given(st.text(max_size=60))
def test_any_text_comes_back(text):
    code = f"import keras\n{text}"
    if "\r" not in code:
        assert mended(code) == code or "keras" in text


@given(st.lists(st.sampled_from(["a", "b", "", "# c"])), st.lists(st.sampled_from(["\n", "\r\n", "\r"]), min_size=1))
def test_lines_that_stay_end_as_they_did(lines, endings):
    raw = "".join(line + endings[number % len(endings)] for number, line in enumerate(lines)).encode()
    held = document("a.py", raw)
    assert held.written(held.text) == raw


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=20))
def test_a_file_gets_the_text_that_it_is_given(text):
    assert PythonFile(b"", "").written(text).decode() == text


@given(
    st.lists(st.one_of(st.text(max_size=10), st.lists(st.text(max_size=10), max_size=3)), max_size=4),
    st.sampled_from([None, 1, 2, "\t"]),
    st.booleans(),
)
def test_a_notebook_that_is_not_mended_stays_byte_for_byte(sources, indent, ascii_only):
    cells = [{"cell_type": "code", "source": one, "outputs": [1.50, {"a": None}]} for one in sources]
    raw = json.dumps({"cells": cells, "nbformat": 4}, indent=indent, ensure_ascii=ascii_only)
    held = document("a.ipynb", raw.encode("utf-8", "surrogatepass")) if _is_utf8(raw) else None
    if held is not None:
        assert held.written(held.text) == raw.encode()


def _is_utf8(text):
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@pytest.mark.parametrize("path", ["layers/core/dense.py", "layers/layer.py", "models/model.py"])
def test_well_made_code_is_left_as_it_is(path):
    keras = pytest.importorskip("keras")
    text = Path(keras.__file__).parent.joinpath("src", path).read_text()
    assert mended(text) == text


def test_of_two_edits_that_overlap_the_first_is_made():
    from kept.findings import Edit

    edits = [Edit("a.py", 1, 1, 1, 4, "x"), Edit("a.py", 1, 2, 1, 5, "y"), Edit("a.py", 2, 1, 2, 1, "z")]
    assert with_edits("abcd\nef", edits) == "xd\nzef"
