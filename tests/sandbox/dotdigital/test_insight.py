"""Insight data: collections, imports, records, and what the vendor's script records."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox_process import ControlRefused

from .api import Answer, Api

ALICE, BOB = "alice@people.example", "bob@people.example"
ORDERS = "/insightData/v3/contacts/Orders"
IMPORT = "/insightData/v3/import"


@pytest.fixture
def people(api: Api) -> Api:
    """Alice and Bob are contacts."""
    api.control.set_clock("2026-03-02T10:00:00Z")
    api.control.settings(rate_scheme="off")
    api.control.seed(contacts=[{"email": ALICE}, {"email": BOB}])
    return api


def order(key: str, email: str = ALICE, **values: Any) -> dict[str, Any]:
    return {
        "key": key,
        "contactIdentity": {"identifier": "email", "value": email},
        "json": values or {"total": 12.5},
    }


def body(*records: dict[str, Any], name: str = "Orders", **words: Any) -> dict[str, Any]:
    return {
        "collectionName": name,
        "collectionScope": "contact",
        "collectionType": "custom",
        "records": list(records),
        **words,
    }


def imported(api: Api, *records: dict[str, Any], **words: Any) -> dict[str, Any]:
    """Import, let it end, and return the report."""
    started = api.ok("PUT", IMPORT, body(*records, **words))
    api.control.advance(60)
    return dict(api.ok("GET", f"{IMPORT}/{started['importId']}"))


def reasons(report: dict[str, Any]) -> dict[str, str]:
    return {failure["key"]: failure["failureReason"] for failure in report.get("failures", [])}


def keys(answer: dict[str, Any]) -> list[str]:
    return [item["key"] for item in answer["_items"]]


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.error


def test_an_import_makes_the_collection_and_ends_later(people: Api) -> None:
    started = people.ok("PUT", IMPORT, body(order("1"), order("2", BOB)))
    path = f"{IMPORT}/{started['importId']}"
    assert people.ok("GET", path)["status"] == "Processing"
    assert people.ok("GET", ORDERS)["_items"] == []
    people.control.advance(60)
    assert people.ok("GET", path) == {
        "importId": started["importId"],
        "status": "Complete",
        "collectionName": "Orders",
        "summary": {"totalRecords": 2, "totalImported": 2, "totalRejected": 0},
    }
    first = people.ok("GET", ORDERS)["_items"][0]
    alice = people.contact(ALICE)["contactId"]
    assert (first["key"], first["json"], first["ownerContactId"]) == ("1", {"total": 12.5}, alice)
    assert people.ok("GET", "/insightData/v3/collections") == [
        {
            "collectionName": "Orders",
            "collectionType": "custom",
            "collectionScope": "contact",
            "recordCount": 2,
        }
    ]
    assert people.ok("GET", "/insightData/v3/account") == []


def test_a_record_of_the_same_key_is_replaced_as_a_whole(people: Api) -> None:
    imported(people, order("1", total=1, note="first"))
    imported(people, order("1", total=2))
    one = people.ok("GET", f"/insightData/v3/contacts/email/{ALICE}/Orders/1")
    assert one["json"] == {"total": 2}
    assert one["updated"] > one["created"]


def test_a_bad_record_fails_alone_with_its_reason(people: Api) -> None:
    report = imported(
        people,
        order("good"),
        order("stranger", "nobody@people.example"),
        order("good", BOB),
        order("lists", lists=[[1]]),
        order("name", **{"not a name": 1}),
        order("long", text="x" * 10_001),
        order("large", total=2**70),
        order("type", total="twelve"),
        {"key": "nobody", "json": {"total": 1}},
        {
            "key": "id",
            "json": {"total": 1},
            "contactIdentity": {"identifier": "contactId", "value": "4711"},
        },
        {"key": 5, "json": {}},
    )
    assert report["summary"] == {"totalRecords": 11, "totalImported": 1, "totalRejected": 10}
    assert reasons(report) == {
        "stranger": "ContactEmailDoesNotExist",
        "good": "DuplicateKey",
        "lists": "JsonContainsNestedArray",
        "name": "JsonKeyInvalidCharacters",
        "long": "JsonValueTooLong",
        "large": "JsonNumberValueTooLarge",
        "type": "JsonValueIncompatibleWithSchema",
        "nobody": "InvalidContactIdentifier",
        "id": "ContactIdDoesNotExist",
        "": "InvalidClientKey",
    }


def test_a_key_belongs_to_one_contact_of_a_collection(people: Api) -> None:
    imported(people, order("1"))
    assert reasons(imported(people, order("1", BOB))) == {"1": "DuplicateKey"}
    assert imported(people, order("1", BOB), name="Other")["summary"]["totalImported"] == 1


def test_the_schema_grows_and_is_shown_in_either_shape(people: Api) -> None:
    imported(people, order("1", total=1, on="2026-03-02T10:00:00Z", lines=[{"sku": "A", "qty": 2}]))
    imported(people, order("2", total=None, note="2026-03-02 is a note", gift=True))
    path = "/insightData/v3/collections/Orders/schema"
    fields = people.ok("GET", path)["schema"]
    assert {field["name"]: (field["type"], field["mode"]) for field in fields} == {
        "total": ("FLOAT", "NULLABLE"),
        "on": ("TIMESTAMP", "NULLABLE"),
        "lines": ("RECORD", "REPEATED"),
        "note": ("STRING", "NULLABLE"),
        "gift": ("BOOLEAN", "NULLABLE"),
    }
    people.control.settings(insight_schema_as="object")
    assert people.ok("GET", path)["schema"] == {"fields": fields}
    assert reasons(imported(people, order("3", on="soon"))) == {"3": "JsonValueIncompatibleWithSchema"}


def test_pages_hold_a_thousand_records_at_most(people: Api) -> None:
    imported(people, *(order(str(number)) for number in range(1005)))
    first = people.ok("GET", f"{ORDERS}?limit=5000")
    assert len(first["_items"]) == 1000
    link = first["_links"]["next"]["link"].partition("127.0.0.1")[2].partition("/")[2]
    second = people.ok("GET", f"/{link}")
    assert keys(second) == [str(number) for number in range(1000, 1005)]
    assert "next" not in second["_links"]
    assert refused(people.get(f"{ORDERS}?limit=5001")) == (400, "insightData:badRequest")
    assert refused(people.get(f"{ORDERS}?marker=x")) == (400, "insightData:badRequest")


def test_pages_hold_what_changed_since(people: Api) -> None:
    imported(people, order("1"), order("2"))
    people.control.set_clock("2026-03-03T10:00:00Z")
    imported(people, order("1", total=3))
    since = "~modified=gte::2026-03-03T10:00:00Z"
    assert keys(people.ok("GET", f"{ORDERS}?{since}")) == ["1"]
    assert keys(people.ok("GET", f"/insightData/v3/contacts/email/{BOB}/Orders?{since}")) == []
    assert refused(people.get(f"{ORDERS}?~modified=yesterday")) == (400, "insightData:invalidFilter")


def test_single_records_are_made_replaced_and_removed(people: Api) -> None:
    people.ok("POST", "/insightData/v3/collections/Shops?collectionScope=account&collectionType=custom")
    path = "/insightData/v3/account/Shops/S1"
    assert people.put(path, {"city": "Leeds"}).status == 201
    assert people.put(path, {"city": "York"}).status == 204
    assert people.ok("GET", path)["json"] == {"city": "York"}
    assert "ownerContactId" not in people.ok("GET", path)
    assert refused(people.put(path, {"city": 5})) == (400, "insightData:badRequest")
    assert people.delete(path).status == 204
    assert refused(people.get(path)) == (404, "insightData:recordNotFound")
    assert refused(people.delete(path)) == (404, "insightData:recordNotFound")


def test_many_records_are_removed_by_their_keys(people: Api) -> None:
    imported(people, order("1"), order("2"), order("3", BOB))
    path = f"/insightData/v3/contacts/email/{ALICE}/Orders/deleteRecords"
    assert people.ok("DELETE", path, {"keys": ["1", "3", "x"]}) == {
        "summary": {"totalRecords": 3, "totalDeleted": 1, "totalNotFound": 2},
        "notFound": ["3", "x"],
        "failures": [],
    }
    assert keys(people.ok("GET", ORDERS)) == ["2", "3"]
    assert refused(people.delete(path, {"keys": []})) == (400, "insightData:noRecordsSpecified")
    assert refused(people.delete(path, {"keys": ["x"] * 5001})) == (400, "insightData:badRequest")


def test_emptying_and_deleting_end_later(people: Api) -> None:
    imported(people, order("1"), order("2", BOB))
    mine = f"/insightData/v3/contacts/email/{ALICE}/Orders/empty"
    for path, left in ((mine, 1), ("/insightData/v3/collections/Orders/empty", 0)):
        job = people.ok("DELETE", path)["jobId"]
        assert people.ok("GET", f"/insightData/v3/async/{job}")["status"] == "NotFinished"
        people.control.advance(5)
        assert people.ok("GET", f"/insightData/v3/async/{job}")["status"] == "Finished"
        assert people.ok("GET", "/insightData/v3/collections")[0]["recordCount"] == left
    people.ok("DELETE", "/insightData/v3/collections/Orders")
    people.control.advance(5)
    assert people.ok("GET", "/insightData/v3/collections") == []
    assert refused(people.get(ORDERS)) == (404, "insightData:collectionNotFound")


def test_records_go_with_their_contact(people: Api) -> None:
    imported(people, order("1"), order("2", BOB))
    people.ok("DELETE", f"/contacts/v3/email/{ALICE}")
    assert keys(people.ok("GET", ORDERS)) == ["2"]


def test_what_a_contact_has(people: Api) -> None:
    imported(people, order("1"), order("2", BOB), order("3"))
    assert [row["recordCount"] for row in people.ok("GET", f"/insightData/v3/contacts/email/{ALICE}")] == [2]
    stranger = people.get("/insightData/v3/contacts/email/nobody@people.example")
    assert refused(stranger) == (404, "insightData:contactNotFound")
    assert people.get("/insightData/v3/contacts/contactId/x").error == "insightData:invalidId"


def test_a_collection_is_made_once_and_its_name_checked(people: Api) -> None:
    path = "/insightData/v3/collections/{}?collectionScope=contact&collectionType=custom"
    assert people.call("POST", path.format("Orders")).status == 201
    assert people.call("POST", path.format("Orders")).status == 200
    assert people.call("POST", path.format("1st")).error == "insightData:badRequest"
    assert people.call("POST", "/insightData/v3/collections/Orders").error == "insightData:badRequest"
    people.control.settings(insight_collection_limit=1)
    assert people.call("POST", path.format("Bookings")).status == 412
    assert people.put(IMPORT, body(order("1"), name="Bookings")).status == 412


def test_what_an_import_may_not_be(people: Api) -> None:
    assert refused(people.put(IMPORT, body())) == (400, "insightData:noRecordsSpecified")
    assert refused(people.put(IMPORT, b"{")) == (400, "insightData:badJson")
    assert people.put(IMPORT, {}).error == "insightData:badRequest"
    imported(people, order("1"))
    other = people.put(IMPORT, body(order("1"), collectionScope="account"))
    assert refused(other) == (400, "insightData:badRequest")
    assert people.get(f"{IMPORT}/x").error == "insightData:invalidId"
    unknown = people.get(f"{IMPORT}/af4ac4bc-e1e7-4817-8a66-73fb59e91ce6")
    assert refused(unknown) == (404, "insightData:importNotFound")


def test_an_import_says_that_it_has_ended_in_either_word(people: Api) -> None:
    people.control.settings(insight_done_word="Finished")
    assert imported(people, order("1"))["status"] == "Finished"


def test_faults_of_an_import(people: Api) -> None:
    people.control.fault("import_failed")
    assert imported(people, order("1"))["status"] == "Failed"
    people.control.fault("import_stuck")
    assert imported(people, order("1"))["status"] == "Processing"
    people.control.fault("reject_record", match='"poison"', code="InvalidJson")
    report = imported(people, order("poison"), order("good"))
    assert reasons(report) == {"poison": "InvalidJson"}
    assert keys(people.ok("GET", ORDERS)) == ["good"]


def test_without_the_feature_every_call_is_refused(people: Api) -> None:
    imported(people, order("1"))
    people.control.settings(insight_data=False)
    for method, path, sent in (
        ("GET", "/insightData/v3/collections", None),
        ("GET", ORDERS, None),
        ("PUT", IMPORT, body(order("1"))),
        ("GET", "/insightData/v3/collections/Orders/schema", None),
    ):
        assert refused(people.call(method, path, sent)) == (403, "insightData:featureNotActive"), path


def test_page_views_make_visits_that_end_after_thirty_five_idle_minutes(people: Api) -> None:
    def viewed(at: str, page: str, email: str = ALICE) -> dict[str, str]:
        return {"email": email, "url": f"https://shop.example/{page}", "title": page, "at": at}

    people.control.call(
        "POST",
        "page-views",
        {
            "views": [
                viewed("2026-03-01T10:35:00Z", "boots"),
                viewed("2026-03-01T10:00:00Z", "home"),
                viewed("2026-03-01T11:10:01Z", "tents"),
                viewed("2026-03-01T11:11:00Z", "home", BOB),
            ]
        },
    )
    found = people.ok("GET", "/insightData/v3/contacts/WebInsight")["_items"]
    home, boots, tents, bob = (item["json"] for item in found)
    assert (home["PageTitle"], home["Site"], home["DurationMinutes"]) == ("home", "shop.example", 35)
    assert home["SessionId"] == boots["SessionId"] != tents["SessionId"]
    assert [page["PageViews"] for page in (home, boots, tents, bob)] == [1, 2, 1, 1]
    summary = people.ok("GET", "/insightData/v3/collections")[0]
    assert (summary["collectionType"], summary["collectionScope"]) == ("webInsight", "contact")
    with pytest.raises(ControlRefused, match="nobody"):
        stranger = viewed("2026-03-01T10:00:00Z", "home", "nobody@people.example")
        people.control.call("POST", "page-views", {"views": [stranger]})


def test_nobody_else_writes_web_behaviour(people: Api) -> None:
    people.control.call("POST", "page-views", {"views": [{"email": ALICE, "url": "https://shop.example/"}]})
    sent = body(order("1"), name="WebInsight", collectionType="webInsight")
    assert people.put(IMPORT, sent).error == "insightData:badRequest"
    one = people.put(f"/insightData/v3/contacts/email/{ALICE}/WebInsight/1", {"Url": "x"})
    assert one.error == "insightData:badRequest"
    assert len(people.ok("GET", "/insightData/v3/contacts/WebInsight")["_items"]) == 1
