"""Plans and fuses from the command line."""

from __future__ import annotations

import csv
import shlex
from pathlib import Path

import pytest

from syncline.accounts.admin_log import OPERATOR
from syncline.cli.exit_codes import ExitCode
from syncline.ledger.fuse import FUSED, Limit, set_limit
from syncline.ledger.models import FuseKind, Run
from tests.cli.conftest import Run as Command
from tests.syncs.marketing_lists.conftest import world as world
from tests.syncs.world import World


@pytest.fixture
def people(world: World, somebody_at_work: None) -> list[str]:
    """Three people in one list, one of whom a spreadsheet would take for a formula."""
    names = ("Ann", "Bob", "=HYPERLINK(1)")
    found = [
        world.add("contacts", firstname=name, lastname="Hall", emailaddress1=f"p{place}@example.com")
        for place, name in enumerate(names)
    ]
    world.add_list("News", found)
    return found


def test_a_plan_tells_its_number_and_how_to_approve_it(
    run: Command, world: World, people: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "plan.csv"
    ran = run("plan", world.account.name, "lists_out", "--export", str(file))
    assert ran.code == ExitCode.OK, ran.err
    plan = Run.objects.latest("pk")
    assert "FIRSTNAME: ∅ → Ann" in ran.out
    assert f"syncline approve {shlex.quote(world.account.name)} {plan.pk}" in ran.out
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [row["address"] for row in rows] == [f"p{place}@example.com" for place in range(3)]
    assert rows[2]["name"].startswith("'=HYPERLINK")
    assert "FULLNAME: ∅ → Ann Hall" in rows[0]["fields"]


def test_approving_carries_it_out_and_a_second_time_is_refused(
    run: Command, world: World, people: list[str]
) -> None:
    run("plan", world.account.name, "lists_out")
    plan = Run.objects.latest("pk")
    [listed] = run("plans", world.account.name, "--waiting", "--json").results
    assert (listed["run"], listed["approval"], listed["created"]) == (plan.pk, "waiting", 3)
    ran = run("approve", world.account.name, str(plan.pk), "--json")
    assert (ran.code, ran.results[0]["purpose"], ran.results[0]["created"]) == (ExitCode.OK, "execute", 3)
    assert len(world.contacts()) == 3
    again = run("approve", world.account.name, str(plan.pk), "--json")
    assert again.code == ExitCode.FAILED
    assert "approved already, by operator" in again.results[0]["error"]
    assert again.results[0]["remedy"] == "Make a new plan."


def test_discarding(run: Command, world: World, people: list[str]) -> None:
    run("plan", world.account.name, "lists_out")
    plan = Run.objects.latest("pk")
    ran = run("discard", world.account.name, str(plan.pk), "--json")
    assert ran.results == [{"run": plan.pk, "approval": "discarded", "approval_by": "operator"}]
    assert "Discarded by operator" in run("plans", world.account.name).out
    assert run("discard", world.account.name, str(plan.pk)).code == ExitCode.FAILED


def test_a_plan_that_is_not_there(run: Command, world: World) -> None:
    assert run("approve", world.account.name, "999999").code == ExitCode.NOT_FOUND
    assert run("discard", world.account.name, "999999").code == ExitCode.NOT_FOUND


def test_a_tripped_fuse_has_an_exit_code_of_its_own(run: Command, world: World, people: list[str]) -> None:
    run("sync", world.account.name, "lists_out")
    set_limit(world.account, "lists_out", FuseKind.OVERWRITES, Limit(10, 0), OPERATOR)
    world.change("contacts", people[0], lastname="Liddell")
    ran = run("sync", world.account.name, "lists_out")
    assert ran.code == ExitCode.WAITING
    assert "Would overwrite values of 1 of 3 people; the fuse is set to 10 % and 0 people." in ran.out
    assert "syncline approve" in ran.out


def test_fuses_are_shown_and_set(run: Command, world: World) -> None:
    shown = run("fuse", world.account.name, "--json").results
    assert {"sync_type": "lists_out", "kind": "removals", "share": 20, "number": 50} in shown
    assert {one["sync_type"] for one in shown} == set(FUSED)
    ran = run(
        "fuse", world.account.name, "lists_out", "--removals", "10%/25", "--overwrites", "30/200", "--json"
    )
    assert {"sync_type": "lists_out", "kind": "removals", "share": 10, "number": 25} in ran.results
    assert {"sync_type": "lists_out", "kind": "overwrites", "share": 30, "number": 200} in ran.results


@pytest.mark.parametrize(
    "words",
    [
        ("lists_out", "--removals", "many"),
        ("lists_out", "--removals", "0%/5"),
        ("labels",),
        ("--removals", "1%/1"),
    ],
)
def test_fuses_that_cannot_be(run: Command, world: World, words: tuple[str, ...]) -> None:
    assert run("fuse", world.account.name, *words).code == ExitCode.USAGE
