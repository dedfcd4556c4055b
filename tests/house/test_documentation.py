"""What the documentation says is there, is there."""

import re

import pytest

from kept.cli import Commands
from tests.conftest import ROOT

PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
EVERYTHING = "\n".join(page.read_text() for page in PAGES)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def anchors(text):
    """The anchors that headings of a page make."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_within_the_project_leads_somewhere(page):
    lost = []
    for target in LINK.findall(page.read_text()):
        if "://" in target:
            continue
        name, _, anchor = target.partition("#")
        path = page.parent / name if name else page
        if not path.exists() or (anchor and anchor not in anchors(path.read_text())):
            lost.append(target)
    assert lost == []


@pytest.mark.parametrize("name", Commands().list_commands(None))
def test_every_command_is_documented(name):
    assert f"kept {name}" in EVERYTHING


@pytest.mark.parametrize("name", Commands().list_commands(None))
def test_every_option_is_documented(name):
    options = [option for one in Commands().get_command(None, name).params for option in one.opts if option[:2] == "--"]
    assert [option for option in options if option not in EVERYTHING] == []


def test_every_page_of_the_documentation_is_in_its_index():
    index = (ROOT / "docs" / "index.md").read_text()
    pages = [str(page.relative_to(ROOT / "docs")) for page in PAGES if page.parent != ROOT and page.name != "index.md"]
    assert [page for page in pages if f"({page})" not in index] == []


def test_every_example_is_documented():
    assert [path.name for path in (ROOT / "examples").glob("*.py") if path.name not in EVERYTHING] == []
