"""The pages of documentation that are made of the docstrings of messages: `python -m tests.messages.pages`."""

import re
import sys

from kept import docstrings
from kept.messages import messages
from tests.conftest import ROOT
from tests.rules.pages import every

HEADINGS = ["What Keras says", "When", "Why", "What to do"]
FOLDER = ROOT / "docs" / "errors"
INDEX = ROOT / "docs" / "index.md"
LIST = re.compile(r"(<!-- messages -->\n)(.*?)(<!-- end of messages -->)", re.DOTALL)


def page(module):
    """The page of a message, with the rules that find its cause."""
    text = docstrings.markdown(module, module.MESSAGE.name, docstrings.title(module))
    known = every()
    links = [f"[{name}](../rules/{name}.md)" if name in known else f"`{name}`" for name in module.MESSAGE.rules]
    return text + (f"\n## Rules that find it before\n\n{', '.join(links)}\n" if links else "")


def listing():
    """The messages as a table, for the index of the documentation."""
    rows = [
        f"| [{module.MESSAGE.name}](errors/{module.MESSAGE.name}.md) | {docstrings.title(module).rstrip('.')} |"
        for module in messages()
    ]
    return "\n".join(["| message | what it means |", "|---|---|", *rows]) + "\n"


def main():
    FOLDER.mkdir(exist_ok=True)
    for module in messages():
        (FOLDER / f"{module.MESSAGE.name}.md").write_text(page(module))
    INDEX.write_text(LIST.sub(lambda found: found[1] + listing() + found[3], INDEX.read_text()))


if __name__ == "__main__":
    sys.exit(main())
