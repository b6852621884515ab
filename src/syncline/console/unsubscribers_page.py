"""List Unsubscribers: who left which list, and when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from syncline.accounts.models import EmailAccount
from syncline.consent.left_lists import left_at
from syncline.console.list_rows import why_address
from syncline.console.paging import key_page
from syncline.console.record_pages import number_in
from syncline.console.rights import Right, needs
from syncline.lists.models import MarketingList
from syncline.people.store.leavers import Leaver, leavers

LEAVERS_A_PAGE: Final = 50


@dataclass(frozen=True)
class LeaverRow:
    """One line of the table."""

    leaver: Leaver
    list_name: str
    at: datetime | None
    why_url: str
    can_come_back: bool

    @property
    def pk(self) -> str:
        return f"{self.leaver.list_id}:{self.leaver.person_key}"


@needs(Right.SEE)
def unsubscribers(request: HttpRequest, account_id: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    address = request.GET.get("address", "").strip().lower()[:320]
    listed = number_in(request.GET.get("list", "")) or None
    after, before = (_place_in(request.GET.get(name, "")) for name in ("after", "before"))
    found = leavers(
        account.pk, LEAVERS_A_PAGE + 1, list_id=listed, address=address, after=after, before=before
    )
    context = {
        "account": account,
        "tab": "unsubscribers",
        "address": address,
        "listed": listed,
        "is_filtered": bool(address or listed),
        "lists": MarketingList.objects.filter(account=account, address_book_id__isnull=False),
        "rows": key_page(_rows(account, found), LEAVERS_A_PAGE, after=after, before=before),
    }
    return render(request, "console/account/unsubscribers.html", context)


def _rows(account: EmailAccount, found: list[Leaver]) -> list[LeaverRow]:
    lists = MarketingList.objects.in_bulk({one.list_id for one in found})
    times = left_at(account.pk, found)
    return [
        LeaverRow(
            one,
            lists[one.list_id].name,
            times.get(one),
            why_address(account, one.person_key),
            can_come_back=lists[one.list_id].address_book_id is not None,
        )
        for one in found
    ]


def _place_in(text: str) -> Leaver | None:
    number, colon, key = text.partition(":")
    return Leaver(key, number_in(number)) if colon and key else None
