"""Web Behaviour: visits to web sites, the latest first, of a period and of whom one looks for."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from syncline.accounts.models import EmailAccount
from syncline.console.rights import Right, needs
from syncline.people.facts import NO_ADDRESS
from syncline.web_behaviour.finding import count_visits, visits_of

VISITS_A_PAGE: Final = 50
LONGEST_ADDRESS: Final = 320
PERIODS: Final = {"7": "7 days", "30": "30 days", "90": "90 days", "": "All"}
"""Days, as in the query → as on the page."""


@needs(Right.SEE)
def web_behaviour(request: HttpRequest, account_id: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    address = request.GET.get("address", "").strip().replace("\0", "")[:LONGEST_ADDRESS]
    days = request.GET.get("days", "")
    days = days if days in PERIODS else ""
    since = timezone.now() - timedelta(days=int(days)) if days else None
    found = visits_of(account, address=address, since=since)
    paging = Paginator(found, VISITS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "account": account,
        "tab": "web-behaviour",
        "all": count_visits(account),
        "address": address,
        "days": days,
        "periods": [(key or None, words, key == days) for key, words in PERIODS.items()],
        "rows": [
            ("" if visit.person_key.startswith(NO_ADDRESS) else visit.person_key, visit)
            for visit in paging.object_list
        ],
        "paging": paging,
    }
    return render(request, "console/account/web_behaviour.html", context)
