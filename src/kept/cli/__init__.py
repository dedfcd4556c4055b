"""The command line: `kept COMMAND`. One module per command, found by looking into this package.

A module here has one `command`, a click command. It returns None or an exit code: 0 clean, 1 something was found, 2 it
could not run. Or it returns what shall be done once the command line is out of the way.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from typing import Any

import click

from kept.errors import KeptError
from kept.version import __version__

__all__ = ["Commands", "main"]


class Commands(click.Group):
    """The commands of this package; a module is imported when its command is looked at."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every module of the package, in alphabetical order."""
        return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The `command` of one module."""
        if cmd_name not in self.list_commands(ctx):
            return None
        found: click.Command = importlib.import_module(f"{__name__}.{cmd_name}").command
        return found


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="kept COMMAND --help says more. Exit codes: 0 clean, 1 something was found, 2 could not run.",
)
@click.version_option(__version__, message="kept %(version)s")
def _kept() -> None:
    """Saves any Keras model and proves that it loads."""


def main(arguments: list[str] | None = None) -> None:
    """Runs the command line and ends the process."""
    try:
        outcome: Any = _kept.main(arguments, prog_name="kept", standalone_mode=False)
    except KeptError as error:
        click.echo(f"kept: {error}", err=True)
        outcome = 2
    except click.ClickException as error:
        error.show()
        outcome = 2
    except click.Abort:
        click.echo("kept: interrupted", err=True)
        outcome = 130
    if callable(outcome):
        outcome = outcome()
    sys.exit(outcome or 0)
