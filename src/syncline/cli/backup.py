"""`syncline backup`: everything that the database holds, in one file."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from rich.markup import escape

from syncline import __version__
from syncline.cli import archive
from syncline.cli.copying import copy_out
from syncline.cli.exit_codes import ExitCode
from syncline.cli.output import AsJson, Output, Stop


def register(app: typer.Typer) -> None:
    app.command("backup")(backup)


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write. It must not be there yet.")],
    as_json: AsJson = False,
) -> None:
    """Write the whole database into one file, while everything goes on working.

    The keys are not in it: keep a copy of `encryption.key` somewhere else.
    """
    output = Output(as_json)
    if file.exists():
        raise Stop(f"{file} is there already.", "Choose another name.", ExitCode.USAGE)
    # Beside the file, where there has to be room for it in any case.
    with tempfile.TemporaryDirectory(prefix=".syncline-backup-", dir=_folder_of(file)) as folder:
        copy = Path(folder) / archive.DATABASE
        made_at = datetime.now(UTC).replace(microsecond=0)
        copy_out(copy)
        archive.write(file, _manifest(made_at), copy)
    output.result({"file": file, "made_at": made_at, "bytes": file.stat().st_size})
    output.say(f"[green]✓[/green] {escape(str(file))}: {file.stat().st_size / 1024**2:.1f} MiB.")
    output.say(
        "It holds addresses, and credentials that are encrypted: keep it as you keep those.\n"
        "The keys are not in it. Without [bold]encryption.key[/bold] (or SYNCLINE_ENCRYPTION_KEYS) the "
        "credentials\nhave to be entered anew: keep a copy of it, not beside the backups."
    )


def _folder_of(file: Path) -> Path:
    folder = file.resolve().parent
    if not folder.is_dir():
        raise Stop(f"There is no folder {folder}.", "Make it, or name another.", ExitCode.NOT_FOUND)
    return folder


def _manifest(made_at: datetime) -> archive.Manifest:
    applied = MigrationRecorder(connection).applied_migrations()
    return archive.Manifest(
        format=archive.FORMAT,
        version=__version__,
        made_at=made_at.isoformat(),
        vendor=connection.vendor,
        migrations=sorted(f"{room}.{name}" for room, name in applied),
    )
