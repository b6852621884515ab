"""`syncline mappings ACCOUNT`: which column goes with which label, which way, and whose value stands."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from syncline.accounts.admin_log import OPERATOR
from syncline.accounts.models import EmailAccount
from syncline.cli.exit_codes import ExitCode
from syncline.cli.finding import AccountName, find_account
from syncline.cli.output import AsJson, Output, Stop
from syncline.mapping.catalogue import read_catalogue
from syncline.mapping.changing import delete_mapping, save_mapping
from syncline.mapping.labels import normal_name
from syncline.mapping.models import ConflictRule, Direction, Entity, FieldMapping
from syncline.mapping.wanted import MappingRefusedError, WantedMapping

Texts = list[str] | None


def register(app: typer.Typer) -> None:
    app.command("mappings")(mappings)


def mappings(
    account_name: AccountName,
    entity: Annotated[
        Entity | None, typer.Option(help="The table; all are shown where none is named.", show_default=False)
    ] = None,
    add: Annotated[
        Texts,
        typer.Option(
            metavar="FIELD=LABEL",
            help="Map a column, or LOOKUP.TABLE.COLUMN of a looked-up row. A label that is mapped already "
            "is mapped anew. May be repeated.",
        ),
    ] = None,
    direction: Annotated[
        Direction | None, typer.Option(help="For --add. Both ways where that can be.", show_default=False)
    ] = None,
    conflicts: Annotated[
        ConflictRule, typer.Option(help="For --add: whose value stands where both sides changed.")
    ] = ConflictRule.DYNAMICS_WINS,
    blank_overwrites: Annotated[
        bool, typer.Option(help="For --add: an emptied value is emptied on the other side too.")
    ] = False,
    remove: Annotated[
        Texts, typer.Option(metavar="LABEL", help="Remove the mapping of a label. May be repeated.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the mappings of an account, or make, change and remove some.

    A change takes effect with the next list sync, which looks at everybody of that table again.
    """
    output = Output(as_json)
    account = find_account(account_name)
    if (add or remove) and entity is None:
        raise Stop("Of which table?", f"Name it with --entity: {', '.join(Entity)}.", ExitCode.USAGE)
    for label in remove or []:
        delete_mapping(_find(account, entity, label), by=OPERATOR)
    for text in add or []:
        _add(account, _wanted(text, entity, direction, conflicts, blank_overwrites))
    _show(account, entity, output)


def _find(account: EmailAccount, entity: Entity | None, label: str) -> FieldMapping:
    found = FieldMapping.objects.filter(account=account, entity=entity, label=normal_name(label)).first()
    if found is None:
        raise Stop(
            f"No column of {entity} is mapped to the label {normal_name(label)}.",
            f"See `syncline mappings {account.name}`.",
            ExitCode.NOT_FOUND,
        )
    return found


def _wanted(
    text: str,
    entity: Entity | None,
    direction: Direction | None,
    conflicts: ConflictRule,
    blank_overwrites: bool,
) -> WantedMapping:
    source, equals, label = text.partition("=")
    words = source.strip().lower().split(".")
    if not equals or not label.strip() or not all(words) or len(words) not in (1, 3) or entity is None:
        raise Stop(
            f"{text} is not of the form FIELD=LABEL.",
            "For example: --add jobtitle=JOBTITLE, or --add parentcustomerid.account.telephone1=COMPANY_TEL.",
            ExitCode.USAGE,
        )
    through, table = (words[0], words[1]) if len(words) == 3 else ("", "")
    usual = Direction.TO_DOTDIGITAL if through else Direction.BOTH
    return WantedMapping(
        entity=entity,
        crm_field=words[-1],
        label=label,
        direction=direction or usual,
        conflict_rule=conflicts,
        blank_overwrites=blank_overwrites,
        through=through,
        through_table=table,
    )


def _add(account: EmailAccount, wanted: WantedMapping) -> None:
    former = FieldMapping.objects.filter(
        account=account, entity=wanted.entity, label=normal_name(wanted.label)
    ).first()
    try:
        save_mapping(account, wanted, by=OPERATOR, replaces=former)
    except MappingRefusedError as refusal:
        raise Stop(str(refusal), code=ExitCode.USAGE) from refusal


def _show(account: EmailAccount, entity: Entity | None, output: Output) -> None:
    rows = FieldMapping.objects.filter(account=account, **({"entity": entity} if entity else {}))
    why = {(broken.entity, broken.label): broken.reason for broken in read_catalogue(account).broken}
    for row in rows:
        output.result(_facts(row, why.get((row.entity, row.label), "")))
    if not rows:
        output.say("Nothing is mapped.")
        return
    output.table(
        ("Table", "Column", "Label", "Direction", "Conflicts", "Blank overwrites", "Cannot be used"),
        (
            (
                row.get_entity_display(),
                _source(row),
                row.label,
                row.get_direction_display(),
                row.get_conflict_rule_display() if row.direction == Direction.BOTH else "",
                row.blank_overwrites,
                why.get((row.entity, row.label), ""),
            )
            for row in rows
        ),
    )
    if why:
        output.say(f"[yellow]![/yellow] {len(why)} cannot be used, and no sync carries them over.")


def _source(row: FieldMapping) -> str:
    return f"{row.through}.{row.through_table}.{row.crm_field}" if row.through else row.crm_field


def _facts(row: FieldMapping, problem: str) -> dict[str, Any]:
    return {
        "entity": row.entity,
        "field": _source(row),
        "label": row.label,
        "direction": row.direction,
        "conflicts": row.conflict_rule if row.direction == Direction.BOTH else None,
        "blank_overwrites": row.blank_overwrites,
        "problem": problem,
    }
