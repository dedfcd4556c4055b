"""`kept check`: what plain Keras would fail on or lose, before anything is trained."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from kept.report import Check, Failure

__all__ = ["command"]


def _words(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for one in given for word in one.replace(",", " ").split())


@click.command("check", short_help="Tell what plain Keras would fail on, or lose.")
@click.option(
    "--format", "output", type=click.Choice(["text", "concise", "json"]), default="text", show_default=True,
)  # fmt: skip
@click.option("-o", "--output-file", "file", type=click.Path(dir_okay=False), metavar="FILE", help="Write it there.")
@click.option("--select", multiple=True, callback=_words, metavar="RULES", help="Only these: names or codes.")
@click.option("--ignore", multiple=True, callback=_words, metavar="RULES", help="All but these.")
@click.option("-q", "--quiet", is_flag=True, help="Nothing where nothing was found.")
@click.option("-v", "--verbose", is_flag=True, help="Every place of each finding.")
@click.argument("targets", nargs=-1, required=True, metavar="MODEL...")
def command(
    output: str,
    file: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    quiet: bool,
    verbose: bool,
    targets: tuple[str, ...],
) -> int:
    """Builds each MODEL and reports what a save and a load by plain Keras would make of it.

    MODEL is `package.module:name` or `train.py:name`, where `name` is a model or a function without arguments that
    returns one. The file is imported, not run: what stands below `if __name__ == "__main__"` is left alone. Nothing is
    trained and nothing is written.

    Exit code 0 if nothing is found, 1 if something is, 2 if a model could not be built.
    """
    from kept.cli import _terminal
    from kept.report import Report

    report = Report.of("check", [_checked(target, select, ignore) for target in targets])
    code = 2 if report.failures else 1 if report.findings else 0
    look: dict[str, Any] = {}
    if output == "text":
        on_screen = file is None
        look = {"width": _terminal.width(sys.stdout) if on_screen else 80, "verbose": verbose}
        look["colour"] = on_screen and _terminal.colour(sys.stdout)
    told = importlib.import_module(f"kept.report.{output}").render(report, **look)
    if file is not None:
        with click.open_file(file, "w", encoding="utf-8") as stream:
            stream.write(told)
    elif not quiet or code or output == "json":
        click.echo(told, nl=False, color=True)
    return code


def _checked(target: str, select: tuple[str, ...], ignore: tuple[str, ...]) -> Check | Failure:
    from kept import _api
    from kept.errors import KeptError
    from kept.report import Failure

    try:
        return _api.check(target, select=select, ignore=ignore)
    except KeptError as error:
        if error.path is None:  # a word on the command line, and no model
            raise
        return Failure.of(target, error)
