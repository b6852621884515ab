"""The command line: one verb a module, each with `register(app)`."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import django
import typer

from syncline.config.environment import SettingError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "syncline.config.settings")
try:
    django.setup()
except SettingError as error:
    sys.stderr.write(f"✗ {error}\n")
    sys.exit(2)

# The verbs import models, which want Django set up.
from syncline import __version__
from syncline.cli import database
from syncline.cli.calm import CalmGroup

app = typer.Typer(
    cls=CalmGroup,
    name="syncline",
    help="Keeps Microsoft Dynamics 365 and Dotdigital in step.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"syncline {__version__}")
        raise typer.Exit


@app.callback()
def before_any_verb(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    if context.invoked_subcommand not in {"migrate", "demo", "backup", "restore"}:
        database.be_ready()
