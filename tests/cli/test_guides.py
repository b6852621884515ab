"""The worked examples of the guides, on the data of `make demo` or among a few people."""

from __future__ import annotations

import csv
import json
import os
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection
from pytest_django.live_server_helper import LiveServer

from cli.conftest import Joining, Run
from guides import Answer, Bash, Guide, Shell
from sandbox_process import DataverseSandbox, DotdigitalSandbox
from syncline.accounts.clients import dataverse_client, dotdigital_client
from syncline.accounts.models import EmailAccount
from syncline.cli.demo import ACCOUNT, NEWSLETTER, OTHER_LISTS
from syncline.cli.demo_people import Dotdigital, Dynamics, Person, a_day, members
from syncline.dotdigital import ImportRow
from syncline.ledger.models import Outcome
from syncline.ledger.models import Run as StoredRun
from syncline.lists.models import MarketingList
from tests.syncs.marketing_lists.conftest import world as world
from tests.syncs.world import World

# Runs are numbered from the first, as in the guides.
pytestmark = pytest.mark.django_db(transaction=True, reset_sequences=True)

ALICE = "alice@example.com"


@pytest.fixture
def shell(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A terminal in which only `syncline` is typed; quick, for it starts no program."""
    monkeypatch.chdir(tmp_path)

    def do(typed: str) -> Answer:
        program, *words = shlex.split(typed)
        assert program == "syncline"
        ran = run(*words)
        return Answer(ran.out + ran.err, ran.code)

    return do


@pytest.fixture
def terminal(live_server: LiveServer, tmp_path: Path) -> Iterator[Bash]:
    """A terminal beside the running demo, in which anything is typed."""
    database, home = connection.settings_dict, tmp_path / "home"
    home.mkdir()
    (home / "syncline.sqlite3").symlink_to(database["NAME"])
    settings = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "SYNCLINE_HOME": str(home)}
    if url := os.environ.get("SYNCLINE_DATABASE_URL"):
        settings["SYNCLINE_DATABASE_URL"] = urlsplit(url)._replace(path=f"/{database['NAME']}").geturl()
    instead = {"http://127.0.0.1:8000": live_server.url, "var/demo": str(home)}
    with closing(Bash(tmp_path, settings, instead)) as terminal:
        yield terminal


@pytest.fixture
def people(
    run: Run,
    joining: Joining,
    dataverse: DataverseSandbox,
    dotdigital: DotdigitalSandbox,
    somebody_at_work: None,
) -> list[Person]:
    """What `make demo` leaves behind. The people are those about whom it tells.

    The state of Dynamics before people changed anything is kept as `yesterday`.
    """
    dataverse.control.reset("demo")
    dotdigital.control.reset("demo")
    dotdigital.control.settings(import_delay_s=0, import_delay_per_row_s=0)
    words = ("account", "add", "--name", ACCOUNT, "--secrets-from-stdin", *joining.arguments)
    assert run(*words, stdin=joining.on_stdin).code == 0
    assert run("provision", ACCOUNT, "--yes").code == 0
    assert run("lists", ACCOUNT, "--activate", NEWSLETTER, "--membership", "allow_known").code == 0
    assert run("lists", ACCOUNT, *(word for name in OTHER_LISTS for word in ("--activate", name))).code == 0
    for sync_type in ("crm_metadata", "labels", "lists_out"):
        assert run("sync", ACCOUNT, sync_type).code == 0
    people = members(StoredRun.objects.latest("pk"), NEWSLETTER, 4)
    dataverse.control.snapshot("yesterday")
    a_day(Dynamics(dataverse.ready), Dotdigital(dotdigital.ready), people)
    run("sync", ACCOUNT, "lists_out")
    return people


@pytest.fixture
def northwind(world: World, somebody_at_work: None) -> World:
    """An account with a newsletter of five members, whom both sides know."""
    world.account.name = "Northwind"
    world.account.save()
    return world


@pytest.fixture
def members_of_newsletter(run: Run, northwind: World) -> dict[str, str]:
    names = ("Ann", "Bob", "Cat", "Dan", "Eve")
    ids = {
        name: northwind.add(
            "contacts", firstname=name, lastname="Hall", emailaddress1=f"{name.lower()}@example.com"
        )
        for name in names
    }
    northwind.add_list("Newsletter", list(ids.values()))
    assert run("sync", "Northwind", "lists_out").code == 0
    return ids


def test_the_guide_to_approving(
    shell: Shell, northwind: World, members_of_newsletter: dict[str, str], tmp_path: Path
) -> None:
    ids = members_of_newsletter
    northwind.change("contacts", ids["Ann"], lastname="Archer")
    northwind.change("contacts", ids["Bob"], lastname="Baker")
    guide = Guide("approve-a-plan.md", shell)
    guide.follow("syncline plan")
    assert len((tmp_path / "plan.csv").read_text().splitlines()) == 3
    northwind.change("contacts", ids["Bob"], lastname="Butcher")
    guide.follow("syncline approve")
    guide.follow("syncline sync")
    guide.ends()


def test_the_guide_to_fuses(shell: Shell, northwind: World, members_of_newsletter: dict[str, str]) -> None:
    guide = Guide("fuse.md", shell)
    guide.follow("syncline fuse")
    newsletter = MarketingList.objects.get()
    for name in ("Ann", "Bob", "Cat"):
        northwind.crm.remove_list_member(newsletter.list_id, members_of_newsletter[name])
    guide.follow("syncline sync")
    guide.follow("echo $?")
    assert len(northwind.in_book(newsletter)) == 5
    guide.follow("syncline approve")
    assert northwind.in_book(newsletter) == {"dan@example.com", "eve@example.com"}
    guide.ends()


def test_the_guide_to_undo(shell: Shell, people: list[Person], dataverse: DataverseSandbox) -> None:
    guide = Guide("undo.md", shell)
    guide.follow("syncline undo")
    _, declan, *_ = people
    Dynamics(dataverse.ready).change(declan, address1_postalcode="BT9 6AB")
    guide.follow("syncline undo")
    guide.follow("syncline sync")
    guide.ends()


def test_the_guide_to_drift_audits(shell: Shell, people: list[Person], dataverse: DataverseSandbox) -> None:
    guide = Guide("drift-audit.md", shell)
    guide.follow("syncline drift")
    dataverse.control.restore("yesterday")
    guide.follow("syncline sync")
    guide.follow("syncline drift")
    guide.follow("syncline drift")
    guide.ends()


def test_the_guide_to_conflicts(
    run: Run, shell: Shell, contoso: str, somebody_at_work: None, tmp_path: Path
) -> None:
    account = EmailAccount.objects.get(name=contoso)
    dynamics, dotdigital = dataverse_client(account), dotdigital_client(account)
    alice = dynamics.create(
        "contacts",
        {"firstname": "Alice", "emailaddress1": ALICE, "jobtitle": "Buyer", "donotphone": True},
    )
    news = dynamics.create("lists", {"listname": "News", "createdfromcode": 2, "type": False})
    dynamics.add_list_members(news, "contact", [alice])
    assert run("sync", "Contoso", "crm_metadata").code == 0
    assert run("lists", "Contoso", "--activate", "News").code == 0

    guide = Guide("conflicts.md", shell)
    for beginning in ("labels", "labels", "sync", "mappings", "mappings", "sync"):
        guide.follow(f"syncline {beginning} Contoso")
    dynamics.update("contacts", alice, {"jobtitle": "Head of Purchasing"})
    time.sleep(1.1)
    import_id = dotdigital.import_contacts(
        [ImportRow(email=ALICE, data_fields={"JOBTITLE": "Director", "NO_CALLS": False})]
    )
    while not dotdigital.import_report(import_id).finished:
        time.sleep(0.05)
    guide.follow("syncline plan")
    rows = list(csv.DictReader((tmp_path / "plan.csv").read_text("utf-8-sig").splitlines()))
    assert any("jobtitle: Head of Purchasing of dynamics" in row["lost"] for row in rows)
    guide.follow("syncline sync")
    row = dynamics.get("contacts", alice, select=("jobtitle", "donotphone"))
    assert (row["jobtitle"], row["donotphone"]) == ("Director", True)
    fields = dotdigital.get_contact(ALICE).data_fields
    assert (fields["JOBTITLE"], fields["NO_CALLS"]) == ("Director", True)
    lost = {one.side: json.loads(one.lost) for one in Outcome.objects.filter(run=account.runs.latest("pk"))}
    assert lost == {
        "dynamics": {"jobtitle": ["dynamics", "Head of Purchasing"]},
        "dotdigital": {"NO_CALLS": ["dotdigital", False]},
    }
    assert "nothing new" in guide.follow("syncline sync")
    guide.ends()


def test_the_guide_to_the_api(terminal: Bash, people: list[Person], dataverse: DataverseSandbox) -> None:
    guide = Guide("use-the-api.md", terminal)
    guide.follow_until("plan=")
    _, declan, *_ = people
    Dynamics(dataverse.ready).change(declan, lastname="Shaw-Reid")
    guide.follow_until("done=")
    assert "declan.shaw@" in (terminal.folder / "plan.csv").read_text()
    guide.follow_until()
    guide.ends()
