"""One plan: what each side would get, record by record and field by field."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from syncline.accounts.models import EmailAccount
from syncline.console.plan_records import (
    chips_of,
    every_record_of,
    lists_of,
    plan_page_of,
    plan_search_in,
    reasons_of,
)
from syncline.console.plan_rows import plan_rows, plans_of
from syncline.console.record_pages import SIDES, counts_of
from syncline.console.rights import Right, may, needs, right_to_run
from syncline.console.run_message import message_of
from syncline.console.run_page import parts_of
from syncline.console.sync_types import audit_name_of
from syncline.ledger.models import UNDER_WAY, Run
from syncline.syncs.record_export import csv_lines


@needs(Right.SEE)
def plan(request: HttpRequest, account_id: int, plan_key: UUID) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    found = plan_or_404(account, plan_key)
    context = about(request, account, found) | _records(request, found)
    if request.headers.get("HX-Request"):
        return render(request, "console/account/plan_records.html", context)
    return render(request, "console/account/plan.html", context)


@needs(Right.SEE)
def plan_live(request: HttpRequest, account_id: int, plan_key: UUID) -> HttpResponse:
    """The moving parts while a plan is being made. When it is there the page is asked to load anew, once."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    found = plan_or_404(account, plan_key)
    if found.status not in UNDER_WAY:
        return HttpResponse(status=200, headers={"HX-Refresh": "true"})
    return render(request, "console/account/plan_summary.html", about(request, account, found))


@needs(Right.SEE)
def plan_export(request: HttpRequest, account_id: int, plan_key: UUID) -> StreamingHttpResponse:
    """The records that the page's filters let through, as one CSV file, sent while it is being read."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    found = plan_or_404(account, plan_key)
    return StreamingHttpResponse(
        csv_lines(every_record_of(found, plan_search_in(request.GET))),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="plan-{found.pk}.csv"'},
    )


def plan_or_404(account: EmailAccount, key: UUID) -> Run:
    return get_object_or_404(plans_of(account), key=key)


def about(request: HttpRequest, account: EmailAccount, found: Run) -> dict[str, Any]:
    (row,) = plan_rows([found], timezone.now())
    return {
        "account": account,
        "section": "plans",
        "section_current": "true",
        "plan": found,
        "row": row,
        "audit_type": audit_name_of(found.sync_type),
        # What tripped the fuse is told by itself.
        "message": None if found.fuse else message_of(found),
        "counts": counts_of(found),
        "counted": found,
        "parts": parts_of(found),
        "under_way": found.status in UNDER_WAY,
        "may_run": may(request.user, right_to_run(found.sync_type)),
    }


def _records(request: HttpRequest, found: Run) -> dict[str, Any]:
    search = plan_search_in(request.GET)
    parts = list(found.parts.all())
    return {
        "search": search,
        "record_page": plan_page_of(found, search),
        "reasons": reasons_of(found, search),
        "lists": lists_of(parts),
        "sides": SIDES.items(),
        "chips": chips_of(found, parts, search),
    }
