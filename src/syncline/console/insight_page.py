"""Insight Data: which tables of Dynamics go into insight data of Dotdigital, and what came of each."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from syncline.accounts.models import EmailAccount
from syncline.console.actors import actor_of
from syncline.console.rights import Right, may, needs
from syncline.console.run_message import message_of
from syncline.insight.choosing import drop
from syncline.insight.facts import facts_of, tables_of
from syncline.insight.models import InsightTable
from syncline.ledger.models import RunPart
from syncline.syncs.insight_data.tables import AUDIT_TYPE

RUNS_SHOWN: Final = 10


@needs(Right.SEE)
def insight(request: HttpRequest, account_id: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    facts = facts_of(tables_of(account))
    context = {
        "account": account,
        "tab": "insight",
        "rows": [(one, _parts(account, one.table).first()) for one in facts],
        "may_administer": may(request.user, Right.ADMINISTER),
    }
    return render(request, "console/account/insight.html", context)


@needs(Right.SEE)
def insight_table(request: HttpRequest, account_id: int, table_id: int) -> HttpResponse:
    """One table that was chosen."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    table = get_object_or_404(InsightTable, account=account, pk=table_id)
    (facts,) = facts_of([table])
    context = {
        "account": account,
        "tab": "insight",
        "facts": facts,
        "table": table,
        "columns": [(name, table.kinds[name]["type"]) for name in table.columns],
        "runs": [(part, message_of(part)) for part in _parts(account, table)[:RUNS_SHOWN]],
        "may_administer": may(request.user, Right.ADMINISTER),
    }
    return render(request, "console/account/insight_table.html", context)


@needs(post=Right.ADMINISTER)
def insight_drop(request: HttpRequest, account_id: int, table_id: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    table = get_object_or_404(InsightTable, account=account, pk=table_id)
    collection = table.collection
    drop(table, by=actor_of(request))
    messages.success(
        request,
        f"{table.title} is carried over no more. Its records stay in Dotdigital: delete the collection "
        f"{collection} there if nobody needs them.",
    )
    return redirect("insight", account.pk)


def _parts(account: EmailAccount, table: InsightTable) -> QuerySet[RunPart]:
    """What runs said about the table, the latest first."""
    found = RunPart.objects.filter(run__account=account, audit_type=AUDIT_TYPE, reference=table.pk)
    return found.select_related("run").defer("run__position").order_by("-pk")
