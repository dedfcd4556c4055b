"""`kept scan`: whether model files are safe to load and whole, without Keras and without running anything from them."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

import click

from kept.report import outputs

if TYPE_CHECKING:
    from kept.report import Inspection, Scan

__all__ = ["command"]

_MOST_LOOKED_INTO = 20


def _words(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for one in given for word in one.replace(",", " ").split())


@click.command("scan", short_help="Tell whether model files are safe to load, and whole; nothing in them is run.")
@click.option("--strict", is_flag=True, help="Code to be trusted, notes and files that are skipped count, too.")
@click.option("--trusted", multiple=True, callback=_words, metavar="MODULE", help="Code from there needs no mention.")
@click.option("--select", multiple=True, callback=_words, metavar="RULES", help="Only these: names or codes.")
@click.option("--ignore", multiple=True, callback=_words, metavar="RULES", help="All but these.")
@click.option("--format", "output", type=click.Choice(outputs()), default="text", show_default=True)
@click.option("-o", "--output-file", "file", type=click.Path(dir_okay=False), metavar="FILE", help="Write it there.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Processes at most; one for each core.")
@click.option("-q", "--quiet", is_flag=True, help="Nothing where nothing was found.")
@click.option("-v", "--verbose", is_flag=True, help="Clean files too, and every place of each finding.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True), metavar="PATH...")
def command(
    strict: bool,
    output: str,
    file: str | None,
    quiet: bool,
    verbose: bool,
    paths: tuple[str, ...],
    **asked: Any,
) -> int:
    """Judges the model files at each PATH: any format, known by its content; folders are searched.

    What is allowed is listed, position by position, as Keras itself has it. The rest is unsafe, or code of somebody
    that loading the file needs: that is named, with what to write in order to trust it.

    Exit code 0 if nothing is unsafe, broken or doubtful, 1 if something is, 2 if it could not be found out.
    """
    from kept.cli import _terminal
    from kept.cli._progress import progress_bar
    from kept.report import Report
    from kept.scanning.options import scan

    _terminal.refuse_page(output, file)
    with progress_bar("scanning", quiet=quiet) as progress:
        found = scan(paths, strict=strict, progress=progress, **asked)
    code = 1 if found else 0
    if quiet and not code and file is None and output == "text":
        return code
    look: dict[str, Any] = {}
    if output == "text":
        width = _terminal.width(sys.stdout) if file is None else 80
        look = {"width": width, "colour": file is None and _terminal.colour(sys.stdout), "verbose": verbose}
    inspections = _looked_into(found) if output == "html" else []
    report = Report.of("scan", [found, *inspections])
    rendered = importlib.import_module(f"kept.report.{output}").render(report, **look)
    _terminal.hand_over(rendered, file)
    return code


def _looked_into(found: Scan) -> list[Inspection]:
    """What a page shows of the files of a scan beside its findings, where they are few and can be read."""
    from kept import _api
    from kept.errors import KeptError

    judged = [one for one in found.files if not one.skipped]
    inspections = []
    for one in judged if len(judged) <= _MOST_LOOKED_INTO else []:
        try:
            inspections.append(_api.inspect(one.path))
        except KeptError:  # the rules have said so
            continue
    return inspections
