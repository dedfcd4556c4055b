"""`kept fix`: mends what `kept check` finds in source."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from kept.fix.run import Repair

__all__ = ["command"]

_STDIN = "-"


def _words(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for one in given for word in one.replace(",", " ").split())


@click.command("fix", short_help="Mend what is found in source.")
@click.option("--diff", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--unsafe-fixes", "unsafe", is_flag=True, help="Also edits that may change what the program does.")
@click.option("--select", multiple=True, callback=_words, metavar="RULES", help="Only these: names or codes.")
@click.option("--ignore", multiple=True, callback=_words, metavar="RULES", help="All but these.")
@click.option("--exclude", multiple=True, metavar="PATTERN", help="Files and folders that are left out.")
@click.option("--no-cache", is_flag=True, help="Do not use what an earlier run has found.")
@click.option("--stdin-filename", default=_STDIN, metavar="FILE", help="What standard input is called.")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing that is no error.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
def command(
    diff: bool,
    unsafe: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    exclude: tuple[str, ...],
    no_cache: bool,
    stdin_filename: str,
    quiet: bool,
    paths: tuple[str, ...],
) -> int:
    """Rewrites the source at each PATH so that plain Keras saves and loads its models.

    PATH is a file, a notebook or a folder; `-` reads standard input and writes the mended text to standard output.
    Nothing is imported or run. Comments and layout stay as they are. Without --unsafe-fixes only edits are made after
    which the program means the same.

    Exit code 0 if nothing is left to mend, 1 if something is, or with --diff if something would change, 2 if a file
    could not be mended.
    """
    from kept.checking.options import Options
    from kept.cli import _repairs
    from kept.fix.run import repair

    files = [path for path in paths if path != _STDIN]
    texts = {stdin_filename: sys.stdin.buffer.read()} if len(files) < len(paths) else {}
    options = Options.of([*files, *texts], select=select, ignore=ignore, exclude=exclude)
    made = repair(files, options, unsafe=unsafe, texts=texts, remember=not no_cache)
    told = sys.stderr if diff or texts else sys.stdout
    if diff:
        click.echo(_repairs.differences(made, colour=_repairs.is_coloured(sys.stdout)), nl=False, color=True)
    else:
        made = _written(made, texts)
    if not quiet or made.failures:
        click.echo(_repairs.summary(made, diff=diff), nl=False, file=told)
    if made.failures:
        return 2
    return int(bool(made.changes) if diff else bool(made.left))


def _written(made: Repair, texts: dict[str, bytes]) -> Repair:
    """Writes the files; what cannot be written becomes a failure."""
    from dataclasses import replace

    from kept.errors import KeptError
    from kept.report import Failure

    failures = list(made.failures)
    after = {one.path: one.after for one in made.changes}
    for one in made.changes:
        if one.path not in texts:
            try:
                one.write()
            except (KeptError, OSError) as error:
                failures.append(Failure.of(one.path, error))
    for name, text in texts.items():
        sys.stdout.buffer.write(after.get(name, text))
        sys.stdout.buffer.flush()
    return replace(made, failures=tuple(failures))
