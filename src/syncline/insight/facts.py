"""What has come of the tables that were chosen, in plain numbers, for whoever shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q

from syncline.accounts.models import EmailAccount
from syncline.insight.models import InsightRow, InsightTable


@dataclass(frozen=True)
class TableFacts:
    table: InsightTable
    rows: int
    """Active rows of Dynamics that are known here."""
    records: int
    """Of these, what Dotdigital has as records."""
    refused: int
    """Rows that Dotdigital refused as they are."""


def facts_of(tables: Iterable[InsightTable]) -> list[TableFacts]:
    """In the order of `tables`; one query, which counts all of their rows."""
    tables = list(tables)
    counted = (
        InsightRow.objects.filter(source_id__in=[one.pk for one in tables])
        .values("source_id")
        .annotate(
            rows=Count("row_id", filter=Q(active=True)),
            records=Count("row_id", filter=~Q(sent_to=0)),
            refused=Count("row_id", filter=Q(active=True) & ~Q(refused_for=0)),
        )
    )
    found = {one["source_id"]: (one["rows"], one["records"], one["refused"]) for one in counted}
    return [TableFacts(table, *found.get(table.pk, (0, 0, 0))) for table in tables]


def tables_of(account: EmailAccount) -> list[InsightTable]:
    """All that were chosen."""
    return list(InsightTable.objects.filter(account=account))
