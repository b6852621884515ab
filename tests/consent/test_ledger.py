"""The consent ledger keeps every change, and the database itself lets nobody rewrite it."""

from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from syncline.accounts.admin_log import OPERATOR
from syncline.consent import keys
from syncline.consent.ledger import Change, Source, What, record
from syncline.consent.models import ConsentEvent, ConsentSubject, LedgerKey
from syncline.onboarding.rotating import rotate_keys

pytestmark = pytest.mark.django_db

ALICE, BOB = "alice@example.com", "bob@example.com"
MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def suppressed(key: str, reason: str = "Unsubscribed", account_id: int = 1) -> Change:
    return Change(account_id, key, MONDAY, What.SUPPRESSION, "", reason, Source.DOTDIGITAL)


def test_a_change_is_kept_with_all_that_is_known_about_it() -> None:
    record(
        [
            Change(
                7,
                ALICE,
                MONDAY,
                What.LIST,
                "subscribed",
                "suppressed",
                Source.DOTDIGITAL,
                list_id=3,
                evidence={"contact_id": 41},
                run_id=9,
            )
        ]
    )
    event = ConsentEvent.objects.get()
    assert event.subject.person_key == ALICE
    assert (event.account_id, event.list_id, event.run_id, event.evidence) == (7, 3, 9, {"contact_id": 41})
    assert (event.at, event.what, event.before, event.after) == (MONDAY, "list", "subscribed", "suppressed")
    assert (event.source, event.actor) == ("dotdigital", "")
    assert event.recorded_at > MONDAY


def test_no_event_ever_holds_the_address() -> None:
    evidence = {"ground": "Alice@Example.com wrote to us"}
    record([Change(1, ALICE, MONDAY, What.RESUBSCRIBED, "", "", Source.CONSOLE, evidence=evidence)])
    assert ConsentEvent.objects.get().evidence == {"ground": "[address] wrote to us"}


def test_one_person_is_one_subject_in_all_accounts() -> None:
    record([suppressed(ALICE), suppressed(BOB), suppressed(ALICE, account_id=2)])
    record([suppressed(ALICE, "HardBounced")])
    assert ConsentSubject.objects.count() == 2
    alice = ConsentSubject.objects.get(person_key=ALICE)
    assert list(alice.events.order_by("pk").values_list("account_id", "after")) == [
        (1, "Unsubscribed"),
        (2, "Unsubscribed"),
        (1, "HardBounced"),
    ]


@pytest.mark.parametrize("many", [3, 250])
def test_a_page_takes_as_many_statements_however_many_people_are_on_it(
    many: int, django_assert_max_num_queries
) -> None:
    keys.digests([ALICE])
    page = [suppressed(f"person{number}@example.com") for number in range(many)]
    with django_assert_max_num_queries(9):  # COPY beside a table makes that table, and drops it.
        record(page)
    assert ConsentEvent.objects.count() == many


def test_the_database_refuses_to_change_or_delete_an_event() -> None:
    record([suppressed(ALICE), suppressed(BOB)])
    event = ConsentEvent.objects.order_by("pk").first()
    assert event is not None
    for attempt in (
        lambda: ConsentEvent.objects.update(after=""),
        lambda: ConsentEvent.objects.filter(pk=event.pk).delete(),
        lambda: ConsentSubject.objects.all()._raw_delete("default"),
        lambda: statement("DELETE FROM consent_consentevent"),
        lambda: statement("UPDATE consent_consentevent SET at = recorded_at WHERE id > 0"),
        lambda: replace(event),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()
            connection.check_constraints()
    assert ConsentEvent.objects.filter(after="Unsubscribed").count() == 2


def statement(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def replace(event: ConsentEvent) -> None:
    """Put another row in the place of an event, as far as the database has a way to say so."""
    columns = "id, subject_id, account_id, at, recorded_at, what, before, after, source, actor, evidence"
    verb, tail = (
        ("INSERT OR REPLACE", "")
        if connection.vendor == "sqlite"
        else ("INSERT", "ON CONFLICT (id) DO UPDATE SET after = ''")
    )
    statement(
        f"{verb} INTO consent_consentevent ({columns}) SELECT id, subject_id, account_id, at, recorded_at, "
        f"what, before, '', source, actor, evidence FROM consent_consentevent WHERE id = {event.pk} {tail}"
    )


@pytest.mark.django_db(transaction=True)
def test_the_guard_is_back_after_tests_have_emptied_the_tables() -> None:
    record([suppressed(ALICE)])
    call_command("flush", interactive=False)
    assert not ConsentSubject.objects.exists()
    record([suppressed(ALICE)])
    with pytest.raises(IntegrityError):
        ConsentEvent.objects.update(after="")


def test_the_keys_of_the_ledger_are_made_once_and_outlive_the_key_they_are_encrypted_with(settings) -> None:
    digest, public = keys.digests([ALICE]), keys.signing_key().public_key().public_bytes_raw()
    old, new = settings.ENCRYPTION_KEYS[0], Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [new, old]
    rotate_keys(by=OPERATOR)
    settings.ENCRYPTION_KEYS = [new]
    assert keys.digests([ALICE]) == digest
    assert keys.signing_key().public_key().public_bytes_raw() == public
    assert LedgerKey.objects.count() == 2


def test_a_digest_says_nothing_about_the_address_without_the_key() -> None:
    first = keys.digests([ALICE])[ALICE]
    LedgerKey.objects.all().delete()
    assert keys.digests([ALICE])[ALICE] != first
    assert len(first) == 64
