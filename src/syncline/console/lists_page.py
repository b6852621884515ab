"""Marketing Lists: every list of the account, how its members fare, and syncing one or several now."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html

from syncline.accounts.models import EmailAccount
from syncline.console.list_rows import list_row, under_way
from syncline.console.record_pages import number_in
from syncline.console.rights import Right, may, needs
from syncline.console.vendor_calls import dynamics_of, in_words
from syncline.engine import client as engine
from syncline.engine.heartbeat import is_any_worker_alive
from syncline.lists.finding import lists_of, syncable
from syncline.lists.in_dynamics import refresh_lists
from syncline.lists.models import MarketingList
from syncline.remote import RemoteError

LISTS_A_PAGE = 50


@needs(Right.SEE)
def lists(request: HttpRequest, account_id: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    return render(request, "console/account/lists.html", _context(request, account))


@needs(Right.SEE)
def lists_live(request: HttpRequest, account_id: int) -> HttpResponse:
    """The moving parts of the page, for one that is open."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    return render(request, "console/account/lists_live.html", _context(request, account))


@needs(post=Right.START_LIST_SYNC)
def lists_sync(request: HttpRequest, account_id: int) -> HttpResponse:
    """Sync the chosen lists now, or all of them, whatever the window says."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    everything = request.POST.get("which") == "all"
    ids = [number_in(text) for text in request.POST.getlist("list")[:LISTS_A_PAGE]]
    chosen = [] if everything else list(syncable(account).filter(pk__in=ids))
    if account.disabled:
        messages.warning(request, "The account is disabled, so nothing was started.")
    elif not everything and not ids:
        messages.warning(request, "Choose the lists to sync first, then press Sync now again.")
    elif not everything and not chosen:
        messages.warning(
            request, "A list is synced only once it is activated for e-mail. Open it to activate it."
        )
    else:
        _start(request, account, chosen)
    return _back(request, account)


@needs(post=Right.START_LIST_SYNC)
def lists_refresh(request: HttpRequest, account_id: int) -> HttpResponse:
    """Read the marketing lists of Dynamics anew: names, kinds, and the settings that are kept there."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    try:
        with dynamics_of(account) as client:
            refresh_lists(client, account)
    except RemoteError as error:
        messages.error(request, f"The lists were not read: {in_words(error)}")
    else:
        number = MarketingList.objects.filter(account=account, active=True).count()
        messages.success(
            request, f"Read from Dynamics: {number:,} marketing list{'' if number == 1 else 's'}."
        )
    return _back(request, account)


def _start(request: HttpRequest, account: EmailAccount, chosen: list[MarketingList]) -> None:
    """An empty choice means all lists."""
    run = engine.start_run(
        account, "lists_out", by=request.user.get_username(), scope=[one.pk for one in chosen]
    )
    what = f"{len(chosen)} list{'' if len(chosen) == 1 else 's'}" if chosen else "All activated lists"
    address = reverse("run", args=[account.pk, run.key])
    told = format_html('{} will be synced: <a href="{}">follow the run</a>.', what, address)
    messages.success(request, told)


def _back(request: HttpRequest, account: EmailAccount) -> HttpResponse:
    """To the same choice of lists; or to the page of the one list that asked."""
    one = number_in(request.POST.get("from_list", ""))
    if one:
        return redirect("list", account.pk, one)
    kept = request.POST.copy()
    for name in [name for name in kept if name not in {"show", "name", "page"} or not kept[name]]:
        del kept[name]
    return redirect(reverse("lists", args=[account.pk]) + (f"?{kept.urlencode()}" if kept else ""))


def _context(request: HttpRequest, account: EmailAccount) -> dict[str, Any]:
    name = request.GET.get("name", "").strip()
    total = MarketingList.objects.filter(account=account).count()
    activated = syncable(account).count()
    # Where nothing is activated yet, the lists to choose from are what somebody comes for.
    show = request.GET.get("show") or ("activated" if activated else "all")
    found = lists_of(account, activated_only=show == "activated", name=name)
    paging = Paginator(found, LISTS_A_PAGE).get_page(request.GET.get("page"))
    return {
        "account": account,
        "section": "lists",
        "show": show,
        "name": name,
        "total": total,
        "activated": activated,
        "rows": [list_row(one) for one in paging.object_list],
        "paging": paging,
        "under_way": under_way(account),
        "nobody_works": bool(under_way(account)) and not is_any_worker_alive(),
        "may_sync": may(request.user, Right.START_LIST_SYNC),
    }
