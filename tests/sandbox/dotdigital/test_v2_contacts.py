"""Contacts v2: single writes and reads, with consent, lists of contacts and their paging."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from .api import Api


def test_post_creates_and_then_updates(api: Api) -> None:
    body = {
        "email": "John@People.Example",
        "optInType": "Single",
        "emailType": "PlainText",
        "dataFields": [{"key": "firstname", "value": "John"}],
    }
    created = api.post("/v2/contacts", body)
    assert created.status == 201
    john = created.json
    assert (john["email"], john["status"], john["optInType"]) == (
        "john@people.example",
        "Subscribed",
        "Single",
    )
    fields = {entry["key"]: entry["value"] for entry in john["dataFields"]}
    assert list(fields) == ["FIRSTNAME", "FULLNAME", "GENDER", "LASTNAME", "LASTSUBSCRIBED", "POSTCODE"]
    assert fields["FIRSTNAME"] == "John"
    assert fields["LASTNAME"] is None
    again = api.ok("POST", "/v2/contacts", {"email": " JOHN@people.example ", "emailType": "Html"})
    assert (again["id"], again["optInType"], again["emailType"]) == (john["id"], "Single", "Html")
    assert {entry["key"]: entry["value"] for entry in again["dataFields"]}["FIRSTNAME"] == "John"


def test_a_value_of_null_clears_and_a_missing_key_does_not(api: Api) -> None:
    api.new_contact("alice@people.example", FIRSTNAME="Alice", POSTCODE="N5 1DP")
    api.new_contact("alice@people.example", POSTCODE=None)
    fields = api.contact("alice@people.example")["dataFields"]
    assert (fields["FIRSTNAME"], fields["POSTCODE"]) == ("Alice", None)


@pytest.mark.parametrize(
    "email", ["", None, "no-at-sign", "two@@signs.example", "bob@emailsim@io.com", "a@b", 5]
)
def test_invalid_addresses(api: Api, email: Any) -> None:
    assert api.post("/v2/contacts", {"email": email}).error == "ERROR_INVALID_EMAIL"


def test_an_unknown_field_refuses_the_whole_contact(api: Api) -> None:
    body = {"email": "alice@people.example", "dataFields": [{"key": "NOSUCH", "value": "x"}]}
    assert api.post("/v2/contacts", body).error == "ERROR_DATAFIELD_NOTFOUND"
    assert api.ok("GET", "/v2/contacts/count") == 0


def test_a_contact_is_found_by_id_and_by_address(api: Api) -> None:
    contact_id = api.new_contact("o'brien+news@people.example")
    by_id = api.ok("GET", f"/v2/contacts/{contact_id}")
    assert api.ok("GET", "/v2/contacts/" + quote("O'Brien+news@people.example", safe="")) == by_id
    for who in ("99999999", "nobody@people.example", "99999999999999999999999"):
        missing = api.get(f"/v2/contacts/{who}")
        assert (missing.status, missing.error) == (404, "ERROR_CONTACT_NOT_FOUND")


def test_put_changes_by_id_even_the_address(api: Api) -> None:
    alice = api.new_contact("alice@people.example")
    api.new_contact("bob@people.example")
    moved = api.ok("PUT", f"/v2/contacts/{alice}", {"email": "alice2@people.example"})
    assert (moved["id"], moved["email"]) == (alice, "alice2@people.example")
    assert api.get("/v2/contacts/alice@people.example").status == 404
    taken = api.put(f"/v2/contacts/{alice}", {"email": "BOB@people.example"})
    assert (taken.status, taken.error) == (400, "ERROR_NON_UNIQUE_EMAIL")
    assert api.put("/v2/contacts/1", {"email": "x@people.example"}).error == "ERROR_CONTACT_NOT_FOUND"


def test_deleted_contacts_vanish_from_all_reads(api: Api) -> None:
    list_id = api.new_list("People")
    alice = api.ok("POST", f"/v2/address-books/{list_id}/contacts", {"email": "alice@people.example"})["id"]
    assert api.delete(f"/v2/contacts/{alice}").status == 204
    assert api.delete(f"/v2/contacts/{alice}").error == "ERROR_CONTACT_NOT_FOUND"
    assert api.members(list_id) == set()
    assert api.ok("GET", "/v2/contacts") == []
    assert api.ok("GET", f"/v2/address-books/{list_id}")["contacts"] == 0


def test_data_fields_are_null_unless_asked_for(api: Api) -> None:
    api.new_contact("alice@people.example", FIRSTNAME="Alice")
    assert api.ok("GET", "/v2/contacts")[0]["dataFields"] is None
    full = api.ok("GET", "/v2/contacts?withFullData=true")[0]["dataFields"]
    assert {"key": "FIRSTNAME", "value": "Alice"} in full


def test_verified_double_has_to_be_confirmed(api: Api) -> None:
    list_id = api.new_list("People")
    body = {"email": "alice@people.example", "optInType": "VerifiedDouble"}
    alice = api.ok("POST", f"/v2/address-books/{list_id}/contacts", body)
    assert (alice["optInType"], alice["status"]) == ("Double", "PendingOptIn")
    assert api.contact("alice@people.example")["lists"][0]["status"] == "pending"
    api.control.call("POST", "confirm", {"email": "alice@people.example"})
    after = api.ok("GET", f"/v2/contacts/{alice['id']}")
    assert (after["optInType"], after["status"]) == ("VerifiedDouble", "Subscribed")
    assert api.contact("alice@people.example")["lists"][0]["status"] == "subscribed"


def test_an_account_may_enforce_double_opt_in(api: Api) -> None:
    api.control.settings(enforce_double_opt_in=True)
    alice = api.ok("POST", "/v2/contacts", {"email": "alice@people.example", "optInType": "Single"})
    assert (alice["optInType"], alice["status"]) == ("Double", "PendingOptIn")


def test_opt_in_type_moves_in_both_directions(api: Api) -> None:
    for sent in ("Double", "Unknown", "Single"):
        body = {"email": "alice@people.example", "optInType": sent}
        assert api.ok("POST", "/v2/contacts", body)["optInType"] == sent
    assert api.post("/v2/contacts", {"email": "a@people.example", "optInType": "Triple"}).error == (
        "ERROR_CONTACT_INVALID"
    )


def test_the_account_may_be_full(api: Api) -> None:
    api.control.settings(contact_limit=1)
    api.new_contact("alice@people.example")
    assert api.post("/v2/contacts", {"email": "bob@people.example"}).error == "ERROR_CONTACT_TOOMANY"
    assert api.post("/v2/contacts", {"email": "alice@people.example"}).status == 201
    assert api.post("/contacts/v3", {"identifiers": {"email": "bob@people.example"}}).status == 400


def test_banned_addresses(api: Api) -> None:
    api.control.seed(blocked=["bob@people.example"], suppressed_domains=["evil.example"])
    for email in ("bob@people.example", "anyone@evil.example"):
        assert api.post("/v2/contacts", {"email": email}).error == "ERROR_EMAIL_BANNED"


def test_consents_are_kept_and_told(api: Api) -> None:
    fields = [
        {"key": "Text", "value": "Yes, please"},
        {"key": "DateTimeConsented", "value": "2024-01-01T00:00:00Z"},
        {"key": "URL", "value": "https://shop.example/join"},
        {"key": "IPADDRESS", "value": "192.0.2.1"},
        {"key": "UserAgent", "value": "Browser"},
    ]
    body = {"contact": {"email": "alice@people.example"}, "consentFields": [{"fields": fields}]}
    created = api.post("/v2/contacts/with-consent", body)
    assert created.status == 201
    told = created.json["consentFields"][0]["fields"]
    assert {entry["key"]: entry["value"] for entry in told}["TEXT"] == "Yes, please"
    alice = created.json["contact"]["id"]
    second = api.ok("PUT", f"/v2/contacts/{alice}/with-consent", body)
    assert len(second["consentFields"]) == 2
    assert api.ok("GET", "/v2/contacts/alice@people.example/with-consent") == second
    assert api.ok("GET", f"/v2/contacts/{alice}/with-consent") == second
    assert api.contact("alice@people.example")["consentRecords"][0]["ipAddress"] == "192.0.2.1"


def test_consent_and_preferences_together(api: Api) -> None:
    ids = api.control.seed(preferences=[{"name": "Topics", "preferences": ["Hiking"]}])["preferences"]
    body: dict[str, Any] = {
        "contact": {"email": "alice@people.example"},
        "consentFields": [],
        "preferences": [{"id": ids["Hiking"], "isPreference": True, "isOptedIn": True}],
    }
    created = api.post("/v2/contacts/with-consent-and-preferences", body)
    assert created.status == 201
    assert created.json["preferences"][0]["preferences"][0]["isOptedIn"] is True
    body["preferences"][0]["isOptedIn"] = False
    alice = created.json["contact"]["id"]
    changed = api.ok("PUT", f"/v2/contacts/{alice}/with-consent-and-preferences", body)
    assert changed["preferences"][0]["preferences"][0]["isOptedIn"] is False
    body["preferences"] = [{"id": 999}]
    refused = api.post("/v2/contacts/with-consent-and-preferences", body)
    assert refused.error == "ERROR_PREFERENCE_INVALID"


def test_lists_of_a_contact(api: Api) -> None:
    list_id = api.new_list("People")
    alice = api.ok("POST", f"/v2/address-books/{list_id}/contacts", {"email": "alice@people.example"})["id"]
    named = {
        entry["name"]: entry["contacts"] for entry in api.ok("GET", f"/v2/contacts/{alice}/address-books")
    }
    assert named == {"All contacts": 1, "People": 1}


def test_retrieve_collection(api: Api) -> None:
    alice = api.new_contact("alice@people.example", FIRSTNAME="Alice")
    body = {
        "contacts": [{"id": alice}, {"email": "ALICE@people.example"}, {"email": "nobody@people.example"}]
    }
    found = api.ok("GET", "/v2/contacts/retrieve-collection", {**body, "withFullData": True})
    assert [entry["id"] for entry in found["contacts"]] == [alice, alice]
    assert found["contacts"][0]["created"].endswith("Z")
    assert found["notFound"] == [{"id": 0, "email": "nobody@people.example"}]


def test_created_and_modified_since_are_inclusive(api: Api) -> None:
    api.control.seed(
        contacts=[
            {"email": "old@p.example", "created": "2020-01-01T00:00:00Z", "updated": "2024-03-01T00:00:00Z"},
            {"email": "new@p.example", "created": "2024-02-01T00:00:00Z", "updated": "2024-02-01T00:00:00Z"},
        ]
    )

    def emails(path: str) -> set[str]:
        return {contact["email"] for contact in api.ok("GET", path)}

    assert emails("/v2/contacts/created-since/2024-02-01T00:00:00Z") == {"new@p.example"}
    assert emails("/v2/contacts/created-since/2020-01-01") == {"old@p.example", "new@p.example"}
    assert emails("/v2/contacts/modified-since/2024-03-01T00%3A00%3A00Z") == {"old@p.example"}
    assert emails("/v2/contacts/modified-since/2024-03-01T00:00:01Z") == set()
    assert api.get("/v2/contacts/modified-since/yesterday").error == "ERROR_PARAMETER_INVALID"


def test_only_real_changes_move_modified(api: Api) -> None:
    alice = api.new_contact("alice@people.example", FIRSTNAME="Alice")
    before = api.contact("alice@people.example")["updated"]
    api.control.advance(60)
    api.new_contact("alice@people.example", FIRSTNAME="Alice")
    list_id = api.new_list("People")
    api.ok("POST", f"/v2/address-books/{list_id}/contacts", {"email": "alice@people.example"})
    assert api.contact("alice@people.example")["updated"] == before
    api.control.settings(list_change_bumps_modified=True)
    api.delete(f"/v2/address-books/{list_id}/contacts/{alice}")
    assert api.contact("alice@people.example")["updated"] > before


@pytest.mark.parametrize("query", ["select=0", "select=1001", "skip=-1", "select=ten", "withFullData=maybe"])
def test_wrong_paging_is_refused(api: Api, query: str) -> None:
    answer = api.get(f"/v2/contacts?{query}")
    assert (answer.status, answer.error) == (400, "ERROR_PARAMETER_INVALID")


def test_pages_go_on_until_an_empty_one(api: Api) -> None:
    api.control.seed(count=2500)
    sizes, emails = [], set()
    for skip in (0, 1000, 2000, 3000):
        page = api.ok("GET", f"/v2/contacts?select=1000&skip={skip}")
        sizes.append(len(page))
        emails.update(contact["email"] for contact in page)
    assert sizes == [1000, 1000, 500, 0]
    assert len(emails) == 2500
    assert len(api.ok("GET", "/v2/contacts")) == 1000


def test_rows_shift_while_they_are_paged(api: Api) -> None:
    api.control.seed(count=6)
    api.control.advance(1)
    first = [contact["email"] for contact in api.ok("GET", "/v2/contacts?select=3")]
    # Somebody of the second page changes and moves to the front; somebody of the first page is seen twice.
    everybody = [contact["email"] for contact in api.ok("GET", "/v2/contacts")]
    api.new_contact(everybody[-1], FIRSTNAME="Changed")
    second = [contact["email"] for contact in api.ok("GET", "/v2/contacts?select=3&skip=3")]
    assert set(first) & set(second)
    assert everybody[-1] not in first + second
    api.control.settings(v2_order="id")
    ids = [contact["id"] for contact in api.ok("GET", "/v2/contacts")]
    assert ids == sorted(ids)
