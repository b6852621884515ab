"""Replay, between two real sandboxes: refused, the cause mended, replayed, and no longer held."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.syncs.world import World

from syncline.accounts.admin_log import Actor
from syncline.accounts.models import AdminLogEntry
from syncline.dotdigital import ImportRow
from syncline.engine.replay import replay
from syncline.ledger import held as held_queries
from syncline.ledger.held import held_records, people_of, reasons_held
from syncline.ledger.models import Held, Run, RunStatus
from syncline.mapping.models import FieldMapping
from syncline.people import store

ALICE_WORKS = Actor("alice", "10.0.0.1")


@pytest.fixture(autouse=True)
def _engines_own_home(world: World, engine_home: Path) -> None:
    """In this order, so that the engine's schema is dropped while the database may still be used."""


@pytest.fixture
def news(world: World) -> list[str]:
    """Alice and Bob in a list; a description of Alice's is longer than a label may be."""
    FieldMapping.objects.create(
        account=world.account, entity="contact", crm_field="description", label="STORY"
    )
    world.account.labels.create(name="STORY", type="String")
    ids = [
        world.add("contacts", firstname="Alice", emailaddress1="alice@example.com", description="x" * 1001),
        world.add("contacts", firstname="Bob", emailaddress1="bob@example.com", description="short"),
    ]
    world.add_list("News", ids)
    return ids


def test_a_refused_record_goes_through_once_the_mapping_is_mended(world: World, news: list[str]) -> None:
    world.sync()
    assert reasons_held(world.account) == [("conversion", 1)]
    FieldMapping.objects.filter(label="STORY").delete()
    run = replay_all(world, reason="conversion")
    assert (run.status, run.requested_by) == (RunStatus.COMPLETED, "alice")
    assert not Held.objects.exists()
    assert world.contacts().keys() == {"alice@example.com", "bob@example.com"}
    entry = AdminLogEntry.objects.latest("pk")
    assert (entry.action, entry.origin) == ("held records replayed", "10.0.0.1")
    assert entry.after == {"records": 1, "reason": "conversion"}


def test_what_dynamics_refused_waits_for_a_replay_where_nothing_else_changes(world: World) -> None:
    control = world.sandbox_dataverse.control
    alice = world.add("contacts", firstname="Alice", emailaddress1="alice@example.com")
    world.add_list("News", [alice])
    world.sync()
    control.fault("reject_record", match="Hall", times=None)
    world.put([ImportRow(email="alice@example.com", data_fields={"LASTNAME": "Hall"})])
    world.sync()
    assert reasons_held(world.account) == [("refused_by_dynamics", 1)]
    control.clear_faults()
    world.sync()
    assert Held.objects.exists(), "nothing has changed since, so an ordinary sync has no reason to try"
    replay_all(world)
    assert world.crm_row("contacts", alice, "lastname")["lastname"] == "Hall"
    assert not Held.objects.exists()


def test_whoever_is_refused_again_stays_held(world: World, news: list[str]) -> None:
    world.sync()
    run = replay_all(world)
    assert (run.status, run.rejected) == (RunStatus.COMPLETED_WITH_ERRORS, 1)
    held = Held.objects.get()
    assert (held.person_key, held.run_id) == ("alice@example.com", run.pk)


def test_nobody_who_opted_out_meanwhile_is_mailed_by_a_replay(world: World, news: list[str]) -> None:
    world.sync()
    FieldMapping.objects.filter(label="STORY").delete()
    world.change("contacts", news[0], donotbulkemail=True)
    replay_all(world)
    assert world.contacts().keys() == {"bob@example.com"}


def test_pressing_twice_makes_one_run(world: World, news: list[str]) -> None:
    world.sync()
    first = replay(world.account, held_records(world.account), ALICE_WORKS, asked={})
    second = replay(world.account, held_records(world.account), ALICE_WORKS, asked={})
    assert first.runs == second.runs
    assert (first.records, second.records) == (1, 1)


def test_people_are_touched_a_chunk_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_queries, "CHUNK", 3)
    Held.objects.bulk_create(
        Held(
            account=world.account,
            sync_type=kind,
            person_key=f"person{number}@example.com",
            reason="conversion",
        )
        for number in range(8)
        for kind in ("lists_in", "lists_out")
    )
    chunks = list(people_of(held_records(world.account), ["lists_out", "lists_in"]))
    assert [len(chunk) for chunk in chunks] == [3, 3, 2, 3, 3, 2]
    assert len({key for chunk in chunks for key in chunk}) == 8
    replay(world.account, held_records(world.account), ALICE_WORKS, asked={}, sync_types=["lists_out"])
    assert store.count_touched(world.account.pk) == 8


def replay_all(world: World, *, reason: str = "") -> Run:
    """Replay as the console does, and carry the run out."""
    asked = {"reason": reason} if reason else {}
    done = replay(world.account, held_records(world.account, reason=reason), ALICE_WORKS, asked=asked)
    [run] = done.runs
    return world.carry_out(run)
