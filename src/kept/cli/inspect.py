"""`kept inspect`: what is in a model file, without Keras and without running anything from it."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from kept.report import Failure, Inspection, Report

__all__ = ["command"]


@click.command("inspect", short_help="Tell what is in model files; nothing in them is run.")
@click.option("--source", is_flag=True, help="The source that is in the file, and nothing else.")
@click.option("--layer", "layers", multiple=True, metavar="PATH", help="This layer: its config and its tensors.")
@click.option("--tensors", is_flag=True, help="Every tensor: shape, type and size.")
@click.option(
    "--stats/--no-stats", default=None, help="Read every tensor: min, max, mean, std, zeros, NaN; html always does.",
)  # fmt: skip
@click.option("--checksums", is_flag=True, help="Read every tensor and compare it with kept's record.")
@click.option("--format", "output", type=click.Choice(["text", "json", "html"]), default="text", show_default=True)
@click.option("-o", "--output-file", "file", type=click.Path(dir_okay=False), metavar="FILE", help="Write it there.")
@click.option("-v", "--verbose", is_flag=True, help="Every layer, with its config in short.")
@click.argument("files", nargs=-1, required=True, type=click.Path())
def command(
    source: bool,
    layers: tuple[str, ...],
    tensors: bool,
    stats: bool | None,
    checksums: bool,
    output: str,
    file: str | None,
    verbose: bool,
    files: tuple[str, ...],
) -> int:
    """Tells what each of FILES holds: versions, layers, weights, optimizer, custom classes, kept's record.

    Any format is known by its content; a file may be a URL, as in s3://bucket/model.keras. PATH of --layer is made of
    names, as in encoder/dense_1; the path in the config and the path in the weights file will do, too.

    Exit code 0 if nothing contradicts kept's record, 1 if something does, 2 if a file cannot be read.
    """
    from kept.cli import _terminal
    from kept.report import Report

    if output != "text" and (source or layers or tensors or verbose):
        raise click.UsageError(f"{output} has everything; leave --source, --layer, --tensors and -v out")
    _terminal.refuse_page(output, file)
    asked = {"stats": bool(stats), "histograms": output == "html" and stats is not False, "checksums": checksums}
    report = Report.of("inspect", [_looked_into(path, asked) for path in files])
    if output == "text":
        width = _terminal.width(sys.stdout) if file is None else 80
        look: dict[str, Any] = {"width": width, "colour": file is None and _terminal.colour(sys.stdout)}
        parts: dict[str, Any] = {"source": source, "layers": layers, "tensors": tensors or bool(stats)}
        told = _text(report, parts, look, verbose)
    else:
        told = importlib.import_module(f"kept.report.{output}").render(report)
    _terminal.hand_over(told, file)
    return 2 if report.failures else 0 if all(one.holds for one in report.inspections) else 1


def _text(report: Report, parts: dict[str, Any], look: dict[str, Any], verbose: bool) -> str:
    from kept.report import text

    if not any(parts.values()):
        return text.render(report, **look, verbose=verbose)
    return "".join(text.view(one, **parts, **look) for one in report.inspections)


def _looked_into(path: str, asked: dict[str, bool]) -> Inspection | Failure:
    from kept import _api
    from kept.errors import KeptError
    from kept.report import Failure

    try:
        return _api.inspect(path, **asked)
    except KeptError as error:
        click.echo(f"kept: {error}", err=True)
        return Failure.of(path, error)
