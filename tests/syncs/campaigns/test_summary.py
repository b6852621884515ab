"""Campaigns with their totals: who is told, what, and what never is."""

from __future__ import annotations

import pytest

from syncline.accounts.campaign_levels import CampaignLevel
from syncline.campaigns.models import Campaign
from syncline.ledger.models import Outcome, RunStatus
from tests.syncs.campaigns.scene import ALICE, BOB, SETS, Scene, did, of_every_kind
from tests.syncs.world import World


@pytest.fixture
def summary(scene: Scene) -> Scene:
    """An account as it is added: campaigns with their totals, and no more."""
    scene.world.account.campaign_level = CampaignLevel.SUMMARY
    scene.world.account.save()
    return scene


def test_a_campaign_that_went_out_is_told_with_the_totals_of_its_life(summary: Scene) -> None:
    summary.send(
        "Spring", subject="Spring is here", activity=[did(ALICE, "click"), did(ALICE, "order", value=99.5)]
    )
    run = summary.sync()
    assert (run.status, run.read, run.created) == (RunStatus.COMPLETED, 1, 1)
    row = summary.campaigns()["Spring"]
    assert (row["syncline_sent"], row["syncline_clicks"], row["syncline_revenue"]) == (2, 1, 99.5)
    assert (row["syncline_senton"], row["syncline_subject"]) == ("2026-03-02T09:00:00Z", "Spring is here")
    assert all(summary.rows(set_) == [] for set_ in SETS.values())
    assert summary.calls().keys() == {
        "GET /v2/campaigns/filtered",
        "GET /v2/campaigns/with-activity-since/{date}",
        "GET /v2/campaigns/metrics",
    }


@pytest.mark.parametrize("counting", ["life", "window"])
def test_totals_are_of_the_whole_life_however_dotdigital_counts_a_stretch(
    summary: Scene, counting: str
) -> None:
    control = summary.world.sandbox_dotdigital.control
    control.settings(metrics_count=counting)
    spring = summary.send("Spring", activity=[did(ALICE, "click")])
    summary.sync()
    control.set_clock("2026-03-06T12:00:00Z")
    summary.happens(spring, did(BOB, "click", "2026-03-06T08:00:00Z"))
    run = summary.sync()
    assert summary.campaigns()["Spring"]["syncline_clicks"] == 2
    (outcome,) = Outcome.objects.filter(run=run)
    assert (outcome.name, outcome.result) == ("Spring", "updated")
    assert '"syncline_clicks":[1,2]' in outcome.fields


def test_what_never_went_out_is_known_here_and_not_told(summary: Scene) -> None:
    summary.world.sandbox_dotdigital.control.seed(campaigns=[{"name": "Draft"}])
    assert summary.sync().read == 0
    assert summary.campaigns() == {}
    assert summary.known("Draft").sent_at is None


def test_level_none_tells_nothing_and_a_level_of_its_own_goes_before_the_default(summary: Scene) -> None:
    summary.send("Spring")
    summary.send("Autumn")
    summary.world.account.campaign_level = CampaignLevel.NONE
    summary.world.account.save()
    assert summary.sync().read == 0
    autumn = summary.known("Autumn")
    autumn.level = CampaignLevel.SUMMARY
    autumn.save()
    assert summary.sync().created == 1
    assert list(summary.campaigns()) == ["Autumn"]


def test_one_that_was_deleted_in_dotdigital_stays_and_says_so(scene: Scene) -> None:
    spring = scene.send("Spring", activity=of_every_kind(ALICE))
    scene.sync()
    scene.delete(spring)
    run = scene.sync()
    assert (run.status, run.updated) == (RunStatus.COMPLETED, 1)
    assert scene.campaigns()["Spring"]["syncline_deleted"] is True
    assert scene.addresses("EmailClicks") == [ALICE]
    scene.world.forget_calls()
    assert scene.sync().read == 0
    assert "GET /v2/campaigns/{campaignId}" not in scene.calls(), "nobody asks for it again"


def test_a_draft_that_was_deleted_leaves_no_trace(summary: Scene) -> None:
    (draft,) = summary.world.sandbox_dotdigital.control.seed(campaigns=[{"name": "Draft"}])["campaigns"]
    summary.sync()
    summary.delete(draft)
    summary.sync()
    assert not Campaign.objects.filter(name="Draft").exists()


def test_one_that_is_deleted_while_the_run_reads_it_fails_nobody(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    spring = scene.send("Spring", activity=of_every_kind(ALICE))
    scene.send("Autumn", activity=of_every_kind(BOB))
    run = scene.world.start("campaigns")
    while scene.addresses("EmailSendSummaries") == []:
        scene.advance(run)
    scene.delete(spring)
    run = scene.world.carry_out(run)
    assert (run.status, scene.known("Spring").deleted) == (RunStatus.COMPLETED, True)
    assert scene.addresses("EmailClicks") == [BOB]
    assert scene.sync().updated == 1
    assert scene.campaigns()["Spring"]["syncline_deleted"] is True


def test_a_campaign_that_dynamics_refuses_fails_alone(scene: Scene) -> None:
    scene.send("Poison", activity=of_every_kind(ALICE))
    scene.send("Autumn", activity=of_every_kind(BOB))
    control = scene.world.sandbox_dataverse.control
    control.fault("reject_record", match="Poison", times=None)
    run = scene.sync()
    assert (run.status, run.rejected) == (RunStatus.COMPLETED_WITH_ERRORS, 1)
    part = scene.part(run, "Poison")
    assert (part.status, part.message) == ("failed", "The CrmEmailCampaign was null. Sync aborted")
    assert run.message == part.message
    assert (scene.addresses("EmailClicks"), list(scene.campaigns())) == ([BOB], ["Autumn"])
    control.clear_faults()
    run = scene.sync()
    assert (run.status, scene.addresses("EmailClicks")) == (RunStatus.COMPLETED, [ALICE, BOB])


def test_without_our_tables_the_run_says_what_is_to_be_done(world: World) -> None:
    scene = Scene(world)
    scene.send("Spring")
    run = scene.sync()
    assert (run.status, run.message) == (RunStatus.FAILED, "The CrmEmailCampaign was null. Sync aborted")
    assert "syncline provision" in run.remedy


def test_without_the_right_to_write_campaigns_the_run_names_it(scene: Scene) -> None:
    scene.send("Spring")
    scene.world.sandbox_dataverse.control.settings(denied=["prvCreatesyncline_EmailCampaign"])
    run = scene.sync()
    assert (run.status, run.message_code) == (RunStatus.FAILED, "campaign_null")
    assert "prvCreatesyncline_EmailCampaign" in run.remedy


def test_a_disabled_account_reads_nothing(scene: Scene) -> None:
    scene.send("Spring")
    scene.world.account.disabled = True
    scene.world.account.save()
    scene.world.forget_calls()
    run = scene.sync()
    assert (run.status, run.message_code, scene.calls()) == (RunStatus.FAILED, "account_disabled", {})
