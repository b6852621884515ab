"""Lists (address books), members, bulk removal and segments."""

from __future__ import annotations

from typing import Any

import pytest

from .api import Api, row


def test_the_reserved_lists_are_there(api: Api) -> None:
    lists = api.ok("GET", "/v2/address-books")
    assert [(entry["id"], entry["name"]) for entry in lists] == [(1, "Test"), (2, "All contacts")]


def test_a_list_lives(api: Api) -> None:
    created = api.post("/v2/address-books", {"name": " News ", "visibility": "Public"})
    assert created.status == 201
    news = created.json
    assert news == {"id": news["id"], "name": "News", "visibility": "Public", "contacts": 0}
    assert api.ok("GET", f"/v2/address-books/{news['id']}") == news
    changed = api.put(f"/v2/address-books/{news['id']}", {"name": "Old news", "visibility": "Private"})
    assert (changed.status, changed.json["name"], changed.json["visibility"]) == (200, "Old news", "Private")
    assert api.delete(f"/v2/address-books/{news['id']}").status == 200
    gone = api.get(f"/v2/address-books/{news['id']}")
    assert (gone.status, gone.error) == (404, "ERROR_ADDRESSBOOK_NOT_FOUND")


def test_public_and_private_lists(api: Api) -> None:
    api.ok("POST", "/v2/address-books", {"name": "Open", "visibility": "public"})
    api.new_list("Closed")
    names = {
        kind: [e["name"] for e in api.ok("GET", f"/v2/address-books/{kind}")]
        for kind in ("public", "private")
    }
    assert names == {"public": ["Open"], "private": ["Test", "All contacts", "Closed"]}
    assert [e["name"] for e in api.ok("GET", "/v2/address-books?select=1&skip=2")] == ["Open"]


@pytest.mark.parametrize("name", ["news", "NEWS ", "test", "All Contacts", "Hikers"])
def test_names_are_unique_over_lists_and_segments_without_case(api: Api, name: str) -> None:
    api.new_list("News")
    api.control.seed(segments=[{"name": "hikers"}])
    answer = api.post("/v2/address-books", {"name": name})
    assert (answer.status, answer.error) == (400, "ERROR_ADDRESSBOOK_DUPLICATE")


@pytest.mark.parametrize("name", ["", "   ", "x" * 129, None, 5])
def test_impossible_names(api: Api, name: Any) -> None:
    assert api.post("/v2/address-books", {"name": name}).error == "ERROR_ADDRESSBOOK_INVALID"


def test_a_list_may_keep_its_own_name(api: Api) -> None:
    list_id = api.new_list("x" * 128)
    assert api.put(f"/v2/address-books/{list_id}", {"name": "X" * 128}).status == 200


def test_reserved_lists_are_not_writable(api: Api) -> None:
    assert api.put("/v2/address-books/1", {"name": "Mine"}).error == "ERROR_ADDRESSBOOK_NOTWRITABLE"
    assert api.delete("/v2/address-books/2").error == "ERROR_ADDRESSBOOK_NOTWRITABLE"
    answer = api.post("/v2/address-books/1/contacts", {"email": "alice@people.example"})
    assert answer.error == "ERROR_ADDRESSBOOK_NOTWRITABLE"
    assert api.ok("GET", "/v2/contacts/count") == 0


def test_the_number_of_lists_may_be_limited(api: Api) -> None:
    api.control.settings(list_limit=3)
    api.new_list("Third")
    assert api.post("/v2/address-books", {"name": "Fourth"}).error == "ERROR_ADDRESSBOOK_LIMITEXCEEDED"


def test_members_come_and_go_and_stay_in_the_account(api: Api) -> None:
    list_id = api.new_list("News")
    added = api.post(f"/v2/address-books/{list_id}/contacts", {"email": "alice@people.example"})
    assert added.status == 200
    api.ok("POST", f"/v2/address-books/{list_id}/contacts", {"email": "bob@people.example"})
    assert api.members(list_id) == {"alice@people.example", "bob@people.example"}
    assert api.members(2) == api.members(list_id)
    assert api.delete(f"/v2/address-books/{list_id}/contacts/{added.json['id']}").status == 204
    # Leaving a list that one is not on passes silently.
    assert api.delete(f"/v2/address-books/{list_id}/contacts/{added.json['id']}").status == 204
    assert api.members(list_id) == {"bob@people.example"}
    assert api.get("/v2/contacts/alice@people.example").json["status"] == "Subscribed"
    assert api.delete(f"/v2/address-books/{list_id}/contacts").status == 204
    assert api.members(list_id) == set()
    assert api.ok("GET", "/v2/contacts/count") == 2


