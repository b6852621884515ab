"""`syncline erase`: afterwards no table holds the address, and who had opted out is still kept out."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import connection

from cli.conftest import Run
from console.world import make_held
from sandbox_process import DataverseSandbox, DotdigitalSandbox
from syncline.accounts.admin_log import OPERATOR, record_change
from syncline.accounts.clients import close_clients
from syncline.accounts.models import AdminLogEntry
from syncline.cli.exit_codes import ExitCode
from syncline.consent.models import ConsentEvent, ConsentSubject
from syncline.ledger import batches
from syncline.ledger.models import Batch, Outcome, PlanItem, RunStatus
from syncline.people.models import CrmRecord, Person
from tests.syncs.world import World

ALICE, JOALICE, BOB = "alice@example.com", "jo-alice@example.com", "bob@example.com"


@pytest.fixture
def world(
    transactional_db: None, dataverse: DataverseSandbox, dotdigital: DotdigitalSandbox
) -> Iterator[World]:
    yield World(dataverse, dotdigital)
    close_clients()


def where_it_stands(address: str) -> list[str]:
    """Tables and columns that hold the address, of all that the database has."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            columns = [one.name for one in connection.introspection.get_table_description(cursor, table)]
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            for row in cursor.fetchall():
                for name, value in zip(columns, row, strict=True):
                    text = bytes(value).decode(errors="replace") if _is_bytes(value) else str(value)
                    if address in text.lower().replace(JOALICE, ""):
                        found.append(f"{table}.{name}: {text[:200]}")
    return found


def _is_bytes(value: object) -> bool:
    return isinstance(value, bytes | memoryview)


def sync_alice(world: World) -> str:
    """Alice in a list on both sides, opted out, planned, held, and mentioned where one can be mentioned."""
    alice = world.add("contacts", firstname="Alice", emailaddress1="Alice@Example.com")
    jo = world.add("contacts", firstname="Jo", emailaddress1=JOALICE)
    world.add_list("News", [alice, jo])
    world.sync()
    world.change("contacts", alice, firstname="Alicia")
    plan = world.sync(plan_only=True)
    assert PlanItem.objects.filter(run=plan, key=ALICE).exists()
    world.dd.unsubscribe(ALICE)
    run = world.sync()
    make_held(world.account, ALICE, detail=f"{ALICE} was refused.")
    make_held(world.account, BOB, "second_contact", detail=f"Dotdigital has {ALICE} too, and {JOALICE}.")
    record_change(OPERATOR, world.account, "held records replayed", {}, {"addresses": [ALICE, JOALICE]})
    batches.store(run, "import", b'[["alice@example.com",1],["jo-alice@example.com",2]]', 2)
    return alice


@pytest.mark.parametrize("in_json", [False, True])
def test_no_table_and_no_log_holds_the_address_afterwards(
    run: Run, world: World, caplog: pytest.LogCaptureFixture, in_json: bool
) -> None:
    with caplog.at_level(logging.INFO):
        alice = sync_alice(world)
        assert len(where_it_stands(ALICE)) > 10
        events = ConsentEvent.objects.count()
        ran = run("erase", "ALICE@example.com", "--yes", *(["--json"] if in_json else []))
    assert ran.code == ExitCode.OK, ran.out + ran.err
    assert where_it_stands(ALICE) == []
    assert ALICE not in caplog.text.lower()
    assert ConsentEvent.objects.count() == events + 1, "the history stays, and the erasure is part of it"
    subject = ConsentSubject.objects.get(person_key="")
    assert subject.erased_at is not None
    assert alice in ran.out, "what is to be deleted in Dynamics is named"
    assert "Dotdigital" in ran.out
    assert Person.objects.filter(person_key=JOALICE).exists(), "somebody whose address ends alike stays"
    if in_json:
        [told] = ran.results
        assert told["opted_out_in"] == [world.account.name]
        assert told["removed"]["records of past runs"] > 0
    entry = AdminLogEntry.objects.filter(action="person erased").get()
    assert entry.after["stays_out_of"] == [world.account.pk]


