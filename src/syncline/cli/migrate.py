"""`syncline migrate`: bring the database up to date with this version."""

from __future__ import annotations

import typer

from syncline.cli import database
from syncline.cli.output import AsJson, Output


def register(app: typer.Typer) -> None:
    app.command("migrate")(migrate)


def migrate(as_json: AsJson = False) -> None:
    """Bring the database up to date. On SQLite every command does so by itself, on PostgreSQL only this."""
    output = Output(as_json)
    applied = database.migrate()
    output.result({"applied": applied})
    if applied:
        output.say(f"Applied {len(applied)} migrations: {', '.join(applied)}.")
    else:
        output.say("The database is up to date.")
