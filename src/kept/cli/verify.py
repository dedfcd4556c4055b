"""`kept verify`: is this file still the model that was saved?"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from kept.proof import Proof
    from kept.report import Failure

__all__ = ["command"]


@click.command("verify", short_help="Load files in a fresh process and compare with what was saved.")
@click.option(
    "--level",
    type=click.Choice(["structure", "weights", "outputs"]),
    default="outputs",
    show_default=True,
    help="What is compared.",
)
@click.option("--format", "output", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--trust", multiple=True, metavar="NAME", help="A module, or a source named by its hash, that may run.")
@click.option("-q", "--quiet", is_flag=True, help="Only what does not hold.")
@click.option("-v", "--verbose", is_flag=True, help="Everything, however long.")
@click.argument("files", nargs=-1, required=True, type=click.Path())
def command(level: str, output: str, trust: tuple[str, ...], quiet: bool, verbose: bool, files: tuple[str, ...]) -> int:
    """Loads each of FILES in a fresh process and compares it with the record that kept made when it was saved.

    Exit code 0 if all of them hold, 1 if one differs, 2 if one could not be loaded.
    """
    from kept.cli import _terminal
    from kept.report import Report

    entries = [_verified(path, level, trust, quiet) for path in files]
    report = Report.of("verify", entries)
    code = 2 if report.failures else 1 if any(proof.problems for proof in report.proofs) else 0
    if quiet:
        report = Report.of("verify", (one for one in entries if not getattr(one, "holds", False)))
    if not quiet or code or output == "json":
        look: dict[str, Any] = {}
        if output == "text":
            look = {"width": _terminal.width(sys.stdout), "colour": _terminal.colour(sys.stdout), "verbose": verbose}
        _terminal.tell(importlib.import_module(f"kept.report.{output}").render(report, **look))
    return code


def _verified(path: str, level: str, trust: tuple[str, ...], quiet: bool) -> Proof | Failure:
    from kept import _api
    from kept.errors import KeptError
    from kept.report import Failure

    try:
        with _waiting(f"verifying {path}", quiet):
            return _api.verify(path, level, trusted=trust)
    except KeptError as error:
        click.echo(f"kept: {error}", err=True)
        return Failure.of(path, error)


@contextmanager
def _waiting(message: str, quiet: bool) -> Iterator[None]:
    if quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(message):
        yield
