"""What people did with a campaign, on its rows in Dynamics."""

from __future__ import annotations

import pytest

from syncline.accounts.campaign_levels import CampaignLevel
from syncline.accounts.clients import dotdigital_for_questions
from syncline.ledger.models import RunStatus
from syncline.syncs import running
from tests.syncs.campaigns.scene import ALICE, BOB, ROUTES, SETS, Scene, did, of_every_kind

OF_ONE = "/campaigns/{campaignId}/"
"""In the routes of calls about one campaign."""


def test_all_five_sets_of_data_arrive_each_row_with_its_campaign(scene: Scene) -> None:
    scene.send("Spring", activity=of_every_kind(ALICE))
    run = scene.sync()
    assert (run.status, run.created, run.rejected) == (RunStatus.COMPLETED, 7, 0)
    campaign = scene.campaigns()["Spring"]["syncline_emailcampaignid"]
    for data_set, set_ in SETS.items():
        expected = [ALICE, BOB] if data_set == "EmailSendSummaries" else [ALICE]
        assert scene.addresses(data_set) == expected
        assert {row["_syncline_campaign_value"] for row in scene.rows(set_, "_syncline_campaign_value")} == {
            campaign
        }
    (click,) = scene.rows("syncline_emailclicks", "syncline_url", "syncline_keyword", "syncline_clickedon")
    assert click["syncline_url"] == "https://shop.example/?a=1&b=2"
    assert (click["syncline_keyword"], click["syncline_clickedon"]) == ("shoes", "2026-03-03T10:00:00Z")
    (roi,) = scene.rows("syncline_roidetails", "syncline_value", "syncline_amount")
    assert (roi["syncline_value"], roi["syncline_amount"]) == ("19.5", 19.5)


def test_a_second_run_asks_for_nothing_of_a_quiet_campaign_and_writes_nothing(scene: Scene) -> None:
    scene.send("Spring", activity=of_every_kind(ALICE))
    scene.sync()
    scene.world.forget_calls()
    run = scene.sync()
    assert (run.status, run.message_code) == (RunStatus.COMPLETED, "nothing_new")
    assert scene.world.writes() == {}
    # The list of all campaigns to its empty page, and the list of active ones, which is empty.
    assert scene.calls() == {
        "GET /v2/campaigns/filtered": 2,
        "GET /v2/campaigns/with-activity-since/{date}": 1,
    }


def test_later_only_what_is_new_is_read_and_only_what_differs_is_written(scene: Scene) -> None:
    spring = scene.send("Spring", activity=of_every_kind(ALICE))
    scene.send("Autumn", activity=of_every_kind(BOB))
    scene.sync()
    control = scene.world.sandbox_dotdigital.control
    control.set_clock("2026-03-06T12:00:00Z")
    scene.happens(spring, did(BOB, "click", "2026-03-06T08:00:00Z", url="https://shop.example/boots"))
    scene.world.forget_calls()
    run = scene.sync()
    # Bob's click is new, his send and the campaign's totals have changed; Alice's bookmark was read again.
    assert (run.created, run.updated, run.unchanged) == (1, 2, 1)
    assert len(scene.addresses("EmailClicks")) == 3
    reads = {route: n for route, n in scene.calls().items() if OF_ONE in route}
    # A page and the empty one behind it where there is anything; Autumn is not asked about at all.
    assert reads == {
        "GET /v2/campaigns/{campaignId}/activities/since-date/{date}": 2,
        "GET /v2/campaigns/{campaignId}/clicks/since-date/{date}": 2,
        "GET /v2/campaigns/{campaignId}/social-bookmark-views": 2,
        "GET /v2/campaigns/{campaignId}/roi-details/since-date/{date}": 1,
        "GET /v2/campaigns/{campaignId}/page-views/since-date/{date}": 1,
    }
    assert sum(scene.world.writes().values()) == 3


def test_a_campaign_that_becomes_detailed_later_is_read_from_its_beginning(scene: Scene) -> None:
    scene.world.account.campaign_level = CampaignLevel.SUMMARY
    scene.world.account.save()
    scene.send("Spring", activity=of_every_kind(ALICE))
    scene.sync()
    assert scene.addresses("EmailClicks") == []
    campaign = scene.known("Spring")
    campaign.level = CampaignLevel.DETAILED
    campaign.save()
    assert scene.sync().created == 6
    assert scene.addresses("EmailClicks") == [ALICE]


