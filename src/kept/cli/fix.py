"""`kept fix`: mends what `kept check` finds in source."""

from __future__ import annotations

import sys

import click

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
    from kept.cli import _fixes, _terminal
    from kept.fixing.run import fix_sources

    if _STDIN in paths and len(paths) > 1:
        raise click.UsageError("standard input is mended alone: give `-` and no other path")
    texts = {stdin_filename: sys.stdin.buffer.read()} if _STDIN in paths else {}
    files = [] if texts else list(paths)
    options = Options.of([*files, *texts], select=select, ignore=ignore, exclude=exclude)
    made = fix_sources(files, options, unsafe=unsafe, texts=texts, remember=not no_cache)
    if diff:
        _terminal.tell(_fixes.differences(made, colour=_fixes.is_coloured(sys.stdout)))
    elif texts:
        after = texts | {one.path: one.after for one in made.changes}
        sys.stdout.buffer.write(after[stdin_filename])
        sys.stdout.buffer.flush()
    else:
        made = made.written()
    if not quiet or made.failures:
        _terminal.tell(_fixes.summary(made, diff=diff), err=bool(diff or texts))
    if made.failures:
        return 2
    return int(bool(made.changes) if diff else bool(made.left))