def test_members_modified_since(api: Api) -> None:
    list_id = api.new_list("News")
    api.control.seed(
        contacts=[
            {"email": "a@p.example", "lists": ["News"], "created": "2020-01-01", "updated": "2024-01-01"},
            {"email": "b@p.example", "lists": ["News"], "created": "2020-01-01", "updated": "2023-01-01"},
            {"email": "c@p.example", "created": "2020-01-01", "updated": "2024-01-01"},
        ]
    )
    found = api.ok("GET", f"/v2/address-books/{list_id}/contacts/modified-since/2024-01-01T00:00:00Z")
    assert [contact["email"] for contact in found] == ["a@p.example"]
    assert api.get("/v2/address-books/77/contacts").error == "ERROR_ADDRESSBOOK_NOT_FOUND"


def test_bulk_removal_ends_later(api: Api) -> None:
    list_id = api.new_list("News")
    report = api.import_v3(*(row(f"p{n}@many.example", lists=[list_id]) for n in range(5)))
    ids = [entry["contactId"] for entry in report["created"]]
    started = api.post(f"/v2/address-books/{list_id}/contacts/delete", [*ids[:3], 999_999])
    assert (started.status, started.json["status"]) == (202, "Started")
    assert len(api.members(list_id)) == 5
    api.control.advance(10)
    progress = api.ok("GET", f"/v2/contacts/deletion/{started.json['id']}")
    assert progress == {"id": started.json["id"], "status": "Completed"}
    assert len(api.members(list_id)) == 2
    started = api.post(f"/v2/address-books/{list_id}/contacts/delete-all")
    assert started.status == 202
    api.control.advance(10)
    assert api.members(list_id) == set()
    assert api.ok("GET", "/v2/contacts/count") == 5
    assert (
        api.post(f"/v2/address-books/{list_id}/contacts/delete", {"a": 1}).error == "ERROR_PARAMETER_INVALID"
    )


def test_a_removed_member_may_be_added_again(api: Api) -> None:
    list_id = api.new_list("News")
    report = api.import_v3(row("alice@people.example", lists=[list_id]))
    api.delete(f"/v2/address-books/{list_id}/contacts/{report['created'][0]['contactId']}")
    api.import_v3(row("alice@people.example", lists=[list_id]))
    assert api.members(list_id) == {"alice@people.example"}


def test_a_busy_list_cannot_be_deleted_until_the_work_is_done(api: Api) -> None:
    list_id = api.new_list("News")
    api.ok("PUT", "/contacts/v3/import", {"contacts": [row("alice@people.example", lists=[list_id])]})
    refused = api.delete(f"/v2/address-books/{list_id}")
    assert (refused.status, refused.error) == (400, "ERROR_ADDRESSBOOK_IN_USE")
    api.control.advance(60)
    api.ok("POST", f"/v2/address-books/{list_id}/contacts/delete-all")
    assert api.delete(f"/v2/address-books/{list_id}").error == "ERROR_ADDRESSBOOK_IN_USE"
    api.control.advance(60)
    assert api.delete(f"/v2/address-books/{list_id}").status == 200
    assert api.ok("GET", "/v2/contacts/count") == 1


def test_segments_are_found_by_rule_and_refreshed(api: Api) -> None:
    api.control.seed(
        contacts=[
            {"email": "anna@p.example", "data_fields": {"GENDER": "Female"}},
            {"email": "otto@p.example", "data_fields": {"GENDER": "Male"}},
        ],
        segments=[{"name": "Women", "rule": {"GENDER": "Female"}}],
    )
    (women,) = api.ok("GET", "/v2/segments")
    assert (women["name"], women["contacts"]) == ("Women", 1)
    segment = women["id"]
    assert api.members(segment) == {"anna@p.example"}
    page = api.ok("GET", f"/contacts/v3?~segmentId={segment}")
    assert [item["identifiers"]["email"] for item in page["_items"]] == ["anna@p.example"]
    api.new_contact("berta@p.example", GENDER="Female")
    assert api.members(segment) == {"anna@p.example"}
    assert api.ok("GET", f"/v2/segments/refresh/{segment}")["status"] == "NotStarted"
    started = api.post(f"/v2/segments/refresh/{segment}")
    assert (started.status, started.json["status"]) == (202, "NotFinished")
    api.control.advance(60)
    assert api.ok("GET", f"/v2/segments/refresh/{segment}") == {"id": segment, "status": "Finished"}
    assert api.members(segment) == {"anna@p.example", "berta@p.example"}
    assert api.post("/v2/segments/refresh/2").error == "ERROR_SEGMENT_NOT_FOUND"
    assert api.put(f"/v2/address-books/{segment}", {"name": "Men"}).error == "ERROR_ADDRESSBOOK_NOT_FOUND"
