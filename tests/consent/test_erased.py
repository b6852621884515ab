"""Who was erased is known again by the digest of their address, and stays out where they had opted out."""

from datetime import UTC, datetime

import pytest

from syncline.consent import erased
from syncline.consent.ledger import Change, Source, What, record
from syncline.consent.models import ConsentSubject
from syncline.people import store
from syncline.people.facts import ERASED

pytestmark = pytest.mark.django_db

ALICE, BOB = "alice@example.com", "bob@example.com"
ACCOUNT, OTHER = 1, 2
MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def told(what: What, before: str, after: str, key: str = ALICE) -> None:
    record([Change(ACCOUNT, key, MONDAY, what, before, after, Source.DOTDIGITAL)])


def erase(key: str = ALICE, *, opted_out: bool = True) -> str:
    out = {ACCOUNT} if opted_out else set()
    return erased.remember(key, [ACCOUNT, OTHER], out, MONDAY, Source.COMMAND_LINE, "operator")


def is_stopped(key: str = ALICE, account_id: int = ACCOUNT) -> bool:
    (person,) = store.load(account_id, [], [key])
    return person.erased


def test_nobody_is_stopped_while_nobody_was_erased() -> None:
    told(What.SUPPRESSION, "", "Unsubscribed")
    assert not is_stopped()


def test_who_had_opted_out_stays_out_in_that_account() -> None:
    erase()
    assert is_stopped()
    assert not is_stopped(account_id=OTHER)
    assert not is_stopped(BOB)
    assert ConsentSubject.objects.get().person_key == ""


def test_who_had_not_opted_out_may_come_in_again() -> None:
    erase(opted_out=False)
    assert not is_stopped()


def test_only_the_person_can_come_back() -> None:
    erase()
    told(What.EMAIL_STATUS, "", "subscribed")
    assert is_stopped()
    told(What.RESUBSCRIBED, "", "subscribed")
    assert not is_stopped()
    assert ConsentSubject.objects.get().person_key == "", "the address is not written down again"


def test_an_opt_out_under_a_former_address_outlives_the_erasure_of_that() -> None:
    digest = erase()
    row = (ACCOUNT, "contact", "c1", BOB, "Bob", 0, "{}", f"{ERASED}{digest}", 1)
    store.save_crm_records([row])
    assert is_stopped(BOB)


@pytest.mark.parametrize(
    ("events", "is_out"),
    [
        ([], False),
        ([(What.EMAIL_STATUS, "", "unsubscribed")], True),
        ([(What.EMAIL_STATUS, "", "unsubscribed"), (What.EMAIL_STATUS, "unsubscribed", "deleted")], True),
        ([(What.EMAIL_STATUS, "", "unsubscribed"), (What.EMAIL_STATUS, "", "subscribed")], False),
        ([(What.SUPPRESSION, "", "HardBounced")], True),
        ([(What.SUPPRESSION, "", "HardBounced"), (What.SUPPRESSION, "HardBounced", "")], False),
        ([(What.DO_NOT_BULK_EMAIL, "no", "yes")], True),
        ([(What.DO_NOT_BULK_EMAIL, "no", "yes"), (What.DO_NOT_BULK_EMAIL, "yes", "no")], False),
        ([(What.LIST, "subscribed", "suppressed")], True),
        ([(What.CRM_SUPPRESSION, "", "listed")], True),
        ([(What.CRM_SUPPRESSION, "", "listed"), (What.RESUBSCRIBED, "", "subscribed")], False),
        ([(What.OPT_IN, "single", "double")], False),
    ],
)
def test_the_ledger_tells_who_had_opted_out(events: list[tuple[What, str, str]], is_out: bool) -> None:
    for event in events:
        told(*event)
    assert (ACCOUNT in erased.opted_out_in(ALICE)) == is_out


def test_who_was_erased_twice_had_opted_out_if_they_had_the_first_time() -> None:
    erase()
    assert erased.opted_out_in(ALICE) == {ACCOUNT}
