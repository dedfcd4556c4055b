"""The docstring of a rule, taken apart, and the pages of documentation made of it: `python -m tests.rules.pages`."""

import re
import sys
import textwrap

from kept import rules
from tests.conftest import ROOT

HEADINGS = ["What it does", "Why it matters", "Example", "Use instead", "Fix safety"]
FOLDER = ROOT / "docs" / "rules"
INDEX = ROOT / "docs" / "index.md"
LIST = re.compile(r"(<!-- rules -->\n)(.*?)(<!-- end of rules -->)", re.DOTALL)


def every():
    """All rules of all packages, by name."""
    return {module.RULE.name: module for package in rules.packages() for module in rules.rules(package)}


def title(module):
    return module.__doc__.partition("\n")[0]


def sections(module):
    """Heading -> text without its indentation, in the order in which they stand."""
    parts = re.split(r"^([A-Z][A-Za-z ]+):\n", module.__doc__, flags=re.MULTILINE)
    return {name: textwrap.dedent(text).strip("\n") for name, text in zip(parts[1::2], parts[2::2], strict=True)}


def page(module):
    """The page of a rule."""
    lines = [f"# {module.RULE.name}", "", f"{module.RULE.code}, {module.RULE.severity.value}. {title(module)}"]
    for heading, text in sections(module).items():
        body = f"```python\n{text}\n```" if heading in ("Example", "Use instead") else text
        lines += ["", f"## {heading}", "", body]
    return "\n".join(lines) + "\n"


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
        (FOLDER / f"{name}.md").write_text(page(module))
    INDEX.write_text(LIST.sub(lambda found: found[1] + listing() + found[3], INDEX.read_text()))


if __name__ == "__main__":
    sys.exit(main())
