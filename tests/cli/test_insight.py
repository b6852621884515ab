"""`syncline insight`: choosing tables for insight data."""

import pytest

from syncline.accounts.clients import close_clients
from syncline.accounts.models import AdminLogEntry
from syncline.cli.exit_codes import ExitCode
from syncline.insight.models import InsightTable
from syncs.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(dataverse, dotdigital):
    yield World(dataverse, dotdigital)
    close_clients()


def test_a_table_is_looked_at_chosen_changed_and_removed(run, world):
    name = world.account.name
    assert "No table has been chosen" in run("insight", name).out
    [offered] = run("insight", name, "--table", "opportunity", "--json").results
    assert {"customerid", "parentcontactid", "originatingleadid"} <= set(offered["lookups"])
    assert offered["columns"]["estimatedvalue"] == "Money"

    chosen = ("insight", name, "--table", "opportunity", "--collection", "Deals")
    [shown] = run(
        *chosen, "--lookup", "parentcontactid", "--column", "name", "--column", "estimatedvalue", "--json"
    ).results
    assert shown == {
        "table": "opportunity",
        "title": "Opportunity",
        "collection": "Deals",
        "lookup": "parentcontactid",
        "columns": ["name", "estimatedvalue"],
        "change_tracking": True,
        "records": 0,
    }
    [shown] = run(*chosen, "--column", "name", "--json").results
    assert (shown["columns"], shown["lookup"]) == (["name"], "parentcontactid")
    assert "Deals" in run("insight", name).out
    run("insight", name, "--remove", "Deals")
    assert not InsightTable.objects.exists()
    actions = AdminLogEntry.objects.filter(action__startswith="insight").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == [
        "insight data added",
        "insight data changed",
        "insight data removed",
    ]
    assert actions[1].before == {"insight Deals": "opportunity by parentcontactid: name, estimatedvalue"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--table", "nothing", "--column", "name"), "Dynamics has no table nothing"),
        (("--table", "no table", "--column", "name"), "is not the logical name of a table"),
        (("--table", "opportunity", "--column", "name"), "Several columns point at people"),
        (("--table", "opportunity", "--column", "name", "--lookup", "ownerid"), "does not point at a person"),
        (("--table", "campaign", "--column", "name"), "has no lookup to a contact, lead or account"),
        (("--table", "task", "--column", "nothing"), "called nothing"),
        (("--table", "task", "--column", "subject", "--collection", "1st"), "cannot be the name"),
        (("--table", "task", "--column", "subject", "--collection", "WebInsight"), "Dotdigital fills"),
        (("--column", "name"), "name it and its columns"),
    ],
)
def test_what_cannot_be_chosen_is_told_and_changes_nothing(run, world, arguments, words):
    ran = run("insight", world.account.name, *arguments)
    assert ran.code == ExitCode.USAGE
    assert words in " ".join(ran.err.split())
    assert not InsightTable.objects.exists()


def test_a_collection_has_one_table(run, world):
    name = world.account.name
    run("insight", name, "--table", "task", "--column", "subject", "--collection", "Deals")
    ran = run(*("insight", name, "--table", "annotation", "--column", "subject", "--collection", "Deals"))
    assert ran.code == ExitCode.USAGE
    assert "Another table goes into the collection Deals" in " ".join(ran.err.split())
    assert run("insight", name, "--remove", "Nothing").code == ExitCode.NOT_FOUND
