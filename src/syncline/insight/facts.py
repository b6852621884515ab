"""What has come of the tables that were chosen, in plain numbers, for whoever shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from syncline.accounts.models import EmailAccount
from syncline.insight import rows
from syncline.insight.models import InsightTable


@dataclass(frozen=True)
class TableFacts:
    table: InsightTable
    rows: int
    """Rows of Dynamics that are known here: active ones, and those whose record is yet to be taken away."""
    records: int
    """Of these, what Dotdigital has as records."""
    refused: int
    """Rows that Dotdigital refused as they are."""


def facts_of(tables: Iterable[InsightTable]) -> list[TableFacts]:
    """In the order of `tables`."""
    return [_facts(table) for table in tables]


def _facts(table: InsightTable) -> TableFacts:
    # One by one, for each of them reads an index alone.
    key = table.pk
    return TableFacts(table, rows.count_known(key), rows.count_sent(key), rows.count_refused(key))


def tables_of(account: EmailAccount) -> list[InsightTable]:
    """All that were chosen."""
    return list(InsightTable.objects.filter(account=account))
