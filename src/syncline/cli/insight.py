"""`syncline insight ACCOUNT`: which tables of Dynamics go into insight data of Dotdigital."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.clients import dataverse_client
from syncline.accounts.models import EmailAccount
from syncline.cli.exit_codes import ExitCode
from syncline.cli.finding import AccountName, find_account
from syncline.cli.output import AsJson, Output, Stop
from syncline.insight import rows
from syncline.insight.choosing import Choice, ChoiceRefusedError, change_columns, choose, drop, offer
from syncline.insight.models import InsightTable


def register(app: typer.Typer) -> None:
    app.command("insight")(insight)


def insight(
    account_name: AccountName,
    table: Annotated[
        str,
        typer.Option(
            metavar="TABLE",
            help="A table of Dynamics by its logical name. Without --column, shows what can be chosen of it.",
        ),
    ] = "",
    columns: Annotated[
        list[str] | None,
        typer.Option("--column", metavar="COLUMN", help="Carry this column over. May be repeated."),
    ] = None,
    lookup: Annotated[
        str,
        typer.Option(
            metavar="COLUMN", help="The column that points at the person, where there is more than one."
        ),
    ] = "",
    collection: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="The collection in Dotdigital: of a new choice, or of one whose columns are to change. The "
            "table's name where none is given.",
        ),
    ] = "",
    remove: Annotated[
        str,
        typer.Option(
            metavar="COLLECTION", help="Carry the table of this collection over no more. Its records stay."
        ),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Show the tables that go into insight data, choose one, change its columns, or remove one.

    A change takes effect with the next sync of insight data.
    """
    output = Output(as_json)
    account = find_account(account_name)
    if (columns or lookup or collection) and not (table and columns):
        raise Stop(
            "To choose a table, name it and its columns.",
            "For example: --table opportunity --column name --column estimatedvalue.",
            ExitCode.USAGE,
        )
    try:
        if table and not columns:
            _offer(account, table.strip().lower(), output)
            return
        if table:
            _save(account, Choice(table.strip().lower(), columns or [], lookup, collection))
    except ChoiceRefusedError as refusal:
        raise Stop(str(refusal), code=ExitCode.USAGE) from refusal
    if remove:
        drop(_find(account, remove), by=OPERATOR)
    _show(account, output)


def _save(account: EmailAccount, choice: Choice) -> None:
    client = dataverse_client(account)
    known = InsightTable.objects.filter(
        account=account, table=choice.table, collection=choice.collection or choice.table
    ).first()
    if known is None:
        choose(account, choice, client, by=OPERATOR)
        return
    if choice.lookup and choice.lookup != known.lookup:
        raise ChoiceRefusedError(
            f"{known.collection} goes by {known.lookup}. To go by {choice.lookup}, remove it first, or name "
            "another collection."
        )
    change_columns(known, choice.columns, client, by=OPERATOR)


def _find(account: EmailAccount, collection: str) -> InsightTable:
    found = InsightTable.objects.filter(account=account, collection=collection.strip()).first()
    if found is None:
        raise Stop(
            f"No table of {account.name} goes into a collection called {collection}.",
            f"See `syncline insight {account.name}`.",
            ExitCode.NOT_FOUND,
        )
    return found


def _offer(account: EmailAccount, table: str, output: Output) -> None:
    offered = offer(dataverse_client(account), table)
    output.result(
        {
            "table": table,
            "lookups": dict(offered.lookups),
            "columns": {name: column.type for name, column in offered.columns.items()},
            "change_tracking": offered.table.change_tracking,
        }
    )
    output.table(
        ("Column", "Title", "Type", "Points at a person"),
        (
            (name, column.label, column.type, name in offered.lookups)
            for name, column in sorted(offered.columns.items())
        ),
    )
    if not offered.lookups:
        output.say("[yellow]![/yellow] No column points at a contact, lead or account: it cannot be chosen.")


def _show(account: EmailAccount, output: Output) -> None:
    chosen = list(InsightTable.objects.filter(account=account))
    for one in chosen:
        output.result(_facts(one))
    if not chosen:
        output.say("No table has been chosen. `--table NAME` shows what can be chosen of one.")
        return
    output.table(
        ("Table", "Collection", "Points at the person", "Columns", "Records"),
        (
            (one.table, one.collection, one.lookup, ", ".join(one.columns), f"{rows.count_sent(one.pk):,}")
            for one in chosen
        ),
    )


def _facts(one: InsightTable) -> dict[str, Any]:
    return {
        "table": one.table,
        "title": one.title,
        "collection": one.collection,
        "lookup": one.lookup,
        "columns": one.columns,
        "change_tracking": one.tracked,
        "records": rows.count_sent(one.pk),
    }
