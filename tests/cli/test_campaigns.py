"""`syncline campaigns`, and the level of an account."""

import pytest

from console.campaign_world import make_campaign, make_sets
from syncline.accounts.clients import close_clients
from syncline.accounts.models import AdminLogEntry
from syncline.campaigns.models import Campaign
from syncline.cli.exit_codes import ExitCode
from syncs.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(dataverse, dotdigital):
    yield World(dataverse, dotdigital)
    close_clients()


@pytest.fixture
def spring(world):
    return Campaign.objects.create(account=world.account, campaign_id=41, name="Spring")


def test_campaigns_are_shown_with_the_level_in_force(run, world, spring):
    assert "Spring" in run("campaigns", world.account.name).out
    [shown] = run("campaigns", world.account.name, "--json").results
    assert (shown["campaign"], shown["level"], shown["own_level"]) == (41, "summary", None)
    assert run("account", "change", world.account.name, "--campaigns", "detailed").code == 0
    [shown] = run("campaigns", world.account.name, "--json").results
    assert (shown["level"], shown["own_level"]) == ("detailed", None)
    assert AdminLogEntry.objects.get(action="level of email campaigns").after == {
        "campaign_level": "detailed"
    }


def test_a_campaign_has_a_level_of_its_own_until_it_is_given_back(run, world, spring):
    ran = run("campaigns", world.account.name, "--level", "none", "--campaign", "41", "--json")
    assert (ran.code, ran.results) == (0, [{"changed": 1, "level": "none"}])
    [shown] = run("campaigns", world.account.name, "--json").results
    assert (shown["level"], shown["own_level"]) == ("none", "none")
    entry = AdminLogEntry.objects.get(action="level of an email campaign")
    assert (entry.before, entry.after) == ({"campaign 41": ""}, {"campaign 41": "none"})
    run("campaigns", world.account.name, "--level", "account", "--campaign", "41")
    [shown] = run("campaigns", world.account.name, "--json").results
    assert (shown["level"], shown["own_level"]) == ("summary", None)


def test_what_cannot_be_set_changes_nothing(run, world, spring):
    ran = run("campaigns", world.account.name, "--level", "none", "--campaign", "41", "--campaign", "99")
    assert (ran.code, "99" in ran.err) == (ExitCode.NOT_FOUND, True)
    for wrong in (["--level", "all", "--campaign", "41"], ["--level", "none"], ["--campaign", "41"]):
        assert run("campaigns", world.account.name, *wrong).code == ExitCode.USAGE
    spring.refresh_from_db()
    assert spring.level == ""
    assert "No campaign is known" not in run("campaigns", world.account.name).out


def test_campaigns_are_found_and_told_with_what_they_came_to(run, world):
    make_campaign(world.account, "Spring [1]")
    make_campaign(world.account, "Autumn", problem="EmailClicks: no.")
    found = run("campaigns", world.account.name, "--name", "about spr", "--json").results
    assert [(one["name"], one["totals"]["sent"], one["rates"]["opened"]) for one in found] == [
        ("Spring [1]", 12_000, 35.0)
    ]
    told = run("campaigns", world.account.name, "--problems").out
    assert ("EmailClicks: no." in told, "35.0 %" in told, "Spring" in told) == (True, True, False)
    assert "No campaign matches" in run("campaigns", world.account.name, "--name", "winter").out


def test_one_campaign_is_told_with_what_its_rates_mean(run, world):
    spring = make_campaign(world.account, "Spring [1]", level="none")
    told = run("campaigns", world.account.name, "--show", str(spring.campaign_id)).out
    for words in (
        "Spring [1]",
        "All about Spring [1]",
        "None, its own",
        "4,130 of 11,800",
        "Of the mails that",
    ):
        assert words in told
    make_sets(spring, EmailClicks="The table is not there.")
    assert "not at this level" in run("campaigns", world.account.name, "--show", str(spring.campaign_id)).out
    Campaign.objects.update(level="detailed")
    [told] = run("campaigns", world.account.name, "--show", str(spring.campaign_id), "--json").results
    assert {one["name"]: one["state"] for one in told["data_sets"]}["EmailClicks"] == "failed"
    ran = run("campaigns", world.account.name, "--show", "4000000")
    assert (ran.code, "4000000" in ran.err) == (ExitCode.NOT_FOUND, True)
    assert run("campaigns", world.account.name, "--show", str(2**70)).code == ExitCode.USAGE
