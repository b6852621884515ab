"""Insight data: importing records of contacts, reading them page by page, removing them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from sandbox_process import Control
from syncline.dotdigital import (
    INSIGHT_MAX_RECORDS,
    Dotdigital,
    FeatureOff,
    InsightReport,
    NotFound,
    Permanent,
    TooLarge,
    encode_record,
)

ORDERS = "Orders"


@pytest.fixture
def ids(control: Control) -> list[int]:
    """Alice and Bob as contacts."""
    seeded = control.seed(contacts=[{"email": "alice@example.com"}, {"email": "bob@example.com"}])
    return [int(contact_id) for contact_id in seeded["contacts"]]


def imported(client: Dotdigital, control: Control, *records: bytes) -> InsightReport:
    import_id = client.import_insight(ORDERS, records)
    assert not client.insight_import_report(import_id).finished
    control.advance(60)
    return client.insight_import_report(import_id)


def stored(client: Dotdigital) -> dict[str, Any]:
    return {one.key: one.values for page in client.insight_records(ORDERS) for one in page.records}


def test_a_bad_record_costs_itself_and_no_other(client: Dotdigital, control: Control, ids: list[int]) -> None:
    alice, _ = ids
    report = imported(
        client,
        control,
        encode_record("1", {"total": 12.5, "note": "Ålice 🙂"}, alice),
        encode_record("2", {"total": 1}, 4711),
        encode_record("3", {"total": 3}),
    )
    assert report.succeeded
    assert report.summary == {"totalRecords": 3, "totalImported": 1, "totalRejected": 2}
    assert {one.key: one.reason for one in report.failures} == {
        "2": "ContactIdDoesNotExist",
        "3": "InvalidContactIdentifier",
    }
    assert report.failures[0].words == "There is no contact with this contactId"
    assert stored(client) == {"1": {"total": 12.5, "note": "Ålice 🙂"}}
    (collection,) = client.insight_collections()
    assert (collection.name, collection.type, collection.scope, collection.records) == (
        ORDERS,
        "custom",
        "contact",
        1,
    )


@pytest.mark.parametrize("word", ["Complete", "Finished"])
def test_an_import_has_ended_in_either_of_the_vendors_words(
    client: Dotdigital, control: Control, ids: list[int], word: str
) -> None:
    control.settings(insight_done_word=word)
    assert imported(client, control, encode_record("1", {}, ids[0])).succeeded


def test_an_import_that_failed_has_ended_and_took_nothing(
    client: Dotdigital, control: Control, ids: list[int]
) -> None:
    control.fault("import_failed")
    report = imported(client, control, encode_record("1", {}, ids[0]))
    assert report.finished
    assert not report.succeeded


def test_an_import_whose_answer_was_lost_is_sent_again(
    client: Dotdigital, control: Control, ids: list[int]
) -> None:
    control.fault("lost_answer", route="PUT /insightData/v3/import")
    imported(client, control, encode_record("1", {"total": 1}, ids[0]))
    assert control.calls("PUT /insightData/v3/import") == 2
    assert stored(client) == {"1": {"total": 1}}


def test_an_import_of_nothing_or_of_too_much_is_not_sent(client: Dotdigital, control: Control) -> None:
    with pytest.raises(Permanent):
        client.import_insight(ORDERS, [])
    with pytest.raises(TooLarge):
        client.import_insight(ORDERS, [b"{}"] * (INSIGHT_MAX_RECORDS + 1))
    assert control.journal()["routes"] == {}


def test_pages_go_on_from_a_stored_marker(client: Dotdigital, control: Control, ids: list[int]) -> None:
    records = [encode_record(str(number), {"n": number}, ids[number % 2]) for number in range(2500)]
    imported(client, control, *records)
    pages = list(client.insight_records(ORDERS))
    assert [len(page.records) for page in pages] == [1000, 1000, 500]
    assert {record.contact_id for record in pages[0].records} == set(ids)
    (rest,) = client.insight_records(ORDERS, marker=pages[1].next_marker)
    assert [record.key for record in rest.records] == [record.key for record in pages[2].records]


def test_only_what_changed_since_is_read(client: Dotdigital, control: Control, ids: list[int]) -> None:
    control.set_clock("2026-03-02T10:00:00Z")
    imported(client, control, *(encode_record(key, {"n": 1}, ids[0]) for key in "ab"))
    control.set_clock("2026-03-03T10:00:00Z")
    imported(client, control, encode_record("b", {"n": 2}, ids[0]))
    since = datetime.fromisoformat("2026-03-03T00:00:00+00:00")
    (page,) = client.insight_records(ORDERS, modified_since=since)
    assert [record.key for record in page.records] == ["b"]
    assert page.records[0].updated_on is not None
    assert page.records[0].updated_on > since


def test_records_of_one_contact_are_removed_by_key(
    client: Dotdigital, control: Control, ids: list[int]
) -> None:
    alice, bob = ids
    owners = {"1": alice, "2": alice, "3": bob}
    imported(client, control, *(encode_record(key, {}, owner) for key, owner in owners.items()))
    control.fault("lost_answer", route="DELETE /insightData/v3/contacts/*/deleteRecords")
    assert client.delete_insight_records(ORDERS, alice, ["1", "3"]) == ["1", "3"]
    assert set(stored(client)) == {"2", "3"}
    with pytest.raises(NotFound):
        client.delete_insight_records(ORDERS, 4711, ["1"])
    with pytest.raises(NotFound):
        client.delete_insight_records("Nothing", alice, ["1"])
    with pytest.raises(Permanent):
        client.delete_insight_records(ORDERS, alice, [])


def test_an_unknown_collection_or_import_is_not_found(client: Dotdigital) -> None:
    with pytest.raises(NotFound):
        next(client.insight_records("Nothing"))
    with pytest.raises(NotFound):
        client.insight_import_report("00000000-0000-0000-0000-000000000001")


def test_records_of_the_account_are_read_too(client: Dotdigital, control: Control) -> None:
    client.import_insight("Shops", [encode_record("S1", {"city": "Leeds"})], scope="account", type_="catalog")
    control.advance(60)
    (page,) = client.insight_records("Shops", scope="account")
    assert [(record.key, record.contact_id) for record in page.records] == [("S1", None)]


def test_web_behaviour_is_read_and_never_written(
    client: Dotdigital, control: Control, ids: list[int]
) -> None:
    view = {"email": "alice@example.com", "url": "https://shop.example/"}
    control.call("POST", "page-views", {"views": [view]})
    (page,) = client.insight_records("WebInsight")
    assert page.records[0].values["Url"] == "https://shop.example/"
    with pytest.raises(Permanent):
        client.import_insight("WebInsight", [encode_record("1", {}, ids[0])], type_="webInsight")


def test_without_the_feature_that_is_said(client: Dotdigital, control: Control) -> None:
    control.settings(insight_data=False)
    with pytest.raises(FeatureOff, match="Feature is not activated in Dotdigital"):
        client.import_insight(ORDERS, [encode_record("1", {}, 1)])
