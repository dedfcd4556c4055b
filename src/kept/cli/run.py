"""`kept run`: a training script, unmodified, with every save in it proven."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable

import click

__all__ = ["command"]


@click.command(
    "run",
    short_help="Run a script; every save in it is proven.",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.option("-m", "as_module", is_flag=True, help="SCRIPT is the name of a module, as in `python -m`.")
@click.option(
    "--verify",
    type=click.Choice(["structure", "weights", "outputs", "resume", "none"]),
    default="outputs",
    show_default=True,
    help="What is proven of each saved model.",
)
@click.option(
    "--embed-source/--no-embed-source",
    default=True,
    show_default=True,
    help="Put the source of the script's own classes into the file.",
)
@click.option("-q", "--quiet", is_flag=True, help="No report at the end.")
@click.option("-v", "--verbose", is_flag=True, help="Everything in the report, however long.")
@click.argument("script", type=click.Path())
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(
    as_module: bool,
    verify: str,
    embed_source: bool,
    quiet: bool,
    verbose: bool,
    script: str,
    arguments: tuple[str, ...],
) -> Callable[[], None]:
    """Runs SCRIPT as `python SCRIPT ARGUMENTS...` does, with every save and load of a Keras model going through kept.

    Each file is loaded in a fresh process and compared before it takes its place. What was proven and what had to be
    repaired is told on stderr at the end. The exit code is that of the script.
    """
    from kept.runtime import install
    from kept.runtime import script as runner

    # What is registered before the script can register anything runs last.
    atexit.register(runner.keep_interrupt)
    prepared = runner.module(script, arguments) if as_module else runner.script(script, arguments)
    install.install(verify=False if verify == "none" else verify, embed_source=embed_source)
    if not quiet:
        atexit.register(_report, os.getpid(), verbose)
    return prepared


def _report(pid: int, verbose: bool) -> None:
    """Tells what was saved, after the script's last word; a forked child stays silent."""
    if os.getpid() != pid or sys.stderr is None:
        return
    from kept.cli import _terminal
    from kept.report import Report, text
    from kept.runtime import journal

    try:
        if sys.stdout is not None:
            sys.stdout.flush()
        report = Report.of("save", journal.entries())
        shown = text.render(
            report, width=_terminal.width(sys.stderr), colour=_terminal.colour(sys.stderr), verbose=verbose
        )
        sys.stderr.write("\n" + shown)
        sys.stderr.flush()
    except (OSError, ValueError):  # a closed pipe is the script's affair
        pass
