"""One run of the Sync Audit: what it did, list by list and record by record."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from syncline.accounts.models import EmailAccount
from syncline.campaigns.models import Campaign
from syncline.console.purposes import is_plan, purpose_of
from syncline.console.record_pages import counts_of, reasons_in, record_page, search_in
from syncline.console.rights import Right, may, needs, right_to_run
from syncline.console.run_message import RunMessage, message_of
from syncline.console.sync_types import audit_name_of, name_of
from syncline.engine.repairs import problem_with
from syncline.forms.models import Form
from syncline.insight.models import InsightTable
from syncline.ledger.models import UNDER_WAY, Run, RunPart
from syncline.ledger.undoing import undone_by, undone_run
from syncline.lists.models import MarketingList
from syncline.syncs.campaigns.parts import AUDIT_TYPE
from syncline.syncs.forms.parts import AUDIT_TYPE as FORMS
from syncline.syncs.insight_data.tables import AUDIT_TYPE as INSIGHT


@needs(Right.SEE)
def run(request: HttpRequest, account_id: int, run_key: UUID) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    found = _run_or_404(account, run_key)
    context = _about(request, account, found) | _records(request, found, None)
    if request.headers.get("HX-Request"):
        return render(request, "console/account/records.html", context)
    return render(request, "console/account/run.html", context)


@needs(Right.SEE)
def run_live(request: HttpRequest, account_id: int, run_key: UUID) -> HttpResponse:
    """The moving parts of a run's page. When the run has ended the page is asked to load anew, once."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    found = _run_or_404(account, run_key)
    if found.status not in UNDER_WAY:
        return HttpResponse(status=200, headers={"HX-Refresh": "true"})
    return render(request, "console/account/run_summary.html", _about(request, account, found))


@needs(Right.SEE)
def part(request: HttpRequest, account_id: int, run_key: UUID, part_id: int) -> HttpResponse:
    """One list of a run: its settings, its notes, its records."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    found = _run_or_404(account, run_key)
    one = get_object_or_404(found.parts, pk=part_id)
    context = _about(request, account, found) | _records(request, found, one)
    if request.headers.get("HX-Request"):
        return render(request, "console/account/records.html", context)
    context |= {
        "part": one,
        "part_message": message_of(one),
        "counts": counts_of(one),
        "counted": one,
        "campaign": _campaign_of(account, one),
        "form": _form_of(account, one),
        "insight_table": _insight_table_of(account, one),
        "list": MarketingList.objects.filter(account=account, pk=one.list_id or 0).first(),
    }
    return render(request, "console/account/part.html", context)


def _campaign_of(account: EmailAccount, one: RunPart) -> Campaign | None:
    if one.audit_type != AUDIT_TYPE:
        return None
    return Campaign.objects.filter(account=account, pk=one.reference or 0).first()


def _form_of(account: EmailAccount, one: RunPart) -> Form | None:
    if one.audit_type != FORMS:
        return None
    return Form.objects.filter(account=account, pk=one.reference or 0).first()


def _insight_table_of(account: EmailAccount, one: RunPart) -> InsightTable | None:
    if one.audit_type != INSIGHT:
        return None
    return InsightTable.objects.filter(account=account, pk=one.reference or 0).first()


def _run_or_404(account: EmailAccount, key: UUID) -> Run:
    runs = Run.objects.defer("position").select_related("account", "subject__subject")
    return get_object_or_404(runs, account=account, key=key)


def _about(request: HttpRequest, account: EmailAccount, found: Run) -> dict[str, Any]:
    return {
        "account": account,
        "tab": "audit",
        "run": found,
        "type_name": name_of(found.sync_type),
        "audit_type": audit_name_of(found.sync_type),
        "purpose": purpose_of(found),
        "has_plan": is_plan(found),
        "message": message_of(found),
        "counts": counts_of(found),
        "counted": found,
        "parts": parts_of(found),
        "under_way": found.status in UNDER_WAY,
        "undone_by": undone_by(found),
        "undoes": undone_run(found),
        "may_undo": may(request.user, Right.ADMINISTER) and problem_with(found) is None,
        "may_run": may(request.user, right_to_run(found.sync_type)),
    }


def _records(request: HttpRequest, found: Run, one: RunPart | None) -> dict[str, Any]:
    search = search_in(request.GET)
    return {
        "search": search,
        "record_page": record_page(found, one, search),
        "reasons": reasons_in(found, one, search),
        "chips": counts_of(one or found),
        "chips_total": (one or found).read,
    }


def parts_of(found: Run) -> list[tuple[RunPart, RunMessage | None]]:
    return [(one, message_of(one)) for one in found.parts.all()]
