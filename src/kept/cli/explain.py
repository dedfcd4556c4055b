"""`kept explain`: what a rule finds, what a message of Keras means, and what a pasted traceback comes from."""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.text import Text

    from kept.messages import MessageModule
    from kept.rules import RuleModule

__all__ = ["command"]


@click.command("explain", short_help="Explain a rule, a message of Keras, or a traceback from stdin.")
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.argument("word", required=False, default="-", metavar="[RULE]")
def command(output: str, word: str) -> int:
    """Prints the page of RULE: the name or code of a rule, or the name of a message of Keras.

    Without RULE, or with `-`, it reads a traceback or a log from standard input, and says what it comes from, which
    rule finds it, and what to do.

    Exit code 0 if there is something to tell, 1 if nothing in the text is known, 2 if there is no such rule.
    """
    return _read(output) if word == "-" else _page(word, output)


def _page(word: str, output: str) -> int:
    from kept import rules
    from kept.messages import messages
    from kept.report import _pages

    known = {module.RULE.name: module for package in rules.packages() for module in rules.rules(package)}
    by_code = {module.RULE.code: module for module in known.values()}
    said = {module.MESSAGE.name: module for module in messages()}
    rule = known.get(word) or by_code.get(word.upper())
    if rule is not None:
        data = {"code": rule.RULE.code, "name": rule.RULE.name, "severity": rule.RULE.severity.value, **_texts(rule)}
        _show(_pages.rule_page(rule, _width()), data, output)
    elif word in said:
        message = said[word]
        data = {"name": word, "rules": list(message.MESSAGE.rules), **_texts(message)}
        _show(_pages.message_page(message, _width()), data, output)
    else:
        raise _unknown(word, (*known, *by_code, *said))
    return 0


def _read(output: str) -> int:
    from kept.messages import causes
    from kept.report import _pages

    if sys.stdin.isatty():
        click.echo("Paste the traceback or log, then press Ctrl-D on a line of its own.", err=True)
    found = causes(sys.stdin.buffer.read().decode("utf-8", "replace"))
    told = [
        {
            "message": cause.message.name,
            "cause": cause.cause,
            "said": cause.said,
            "edit": cause.edit,
            "rules": list(cause.message.rules),
            "names": dict(cause.names),
            "wraps": cause.message.wraps,
        }
        for cause in found
    ]
    if not found and output == "text":
        click.echo("kept: nothing in this text is a message of Keras about saving or loading", err=True)
        click.echo("  hint      paste the whole traceback, up to its last line", err=True)
    else:
        _show(_pages.causes(found, _width()), {"causes": told}, output)
    return 0 if found else 1


def _texts(module: RuleModule | MessageModule) -> dict[str, Any]:
    from kept.docstrings import sections, title

    return {"title": title(module), "sections": sections(module)}


def _width() -> int:
    from kept.cli import _terminal

    return _terminal.width(sys.stdout)


def _show(lines: Iterable[Text], data: Mapping[str, Any], output: str) -> None:
    from kept.cli import _terminal
    from kept.report import _style

    if output == "json":
        click.echo(json.dumps(data, indent=2))
        return
    click.echo(_style.drawn(lines, _terminal.colour(sys.stdout)).rstrip("\n"), color=True)


def _unknown(word: str, known: Iterable[str]) -> Exception:
    from kept.errors import KeptError

    close = difflib.get_close_matches(word, list(known), n=1)
    return KeptError(
        f"no rule and no message is called {word!r}",
        expected="the name or code of a rule, the name of a message, or nothing and a traceback on standard input",
        hint=f"did you mean {close[0]}?" if close else "kept rules lists the rules",
    )
