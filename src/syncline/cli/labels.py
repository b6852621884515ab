"""`syncline labels ACCOUNT`: the Email Data Labels, which are Dotdigital's contact data fields."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.models import EmailAccount
from syncline.cli.exit_codes import ExitCode
from syncline.cli.finding import AccountName, find_account
from syncline.cli.output import AsJson, Output, Stop
from syncline.mapping.changing import create_label
from syncline.mapping.labels import label_type_named
from syncline.mapping.models import Label, LabelType
from syncline.mapping.wanted import MappingRefusedError, WantedLabel

TYPES = ", ".join(str(label_type.label) for label_type in LabelType)


def register(app: typer.Typer) -> None:
    app.command("labels")(labels)


def labels(
    account_name: AccountName,
    add: Annotated[
        str, typer.Option(metavar="NAME", help="Make a label; the label sync carries it over to Dotdigital.")
    ] = "",
    label_type: Annotated[str, typer.Option("--type", help=f"For --add: {TYPES}.")] = "Text",
    public: Annotated[
        bool, typer.Option(help="For --add: visible to contacts; private if not given.")
    ] = False,
    default: Annotated[str, typer.Option(help="For --add: the value of contacts that have none.")] = "",
    description: Annotated[str, typer.Option(help="For --add; kept here.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show the labels of an account, or make one."""
    output = Output(as_json)
    account = find_account(account_name)
    if add:
        _add(account, add, label_type, public, default, description)
    rows = list(Label.objects.filter(account=account))
    for row in rows:
        output.result(_facts(row))
    if not rows:
        output.say("No labels are known yet: run [bold]syncline sync ACCOUNT labels[/bold].")
        return
    output.table(
        ("Label", "Type", "Private", "Default value", "In Dotdigital", "Description"),
        (
            (
                row.name,
                row.get_type_display(),
                row.private,
                row.default_value,
                row.error or ("yes" if row.in_dotdigital else "with the next label sync"),
                row.description,
            )
            for row in rows
        ),
    )


def _add(
    account: EmailAccount, name: str, type_word: str, public: bool, default: str, description: str
) -> None:
    label_type = label_type_named(type_word)
    if label_type is None:
        raise Stop(f"There is no type {type_word}.", f"The types are: {TYPES}.", ExitCode.USAGE)
    wanted = WantedLabel(
        name=name,
        type=label_type,
        private=not public,
        default_value=default or None,
        description=description,
    )
    try:
        create_label(account, wanted, by=OPERATOR)
    except MappingRefusedError as refusal:
        raise Stop(str(refusal), code=ExitCode.USAGE) from refusal


def _facts(row: Label) -> dict[str, Any]:
    return {
        "label": row.name,
        "type": row.type,
        "private": row.private,
        "default_value": row.default_value,
        "in_dotdigital": row.in_dotdigital,
        "error": row.error,
        "description": row.description,
    }
