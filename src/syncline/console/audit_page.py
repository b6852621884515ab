"""The Sync Audit tab."""

from dataclasses import fields

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from syncline.accounts.models import EmailAccount
from syncline.console.audit_rows import STATUSES, Search, audit_rows, found_runs, problem_with
from syncline.console.badges import badge_of
from syncline.console.rights import Right, needs
from syncline.console.sync_types import offered
from syncline.ledger.models import RunStatus

RUNS_A_PAGE = 25


@needs(Right.SEE)
def audit(request: HttpRequest, account_id: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    search = Search(**{field.name: request.GET.get(field.name, "").strip() for field in fields(Search)})
    problem = problem_with(search, account)
    runs = found_runs(account, Search() if problem else search)
    paging = Paginator(runs, RUNS_A_PAGE).get_page(request.GET.get("page"))
    rows = audit_rows(list(paging.object_list))
    context = {
        "account": account,
        "tab": "audit",
        "search": search,
        "problem": problem,
        "rows": rows,
        "paging": paging,
        "days": settings.RUN_RETENTION_DAYS,
        "sync_types": offered(),
        "statuses": [(status.value, badge_of(status).words) for status in STATUSES],
        "moving": any(row.run.status == RunStatus.RUNNING for row in rows),
    }
    if request.headers.get("HX-Request"):
        return render(request, "console/account/audit_rows.html", context)
    return render(request, "console/account/audit.html", context)
