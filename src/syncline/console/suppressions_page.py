"""Suppressions: every address on the account's Dotdigital suppression list, and why it is there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render

from syncline.accounts.models import EmailAccount
from syncline.consent import in_dynamics
from syncline.consent.models import Suppression
from syncline.consent.suppression_list import (
    SuppressionSearch,
    every_suppression,
    is_any,
    suppressions_page,
)
from syncline.consent.suppression_reasons import ACCEPTED, ASKED, REASONS, SuppressionReason, reason_of
from syncline.console.list_rows import why_address
from syncline.console.paging import key_page
from syncline.console.rights import Right, may, needs
from syncline.csv_lines import lines_of

SUPPRESSIONS_A_PAGE: Final = 50
LONGEST_ADDRESS: Final = 320
COLUMNS: Final = ("address", "reason", "reason_words", "since", "suppressed_by", "note")


@dataclass(frozen=True)
class SuppressionRow:
    """One line of the table."""

    stored: Suppression
    reason: SuppressionReason
    why_url: str
    records: int
    """Contacts and leads of Dynamics that the Suppressions sync has told of it."""

    @property
    def pk(self) -> str:
        return self.stored.person_key

    @property
    def is_by_hand(self) -> bool:
        return self.stored.reason in {ASKED, ACCEPTED}


@needs(Right.SEE)
def suppressions(request: HttpRequest, account_id: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    search = suppression_search_in(request.GET)
    after, before = (request.GET.get(name, "")[:LONGEST_ADDRESS] for name in ("after", "before"))
    taken = suppressions_page(account.pk, search, SUPPRESSIONS_A_PAGE, after=after, before=before)
    rows = suppression_rows(account, taken)
    context = {
        "account": account,
        "tab": "suppressions",
        "search": search,
        "is_filtered": bool(search.address or search.reason),
        "is_any": bool(rows) or is_any(account.pk),
        "reasons": sorted(REASONS.items(), key=lambda entry: (entry[0] in {ASKED, ACCEPTED}, entry[1].name)),
        "rows": key_page(rows, SUPPRESSIONS_A_PAGE, after=after, before=before),
        "may_administer": may(request.user, Right.ADMINISTER),
    }
    return render(request, "console/account/suppressions.html", context)


@needs(Right.SEE)
def suppressions_export(request: HttpRequest, account_id: int) -> StreamingHttpResponse:
    """What the page's search lets through, as one CSV file, sent while it is being read."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    return StreamingHttpResponse(
        lines_of(COLUMNS, _lines(account, suppression_search_in(request.GET))),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="suppressions-{account.pk}.csv"'},
    )


def suppression_rows(account: EmailAccount, stored: Sequence[Suppression]) -> list[SuppressionRow]:
    told = in_dynamics.count_told(account.pk, [row.person_key for row in stored])
    return [
        SuppressionRow(
            row, reason_of(row.reason), why_address(account, row.person_key), told.get(row.person_key, 0)
        )
        for row in stored
    ]


def suppression_search_in(sent: Any) -> SuppressionSearch:
    """From a query string."""
    return SuppressionSearch(
        address=sent.get("address", "").strip().lower()[:LONGEST_ADDRESS],
        reason=sent.get("reason", "") if sent.get("reason", "") in REASONS else "",
    )


def _lines(account: EmailAccount, search: SuppressionSearch) -> Iterator[tuple[str, ...]]:
    for row in every_suppression(account.pk, search):
        since = row.since.astimezone(UTC).isoformat(timespec="seconds")
        yield (row.person_key, row.reason, reason_of(row.reason).words, since, row.asked_by, row.note)
