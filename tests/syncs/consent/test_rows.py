"""Rows that tell Dynamics of suppressions: what stands in them, their ids, and that Dynamics takes them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from dataverse.conftest import environment_of
from our_tables import provision
from sandbox_process import DataverseSandbox
from syncline.accounts.models import EmailAccount
from syncline.dataverse import Dataverse, RowChange
from syncline.mapping.models import Entity
from syncline.provisioning.consent_tables import BY_SYNCLINE, SUPPRESSION_REASONS
from syncline.syncs.consent.rows import (
    SUPPRESSED_EMAIL_TABLE,
    SUPPRESSED_EMAILS,
    SUPPRESSION_TABLE,
    SUPPRESSIONS,
    in_words,
    suppressed_email_row,
    suppression_row,
)

ALICE = "alice+news&100%@example.com"
RECORD = "00000000-0000-4000-8000-00000000000A"
LIST = "00000000-0000-4000-8000-00000000000b"
SINCE = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def account(number: int = 1) -> EmailAccount:
    return EmailAccount(name=f"Northwind {number}", connector_key=UUID(int=number))


def suppression_id(
    owner: EmailAccount | None = None,
    record: str = RECORD,
    entity: Entity = Entity.CONTACT,
    person_key: str = ALICE,
    list_id: str | None = None,
) -> str:
    row = suppression_row(owner or account(), record, entity, person_key, "Unsubscribed", SINCE, list_id)
    return row[0]


def test_a_suppression_record_says_who_why_when_and_by_which_account() -> None:
    _, columns = suppression_row(account(), RECORD, Entity.CONTACT, ALICE, "HardBounced", SINCE, None)
    assert columns == {
        "syncline_name": "Hard bounced",
        "syncline_email": ALICE,
        "syncline_reason": SUPPRESSION_REASONS["HardBounced"],
        "syncline_otherreason": None,
        "syncline_suppressedon": "2026-03-29T01:30:00Z",
        "syncline_account": str(UUID(int=1)),
        "syncline_accountname": "Northwind 1",
        "syncline_Contact@odata.bind": f"/contacts({RECORD.lower()})",
    }


def test_one_for_a_lead_and_a_list_points_at_both() -> None:
    _, columns = suppression_row(account(), RECORD, Entity.LEAD, ALICE, "Unsubscribed", SINCE, LIST)
    assert columns["syncline_Lead@odata.bind"] == f"/leads({RECORD.lower()})"
    assert columns["syncline_List@odata.bind"] == f"/lists({LIST})"
    assert "syncline_Contact@odata.bind" not in columns


def test_companies_have_none() -> None:
    with pytest.raises(KeyError):
        suppression_row(account(), RECORD, Entity.ACCOUNT, ALICE, "Unsubscribed", SINCE, None)


def test_a_reason_that_is_not_known_is_kept_in_words() -> None:
    _, columns = suppressed_email_row(account(), ALICE, "Abducted" * 40, SINCE)
    assert columns["syncline_reason"] is None
    assert columns["syncline_otherreason"] == ("Abducted" * 40)[:200]
    assert in_words("Abducted") == "Abducted"


@pytest.mark.parametrize("word", ["NoMxRecord", "noMxRecord", "NOMXRECORD"])
def test_a_reason_is_known_in_any_case(word: str) -> None:
    _, columns = suppressed_email_row(account(), ALICE, word, SINCE)
    assert columns["syncline_reason"] == SUPPRESSION_REASONS["NoMxRecord"]


def test_times_are_told_in_utc() -> None:
    summer = SINCE.astimezone(timezone(timedelta(hours=2)))
    _, columns = suppressed_email_row(account(), ALICE, "Unsubscribed", summer)
    assert columns["syncline_suppressedon"] == "2026-03-29T01:30:00Z"
    assert columns["syncline_addedby"] == BY_SYNCLINE


def test_an_id_is_the_same_every_time_and_another_for_another_row() -> None:
    assert suppression_id() == suppression_id(record=RECORD.lower())
    others = [
        suppression_id(entity=Entity.LEAD),
        suppression_id(record=LIST),
        suppression_id(list_id=LIST),
        suppression_id(person_key="bob@example.com"),
        suppression_id(account(2)),
        suppressed_email_row(account(), ALICE, "Unsubscribed", SINCE)[0],
        suppressed_email_row(account(2), ALICE, "Unsubscribed", SINCE)[0],
    ]
    assert len({suppression_id(), *others}) == len(others) + 1


def test_a_reason_or_time_that_changes_is_the_same_row() -> None:
    first, _ = suppressed_email_row(account(), ALICE, "SoftBounced", SINCE)
    later, _ = suppressed_email_row(account(), ALICE, "HardBounced", SINCE + timedelta(days=1))
    assert first == later


@pytest.fixture
def crm(dataverse: DataverseSandbox) -> Iterator[Dataverse]:
    with Dataverse(environment_of(dataverse)) as client:
        provision(dataverse, client)
        yield client


def test_dynamics_takes_them_and_tells_of_their_deletion(crm: Dataverse) -> None:
    alice = crm.create("contacts", {"lastname": "Archer", "emailaddress1": ALICE})
    news = crm.create("lists", {"listname": "News", "createdfromcode": 2})
    by_list = suppression_row(account(), alice, Entity.CONTACT, ALICE, "Unsubscribed", SINCE, news)
    in_all = suppression_row(account(), alice, Entity.CONTACT, ALICE, "SoftBounced", SINCE, None)
    told = crm.upsert_isolated(SUPPRESSIONS, SUPPRESSION_TABLE, [RowChange(*by_list), RowChange(*in_all)])
    assert [one.state for one in told] == ["done", "done"]
    stored = crm.get(SUPPRESSIONS, by_list[0])
    assert (stored["_syncline_contact_value"], stored["_syncline_list_value"]) == (alice, news)
    assert stored["syncline_suppressedon"] == "2026-03-29T01:30:00Z"

    (page,) = crm.delta(SUPPRESSED_EMAILS, ["syncline_email", "syncline_addedby"])
    mine = suppressed_email_row(account(), ALICE, "Unsubscribed", SINCE)
    by_hand = crm.create(SUPPRESSED_EMAILS, {"syncline_email": "bob@example.com"})
    (done,) = crm.upsert_isolated(SUPPRESSED_EMAILS, SUPPRESSED_EMAIL_TABLE, [RowChange(*mine)])
    assert done.state == "done"
    crm.delete_isolated(SUPPRESSED_EMAILS, [by_hand])
    (news_page,) = crm.delta_from(page.delta_link or "")
    assert [row["syncline_email"] for row in news_page.rows] == [ALICE]
    assert news_page.deleted == [by_hand]
