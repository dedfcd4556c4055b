"""The pages of documentation that are made of the docstrings of rules: `python -m tests.rules.pages`."""

import re
import sys

from kept import rules
from kept.docstrings import sections, title
from kept.rules.pages import markdown
from tests.conftest import ROOT

__all__ = ["FOLDER", "HEADINGS", "INDEX", "LIST", "every", "listing", "markdown", "sections", "title"]
HEADINGS = ["What it does", "Why it matters", "Example", "Use instead", "Fix safety"]
FOLDER = ROOT / "docs" / "rules"
INDEX = ROOT / "docs" / "index.md"
LIST = re.compile(r"(<!-- rules -->\n)(.*?)(<!-- end of rules -->)", re.DOTALL)


def every():
    """All rules of all packages, by name."""
    return {module.RULE.name: module for package in rules.packages() for module in rules.rules(package)}


def listing():
    """The rules as a table, for the index of the documentation."""
    rows = [
        f"| {module.RULE.code} | [{name}](rules/{name}.md) | {title(module).rstrip('.')} |"
        for name, module in sorted(every().items(), key=lambda one: one[1].RULE.code)
    ]
    return "\n".join(["| code | rule | what it finds |", "|---|---|---|", *rows]) + "\n"


def main():
    FOLDER.mkdir(exist_ok=True)
    for name, module in every().items():
        (FOLDER / f"{name}.md").write_text(markdown(module))
    INDEX.write_text(LIST.sub(lambda found: found[1] + listing() + found[3], INDEX.read_text()))


if __name__ == "__main__":
    sys.exit(main())
