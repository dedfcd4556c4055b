"""Codecs are found by looking, tell each other apart, and are documented."""

import re

import pytest

from kept.runtime.codecs import codecs
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "codecs.md").read_text()


def test_no_two_codecs_have_one_tag():
    tags = [one.tag for one in codecs()]
    assert len(tags) == len(set(tags))


def test_no_two_codecs_take_one_type():
    kinds = [kind for one in codecs() for kind in one.kinds]
    assert len(kinds) == len(set(kinds))


def test_the_documentation_lists_every_codec_and_no_other():
    rows = re.findall(r"^\| (.+?) \| `(\w+)` \|$", PAGE, re.MULTILINE)
    assert sorted(rows) == sorted((one.covers, one.tag) for one in codecs())


@pytest.mark.parametrize("codec", codecs(), ids=lambda one: one.tag)
def test_the_file_format_specifies_the_code_of_every_codec(codec):
    specification = (ROOT / "docs" / "file-format.md").read_text()
    assert f"| `{codec.tag}` |" in specification
