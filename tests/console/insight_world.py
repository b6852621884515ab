"""Tables that go into insight data, as the console finds them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from console.world import make_run
from syncline.accounts.models import EmailAccount
from syncline.insight.models import InsightRow, InsightTable
from syncline.ledger.models import RunPart, RunStatus
from syncline.syncs.insight_data.tables import AUDIT_TYPE

KINDS: Final = {"name": "String", "estimatedvalue": "Money", "statuscode": "Status"}


def make_insight_table(account: EmailAccount, collection: str, **about: Any) -> InsightTable:
    opportunity: dict[str, Any] = {
        "table": "opportunity",
        "title": "Opportunity",
        "set_name": "opportunities",
        "primary_id": "opportunityid",
        "primary_name": "name",
        "lookup": "parentcontactid",
        "columns": list(KINDS),
        "kinds": {name: {"type": kind} for name, kind in KINDS.items()},
        "tracked": True,
        "read_at": datetime(2026, 5, 4, 6, tzinfo=UTC),
    }
    return InsightTable.objects.create(account=account, collection=collection, **{**opportunity, **about})


def make_insight_row(table: InsightTable, row_id: str, **about: Any) -> InsightRow:
    row: dict[str, Any] = {
        "account_id": table.account_id,
        "record_id": "r",
        "name": row_id,
        "active": True,
        "columns": '{"name":"Tent"}',
        "seen_in": 1,
        "changed_in": 1,
    }
    return InsightRow.objects.create(source_id=table.pk, row_id=row_id, **{**row, **about})


def make_insight_tables(account: EmailAccount) -> InsightTable:
    """Two, one of which was synced with an error; that one is returned."""
    deals = make_insight_table(account, "Deals")
    make_insight_row(deals, "tent", sent_to=7, sent="{}")
    make_insight_row(deals, "boots", sent_to=8, sent="{}")
    make_insight_row(deals, "poison", refused_for=7)
    make_insight_row(deals, "closed", active=False)
    make_insight_table(
        account,
        "Tasks",
        table="task",
        title="Task",
        set_name="tasks",
        primary_id="activityid",
        primary_name="subject",
        lookup="regardingobjectid",
        columns=["subject"],
        kinds={"subject": {"type": "String"}},
        tracked=False,
    )
    at = datetime.now(UTC) - timedelta(hours=3)
    run = make_run(
        account,
        sync_type="insight",
        lane="rows",
        status=RunStatus.COMPLETED_WITH_ERRORS,
        started_at=at,
        ended_at=at + timedelta(seconds=30),
    )
    RunPart.objects.create(
        run=run,
        audit_type=AUDIT_TYPE,
        reference=deals.pk,
        name=str(deals),
        status=RunStatus.COMPLETED_WITH_ERRORS,
        message="1 of 3 was not accepted",
        message_code="some_rejected",
        read=3,
        created=2,
        rejected=1,
    )
    return deals
