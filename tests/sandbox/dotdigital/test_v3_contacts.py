"""Contacts v3, one at a time and in pages; custom identifiers; bulk delete."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from .api import Api, row

ALICE = "alice@people.example"
CONSENT = {
    "text": "Yes",
    "dateTimeConsented": "2024-01-01T00:00:00Z",
    "url": "https://shop.example/join",
    "ipAddress": "2001:db8::7",
    "userAgent": "Browser",
}


def test_create_answers_the_whole_contact(api: Api) -> None:
    news = api.new_list("News")
    body = {
        "identifiers": {"email": "Alice@People.example", "mobileNumber": "+44 7123 123123"},
        "dataFields": {"firstName": "Alice", "POSTCODE": None},
        "channelProperties": {
            "email": {"optInType": "verifieddouble", "emailType": "Html"},
            "sms": {"status": "suppressed"},
        },
        "lists": [news],
        "consentRecords": [CONSENT],
    }
    created = api.post("/contacts/v3", body)
    assert created.status == 201
    alice = created.json
    assert alice["identifiers"] == {"email": ALICE, "mobileNumber": "447123123123"}
    assert alice["status"] == "pendingOptIn"
    assert alice["channelProperties"]["email"] == {
        "emailType": "Html",
        "optInType": "Double",
        "status": "pendingOptIn",
    }
    assert alice["channelProperties"]["sms"] == {"countryCode": "GB", "status": "suppressed"}
    assert alice["lists"] == [{"id": news, "name": "News", "status": "pending"}]
    assert alice["consentRecords"][0]["ipAddress"] == "2001:db8::7"
    assert (alice["dataFields"]["FIRSTNAME"], alice["dataFields"]["POSTCODE"]) == ("Alice", None)
    assert api.contact(ALICE) == alice


def test_create_never_updates(api: Api) -> None:
    api.ok("POST", "/contacts/v3", {"identifiers": {"email": ALICE, "mobileNumber": "447123123123"}})
    for identifiers in ({"email": ALICE.upper()}, {"email": "b@p.example", "mobileNumber": "447123123123"}):
        answer = api.post("/contacts/v3", {"identifiers": identifiers})
        assert (answer.status, answer.error) == (409, "contacts:idAlreadyExists")


def test_a_contact_may_have_no_address(api: Api) -> None:
    body = {"identifiers": {"mobileNumber": "4915112345678"}}
    created = api.post("/contacts/v3", body).json
    assert created["status"] == "noSubscription"
    assert "email" not in created["channelProperties"]
    assert api.ok("GET", "/v2/contacts") == []
    moved = api.ok("PATCH", "/contacts/v3/mobileNumber/4915112345678", {"identifiers": {"email": ALICE}})
    assert (moved["contactId"], moved["status"]) == (created["contactId"], "subscribed")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "contacts:badRequest"),
        ({"identifiers": {}}, "contacts:badRequest"),
        ({"identifiers": {"email": "no address"}}, "contacts:invalidId"),
        ({"identifiers": {"mobileNumber": "call me"}}, "contacts:invalidId"),
        ({"identifiers": {"email": ALICE, "nosuch": "1"}}, "contacts:invalidId"),
        ({"identifiers": {"email": ALICE}, "dataFields": {"NOSUCH": 1}}, "contacts:badRequest"),
        ({"identifiers": {"email": ALICE}, "lists": []}, "contacts:badRequest"),
        ({"identifiers": {"email": ALICE}, "lists": [4711]}, "contacts:badRequest"),
        ({"identifiers": {"email": ALICE}, "lists": "News"}, "contacts:badRequest"),
        ({"identifiers": {"email": ALICE}, "preferences": []}, "contacts:badRequest"),
        ({"identifiers": {"email": ALICE}, "consentRecords": [{"text": "x"}]}, "contacts:badRequest"),
        ({"identifiers": {"email": ALICE}, "consentRecords": [CONSENT] * 6}, "contacts:badRequest"),
        (
            {"identifiers": {"email": ALICE}, "channelProperties": {"email": {"nosuch": 1}}},
            "contacts:badRequest",
        ),
        (
            {"identifiers": {"email": ALICE}, "channelProperties": {"email": {"status": "hardBounced"}}},
            "contacts:badRequest",
        ),
        (
            {"identifiers": {"email": ALICE}, "channelProperties": {"email": {"optInType": "some"}}},
            "contacts:badRequest",
        ),
    ],
)
def test_bodies_that_break_the_definition(api: Api, body: dict[str, Any], code: str) -> None:
    answer = api.post("/contacts/v3", body)
    assert (answer.status, answer.error) == (400, code)
    assert api.ok("GET", "/v2/contacts/count") == 0


def test_a_contact_is_found_by_every_identifier(api: Api) -> None:
    api.ok("POST", "/configuration/v3/customIdentifiers", {"name": "crm-id"})
    identifiers = {"email": "o'brien+x@people.example", "mobileNumber": "447123123123", "crm-id": "A/1 ü"}
    created = api.ok("POST", "/contacts/v3", {"identifiers": identifiers})
    assert created["identifiers"] == identifiers
    for name, value in {**identifiers, "contactId": str(created["contactId"]), "CRM-ID": "A/1 ü"}.items():
        assert api.ok("GET", f"/contacts/v3/{name}/{quote(value, safe='')}") == created
    missing = api.get("/contacts/v3/email/nobody@people.example")
    assert (missing.status, missing.error) == (404, "contacts:contactNotFound")
    assert missing.json["details"] == [
        {"item": "nobody@people.example", "description": "Not found using the identifier 'email'"}
    ]


@pytest.mark.parametrize(
    "path", ["contactId/abc", "email/abc", "mobileNumber/abc", "nosuch/abc", f"email/{'x' * 257}"]
)
def test_identifiers_that_cannot_be(api: Api, path: str) -> None:
    for method in ("GET", "DELETE"):
        answer = api.call(method, f"/contacts/v3/{path}")
        assert (answer.status, answer.error) == (400, "contacts:invalidId")


def test_patch_updates_or_creates(api: Api) -> None:
    created = api.patch(
        f"/contacts/v3/email/{ALICE}", {"dataFields": {"FIRSTNAME": "Alice", "LASTNAME": "Ager"}}
    )
    assert created.status == 201
    contact_id = created.json["contactId"]
    updated = api.patch(f"/contacts/v3/email/{ALICE}", {"dataFields": {"LASTNAME": None}})
    assert updated.status == 200
    assert (updated.json["dataFields"]["FIRSTNAME"], updated.json["dataFields"]["LASTNAME"]) == (
        "Alice",
        None,
    )
    moved = api.ok(
        "PATCH", f"/contacts/v3/contactId/{contact_id}", {"identifiers": {"email": "a2@people.example"}}
    )
    assert (moved["contactId"], moved["identifiers"]["email"]) == (contact_id, "a2@people.example")
    api.new_contact("bob@people.example")
    taken = api.patch(
        f"/contacts/v3/contactId/{contact_id}", {"identifiers": {"email": "bob@people.example"}}
    )
    assert (taken.status, taken.error) == (409, "contacts:idAlreadyExists")
    assert api.patch("/contacts/v3/contactId/5", {"identifiers": {"email": "c@p.example"}}).status == 400


@pytest.mark.parametrize(
    ("option", "first", "last", "code"),
    [
        ("overwrite", None, "New", "New"),
        ("overwrite-if-not-empty", "Old", "New", "New"),
        ("overwrite-if-empty", "Old", "Old", "New"),
    ],
)
def test_merge_options(api: Api, option: str, first: str | None, last: str, code: str) -> None:
    api.new_contact(ALICE, FIRSTNAME="Old", LASTNAME="Old")
    body = {"dataFields": {"FIRSTNAME": None, "LASTNAME": "New", "POSTCODE": "New"}}
    after = api.ok("PATCH", f"/contacts/v3/email/{ALICE}?merge-option={option}", body)["dataFields"]
    assert (after["FIRSTNAME"], after["LASTNAME"], after["POSTCODE"]) == (first, last, code)
    assert api.patch(f"/contacts/v3/email/{ALICE}?merge-option=sometimes", body).status == 400


def test_patch_adds_to_lists_and_put_replaces_everything(api: Api) -> None:
    news, trails = api.new_list("News"), api.new_list("Trails")
    body = {
        "identifiers": {"email": ALICE, "mobileNumber": "447123123123"},
        "lists": [news],
        "dataFields": {"FIRSTNAME": "A"},
    }
    contact_id = api.ok("POST", "/contacts/v3", body)["contactId"]
    added = api.ok("PATCH", f"/contacts/v3/email/{ALICE}", {"lists": [trails]})
    assert [entry["id"] for entry in added["lists"]] == [news, trails]
    body = {"identifiers": {"email": ALICE}, "lists": [trails], "dataFields": {"LASTNAME": "Ager"}}
    replaced = api.put(f"/contacts/v3/email/{ALICE}", body)
    assert replaced.status == 200
    assert replaced.json["contactId"] == contact_id
    assert replaced.json["identifiers"] == {"email": ALICE}
    assert [entry["id"] for entry in replaced.json["lists"]] == [trails]
    fields = replaced.json["dataFields"]
    assert (fields["FIRSTNAME"], fields["LASTNAME"]) == (None, "Ager")
    assert api.put("/contacts/v3/email/nobody@people.example", body).status == 404
    assert api.put(f"/contacts/v3/email/{ALICE}", {"dataFields": {}}).status == 400


def test_delete(api: Api) -> None:
    contact_id = api.new_contact(ALICE)
    answer = api.delete(f"/contacts/v3/email/{ALICE}")
    assert (answer.status, answer.json) == (200, {"contactId": contact_id})
    assert api.delete(f"/contacts/v3/email/{ALICE}").error == "contacts:contactNotFound"
    assert api.new_contact(ALICE) > contact_id


def test_pages_by_marker_are_stable(api: Api) -> None:
    api.control.seed(count=12)
    page = api.ok("GET", "/contacts/v3?limit=5")
    assert set(page["_links"]) == {"self", "first", "next"}
    api.new_contact("contact11@seeded.example", FIRSTNAME="Changed")
    ids = [item["contactId"] for item in page["_items"]]
    while "next" in page["_links"]:
        link = urlsplit(page["_links"]["next"]["link"])
        assert parse_qs(link.query)["marker"] == [page["_links"]["next"]["marker"]]
        page = api.ok("GET", f"{link.path}?{link.query}")
        ids += [item["contactId"] for item in page["_items"]]
    assert len(ids) == len(set(ids)) == 12
    assert ids == sorted(ids)
    assert api.ok("GET", "/contacts/v3?limit=12")["_links"].keys() == {"self", "first"}
    assert len(api.ok("GET", "/contacts/v3")["_items"]) == 12


def test_blocks_and_fields_appear_only_when_asked_for(api: Api) -> None:
    ids = api.control.seed(preferences=[{"name": "Topics", "preferences": ["Hiking"]}])["preferences"]
    news = api.new_list("News")
    api.import_v3(
        row(
            ALICE,
            lists=[news],
            dataFields={"FIRSTNAME": "A"},
            preferences=[{"id": ids["Hiking"], "isOptedIn": True}],
        )
    )
    bare = {"contactId", "status", "created", "updated", "identifiers"}

    def item(query: str = "") -> dict[str, Any]:
        return dict(api.ok("GET", f"/contacts/v3{query}")["_items"][0])

    assert set(item()) == bare
    assert set(item("?include=lists%7Cpreferences")) == bare | {"lists", "preferences"}
    assert set(item("?include=channelProperties|consentRecords")) == bare | {
        "channelProperties",
        "consentRecords",
    }
    assert item("?data-fields=firstname%7CLASTNAME")["dataFields"] == {"FIRSTNAME": "A", "LASTNAME": None}
    assert set(item("?data-fields=%5B%5BALL%5D%5D")["dataFields"]) >= {
        "FIRSTNAME",
        "LASTSUBSCRIBED",
        "GENDER",
    }
    assert api.get("/contacts/v3?include=everything").error == "contacts:badRequest"


def test_all_contacts_may_be_shown_among_the_lists(api: Api) -> None:
    api.new_contact(ALICE)
    assert api.contact(ALICE)["lists"] == []
    api.control.settings(v3_lists_show_all_contacts=True)
    assert [entry["name"] for entry in api.contact(ALICE)["lists"]] == ["All contacts"]


def test_filters(api: Api) -> None:
    api.control.seed(
        contacts=[
            {"email": "old@p.example", "lists": ["News"], "created": "2020-01-01", "updated": "2024-03-01"},
            {"email": "new@p.example", "created": "2024-02-01", "updated": "2024-02-01"},
            {"email": "mid@p.example", "lists": ["News"], "created": "2022-02-01", "updated": "2022-02-01"},
        ]
    )
    news = next(e["id"] for e in api.ok("GET", "/v2/address-books") if e["name"] == "News")

    def emails(query: str) -> list[str]:
        items = api.ok("GET", f"/contacts/v3?{query}")["_items"]
        return [item["identifiers"]["email"].partition("@")[0] for item in items]

    assert emails("~created=gte::2022-02-01T00:00:00Z") == ["new", "mid"]
    assert emails("~modified=gte::2024-02-01T00:00:00.000Z") == ["old", "new"]
    assert emails(f"~listId={news}") == ["old", "mid"]
    assert emails(f"~listId={news}&~modified=gte::2024-01-01T00:00:00Z") == ["old"]
    assert emails("~listId=2") == ["old", "new", "mid"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("~created=2024-02-01T00:00:00Z", "contacts:invalidFilter"),
        ("~modified=gte::2024-02-01", "contacts:invalidFilter"),
        ("~modified=gte::2024-02-01T00:00:00%2B01:00", "contacts:invalidFilter"),
        ("~modified=gte::2024-13-01T00:00:00Z", "contacts:invalidFilter"),
        ("~created=gte::2024-02-01T00:00:00Z&~modified=gte::2024-02-01T00:00:00Z", "contacts:badRequest"),
        ("~listId=2&~segmentId=2", "contacts:badRequest"),
        ("~listId=all", "contacts:invalidFilter"),
        ("limit=0", "contacts:badRequest"),
        ("limit=5001", "contacts:badRequest"),
        ("limit=many", "contacts:badRequest"),
        ("marker=nonsense", "contacts:badRequest"),
    ],
)
def test_wrong_parameters(api: Api, query: str, code: str) -> None:
    answer = api.get(f"/contacts/v3?{query}")
    assert (answer.status, answer.error) == (400, code)


def test_custom_identifiers(api: Api) -> None:
    path = "/configuration/v3/customIdentifiers"
    created = api.post(path, {"name": "crmId"})
    assert created.status == 201
    assert set(created.json) == {"name", "created", "updated"}
    assert api.ok("GET", path) == [created.json]
    assert api.post(path, {"name": "CRMID"}).status == 409
    for name in ("", "has space", "x" * 51, "email", None):
        assert api.post(path, {"name": name}).status == 400
    api.control.settings(custom_identifier_limit=1)
    full = api.post(path, {"name": "second"})
    assert (full.status, full.raw) == (412, b"")
    body = {"identifiers": {"email": ALICE, "crmId": "C1"}}
    api.ok("POST", "/contacts/v3", body)
    assert api.post("/contacts/v3", {"identifiers": {"email": "b@p.example", "crmId": "C1"}}).status == 409
    assert api.delete(f"{path}/crmId").status == 204
    assert api.contact(ALICE)["identifiers"] == {"email": ALICE}
    assert api.delete(f"{path}/crmId").status == 404


def test_bulk_delete_is_from_the_account(api: Api) -> None:
    alice = api.new_contact(ALICE)
    api.new_contact("bob@people.example")
    api.new_contact("carol@people.example")
    body = [
        {"contactId": alice},
        {"email": "BOB@people.example"},
        {"email": "nobody@p.example"},
        {"email": "broken"},
    ]
    started = api.post("/contacts/v3/delete", body)
    assert started.status == 202
    path = f"/contacts/v3/delete/{started.json['deleteId']}"
    assert api.ok("GET", path)["status"] == "NotFinished"
    assert api.ok("GET", "/v2/contacts/count") == 3
    api.control.advance(60)
    report = api.ok("GET", path)
    assert report["status"] == "Finished"
    assert report["summary"] == {
        "requestedContacts": 4,
        "deletedContacts": 2,
        "unknownContacts": 1,
        "invalidEntries": 1,
    }
    assert report["deleted"] == body[:2]
    assert [entry["identifier"] for entry in report["failures"]] == body[2:]
    assert api.ok("GET", "/v2/contacts/count") == 1


def test_bulk_deletes_that_cannot_start(api: Api) -> None:
    assert api.post("/contacts/v3/delete", []).error == "contacts:noContactsSpecified"
    assert api.post("/contacts/v3/delete", {"email": ALICE}).error == "contacts:badRequest"
    assert api.post("/contacts/v3/delete", [{"email": ALICE}] * 5001).error == "contacts:badRequest"
    assert api.get("/contacts/v3/delete/nonsense").error == "contacts:invalidDeleteId"
    unknown = api.get("/contacts/v3/delete/af4ac4bc-e1e7-4817-8a66-73fb59e91ce6")
    assert (unknown.status, unknown.error) == (404, "contacts:importNotFound")
    api.control.settings(max_active_deletes=1)
    api.ok("POST", "/contacts/v3/delete", [{"email": ALICE}])
    refused = api.post("/contacts/v3/delete", [{"email": ALICE}])
    assert (refused.status, refused.error) == (429, "contacts:tooManyBulkDeleteJobs")
