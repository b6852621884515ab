"""A few rows straight from Dynamics, for a column that no sync has read yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from syncline.accounts.clients import dataverse_for_questions
from syncline.accounts.models import EmailAccount
from syncline.dataverse import FORMATTED, Dataverse, Row
from syncline.mapping.catalogue import MappedField
from syncline.mapping.models import Entity
from syncline.syncs.marketing_lists.setting import ENTITY_SETS, PRIMARY_IDS, PRIMARY_NAMES

ADDRESS: Final = "emailaddress1"
TABLE: Final = "Microsoft.Dynamics.CRM.lookuplogicalname"


def read_rows(
    account: EmailAccount, entity: Entity, mapped: Sequence[MappedField], record_ids: Sequence[str], most: int
) -> tuple[list[Row], dict[str, dict[str, Any]]]:
    """Rows with these ids, or any that have an address where none is given; and the rows that their lookups
    point at, as `Sample.looked_up` has them.

    One call, and two more for each table that a mapping looks through to. Raises RemoteError.
    """
    columns = sorted({one.column for one in mapped})
    select = [PRIMARY_IDS[entity], PRIMARY_NAMES[entity], ADDRESS, *columns]
    wanted = " or ".join(f"{PRIMARY_IDS[entity]} eq {record_id}" for record_id in record_ids[:most])
    client = dataverse_for_questions(account)
    pages = client.pages(
        ENTITY_SETS[entity],
        select=tuple(dict.fromkeys(select)),
        filter=wanted or f"{ADDRESS} ne null",
        page_size=most,
        annotations=True,
    )
    rows = next(pages).rows
    looked_up = _names(rows, mapped)
    _add_columns(client, rows, mapped, looked_up)
    return rows, looked_up


def _names(rows: Sequence[Row], mapped: Sequence[MappedField]) -> dict[str, dict[str, Any]]:
    """Dataverse sends the name beside the id."""
    lookups = {one.column for one in mapped if one.is_lookup}
    return {
        row[column]: {"": row.get(f"{column}@{FORMATTED}")}
        for row in rows
        for column in lookups
        if row.get(column)
    }


def _add_columns(
    client: Dataverse,
    rows: Sequence[Row],
    mapped: Sequence[MappedField],
    looked_up: dict[str, dict[str, Any]],
) -> None:
    through = [one for one in mapped if one.field.through]
    for table in sorted({one.field.entity for one in through}):
        columns = sorted({one.field.logical_name for one in through if one.field.entity == table})
        lookups = {one.column for one in through if one.field.entity == table}
        ids = sorted(
            {
                row[column]
                for row in rows
                for column in lookups
                if row.get(column) and row.get(f"{column}@{TABLE}", table) == table
            }
        )
        if not ids:
            continue
        about = client.table(table)
        wanted = " or ".join(f"{about.primary_id} eq {row_id}" for row_id in ids)
        page = next(client.pages(about.set_name, select=(about.primary_id, *columns), filter=wanted))
        for row in page.rows:
            looked_up[row[about.primary_id]] |= {f"{table}.{column}": row.get(column) for column in columns}
