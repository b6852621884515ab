"""The page of one contact or lead that a form of Dynamics shows in a frame, and the way to it from here.

Nobody is signed in there, so the link is the key: signed, for one record, good for minutes. Only pages of the
account's own environment may frame it. It shows and changes nothing, runs no script and keeps no cookie.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from csp.constants import NONE
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from syncline.accounts.models import EmailAccount
from syncline.accounts.record_links import (
    BadLinkError,
    ExpiredLinkError,
    LinkedRecord,
    frame_of,
    link_text,
    linked_record,
    record_in,
)
from syncline.console.dynamics_links import record_address
from syncline.console.list_rows import why_address
from syncline.console.live_dynamics import impatient_client
from syncline.console.record_facts import ask_dynamics, facts_of, known_record
from syncline.console.record_timeline import Timeline, read_timeline
from syncline.console.rights import Right, needs
from syncline.console.vendor_calls import in_words
from syncline.dataverse import NotFound
from syncline.remote import RemoteError


@needs(Right.ANYONE)
def record(request: HttpRequest, link: str) -> HttpResponse:
    """`link`: as `accounts.record_links` made it, without which nothing is shown."""
    try:
        linked = record_in(link)
    except ExpiredLinkError as expired:
        # Whoever could see the record still sees why it is gone; where that was, its own link says.
        account = EmailAccount.objects.filter(pk=expired.record.account_id).first()
        return _refusal(request, account, is_old=True)
    except BadLinkError:
        return _refusal(request, None, is_old=False)
    account = EmailAccount.objects.filter(pk=linked.account_id).first()
    if account is None:
        return _refusal(request, None, is_old=False)
    return _framed(render(request, "console/record.html", _told(account, linked)), account)


@needs(Right.SEE)
def record_open(request: HttpRequest, account_id: int, table: str, record_id: str) -> HttpResponse:
    """To the page of a record, for somebody who is signed in."""
    linked = linked_record(get_object_or_404(EmailAccount, pk=account_id), table, record_id)
    if linked is None:
        raise Http404
    return redirect("record", link_text(linked))


def _told(account: EmailAccount, linked: LinkedRecord) -> dict[str, Any]:
    named = known_record(account, linked)
    facts = facts_of(account, linked, named) if named else None
    timeline = Timeline([], has_more=False, problems=[])
    problem, is_missing = "", False
    try:
        with impatient_client(account) as client:
            facts = facts or facts_of(account, linked, ask_dynamics(client, linked))
            timeline = read_timeline(client, account, linked)
    except NotFound:
        is_missing = True
    except RemoteError as error:
        problem = in_words(error)
    return {
        "account": account,
        "linked": linked,
        "facts": facts,
        "timeline": timeline,
        "problem": problem,
        "is_missing": is_missing,
        "why_url": why_address(account, facts.address) if facts and facts.address else "",
        "in_dynamics": record_address(account, linked.table, linked.record_id),
    }


def _refusal(request: HttpRequest, account: EmailAccount | None, *, is_old: bool) -> HttpResponse:
    """The same words whatever is wrong with a link that is none of ours."""
    refused = render(
        request, "console/record_refused.html", {"is_old": is_old}, status=HTTPStatus.FORBIDDEN.value
    )
    return _framed(refused, account)


def _framed(response: HttpResponse, account: EmailAccount | None) -> HttpResponse:
    """Let the account's environment, and no other page, show the response in a frame."""
    told: Any = response
    told._csp_replace = {
        "frame-ancestors": [frame_of(account) if account else NONE],
        "script-src": [NONE],
        "connect-src": [NONE],
        "form-action": [NONE],
    }
    # The older header knows no origins; where both stand, some browsers obey it.
    told.xframe_options_exempt = account is not None
    # The address is a key: no page that is opened from here gets to know it.
    response["Referrer-Policy"] = "no-referrer"
    return response
