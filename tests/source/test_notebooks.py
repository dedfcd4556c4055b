"""Notebooks as one module: cells, their lines, and what only IPython understands."""

import ast
import json

import pytest

from kept.errors import KeptError
from kept.source.notebooks import notebook


def written(*cells, **document):
    code = [{"cell_type": "code", "source": cell.splitlines(keepends=True)} for cell in cells]
    return json.dumps({"nbformat": 4, "cells": [{"cell_type": "markdown", "source": "# Title"}, *code], **document})


def read(*cells, **document):
    return notebook(written(*cells, **document))


def test_code_cells_are_one_module_and_keep_their_numbers():
    found = read("import keras\nx = 1", "y = x\n")
    assert found.text == "import keras\nx = 1\ny = x\n"
    assert [(cell.number, cell.first_line) for cell in found.cells] == [(2, 1), (3, 3)]


@pytest.mark.parametrize(("line", "cell", "line_there"), [(1, 2, 1), (2, 2, 2), (3, 3, 1), (6, 5, 1)])
def test_a_line_of_the_module_leads_back_to_its_cell(line, cell, line_there):
    found, at = read("a = 1\nb = 2", "c = 3", "%%bash\nls", "d = 4").place(line)
    assert (found.number, at) == (cell, line_there)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1\n"),
        ("if x:\n    !pip install keras", "if x:\n    pass\n"),
        ("!ls \\\n  -l \\\n  -a\nx = 1", "pass\n\n\nx = 1\n"),
        ("model?\n?model\nmodel.layers??", "pass\npass\npass\n"),
        ("files = !ls", "files = None\n"),
        ("out = %sql select", "out = None\n"),
        ("%time x = build()", "0;    x = build()\n"),
        ("%timeit -n 10 f(x)", "pass\n"),
        ("%%time\nx = build()", "\nx = build()\n"),
        ("%%bash\nls -l\necho x", "\n\n\n"),
        ("%%writefile a.py\nimport keras", "\n\n"),
    ],
)
def test_what_only_ipython_understands_is_out_of_the_way_and_no_line_moves(cell, text):
    assert read(cell).text == text
    ast.parse(text)


@pytest.mark.parametrize(
    "python",
    ["x = (a\n% b)\n", 's = """\n!ls\n"""\n', "x = a \\\n% b\n", "x = {  # (\n1: 2}\n", "await f()\n"],
)
def test_python_that_looks_like_a_command_is_left_alone(python):
    assert notebook(written(python)).text == python
    assert read("!ls\n" + python).text == "pass\n" + python


def test_a_cell_that_cannot_be_parsed_tells_why_and_leaves_the_others():
    first, second = read("def f(:\n    pass", "x = 1").cells
    assert isinstance(first.error, SyntaxError)
    assert (second.text, second.error) == ("x = 1\n", None)
    assert read("def f(:\n    pass", "x = 1").text == "\nx = 1\n"


def test_a_notebook_of_another_language_has_no_cells():
    assert read("x <- 1", metadata={"kernelspec": {"language": "R"}}).cells == ()
    assert read("x = 1", metadata={"language_info": {"name": "python"}}).cells


def test_a_notebook_of_version_three_is_read():
    old = {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1"]}]}]}
    assert notebook(json.dumps(old)).text == "x = 1\n"


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "[]", "{}", '{"cells": 1}', '{"cells": [1]}', '{"worksheets": [1]}', "[" * 100_000,
        '{"cells": [{"cell_type": "code", "source": 1}]}', '{"cells": [{"cell_type": "code", "source": [1]}]}',
    ],
    ids=range(10),
)  # fmt: skip
def test_what_is_no_notebook_is_one_clear_error(text):
    with pytest.raises(KeptError, match="is no notebook"):
        notebook(text)


def test_lone_surrogates_are_an_error_of_their_cell():
    assert notebook('{"cells": [{"cell_type": "code", "source": "x = \'\\ud800\'"}]}').cells[0].error
