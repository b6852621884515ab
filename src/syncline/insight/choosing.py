"""Choosing tables for insight data: what can be chosen, and each change with its entry in the admin log.

What is chosen is held against Dynamics at that moment, so that a sync does not find out first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.db import IntegrityError, transaction

from syncline.accounts.admin_log import Actor, record_change
from syncline.accounts.models import EmailAccount
from syncline.dataverse import Column, Dataverse, NotFound, Table
from syncline.dotdigital import COLLECTION_NAME
from syncline.insight.models import InsightRow, InsightTable
from syncline.insight.values import USABLE, kind_of

PEOPLE: Final = ("contact", "lead", "account")
"""Tables that a row can point at to say whose it is."""

MOST_COLUMNS: Final = 200
_LOGICAL_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,127}")
RESERVED: Final = frozenset({"webinsight"})
"""Collections that Dotdigital fills itself."""


class ChoiceRefusedError(ValueError):
    """A choice that cannot be: the text says why, and what can be chosen."""


@dataclass(frozen=True)
class Choice:
    """A table as somebody wants it carried over. Without a `lookup` the table's only one to a person is
    meant, without a `collection` one of the table's name.
    """

    table: str
    columns: Sequence[str]
    lookup: str = ""
    collection: str = ""


@dataclass(frozen=True)
class Offer:
    """What a table of Dynamics has to choose from: name → title."""

    table: Table
    lookups: Mapping[str, str]
    columns: Mapping[str, Column]


def offer(client: Dataverse, table: str) -> Offer:
    """Raises ChoiceRefusedError where Dynamics has no such table."""
    if not _LOGICAL_NAME.fullmatch(table):
        raise ChoiceRefusedError(
            f"“{table}” is not the logical name of a table. Give one such as opportunity."
        )
    try:
        found = client.table(table)
        columns = client.columns(table)
    except NotFound as error:
        raise ChoiceRefusedError(
            f"Dynamics has no table {table}. Give its logical name, for example opportunity."
        ) from error
    usable = {
        one.logical_name: one
        for one in columns
        if one.type in USABLE and one.valid_for_read and not one.attribute_of
    }
    return Offer(found, _lookups(found, usable), usable)


def _lookups(table: Table, columns: Mapping[str, Column]) -> dict[str, str]:
    """Columns that can say whose a row is; a row that is a person itself says so by its id."""
    found = {
        name: one.label or name for name, one in columns.items() if not set(PEOPLE).isdisjoint(one.targets)
    }
    own = {table.primary_id: "the row itself"} if table.logical_name in PEOPLE else {}
    return {**own, **found}


def choose(account: EmailAccount, choice: Choice, client: Dataverse, *, by: Actor) -> InsightTable:
    """Have a table carried over from the next sync on. Raises ChoiceRefusedError."""
    return choose_offered(account, choice, offer(client, choice.table.strip().lower()), by=by)


def choose_offered(account: EmailAccount, choice: Choice, offered: Offer, *, by: Actor) -> InsightTable:
    """The same for whoever has asked Dynamics already what the table has to offer."""
    collection = choice.collection.strip() or offered.table.logical_name
    lookup = _lookup(offered, choice.lookup.strip().lower())
    columns = _columns(offered, choice.columns)
    if problems := list(_problems_with_collection(collection)):
        raise ChoiceRefusedError(" ".join(problems))
    row = InsightTable(account=account, lookup=lookup, collection=collection, columns=columns)
    describe(row, offered)
    try:
        with transaction.atomic():
            row.save()
            record_change(by, account, "insight data added", {}, shown(row))
    except IntegrityError as error:
        raise ChoiceRefusedError(
            f"Another table goes into the collection {collection} already. Name another collection, or "
            "change that choice."
        ) from error
    return row


def change_columns(row: InsightTable, columns: Iterable[str], client: Dataverse, *, by: Actor) -> None:
    """Carry other columns over: the next sync sends every record anew. Raises ChoiceRefusedError."""
    change_to_offered(row, columns, offer(client, row.table), by=by)


def change_to_offered(row: InsightTable, columns: Iterable[str], offered: Offer, *, by: Actor) -> None:
    """The same for whoever has asked Dynamics already what the table has to offer."""
    before = shown(row)
    row.columns = _columns(offered, columns)
    describe(row, offered)
    with transaction.atomic():
        row.save()
        if before != (after := shown(row)):
            record_change(by, row.account, "insight data changed", before, after)


@transaction.atomic
def drop(row: InsightTable, *, by: Actor) -> None:
    """Carry the table over no more. What is in Dotdigital stays there."""
    InsightRow.objects.filter(source_id=row.pk).delete()
    before, account = shown(row), row.account
    row.delete()
    record_change(by, account, "insight data removed", before, {})


def describe(row: InsightTable, offered: Offer) -> None:
    """Note down what a sync has to know of the table. Raises ChoiceRefusedError where a column is missing."""
    table = offered.table
    row.columns = _columns(offered, row.columns)
    row.lookup = _lookup(offered, row.lookup)
    row.table, row.set_name = table.logical_name, table.set_name
    row.title = (table.display_name or table.logical_name)[:200]
    row.primary_id, row.primary_name = table.primary_id, table.primary_name
    row.kinds = {name: kind_of(offered.columns[name]) for name in row.columns}
    row.has_state = "statecode" in offered.columns
    # Without modifiedon there is no closing the gap after a first reading.
    row.tracked = table.change_tracking and "modifiedon" in offered.columns
    row.read_at = datetime.now(UTC)


def _lookup(offered: Offer, wanted: str) -> str:
    names = list(offered.lookups)
    if wanted in offered.lookups:
        return wanted
    if not names:
        raise ChoiceRefusedError(
            f"{offered.table.logical_name} has no lookup to a contact, lead or account, so its rows are "
            "nobody's. Choose a table that has one."
        )
    if not wanted and len(names) == 1:
        return names[0]
    wrong = f"{wanted} does not point at a person. " if wanted else "Several columns point at people. "
    raise ChoiceRefusedError(f"{wrong}Name one of: {', '.join(names)}.")


def _columns(offered: Offer, wanted: Iterable[str]) -> list[str]:
    names = list(dict.fromkeys(name.strip().lower() for name in wanted if name.strip()))
    if not names:
        raise ChoiceRefusedError("Choose at least one column.")
    if len(names) > MOST_COLUMNS:
        raise ChoiceRefusedError(f"At most {MOST_COLUMNS} columns can be chosen, not {len(names)}.")
    if unknown := [name for name in names if name not in offered.columns]:
        raise ChoiceRefusedError(
            f"{offered.table.logical_name} has no column that can be carried over called "
            f"{', '.join(unknown)}. See which it has, and name the others."
        )
    return names


def _problems_with_collection(name: str) -> Iterator[str]:
    if not COLLECTION_NAME.fullmatch(name):
        yield (
            f"“{name}” cannot be the name of a collection: 2 to 255 letters, digits, - and _, and no digit "
            "first."
        )
    if name.lower() in RESERVED:
        yield f"Dotdigital fills {name} itself. Name another collection."


def shown(row: InsightTable) -> dict[str, object]:
    """A choice for the admin log."""
    return {f"insight {row.collection}": f"{row.table} by {row.lookup}: {', '.join(row.columns)}"}
