"""Active Email Accounts: every connected account, and how its last run went."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from syncline.accounts.models import EmailAccount
from syncline.console.regions import region_of
from syncline.console.rights import Right, needs
from syncline.console.sync_types import name_of
from syncline.ledger.models import Run
from syncline.ledger.plans import tripped

ACCOUNTS_A_PAGE = 50


@dataclass(frozen=True)
class AccountRow:
    """One line of the table."""

    account: EmailAccount
    region: str
    last_run: Run | None
    last_run_name: str
    tripped: list[Run]
    """What the fuse stopped, and waits for somebody's approval."""

    @property
    def state(self) -> str:
        return "account_disabled" if self.account.disabled else "account_active"


@needs(Right.SEE)
def home(request: HttpRequest) -> HttpResponse:
    return redirect("accounts")


@needs(Right.SEE)
def accounts(request: HttpRequest) -> HttpResponse:
    wanted = request.GET.get("name", "").strip()
    found = EmailAccount.objects.all()
    if wanted:
        found = found.filter(name__icontains=wanted)
    page = Paginator(_with_last_run(found), ACCOUNTS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": "accounts",
        "rows": account_rows(list(page.object_list)),
        "paging": page,
        "wanted": wanted,
        "searchable": wanted or page.paginator.count > 10,
    }
    return render(request, "console/accounts.html", context)


def account_rows(accounts: list[EmailAccount]) -> list[AccountRow]:
    """The lines for accounts that were read with their last run's id, in two more queries."""
    ids = [account.last_run_id for account in accounts]  # type: ignore[attr-defined]
    runs = Run.objects.defer("position").in_bulk([found for found in ids if found])
    waiting: dict[int, list[Run]] = {}
    for stopped in tripped([account.pk for account in accounts]).defer("position"):
        waiting.setdefault(stopped.account_id, []).append(stopped)
    rows = []
    for account, run_id in zip(accounts, ids, strict=True):
        run = runs.get(run_id)
        name = name_of(run.sync_type) if run else ""
        rows.append(
            AccountRow(account, region_of(account.dotdigital_url), run, name, waiting.get(account.pk, []))
        )
    return rows


def _with_last_run(accounts: QuerySet[EmailAccount]) -> QuerySet[EmailAccount]:
    last = Run.objects.filter(account=OuterRef("pk"), started_at__isnull=False, plan_only=False)
    return accounts.annotate(last_run_id=Subquery(last.order_by("-started_at").values("pk")[:1]))
