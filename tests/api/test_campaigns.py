"""Email campaigns by program: a page at a time, one, and how much of them is synced."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from api.conftest import items
from console.campaign_world import make_campaign, make_days, make_draft, make_sets
from console.world import make_account
from syncline.accounts.models import AdminLogEntry, EmailAccount
from syncline.campaigns.models import Campaign


def address(account: EmailAccount, *more: object) -> str:
    return "/".join(["/api/v1/accounts", str(account.pk), *(str(step) for step in more)])


def post(client: Client, where: str, body: dict[str, Any]) -> Any:
    return client.post(where, body, content_type="application/json")


def test_a_campaign_is_told_with_its_totals_and_what_its_rates_mean(
    viewer: Client, contoso: EmailAccount
) -> None:
    spring = make_campaign(contoso, "Spring", level="detailed")
    told = viewer.get(address(contoso, "campaigns", spring.campaign_id)).json()
    assert (told["name"], told["subject"], told["status"]) == ("Spring", "All about Spring", "Sent")
    assert (told["level"], told["own_level"], told["problem"]) == ("detailed", "detailed", "")
    assert (told["totals"]["sent"], told["totals"]["revenue"]) == (12_000, 2310.5)
    rates = {rate["code"]: rate for rate in told["rates"]}
    assert (rates["opened"]["percent"], rates["opened"]["number"], rates["opened"]["of"]) == (
        35.0,
        4130,
        11800,
    )
    assert (rates["bounced"]["number"], rates["bounced"]["of"]) == (180, 12_000)
    assert rates["clicked_of_opened"]["percent"] == 14.29
    assert all(rate["meaning"] for rate in told["rates"])


def test_how_far_a_campaign_is_and_how_it_went(viewer: Client, contoso: EmailAccount) -> None:
    spring = make_campaign(contoso, "Spring", level="detailed")
    make_sets(spring, EmailClicks="The table is not there.")
    make_days(spring, date(2026, 3, 2), (2204, 0, 420), (350,))
    told = viewer.get(address(contoso, "campaigns", spring.campaign_id)).json()
    sets = {one["name"]: one for one in told["data_sets"]}
    assert (sets["EmailSendSummaries"]["state"], sets["EmailSendSummaries"]["rows"]) == ("in_step", 12_000)
    assert (sets["EmailClicks"]["state"], sets["EmailClicks"]["read_to"]) == ("failed", None)
    assert sets["EmailClicks"]["message"] == "EmailClicks have failed to sync for this Email Campaign"
    assert sets["EmailClicks"]["why"] == "The table is not there."
    assert told["course"]["unit"] == "day"
    assert [one["opened"] for one in told["course"]["stretches"]] == [2204, 0, 420]
    assert told["course"]["stretches"][0] == {
        "start": "2026-03-02", "sent": 12_000, "opened": 2204, "clicked": 350, "viewed": 0,
    }  # fmt: skip


def test_one_that_was_never_sent_has_no_totals(viewer: Client, contoso: EmailAccount) -> None:
    draft = make_draft(contoso, "Draft")
    told = viewer.get(address(contoso, "campaigns", draft.campaign_id)).json()
    assert (told["totals"], told["rates"], told["sent_at"]) == (None, [], None)
    assert (told["level"], told["own_level"]) == ("summary", None)


def test_they_come_in_pages_and_can_be_filtered(viewer: Client, contoso: EmailAccount) -> None:
    make_campaign(contoso, "Spring", level="detailed")
    make_campaign(contoso, "Autumn", problem="EmailClicks: no.")
    make_draft(contoso, "Draft")
    make_campaign(make_account("Fabrikam"), "Theirs")
    where = address(contoso, "campaigns")
    first = viewer.get(where, {"limit": 2}).json()
    assert [one["name"] for one in first["items"]] == ["Spring", "Autumn"]
    last = viewer.get(where, {"after": first["next"]}).json()
    assert ([one["name"] for one in last["items"]], last["next"]) == (["Draft"], None)
    for question, found in (
        ({"show": "sent"}, ["Spring", "Autumn"]),
        ({"show": "problem"}, ["Autumn"]),
        ({"name": "AUT"}, ["Autumn"]),
        ({"level": "summary"}, ["Autumn", "Draft"]),
    ):
        assert [one["name"] for one in items(viewer.get(where, question))] == found
    assert viewer.get(where, {"level": "all"}).status_code == 422


def test_levels_are_set_all_of_them_or_none(manager: Client, contoso: EmailAccount) -> None:
    spring, autumn = make_campaign(contoso, "Spring"), make_campaign(contoso, "Autumn", level="none")
    where = address(contoso, "campaigns", "levels")
    both = [spring.campaign_id, autumn.campaign_id]
    assert post(manager, where, {"campaigns": both, "level": "none"}).json() == {"changed": 1}
    assert post(manager, where, {"campaigns": both, "level": "account"}).json() == {"changed": 2}
    assert set(Campaign.objects.values_list("level", flat=True)) == {""}
    assert AdminLogEntry.objects.latest("pk").actor == "API token manager program"
    wrong = post(manager, where, {"campaigns": [spring.campaign_id, 4_000_000], "level": "detailed"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (404, "no_such_campaign")
    assert "4000000" in wrong.json()["error"]["message"]
    assert set(Campaign.objects.values_list("level", flat=True)) == {""}


def test_the_level_of_the_account_is_told_and_set(manager: Client, contoso: EmailAccount) -> None:
    where = address(contoso, "campaign-level")
    assert manager.get(address(contoso)).json()["campaign_level"] == "summary"
    assert post(manager, where, {"level": "detailed"}).json() == {"changed": 1}
    assert post(manager, where, {"level": "detailed"}).json() == {"changed": 0}
    assert manager.get(address(contoso)).json()["campaign_level"] == "detailed"
    assert post(manager, where, {"level": "account"}).status_code == 422


@pytest.mark.parametrize("number", [4_000_000, 2**70])
def test_a_campaign_that_there_is_not_is_not_found(
    viewer: Client, contoso: EmailAccount, number: int
) -> None:
    answer = viewer.get(address(contoso, "campaigns", number))
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "no_such_campaign")
