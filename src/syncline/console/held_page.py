"""Held Records: what one side refused, why, and Replay."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from syncline.accounts.models import EmailAccount
from syncline.console.actors import actor_of
from syncline.console.dynamics_links import record_address
from syncline.console.list_rows import why_address
from syncline.console.paging import key_page
from syncline.console.record_pages import number_in
from syncline.console.rights import Right, may, needs, right_to_run
from syncline.console.sync_types import name_of, offered
from syncline.engine.replay import Replayed, replay
from syncline.ledger.held import held_page, held_records, reasons_held
from syncline.ledger.models import Held
from syncline.people.facts import NO_ADDRESS
from syncline.syncs.reasons import REASONS, words

HELD_A_PAGE = 50


@dataclass(frozen=True)
class HeldRow:
    """One line of the table."""

    held: Held
    words: str
    remedy: str
    vendor_words: str
    """Empty where the record holds nothing but our own words."""
    sync_name: str
    dynamics_url: str
    why_url: str
    """Empty for what is no person."""

    @property
    def pk(self) -> int:
        return self.held.pk

    @property
    def is_nameless(self) -> bool:
        return self.held.person_key.startswith(NO_ADDRESS)


@needs(Right.SEE)
def held(request: HttpRequest, account_id: int) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    search = _search(request.GET)
    after, before = number_in(request.GET.get("after", "")), number_in(request.GET.get("before", ""))
    taken = held_page(held_records(account, **search), HELD_A_PAGE, after=after, before=before)
    reasons = reasons_held(account)
    context = {
        "account": account,
        "section": "held",
        "search": search,
        "reasons": [(code, words(code), number) for code, number in reasons],
        "reason_words": words(search["reason"]),
        "remedy": REASONS[search["reason"]].remedy if search["reason"] in REASONS else "",
        "total": sum(number for _, number in reasons),
        "rows": key_page([held_row(account, row) for row in taken], HELD_A_PAGE, after=after, before=before),
        "may_replay": may(request.user, Right.START_LIST_SYNC),
    }
    return render(request, "console/account/held.html", context)


@needs(post=Right.START_LIST_SYNC)
def held_replay(request: HttpRequest, account_id: int) -> HttpResponse:
    """Replay one, the chosen ones, or all that the page's search finds."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    back = redirect(reverse("held", args=[account.pk]) + _query(request))
    chosen, asked = _chosen(request, account)
    if account.disabled:
        messages.warning(request, "The account is disabled, so nothing was replayed.")
    elif chosen is None:
        messages.warning(request, "Choose the records to replay first, then press Replay chosen again.")
    else:
        allowed = [kind.key for kind in offered() if may(request.user, right_to_run(kind.key))]
        done = replay(account, chosen, actor_of(request), asked=asked, sync_types=allowed)
        _tell(request, account, done)
    return back


def held_row(account: EmailAccount, row: Held) -> HeldRow:
    entry = REASONS.get(row.reason)
    ours = words(row.reason)
    return HeldRow(
        held=row,
        words=ours,
        remedy=entry.remedy if entry else "",
        vendor_words="" if row.detail == ours else row.detail,
        sync_name=name_of(row.sync_type),
        dynamics_url=record_address(account, row.entity, row.record_id),
        why_url=why_address(account, row.person_key) if "@" in row.person_key[1:] else "",
    )


def _chosen(
    request: HttpRequest, account: EmailAccount
) -> tuple[QuerySet[Held] | None, Mapping[str, object]]:
    """The records that are meant, and how to tell the admin log; None where nothing was chosen."""
    sent = request.POST
    if sent.get("which") == "all":
        search = _search(sent)
        return held_records(account, **search), {name: text for name, text in search.items() if text}
    ids = [number_in(text) for text in ([sent["one"]] if "one" in sent else sent.getlist("held"))]
    chosen = held_records(account).filter(pk__in=ids[:HELD_A_PAGE])
    addresses = sorted(chosen.values_list("person_key", flat=True))
    return (chosen, {"addresses": addresses}) if addresses or "one" in sent else (None, {})


def _tell(request: HttpRequest, account: EmailAccount, done: Replayed) -> None:
    if not done.records:
        messages.info(request, "Nothing was replayed: these records are no longer held.")
        return
    links = format_html_join(
        " and ",
        '<a href="{}">{}</a>',
        ((reverse("run", args=[account.pk, run.key]), name_of(run.sync_type)) for run in done.runs),
    )
    many = done.records != 1
    told = format_html(
        "{} {} decided again, with the mappings and lists as they are now. Follow it: {}. {} here only if {} "
        "refused again.",
        f"{done.records:,}",
        "records are" if many else "record is",
        links,
        "They stay" if many else "It stays",
        "they are" if many else "it is",
    )
    messages.success(request, told)


def _search(sent: Any) -> dict[str, str]:
    return {
        "reason": sent.get("reason", "").strip(),
        "address": sent.get("address", "").strip().lower(),
    }


def _query(request: HttpRequest) -> str:
    """Back to the same search, from its first page: what was replayed may be gone by then."""
    kept = request.POST.copy()
    for name in [name for name in kept if name not in {"reason", "address"} or not kept[name]]:
        del kept[name]
    return f"?{kept.urlencode()}" if kept else ""
