"""The page of one email campaign: totals, rates, sets of data, course and level."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from console.campaign_world import SENT_AT, make_campaign, make_days, make_draft, make_sets
from console.world import SignedIn, basis_at, make_account, make_list, make_run
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.accounts.roles import Role
from syncline.campaigns.models import Campaign
from syncline.ledger.models import RunPart, RunStatus
from syncline.syncs.campaigns.parts import AUDIT_TYPE, fail_data_set, id_in_dynamics


def address(campaign: Campaign) -> str:
    return reverse("campaign", args=[campaign.account_id, campaign.campaign_id])


def page(client: Client, campaign: Campaign) -> str:
    return client.get(address(campaign)).content.decode()


def part_of(campaign: Campaign) -> RunPart:
    run = make_run(campaign.account, "campaigns", started_at=SENT_AT)
    return RunPart.objects.create(
        run=run, audit_type=AUDIT_TYPE, reference=campaign.pk, name=campaign.name, status=RunStatus.COMPLETED
    )


def test_what_a_campaign_is_and_came_to(manager: Client, contoso: EmailAccount) -> None:
    text = page(manager, make_campaign(contoso, "Spring", level="detailed"))
    for words in (
        "All about Spring",
        "Contoso &lt;news@contoso.example&gt;",
        "Standard, Sent",
        "4,130 of 11,800",
        "35.0 %",
        "Of the mails that arrived, those that were opened at least once.",
        "2,310.50",
        "https://r1-app.dotdigital.com/",
        "etn=syncline_emailcampaign",
        "Dynamics holds the campaign with these totals.",
    ):
        assert words in text


def test_the_id_in_dynamics_is_the_one_that_the_sync_writes(manager: Client, contoso: EmailAccount) -> None:
    spring = make_campaign(contoso, "Spring")
    assert f"id={id_in_dynamics(spring)}" in page(manager, spring)


def test_each_set_of_data_says_how_far_it_is(manager: Client, contoso: EmailAccount) -> None:
    spring = make_campaign(contoso, "Spring", level="detailed")
    make_sets(spring, EmailClicks="The table is not there.")
    spring.cursors.filter(data_set="PageViews").update(read_to=SENT_AT - timedelta(days=1))
    spring.cursors.filter(data_set="RoiDetails").delete()
    assert states(page(manager, spring)) == {
        "EmailSendSummaries": "Carried over",
        "EmailClicks": "Failed",
        "SocialNetworkBookmarks": "Carried over",
        "RoiDetails": "Waits for the next run",
        "PageViews": "Waits for the next run",
    }
    text = page(manager, spring)
    assert "EmailClicks have failed to sync for this Email Campaign" in text
    assert "The table is not there." in text
    assert text.count("have failed to sync") == 1


@pytest.mark.parametrize("state", ["summary", "deleted"])
def test_at_another_level_nothing_is_waited_for(state: str, manager: Client, contoso: EmailAccount) -> None:
    level, deleted = ("summary", False) if state == "summary" else ("detailed", True)
    spring = make_campaign(contoso, "Spring", level=level, deleted=deleted)
    make_sets(spring)
    assert set(states(page(manager, spring)).values()) == {"Not at this level"}


def test_the_course_is_drawn_and_told_in_numbers(manager: Client, contoso: EmailAccount) -> None:
    spring = make_campaign(contoso, "Spring", level="detailed")
    make_days(spring, date(2026, 3, 2), (2204, 1010, 0, 7), (350, 140))
    text = page(manager, spring)
    assert text.count('<rect class="chart-opened"') == text.count('<rect class="chart-clicked"') == 4
    assert "Most opened for the first time: 2,204 (2 Mar); most clicks: 350 (2 Mar)." in text
    rows = re.findall(r'<th scope="row" role="rowheader">([^<]+)</th>((?:<td[^>]*>[\d,]+</td>)+)', text)
    cells = {name: re.findall(r">([\d,]+)<", numbers) for name, numbers in rows}
    assert cells == {
        "2 Mar": ["12,000", "2,204", "350", "0"],
        "3 Mar": ["0", "1,010", "140", "0"],
        "4 Mar": ["0", "0", "0", "0"],
        "5 Mar": ["0", "7", "0", "0"],
    }


def test_nothing_in_the_drawing_is_styled_or_scripted_inline(manager: Client, contoso: EmailAccount) -> None:
    spring = make_campaign(contoso, "Spring", level="detailed")
    make_days(spring, date(2026, 3, 2), (3,), (1,))
    assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?![^>]*src=)", page(manager, spring))


def test_a_draft_says_what_there_is_to_wait_for(manager: Client, contoso: EmailAccount) -> None:
    text = page(manager, make_draft(contoso, "Draft"))
    for words in ("Not sent", "Dynamics holds nothing of it", "once it was sent", "Nothing to draw yet"):
        assert words in text


def test_its_runs_are_shown_and_lead_back_to_it(manager: Client, contoso: EmailAccount) -> None:
    spring = make_campaign(contoso, "Spring")
    part = part_of(spring)
    fail_data_set(part, "EmailClicks", "The table is not there.")
    where = reverse("part", args=[contoso.pk, part.run.key, part.pk])
    assert where in page(manager, spring)
    assert "EmailClicks have failed to sync for this Email Campaign" in page(manager, spring)
    assert address(spring) in manager.get(where).content.decode()


def test_runs_of_a_campaign_are_not_taken_for_runs_of_a_list(manager: Client, contoso: EmailAccount) -> None:
    news = make_list(contoso, "News")
    part = part_of(make_campaign(contoso, "Spring", pk=news.pk))
    where = reverse("part", args=[contoso.pk, part.run.key, part.pk])
    assert where not in manager.get(reverse("list", args=[contoso.pk, news.pk])).content.decode()
    assert "Members are" not in manager.get(where).content.decode()


def test_its_level_is_set_and_given_back(manager: Client, contoso: EmailAccount) -> None:
    spring = make_campaign(contoso, "Spring")
    assert "As the account (Summary)" in page(manager, spring)
    for level, stored in (("detailed", "detailed"), ("account", "")):
        sent = {"level": level} | basis_at(manager, address(spring))
        answer = manager.post(address(spring), sent, follow=True)
        assert "Saved. The next sync of campaigns goes by it." in answer.content.decode()
        spring.refresh_from_db()
        assert spring.level == stored
    entry = AdminLogEntry.objects.latest("pk")
    assert (entry.action, entry.actor) == ("level of an email campaign", "manager-person")


def test_a_viewer_sees_it_and_sets_nothing(signed_in: SignedIn, contoso: EmailAccount) -> None:
    spring = make_campaign(contoso, "Spring", level="none")
    viewer = signed_in(Role.VIEWER)
    text = page(viewer, spring)
    assert "None, its own level." in text
    assert "Level of this campaign" not in text
    assert viewer.post(address(spring), {"level": "detailed"}).status_code == 403
    spring.refresh_from_db()
    assert spring.level == "none"


def test_another_accounts_campaign_is_not_found(manager: Client, contoso: EmailAccount) -> None:
    theirs = make_campaign(make_account("Fabrikam"), "Theirs")
    where = reverse("campaign", args=[contoso.pk, theirs.campaign_id])
    assert manager.get(where).status_code == manager.post(where, {"level": "none"}).status_code == 404


def states(text: str) -> dict[str, str]:
    """Set of data → the words of its badge."""
    found = {}
    for name in ("EmailSendSummaries", "EmailClicks", "SocialNetworkBookmarks", "RoiDetails", "PageViews"):
        row = text[text.index(f'<span class="row-title">{name}</span>') :]
        badge = re.search(r'class="badge [^"]*">.*?<span>([^<]+)</span>', row, re.S)
        assert badge is not None
        found[name] = badge[1]
    return found
