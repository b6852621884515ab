"""One email campaign: what it is, what it came to, how far it is carried over, and how it went over time."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render

from syncline.accounts.campaign_levels import CampaignLevel
from syncline.accounts.models import EmailAccount
from syncline.campaigns.days import course_of
from syncline.campaigns.levels import set_levels
from syncline.campaigns.models import Campaign, DayKind
from syncline.campaigns.totals import rates_of, totals_of
from syncline.console.actors import actor_of
from syncline.console.campaign_chart import chart_of
from syncline.console.campaign_people import QUESTIONS
from syncline.console.campaign_rows import AS_ACCOUNT
from syncline.console.dotdigital_links import application_address
from syncline.console.dynamics_links import record_address
from syncline.console.meanwhile import (
    CHANGED,
    KEPT,
    WRONG,
    ChangedMeanwhileError,
    basis_of,
    mark_of,
    nobody_else_saved,
)
from syncline.console.rights import Right, may, needs
from syncline.console.run_message import message_of
from syncline.ledger.models import RunPart
from syncline.syncs.campaigns.campaign_rows import CAMPAIGN_TABLE
from syncline.syncs.campaigns.parts import AUDIT_TYPE, id_in_dynamics
from syncline.syncs.campaigns.states import states_of

RUNS_SHOWN: Final = 10
CHANGED_BY: Final = ("level of an email campaign",)
"""What the admin log calls a change of what the form of this page shows."""

MONEY: Final = ("revenue", "assisted_revenue")


class OwnLevelForm(forms.Form):
    """How much is synced of one campaign."""

    level = forms.ChoiceField(label="Level of this campaign")

    def __init__(self, campaign: Campaign, sent: QueryDict | None = None) -> None:
        super().__init__(sent, initial={"level": campaign.level or AS_ACCOUNT})
        level = self.fields["level"]
        assert isinstance(level, forms.ChoiceField)
        by_account = CampaignLevel(campaign.account.campaign_level).label
        level.choices = [(AS_ACCOUNT, f"As the account ({by_account})"), *CampaignLevel.choices]

    @property
    def wanted(self) -> CampaignLevel | None:
        chosen = self.cleaned_data["level"]
        return None if chosen == AS_ACCOUNT else CampaignLevel(chosen)


@needs(Right.SEE, post=Right.ADMINISTER)
def campaign(request: HttpRequest, account_id: int, campaign_id: int) -> HttpResponse:
    """`campaign_id`: Dotdigital's number. What is posted is the campaign's level."""
    account = get_object_or_404(EmailAccount, pk=account_id)
    found = get_object_or_404(
        Campaign.objects.select_related("account"), account=account, campaign_id=campaign_id
    )
    if request.method != "POST":
        return _page(request, account, found, OwnLevelForm(found))
    form = OwnLevelForm(found, request.POST)
    if not form.is_valid():
        return _page(request, account, found, form, WRONG)
    about = f"campaign {found.campaign_id}"
    try:
        with nobody_else_saved(request, account, lambda _: _mark(found), CHANGED_BY, about):
            changed = set_levels(account, [found.campaign_id], form.wanted, by=actor_of(request))
    except ChangedMeanwhileError as other:
        messages.warning(request, f"{other} {KEPT}")
        return _page(request, account, found, form, CHANGED)
    saved = "Saved. The next sync of campaigns goes by it."
    messages.success(request, saved if changed else "Nothing had changed.")
    return redirect("campaign", account.pk, found.campaign_id)


def _mark(found: Campaign) -> str:
    """Of the level as it is stored now."""
    return mark_of(Campaign.objects.values_list("level", flat=True).get(pk=found.pk))


def _page(
    request: HttpRequest, account: EmailAccount, found: Campaign, form: OwnLevelForm, status: int = 200
) -> HttpResponse:
    totals = totals_of(found.totals)
    parts = RunPart.objects.filter(run__account=account, audit_type=AUDIT_TYPE, reference=found.pk)
    context: dict[str, Any] = {
        "account": account,
        "tab": "campaigns",
        "campaign": found,
        "header": {name.removeprefix("syncline_"): value for name, value in found.header.items()},
        "totals": [(_words(name), number) for name, number in asdict(totals).items() if name not in MONEY]
        if totals
        else [],
        "money": [(_words(name), getattr(totals, name)) for name in MONEY] if totals else [],
        "rates": rates_of(totals) if totals else [],
        "questions": QUESTIONS.items(),
        "data_sets": states_of(found),
        "kinds": list(DayKind),
        "chart": chart_of(course_of(found)),
        "form": form,
        "basis": basis_of(request, _mark(found), status),
        "unsaved": status != 200,
        "in_dynamics": record_address(account, CAMPAIGN_TABLE, id_in_dynamics(found)),
        "in_dotdigital": application_address(account.dotdigital_url),
        "runs": [
            (part, message_of(part)) for part in parts.select_related("run").order_by("-pk")[:RUNS_SHOWN]
        ],
        "may_administer": may(request.user, Right.ADMINISTER),
    }
    return render(request, "console/account/campaign.html", context, status=status)


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()
