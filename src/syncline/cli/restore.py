"""`syncline restore`: a backup in the place of what the database holds."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from rich.markup import escape

from syncline.accounts.admin_log import OPERATOR, record_change
from syncline.accounts.models import EmailAccount, User
from syncline.accounts.secrets import UnreadableSecretError
from syncline.cli import archive, database
from syncline.cli.copying import copy_in
from syncline.cli.exit_codes import ExitCode
from syncline.cli.output import MARKS, AsJson, Output, Stop
from syncline.engine import client as engine
from syncline.engine.heartbeat import living_workers
from syncline.engine.models import Duty, Worker
from syncline.engine.storage import discard_queue


def register(app: typer.Typer) -> None:
    app.command("restore")(restore)


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `syncline backup` wrote.")],
    yes: Annotated[
        bool, typer.Option("--yes", help="Throw away what the database holds now, without asking.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Put a backup in the place of what the database holds. Stop the workers and the console first.

    A backup of an older version is brought up to date; one of a newer version is refused.
    """
    output = Output(as_json)
    with archive.opened(file) as (manifest, tar):
        _fits(manifest)
        _may_be_replaced(yes)
        with tempfile.TemporaryDirectory(prefix="syncline-restore-") as folder:
            copy = Path(folder) / archive.DATABASE
            archive.unpack(tar, copy)
            copy_in(copy)
    _settle(manifest, file)
    accounts = list(EmailAccount.objects.all())
    unreadable = [account.name for account in accounts if not _is_readable(account)]
    output.result({"made_at": manifest.made_at, "accounts": len(accounts), "unreadable": unreadable})
    output.say(f"{MARKS['ok']} The database is as it was at {manifest.made_at}: {len(accounts)} accounts.")
    output.say(
        "Before any other sync, read what people decided since then: for each account\n"
        "  syncline sync ACCOUNT suppressions\n  syncline sync ACCOUNT unsubscribers\n"
        "and erase again whoever was erased since then. Then start the workers."
    )
    if unreadable:
        names = escape(", ".join(unreadable))
        output.say(f"{MARKS['warn']} The keys here cannot read the credentials of: {names}.")
        output.say("    → Put the old encryption.key back, or run `syncline account credentials`.")
        raise typer.Exit(ExitCode.ATTENTION)


def _fits(manifest: archive.Manifest) -> None:
    if manifest.vendor != connection.vendor:
        raise Stop(
            f"This is a backup of {manifest.vendor}, and the database here is {connection.vendor}.",
            "Restore it where SYNCLINE_DATABASE_URL names a database of the same kind.",
            ExitCode.USAGE,
        )
    known = {f"{room}.{name}" for room, name in MigrationLoader(None).disk_migrations}
    if newer := sorted({*manifest.migrations} - known):
        raise Stop(
            f"The backup is of a newer version of Syncline, {manifest.version}: this one does not know "
            f"{newer[0]}.",
            "Install that version, or a newer one.",
        )


def _may_be_replaced(yes: bool) -> None:
    tables = set(connection.introspection.table_names())
    if Worker._meta.db_table in tables and (workers := living_workers()):
        raise Stop(
            f"{workers} of the workers are at work with this database.",
            "Stop them and the console, then restore.",
        )
    if EmailAccount._meta.db_table not in tables or yes:
        return
    accounts, people = EmailAccount.objects.count(), User.objects.count()
    if accounts or people:
        raise Stop(
            f"The database holds {accounts} accounts and {people} users, which restoring would throw away. "
            "Nothing was changed.",
            "Make a backup of it first, then say --yes.",
            ExitCode.USAGE,
        )


def _settle(manifest: archive.Manifest, file: Path) -> None:
    """Bring the tables up to this version, and begin without workers and with an empty queue."""
    engine.close()
    discard_queue()
    database.migrate()
    with transaction.atomic():
        Duty.objects.all().delete()
        Worker.objects.all().delete()
        record_change(OPERATOR, None, "backup restored", {}, {"made": manifest.made_at, "file": file.name})


def _is_readable(account: EmailAccount) -> bool:
    try:
        return account.dotdigital_password is not None and account.client_secret is not None
    except UnreadableSecretError:
        return False