def test_two_sends_to_one_person_are_two_rows(scene: Scene) -> None:
    spring = scene.send("Spring", to=[ALICE])
    scene.world.sandbox_dotdigital.control.seed(
        campaigns=[{"id": spring, "sends": [{"to": [ALICE], "sent": "2026-03-03T09:00:00Z"}]}]
    )
    scene.sync()
    assert scene.addresses("EmailSendSummaries") == [ALICE, ALICE]


@pytest.mark.parametrize("data_set", list(SETS))
def test_each_set_of_data_fails_alone_and_comes_with_the_next_run(scene: Scene, data_set: str) -> None:
    scene.send("Spring", activity=of_every_kind(ALICE))
    control = scene.world.sandbox_dotdigital.control
    control.fault("status", route=ROUTES[data_set], status=400, times=None)
    run = scene.sync()
    text = f"{data_set} have failed to sync for this Email Campaign"
    assert (run.status, run.message) == (RunStatus.COMPLETED_WITH_ERRORS, text)
    part = scene.part(run, "Spring")
    assert (part.status, part.message_code, part.message) == ("completed_with_errors", data_set, text)
    assert scene.addresses(data_set) == []
    for other in set(SETS) - {data_set}:
        assert ALICE in scene.addresses(other)
    assert data_set in scene.known("Spring").problem
    control.clear_faults()
    scene.world.forget_calls()
    run = scene.sync()
    assert (run.status, scene.known("Spring").problem) == (RunStatus.COMPLETED, "")
    assert ALICE in scene.addresses(data_set)
    assert len([route for route in scene.calls() if OF_ONE in route]) == 1, "only the one that had failed"


def test_several_sets_that_fail_are_each_told(scene: Scene) -> None:
    scene.send("Spring", activity=of_every_kind(ALICE))
    control = scene.world.sandbox_dotdigital.control
    control.fault("status", route=ROUTES["EmailClicks"], status=400, times=None)
    control.fault("status", route=ROUTES["PageViews"], status=400, times=None)
    run = scene.sync()
    assert scene.part(run, "Spring").message.splitlines() == [
        "EmailClicks have failed to sync for this Email Campaign",
        "PageViews have failed to sync for this Email Campaign",
    ]


def test_a_missing_privilege_on_one_table_fails_only_its_set_of_data(scene: Scene) -> None:
    scene.send("Spring", activity=of_every_kind(ALICE))
    control = scene.world.sandbox_dataverse.control
    control.settings(denied=["prvWritesyncline_EmailClick", "prvCreatesyncline_EmailClick"])
    run = scene.sync()
    assert run.message == "EmailClicks have failed to sync for this Email Campaign"
    assert "prvCreate" in scene.part(run, "Spring").notes
    assert (run.rejected, scene.addresses("PageViews")) == (0, [ALICE])
    control.settings(denied=[])
    assert scene.sync().status == RunStatus.COMPLETED
    assert scene.addresses("EmailClicks") == [ALICE]


def test_a_vendor_that_is_away_is_waited_for_and_fails_nothing(scene: Scene) -> None:
    scene.send("Spring", activity=of_every_kind(ALICE))
    control = scene.world.sandbox_dotdigital.control
    control.fault("status", route=ROUTES["EmailClicks"], status=502, times=2)
    run = scene.sync()
    assert (run.status, run.created) == (RunStatus.COMPLETED, 7)


def test_a_fault_about_one_request_leaves_out_its_set_of_data_and_not_the_run(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here with clients that lose patience sooner."""
    monkeypatch.setattr(running, "dotdigital_client", dotdigital_for_questions)
    scene.send("Spring", activity=of_every_kind(ALICE))
    control = scene.world.sandbox_dotdigital.control
    control.fault("status", route=ROUTES["EmailClicks"], status=500, times=None)
    run = scene.sync()
    assert run.message == "EmailClicks have failed to sync for this Email Campaign"
    assert scene.addresses("PageViews") == [ALICE]
