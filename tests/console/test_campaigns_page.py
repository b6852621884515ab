"""Email Campaigns: what is shown of each, finding some, and setting the level of some or of the account."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from console.campaign_world import SENT_AT, make_campaign, make_draft
from console.world import SignedIn, basis_at, make_account
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.accounts.roles import Role
from syncline.campaigns.models import Campaign
from syncline.console.campaigns_page import CAMPAIGNS_A_PAGE


def page(client: Client, account: EmailAccount, **query: str) -> str:
    return client.get(reverse("campaigns", args=[account.pk]), query).content.decode()


def shown(text: str) -> list[str]:
    return re.findall(r'<th scope="row"[^>]*><[^>]*class="row-title"[^>]*>([^<]+)<', text)


def set_level(client: Client, account: EmailAccount, level: str, *chosen: Campaign, **kept: str) -> str:
    sent = {"to_level": level, "campaign": [one.campaign_id for one in chosen], **kept}
    return client.post(reverse("campaigns-level", args=[account.pk]), sent, follow=True).content.decode()


def levels() -> dict[str, str]:
    return dict(Campaign.objects.values_list("name", "level"))


def test_without_campaigns_the_page_says_where_they_come_from(manager: Client, contoso: EmailAccount) -> None:
    text = page(manager, contoso)
    assert "No campaign is known yet" in text
    assert reverse("schedule", args=[contoso.pk]) in text


def test_a_campaign_is_told_with_its_totals_and_rates(manager: Client, contoso: EmailAccount) -> None:
    make_campaign(contoso, "Spring")
    text = page(manager, contoso)
    # Opened, clicked and left of the 11,800 that arrived; bounced of the 12,000 that were sent.
    for cell in ("12,000", "4,130", "35.0 %", "590", "5.0 %", "59", "0.5 %", "180", "1.5 %"):
        assert cell in text
    assert "All about Spring" in text
    assert "2026-03-02T09:00:00" in text
    assert "Summary" in text
    assert "by the account" in text


def test_what_is_wrong_stands_beside_the_campaign(manager: Client, contoso: EmailAccount) -> None:
    make_campaign(contoso, "Spring", problem="EmailClicks: The table is not there.")
    make_campaign(contoso, "Autumn", deleted=True, level="none")
    text = page(manager, contoso)
    assert "EmailClicks: The table is not there." in text
    assert "Deleted in Dotdigital" in text
    assert "its own" in text
    assert shown(page(manager, contoso, show="problem")) == ["Spring"]


def test_sent_ones_come_first_and_the_newest_of_them(manager: Client, contoso: EmailAccount) -> None:
    make_draft(contoso, "Draft")
    make_campaign(contoso, "Older", sent_at=SENT_AT - timedelta(days=7))
    make_campaign(contoso, "Newer")
    make_campaign(make_account("Fabrikam"), "Theirs")
    assert shown(page(manager, contoso)) == ["Newer", "Older"]
    assert shown(page(manager, contoso, show="all")) == ["Newer", "Older", "Draft"]
    assert "Not sent" in page(manager, contoso, show="all")


def test_where_nothing_was_sent_all_are_shown(manager: Client, contoso: EmailAccount) -> None:
    make_draft(contoso, "Draft")
    assert shown(page(manager, contoso)) == ["Draft"]


def test_they_are_found_by_name_subject_and_level_in_force(manager: Client, contoso: EmailAccount) -> None:
    make_campaign(contoso, "Spring", level="detailed")
    make_campaign(contoso, "Autumn", header={"syncline_subject": "Boots that last"})
    assert shown(page(manager, contoso, name="sprIN")) == ["Spring"]
    assert shown(page(manager, contoso, name="boots")) == ["Autumn"]
    assert shown(page(manager, contoso, level="detailed")) == ["Spring"]
    assert shown(page(manager, contoso, level="summary")) == ["Autumn"]
    assert "No campaign matches" in page(manager, contoso, name="winter")
    assert shown(page(manager, contoso, show="nonsense", level="nonsense")) == ["Autumn", "Spring"]


def test_many_come_in_pages(manager: Client, contoso: EmailAccount) -> None:
    for number in range(CAMPAIGNS_A_PAGE + 3):
        make_campaign(contoso, f"Mail {number:03}", sent_at=SENT_AT - timedelta(days=number))
    assert len(shown(page(manager, contoso))) == CAMPAIGNS_A_PAGE
    assert shown(page(manager, contoso, page="2")) == [f"Mail {CAMPAIGNS_A_PAGE + n:03}" for n in range(3)]


def test_chosen_ones_get_a_level_and_no_others(manager: Client, contoso: EmailAccount) -> None:
    spring, autumn, _ = (make_campaign(contoso, name) for name in ("Spring", "Autumn", "Winter"))
    text = set_level(manager, contoso, "detailed", spring, autumn, name="n", show="all")
    assert "Saved: 2 campaigns at Detailed." in text
    assert 'name="name" type="search" placeholder="Name or subject" value="n"' in text
    assert levels() == {"Spring": "detailed", "Autumn": "detailed", "Winter": ""}
    entry = AdminLogEntry.objects.filter(action="level of an email campaign").latest("pk")
    assert entry.actor == "manager-person"
    assert "Nothing had changed." in set_level(manager, contoso, "detailed", spring)


def test_a_campaign_is_given_back_to_the_account(manager: Client, contoso: EmailAccount) -> None:
    spring = make_campaign(contoso, "Spring", level="none")
    assert "Saved: 1 campaign as the account says." in set_level(manager, contoso, "account", spring)
    assert levels() == {"Spring": ""}


@pytest.mark.parametrize("what", ["no campaign", "no level", "a level there is not", "somebody else's"])
def test_what_cannot_be_set_changes_nothing(what: str, manager: Client, contoso: EmailAccount) -> None:
    spring = make_campaign(contoso, "Spring")
    theirs = make_campaign(make_account("Fabrikam"), "Theirs")
    chosen = {"no campaign": [], "somebody else's": [spring, theirs]}.get(what, [spring])
    level = {"no level": "", "a level there is not": "all"}.get(what, "detailed")
    text = set_level(manager, contoso, level, *chosen)
    expected = {
        "no campaign": "Choose the campaigns first",
        "somebody else's": f"No campaign is known with the number {theirs.campaign_id}",
    }
    assert expected.get(what, "Choose the level first") in text
    assert levels() == {"Spring": "", "Theirs": ""}
    assert not AdminLogEntry.objects.exists()


def test_the_level_of_the_account_is_saved(manager: Client, contoso: EmailAccount) -> None:
    make_campaign(contoso, "Spring")
    address = reverse("campaigns", args=[contoso.pk])
    answer = manager.post(address, {"campaign_level": "none"} | basis_at(manager, address), follow=True)
    assert "Saved. The next sync of campaigns goes by it." in answer.content.decode()
    contoso.refresh_from_db()
    assert contoso.campaign_level == "none"
    entry = AdminLogEntry.objects.get()
    assert (entry.action, entry.actor) == ("level of email campaigns", "manager-person")
    assert (entry.before, entry.after) == ({"campaign_level": "summary"}, {"campaign_level": "none"})


def test_a_viewer_sees_them_and_sets_nothing(signed_in: SignedIn, contoso: EmailAccount) -> None:
    spring = make_campaign(contoso, "Spring")
    for role in (Role.VIEWER, Role.PROFESSIONAL):
        client = signed_in(role)
        text = page(client, contoso)
        assert shown(text) == ["Spring"]
        assert "Set level" not in text
        assert "Only an Email Marketing Manager can change levels." in text
        assert "Your role may not do this" in set_level(client, contoso, "none", spring)
    assert levels() == {"Spring": ""}