def test_words_about_others_stay(run: Run, world: World) -> None:
    sync_alice(world)
    assert run("erase", ALICE, "--yes").code == ExitCode.OK
    log = AdminLogEntry.objects.get(action="held records replayed")
    assert log.after == {"addresses": ["[erased]", JOALICE]}
    assert world.account.held.get().detail == f"Dotdigital has [erased] too, and {JOALICE}."
    assert bytes(Batch.objects.latest("pk").payload) == b'[["jo-alice@example.com",2]]'


def test_who_had_opted_out_is_not_let_in_again(run: Run, world: World) -> None:
    alice = sync_alice(world)
    world.crm.delete("contacts", alice)
    world.delete_contact(ALICE)
    assert run("erase", ALICE, "--yes").code == ExitCode.OK
    again = world.add("contacts", firstname="Alice", emailaddress1=ALICE)
    offers = world.add_list("Offers", [again])
    world.sync()
    assert world.in_book(offers) == set()
    reasons = Outcome.objects.filter(person_key=ALICE).values_list("reason", flat=True)
    assert set(reasons) == {"erased"}


def test_who_had_not_opted_out_may_become_a_customer_again(run: Run, world: World) -> None:
    alice = world.add("contacts", firstname="Alice", emailaddress1=ALICE)
    world.add_list("News", [alice])
    world.sync()
    world.crm.delete("contacts", alice)
    world.delete_contact(ALICE)
    assert run("erase", ALICE, "--yes").code == ExitCode.OK
    again = world.add("contacts", firstname="Alice", emailaddress1=ALICE)
    offers = world.add_list("Offers", [again])
    world.sync()
    assert world.in_book(offers) == {ALICE}


def test_an_opt_out_outlives_the_erasure_of_the_address_it_was_made_under(run: Run, world: World) -> None:
    alice = world.add("contacts", firstname="Alice", emailaddress1=ALICE)
    news = world.add_list("News", [alice])
    world.sync()
    world.dd.unsubscribe(ALICE)
    world.sync()
    world.change("contacts", alice, emailaddress1="alice@new.example")
    world.sync()
    assert CrmRecord.objects.get(record_id=alice).former_keys == ALICE
    assert run("erase", ALICE, "--yes").code == ExitCode.OK
    assert where_it_stands(ALICE) == []
    world.change("contacts", alice, firstname="Alicia")
    world.sync()
    assert "alice@new.example" not in world.in_book(news)


def test_nothing_is_erased_while_a_run_is_under_way(run: Run, world: World) -> None:
    sync_alice(world)
    going = world.start("lists_out")
    going.status = RunStatus.RUNNING
    going.save(update_fields=["status"])
    ran = run("erase", ALICE, "--yes", "--json")
    assert ran.code == ExitCode.LATER
    assert "lists_out" in ran.results[0]["error"]
    assert Person.objects.filter(person_key=ALICE).exists()


def test_somebody_unknown_is_told_and_not_written_down(run: Run, world: World) -> None:
    ran = run("erase", BOB, "--yes")
    assert ran.code == ExitCode.OK
    assert "keeps nothing about this address" in ran.out
    assert not ConsentSubject.objects.exists()
    assert not AdminLogEntry.objects.filter(action="person erased").exists()


def test_nobody_is_erased_unasked(run: Run, world: World) -> None:
    assert run("erase", ALICE).code == ExitCode.USAGE
    assert run("erase", "alice", "--yes").code == ExitCode.USAGE


def test_every_table_with_a_person_in_it_is_thought_of() -> None:
    """A new table with a column `person_key` is emptied of the person unasked; one that names it otherwise is
    not, so its name has to be this one.
    """
    named_otherwise = {
        f"{model._meta.label}.{column.name}"
        for model in apps.get_models()
        if model.__module__.startswith("syncline.")
        for column in model._meta.get_fields()
        if getattr(column, "max_length", None) == 320 and column.name != "person_key"
    }
    assert named_otherwise == {
        "accounts.AdminLogEntry.actor",
        "accounts.EmailAccount.dotdigital_user",
        "accounts.EmailAccount.owner",
        "consent.ConsentEvent.actor",
        "consent.Resubscription.asked_by",
        "consent.Suppression.asked_by",
        "ledger.PlanItem.key",
        "ledger.Run.approval_by",
        "ledger.Run.cancel_requested_by",
        "ledger.Run.requested_by",
        "people.Person.known_as",
    }
