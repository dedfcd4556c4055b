"""`kept rules`: every rule there is."""

from __future__ import annotations

import json
import sys

import click

__all__ = ["command"]


@click.command("rules", short_help="List every rule.")
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(output: str) -> None:
    """Lists every rule: its code, its name, whether `kept fix` mends what it finds, and what it finds.

    `kept explain RULE` prints the page of one.
    """
    from kept import rules
    from kept.cli import _terminal
    from kept.docstrings import title
    from kept.report import _pages, _style

    packages = {module: package for package in rules.packages() for module in rules.rules(package)}
    every = sorted(packages, key=lambda module: module.RULE.code)
    if output == "text":
        lines = _pages.rule_list(every, _terminal.width(sys.stdout))
        click.echo(_style.drawn(lines, _terminal.colour(sys.stdout)), nl=False, color=True)
        return
    told = [
        {
            "code": module.RULE.code,
            "name": module.RULE.name,
            "package": packages[module],
            "severity": module.RULE.severity.value,
            "title": title(module),
            "fix": module.RULE.edit.value if module.RULE.has_edit else None,
        }
        for module in every
    ]
    click.echo(json.dumps(told, indent=2))
