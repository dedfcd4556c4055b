"""`kept check`: what plain Keras would fail on or lose, in source or in a live model, before anything is trained."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from kept.report import outputs

if TYPE_CHECKING:
    from kept.checking.options import Options
    from kept.report import Check, Failure, Report

__all__ = ["command"]


def _words(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for one in given for word in one.replace(",", " ").split())


def _patterns(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for one in given:
        pattern, colon, rules = one.rpartition(":")
        if not colon or not pattern or not rules.strip():
            raise click.BadParameter(f"{one!r} is not PATTERN:RULES, such as 'tests/*:local-class,KPT105'")
        found[pattern] = (*found.get(pattern, ()), *rules.replace(",", " ").split())
    return found


@click.command("check", short_help="Tell what plain Keras would fail on, or lose, in source or in a model.")
@click.option("--format", "output", type=click.Choice(outputs()), default="text", show_default=True)
@click.option("-o", "--output-file", "file", type=click.Path(dir_okay=False), metavar="FILE", help="Write it there.")
@click.option("--select", multiple=True, callback=_words, metavar="RULES", help="Only these: names or codes.")
@click.option("--ignore", multiple=True, callback=_words, metavar="RULES", help="All but these.")
@click.option(
    "--per-file-ignores", multiple=True, callback=_patterns, metavar="PATTERN:RULES", help="All but these, there.",
)  # fmt: skip
@click.option("--exclude", multiple=True, metavar="PATTERN", help="Paths that are not checked.")
@click.option("--statistics", is_flag=True, help="How often each rule speaks, instead of what it says.")
@click.option("--add-ignores", is_flag=True, help="Silence what is found now by comments in the files.")
@click.option("--no-cache", is_flag=True, help="Neither read nor write .kept_cache.")
@click.option("--jobs", type=click.IntRange(min=1), metavar="N", help="Processes at most; one for each core.")
@click.option("--stdin-filename", metavar="FILE", help="What standard input would be called if it were a file.")
@click.option("-q", "--quiet", is_flag=True, help="Nothing where nothing was found.")
@click.option("-v", "--verbose", is_flag=True, help="Every place of each finding, and what kept does about it.")
@click.argument("targets", nargs=-1, required=True, metavar="TARGET...")
def command(
    output: str,
    file: str | None,
    statistics: bool,
    add_ignores: bool,
    quiet: bool,
    verbose: bool,
    targets: tuple[str, ...],
    **asked: Any,
) -> int:
    """Reports what a save and a load by plain Keras would make of each TARGET.

    TARGET is source: a file, a folder, a notebook, or - for standard input. It is read, never imported or run.

    Or it is a live model, `package.module:name` or `train.py:name`, where `name` is a model or a function without
    arguments that returns one. The module is imported, not run: what stands below `if __name__ == "__main__"` is left
    alone. Nothing is trained and nothing is written.

    Exit code 0 if nothing is found, 1 if something is, 2 if something could not be checked.
    """
    from kept.cli import _terminal
    from kept.report import Report

    if statistics and output != "text":
        raise click.UsageError("--statistics is text; leave --format out")
    if asked["stdin_filename"] and "-" not in targets:
        raise click.UsageError("--stdin-filename is for standard input: name - too")
    _terminal.refuse_page(output, file)
    report = Report.of("check", _checked(targets, asked, quiet))
    if add_ignores:
        report = _with_ignores(report, quiet)
    code = 2 if report.failures else 1 if report.findings else 0
    if file is not None or not quiet or code or output != "text":
        _terminal.hand_over(_rendered(report, output, statistics, verbose, on_screen=file is None), file)
    return code


def _rendered(report: Report, output: str, statistics: bool, verbose: bool, on_screen: bool) -> str:
    from kept.cli import _terminal

    module = importlib.import_module(f"kept.report.{output}")
    look: dict[str, Any] = {}
    if output == "text":
        look["colour"] = on_screen and _terminal.colour(sys.stdout)
        if statistics:
            return str(module.statistics(report, **look))
        look |= {"width": _terminal.width(sys.stdout) if on_screen else 80, "verbose": verbose}
    return str(module.render(report, **look))


def _checked(targets: tuple[str, ...], asked: dict[str, Any], quiet: bool) -> list[Check | Failure]:
    from kept.checking.options import Options
    from kept.checking.targets import is_source
    from kept.errors import KeptError
    from kept.report import Failure

    sources = [one for one in dict.fromkeys(targets) if is_source(one)]
    models = [one for one in dict.fromkeys(targets) if not is_source(one)]
    missing = [one for one in sources if one != "-" and not os.path.exists(one)]
    stdin = asked.pop("stdin_filename") or "-"
    found = [Failure.of(one, KeptError("there is no such file or folder", path=one)) for one in missing]
    limits = {name: asked.pop(name) for name in ("no_cache", "jobs")}
    paths = [one for one in sources if one not in missing]
    places = [one.rpartition(":")[0] for one in models]
    options = Options.of([*(stdin if one == "-" else one for one in paths), *filter(os.path.exists, places)], **asked)
    entries: list[Check | Failure] = list(_swept(paths, options, stdin, limits, quiet)) if paths else []
    return [*entries, *(_of_model(one, options) for one in models), *found]


def _swept(
    paths: list[str], options: Options, stdin: str, limits: dict[str, Any], quiet: bool
) -> tuple[Check | Failure, ...]:
    from kept.checking.sweep import check_sources
    from kept.cli._progress import progress_bar

    texts = {stdin: sys.stdin.buffer.read()} if "-" in paths else {}
    with progress_bar("checking", quiet=quiet) as progress:
        sweep = check_sources(
            [one for one in paths if one != "-"],
            options,
            texts=texts,
            remember=not limits["no_cache"] and not texts,
            jobs=limits["jobs"],
            progress=progress,
        )
    return (sweep.check, *sweep.failures)


def _of_model(target: str, options: Options) -> Check | Failure:
    from kept import _api
    from kept.errors import KeptError
    from kept.report import Failure

    try:
        return _api.check(target, select=options.select, ignore=options.ignore)
    except KeptError as error:
        if error.path is None:  # a word on the command line, and no model
            raise
        return Failure.of(target, error)


def _with_ignores(report: Report, quiet: bool) -> Report:
    """What is left of a report when the rest is silenced in the files."""
    from dataclasses import replace

    from kept.checking.ignoring import add_ignores

    checks = []
    for check in report.checks:
        if check.file_count is not None:
            written = add_ignores(check.findings)
            check = replace(check, findings=written.left)
            if not quiet:
                files = f"{len(written.files)} file{'' if len(written.files) == 1 else 's'}"
                comments = f"{written.comment_count} comment{'' if written.comment_count == 1 else 's'}"
                click.echo(f"kept: {comments} written in {files}", err=True)
        checks.append(check)
    return replace(report, checks=tuple(checks))
