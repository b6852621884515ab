"""Choosing a table for insight data, and its columns: both are asked of Dynamics while somebody waits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render

from syncline.accounts.models import EmailAccount
from syncline.console.actors import actor_of
from syncline.console.live_dynamics import impatient_client
from syncline.console.meanwhile import (
    CHANGED,
    KEPT,
    WRONG,
    ChangedMeanwhileError,
    basis_of,
    mark_of,
    nobody_else_saved,
)
from syncline.console.rights import Right, needs
from syncline.console.vendor_calls import in_words
from syncline.insight.choosing import (
    Choice,
    ChoiceRefusedError,
    Offer,
    change_to_offered,
    choose_offered,
    offer,
)
from syncline.insight.models import InsightTable
from syncline.remote import RemoteError

LONGEST: Final = 255
MOST_SENT: Final = 2000
"""Columns that one form may send: Dynamics allows a table fewer."""
CHANGED_BY: Final = ("insight data changed",)


@dataclass(frozen=True)
class Entered:
    """What somebody has put into the form so far."""

    lookup: str = ""
    collection: str = ""
    columns: Sequence[str] = field(default_factory=list)

    @classmethod
    def sent(cls, sent: QueryDict) -> Entered:
        names = [_clean(name) for name in sent.getlist("column")[:MOST_SENT]]
        return cls(_clean(sent.get("lookup", "")), _clean(sent.get("collection", "")), names)

    def columns_after(self, before: Sequence[str]) -> list[str]:
        """Those there were keep their places: in another order every record would be another."""
        wanted = set(self.columns)
        return [
            *(one for one in before if one in wanted),
            *(one for one in self.columns if one not in before),
        ]


@needs(Right.ADMINISTER, post=Right.ADMINISTER)
def insight_new(request: HttpRequest, account_id: int) -> HttpResponse:
    """First which table, then what of it."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    sent = request.POST if request.method == "POST" else request.GET
    name = _clean(sent.get("table", "")).lower()
    entered = Entered.sent(sent)
    if not name:
        return _page(request, account, "", None, entered, WRONG if request.method == "POST" else 200)
    offered = _asked(request, account, name)
    if request.method != "POST" or offered is None:
        status = 200 if offered or request.method != "POST" else WRONG
        return _page(request, account, name, offered, entered, status)
    choice = Choice(name, entered.columns, entered.lookup, entered.collection)
    try:
        made = choose_offered(account, choice, offered, by=actor_of(request))
    except ChoiceRefusedError as refusal:
        messages.error(request, f"Nothing was saved. {refusal}")
        return _page(request, account, name, offered, entered, WRONG)
    messages.success(
        request,
        f"{made.title} goes into the collection {made.collection} with the next sync of insight data.",
    )
    return redirect("insight-table", account.pk, made.pk)


@needs(Right.ADMINISTER, post=Right.ADMINISTER)
def insight_columns(request: HttpRequest, account_id: int, table_id: int) -> HttpResponse:
    """Which columns of a chosen table are carried over."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    table = get_object_or_404(InsightTable, account=account, pk=table_id)
    offered = _asked(request, account, table.table)
    if request.method != "POST":
        entered = Entered(table.lookup, table.collection, table.columns)
        return _page(request, account, table.table, offered, entered, table=table)
    entered = Entered.sent(request.POST)
    if offered is None:
        return _page(request, account, table.table, None, entered, WRONG, table=table)
    about = f"insight {table.collection}"
    try:
        with nobody_else_saved(request, account, lambda _: _mark(table), CHANGED_BY, about):
            table.refresh_from_db()
            change_to_offered(table, entered.columns_after(table.columns), offered, by=actor_of(request))
    except ChangedMeanwhileError as changed:
        messages.warning(request, f"{changed} {KEPT}")
        return _page(request, account, table.table, offered, entered, CHANGED, table=table)
    except ChoiceRefusedError as refusal:
        messages.error(request, f"Nothing was saved. {refusal}")
        return _page(request, account, table.table, offered, entered, WRONG, table=table)
    messages.success(request, "Saved. The next sync reads the table anew and sends what differs.")
    return redirect("insight-table", account.pk, table.pk)


def _asked(request: HttpRequest, account: EmailAccount, table: str) -> Offer | None:
    """What the table has to offer; None where that could not be found out, which has been told then."""
    try:
        with impatient_client(account) as client:
            return offer(client, table)
    except ChoiceRefusedError as refusal:
        messages.error(request, str(refusal))
    except RemoteError as error:
        messages.error(request, f"Dynamics could not be asked what {table} has to offer. {in_words(error)}")
    return None


def _mark(table: InsightTable) -> str:
    """Of the columns as they are stored now."""
    stored = InsightTable.objects.filter(pk=table.pk).values_list("columns", flat=True).first()
    return mark_of(stored)


def _page(
    request: HttpRequest,
    account: EmailAccount,
    name: str,
    offered: Offer | None,
    entered: Entered,
    status: int = 200,
    *,
    table: InsightTable | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {
        "account": account,
        "tab": "insight",
        "name": name,
        "offered": offered,
        "entered": entered,
        "columns": _columns(offered, entered) if offered else [],
        "basis": basis_of(request, _mark(table), status) if table else "",
        "chosen": table,
        "unsaved": status != 200,
    }
    return render(request, "console/account/insight_columns.html", context, status=status)


def _columns(offered: Offer, entered: Entered) -> list[tuple[str, str, bool]]:
    """(name, title, whether it is chosen): those that are chosen first, each group by title."""
    chosen = set(entered.columns)
    rows = [(name, one.label or name, name in chosen) for name, one in offered.columns.items()]
    return sorted(rows, key=lambda row: (not row[2], row[1].casefold(), row[0]))


def _clean(text: str) -> str:
    return text.strip().replace("\0", "")[:LONGEST]
