"""The command line: one verb a module, each with `register(app)`."""

from __future__ import annotations

import os
from typing import Annotated

import django
import typer

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "syncline.config.settings")
django.setup()

from syncline import __version__  # noqa: E402 - the verbs import models, which want Django set up
from syncline.cli import (  # noqa: E402
    account,
    database,
    demo,
    doctor,
    explain,
    lists,
    migrate,
    plan,
    provision,
    runs,
    serve,
    sync,
    user,
    work,
)
from syncline.cli.calm import CalmGroup  # noqa: E402

VERBS = (demo, account, user, doctor, provision, lists, sync, plan, explain, runs, serve, work, migrate)

app = typer.Typer(
    cls=CalmGroup,
    name="syncline",
    help="Keeps Microsoft Dynamics 365 and Dotdigital in step.",
    no_args_is_help=True,
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
    if context.invoked_subcommand not in {"migrate", "demo"}:
        database.be_ready()


for verb in VERBS:
    verb.register(app)
