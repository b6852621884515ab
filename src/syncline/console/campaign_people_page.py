"""Who opened, clicked, left, bounced or bought: read from Dynamics when somebody looks."""

from __future__ import annotations

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from syncline.accounts.models import EmailAccount
from syncline.campaigns.models import Campaign
from syncline.console.campaign_people import QUESTIONS, PeoplePage, StaleLinkError, read_people
from syncline.console.rights import Right, needs
from syncline.console.vendor_calls import in_words
from syncline.remote import RemoteError

LONGEST_ADDRESS: Final = 320


@needs(Right.SEE)
def campaign_people(request: HttpRequest, account_id: int, campaign_id: int, what: str) -> HttpResponse:
    account = get_object_or_404(EmailAccount, pk=account_id)
    found = get_object_or_404(
        Campaign.objects.select_related("account"), account=account, campaign_id=campaign_id
    )
    if what not in QUESTIONS:
        raise Http404
    address = request.GET.get("address", "").strip().lower()[:LONGEST_ADDRESS]
    after = request.GET.get("after", "")
    page, problem = PeoplePage([], ""), ""
    try:
        # Of a campaign that Dynamics was never told of it has no rows either.
        if found.told_digest:
            page = read_people(found, what, address=address, after=after)
    except StaleLinkError:
        return redirect("campaign-people", account.pk, found.campaign_id, what)
    except RemoteError as error:
        problem = in_words(error)
    context = {
        "account": account,
        "tab": "campaigns",
        "campaign": found,
        "what": what,
        "question": QUESTIONS[what],
        "questions": QUESTIONS.items(),
        "address": address,
        "after": after,
        "page": page,
        "problem": problem,
    }
    return render(request, "console/account/campaign_people.html", context)
