"""Email Campaigns: every campaign of the account, what it came to, and how much of it is synced."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from syncline.accounts.campaign_levels import CampaignLevel
from syncline.accounts.changing import set_campaign_level
from syncline.accounts.models import EmailAccount
from syncline.campaigns.finding import CampaignSearch, Which, campaigns_of, count_of
from syncline.campaigns.levels import UnknownCampaignsError, set_levels
from syncline.console.actors import actor_of
from syncline.console.campaign_rows import AS_ACCOUNT, WHAT_IT_BRINGS, campaign_row
from syncline.console.meanwhile import (
    CHANGED,
    KEPT,
    WRONG,
    ChangedMeanwhileError,
    basis_of,
    mark_of,
    nobody_else_saved,
)
from syncline.console.record_pages import number_in
from syncline.console.rights import Right, may, needs

CAMPAIGNS_A_PAGE: Final = 50
LONGEST_NAME: Final = 255
CHANGED_BY: Final = ("level of email campaigns",)
"""What the admin log calls a change of what the form of this page shows."""


class LevelForm(forms.Form):
    """How much is synced of campaigns that have no level of their own."""

    campaign_level = forms.ChoiceField(
        label="Campaigns without a level of their own",
        choices=CampaignLevel.choices,
        error_messages={"invalid_choice": "Choose None, Summary or Detailed."},
    )

    def __init__(self, account: EmailAccount, sent: QueryDict | None = None) -> None:
        super().__init__(sent, initial={"campaign_level": account.campaign_level})


@needs(Right.SEE, post=Right.ADMINISTER)
def campaigns(request: HttpRequest, account_id: int) -> HttpResponse:
    """The list; what is posted is the account's own level."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    if request.method != "POST":
        return _page(request, account, LevelForm(account))
    form = LevelForm(account, request.POST)
    if not form.is_valid():
        return _page(request, account, form, WRONG)
    level = CampaignLevel(form.cleaned_data["campaign_level"])
    try:
        with nobody_else_saved(request, account, _mark, CHANGED_BY) as stored:
            set_campaign_level(stored, level, by=actor_of(request))
    except ChangedMeanwhileError as changed:
        messages.warning(request, f"{changed} {KEPT}")
        return _page(request, account, form, CHANGED)
    messages.success(request, "Saved. The next sync of campaigns goes by it.")
    return redirect("campaigns", account.pk)


@needs(post=Right.ADMINISTER)
def campaigns_level(request: HttpRequest, account_id: int) -> HttpResponse:
    """Give the chosen campaigns a level of their own, or give them back to the account's."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    sent = request.POST.getlist("campaign")[:CAMPAIGNS_A_PAGE]
    numbers = {number for text in sent if (number := number_in(text))}
    wanted = request.POST.get("to_level", "")
    if wanted != AS_ACCOUNT and wanted not in CampaignLevel.values:
        messages.warning(request, "Choose the level first, then press Set level again.")
    elif not numbers:
        messages.warning(request, "Choose the campaigns first, then press Set level again.")
    else:
        _set(request, account, numbers, None if wanted == AS_ACCOUNT else CampaignLevel(wanted))
    return _back(request, account)


def _set(request: HttpRequest, account: EmailAccount, numbers: set[int], level: CampaignLevel | None) -> None:
    try:
        changed = set_levels(account, numbers, level, by=actor_of(request))
    except UnknownCampaignsError as error:
        messages.error(request, f"Nothing was saved. {error} {error.what_to_do}")
        return
    if not changed:
        messages.info(request, "Nothing had changed.")
        return
    what = f"{changed} campaign{'' if changed == 1 else 's'}"
    told = f"Saved: {what} at {level.label}" if level else f"Saved: {what} as the account says"
    messages.success(request, f"{told}. The next sync of campaigns goes by it.")


def _back(request: HttpRequest, account: EmailAccount) -> HttpResponse:
    """To the same choice of campaigns."""
    kept = request.POST.copy()
    for name in [name for name in kept if name not in {"show", "name", "level", "page"} or not kept[name]]:
        del kept[name]
    return redirect(reverse("campaigns", args=[account.pk]) + (f"?{kept.urlencode()}" if kept else ""))


def _mark(account: EmailAccount) -> str:
    return mark_of(account.campaign_level)


def _search_in(sent: Any, counts: dict[Which, int]) -> CampaignSearch:
    """From a query string. Where nothing was sent yet, what there is to see are the others."""
    show, level = sent.get("show", ""), sent.get("level", "")
    usual = Which.SENT if counts[Which.SENT] else Which.ALL
    return CampaignSearch(
        which=Which(show) if show in list(Which) else usual,
        name=sent.get("name", "").strip()[:LONGEST_NAME],
        level=CampaignLevel(level) if level in CampaignLevel.values else None,
    )


def _page(request: HttpRequest, account: EmailAccount, form: LevelForm, status: int = 200) -> HttpResponse:
    counts = count_of(account)
    search = _search_in(request.GET, counts)
    paging = Paginator(campaigns_of(account, search), CAMPAIGNS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "account": account,
        "tab": "campaigns",
        "form": form,
        "basis": basis_of(request, _mark(EmailAccount.objects.get(pk=account.pk)), status),
        "unsaved": status != 200,
        "search": search,
        "counts": {which.value: number for which, number in counts.items()},
        "levels": [(level, WHAT_IT_BRINGS[level]) for level in CampaignLevel],
        "rows": [campaign_row(one) for one in paging.object_list],
        "paging": paging,
        "is_filtered": bool(search.name or search.level),
        "may_administer": may(request.user, Right.ADMINISTER),
    }
    return render(request, "console/account/campaigns.html", context, status=status)
