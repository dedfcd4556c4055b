"""`kept diff`: what differs between two model files, without Keras; and the same for git."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kept.cli import _terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kept.errors import KeptError
    from kept.report import Comparison, Failure, Inspection

__all__ = ["command"]

# What git gives an external diff: path, then file, hash and mode of either side; of a renamed file two more.
_GIT_COUNTS = (7, 9)


class _Tolerance(click.ParamType[tuple[float, float]]):
    name = "RTOL[,ATOL]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, float]:
        try:
            numbers = [float(one) for one in str(value).split(",")]
        except ValueError:
            numbers = []
        if len(numbers) not in (1, 2) or not all(0 <= one < float("inf") for one in numbers):
            self.fail(f"{value!r} is not one number, or two with a comma between, such as 1e-5,1e-8", param, ctx)
        return numbers[0], numbers[-1]


@click.command("diff", short_help="Tell what differs between two model files of any format.")
@click.option(
    "--ignore", multiple=True, metavar="WHAT", help="Leave this out: a word, or a pattern of names; see below."
)
@click.option("--quick", is_flag=True, help="Read no values: settings, shapes, types and recorded checksums only.")
@click.option("--tolerance", type=_Tolerance(), help="Numbers this close are equal: relative, and absolute.")
@click.option("--format", "output", type=click.Choice(["text", "json", "html"]), default="text", show_default=True)
@click.option("-o", "--output", "target", type=click.Path(dir_okay=False), metavar="FILE", help="Write it to a file.")
@click.option("-q", "--quiet", is_flag=True, help="Only the exit code.")
@click.option("-v", "--verbose", is_flag=True, help="Every layer, tensor and setting, however many.")
@click.option("--textconv", is_flag=True, help="One file as lines of text, for git to compare.")
@click.option("--git", is_flag=True, help="Take the arguments that git gives an external diff.")
@click.argument("files", nargs=-1, required=True, type=click.Path(), metavar="A B")
def command(
    ignore: tuple[str, ...],
    quick: bool,
    tolerance: tuple[float, float] | None,
    output: str,
    target: str | None,
    quiet: bool,
    verbose: bool,
    textconv: bool,
    git: bool,
    files: tuple[str, ...],
) -> int:
    """Tells what differs between the model files A and B: settings of layers, tensors, optimizer, versions.

    WHAT is one of versions, config, names, order, weights, state, dtypes, compile, optimizer, assets, sources; or a
    pattern such as seed, *_initializer, encoder/* or optimizer/vars/*, compared with keys and paths in configs, paths
    of layers, and paths of tensors.

    Exit code 0 if they are equal, 1 if they differ, 2 if one cannot be read. With --git it is 0, as git wants it.
    """
    from kept.errors import KeptError

    _terminal.refuse_page(output, target)
    try:
        if textconv:
            (file,) = _taken(files, (1,), "--textconv takes one file")
            _write("".join(f"{line}\n" for line in _listing(file)), target)
            return 0
        if not git:
            _taken(files, (2,), "takes two files: kept diff A B")
        a, b, names = _for_git(files) if git else (files[0], files[1], ())
        if os.devnull in (a, b):
            text, differs = _alone(a, b, names), True
        else:
            found = _compared(a, b, names, {"ignore": ignore, "values": not quick, "tolerance": tolerance}, quiet)
            text, differs = "" if quiet else _rendered([found], output, verbose, target), found.differs
    except KeptError as error:
        return _failed(error, files, output, git, quiet, target)
    if not quiet:
        _write(text, target)
    return int(differs and not git)


def _taken(files: tuple[str, ...], counts: tuple[int, ...], usage: str) -> tuple[str, ...]:
    if len(files) not in counts:
        raise click.UsageError(usage)
    return files


def _for_git(files: tuple[str, ...]) -> tuple[str, str, tuple[str, ...]]:
    """The two files of an external diff, and what git calls them."""
    _taken(files, _GIT_COUNTS, "--git takes what git gives an external diff: 7 arguments, or 9")
    before, after = files[0], files[7] if len(files) > 7 else files[0]
    return files[1], files[4], (f"a/{before}", f"b/{after}")


def _listing(path: str) -> Iterator[str]:
    from kept.comparing.listing import listing

    return listing(path)


def _compared(a: str, b: str, names: tuple[str, ...], options: dict[str, Any], quiet: bool) -> Comparison:
    from kept.cli._progress import progress_bar
    from kept.comparing.run import compare_files

    with progress_bar("comparing", quiet=quiet) as progress:
        found = compare_files(a, b, **options, progress=progress)
    if names:
        found = replace(found, a=replace(found.a, path=names[0]), b=replace(found.b, path=names[1]))
    return found


def _alone(a: str, b: str, names: tuple[str, ...]) -> str:
    """What git has a file of on one side only."""
    from kept import _api
    from kept.report import Report, text

    a_name, b_name = names or (a, b)
    if a == b:
        return ""
    name, path, word = (b_name, b, "new") if a == os.devnull else (a_name, a, "gone")
    look: dict[str, Any] = {"width": _terminal.width(sys.stdout), "colour": _terminal.colour(sys.stdout)}
    told = text.render(Report("inspect", inspections=(replace(_api.inspect(path), path=name),)), **look)
    return f"{name} is {word}\n{told}"


def _rendered(entries: list[Comparison | Failure], output: str, verbose: bool, target: str | None) -> str:
    from kept.report import Report, json, text

    if output == "html":
        from kept.report import html

        return html.render(Report.of("diff", [*entries, *_looked_into(entries)]))
    report = Report.of("diff", entries)
    if output == "json":
        return json.render(report)
    colour = target is None and _terminal.colour(sys.stdout)
    return text.render(report, width=_terminal.width(sys.stdout), colour=colour, verbose=verbose)


def _looked_into(entries: list[Comparison | Failure]) -> Iterator[Inspection]:
    """What a page shows of the two files beside what differs; what git calls otherwise is left out."""
    from kept import _api
    from kept.report import Comparison

    for one in entries:
        for side in (one.b, one.a) if isinstance(one, Comparison) else ():
            if os.path.exists(side.path):
                yield _api.inspect(side.path)


def _failed(error: KeptError, files: tuple[str, ...], output: str, git: bool, quiet: bool, target: str | None) -> int:
    """Tells what could not be read; git goes on with its other files only if this ends well."""
    from kept.report import Failure

    if git:
        _write(f"{files[0]} cannot be compared: {error}\n", target)
        return 0
    click.echo(f"kept: {error}", err=True)
    if output != "text" and not quiet:
        _write(_rendered([Failure.of(error.path or files[0], error)], output, False, target), target)
    return 2


def _write(text: str, target: str | None) -> None:
    from kept.errors import WriteError

    if target is None:
        _terminal.tell(text)
        return
    try:
        Path(target).write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise WriteError(f"cannot be written: {error.strerror}", path=target) from error
