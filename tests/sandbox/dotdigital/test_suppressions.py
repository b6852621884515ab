"""Consent: who left is not brought back by anything but a resubscribe."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from .api import Api, row

ALICE = "alice@people.example"
NO_CHALLENGE = "/v2/contacts/resubscribe-with-no-challenge"


def suppressed_since(
    api: Api, since: str, path: str = "/v2/contacts/suppressed-since"
) -> list[tuple[str, str]]:
    rows = api.ok("GET", f"{path}/{since}")
    assert all(entry["suppressedContact"]["dataFields"] is None for entry in rows)
    return [(entry["suppressedContact"]["email"], entry["reason"]) for entry in rows]


def test_unsubscribe_is_told_since_its_moment(api: Api) -> None:
    api.new_contact(ALICE, FIRSTNAME="Alice")
    api.control.set_clock("2031-01-02T03:04:05Z")
    answer = api.ok("POST", "/v2/contacts/unsubscribe", {"email": ALICE.upper()})
    assert (answer["reason"], answer["suppressedContact"]["status"]) == ("Unsubscribed", "Unsubscribed")
    assert answer["dateRemoved"].startswith("2031-01-02T03:04:0")
    assert suppressed_since(api, answer["dateRemoved"]) == [(ALICE, "Unsubscribed")]
    assert suppressed_since(api, "2031-01-02T03:04:00Z", "/v2/contacts/unsubscribed-since") == [
        (ALICE, "Unsubscribed")
    ]
    assert suppressed_since(api, "2031-01-03") == []
    assert api.get("/v2/contacts/suppressed-since/soon").error == "ERROR_PARAMETER_INVALID"


def test_unsubscribing_an_unknown_address_makes_a_suppressed_contact(api: Api) -> None:
    api.ok("POST", "/v2/contacts/unsubscribe", {"email": "stranger@people.example"})
    assert api.contact("stranger@people.example")["status"] == "unsubscribed"


def test_the_first_reason_and_date_stay(api: Api) -> None:
    api.new_contact(ALICE)
    api.control.call("POST", "suppress", {"email": ALICE, "reason": "HardBounced"})
    first = api.ok("GET", "/v2/contacts/suppressed-since/2020-01-01")
    api.control.advance(3600)
    api.ok("POST", "/v2/contacts/unsubscribe", {"email": ALICE})
    assert api.ok("GET", "/v2/contacts/suppressed-since/2020-01-01") == first
    assert suppressed_since(api, "2020-01-01", "/v2/contacts/unsubscribed-since") == []
    assert api.contact(ALICE)["channelProperties"]["email"]["status"] == "hardBounced"
    assert api.contact(ALICE)["status"] == "suppressed"


def test_suppress_contacts_by_id_or_address(api: Api) -> None:
    alice = api.new_contact(ALICE)
    api.new_contact("bob@people.example")
    body = [{"id": alice}, {"email": "BOB@people.example"}, {"email": "nobody@people.example"}, {"id": 5}]
    answer = api.ok("PUT", "/v2/contacts/suppress-contacts", body)
    assert answer == {
        "suppressed": [{"id": alice, "email": None}, {"id": 0, "email": "BOB@people.example"}],
        "notFound": [{"id": 0, "email": "nobody@people.example"}, {"id": 5, "email": None}],
    }
    reasons = suppressed_since(api, "2020-01-01")
    assert sorted(reasons) == [(ALICE, "Suppressed"), ("bob@people.example", "Suppressed")]


def leave_everything(api: Api, how: str) -> None:
    if how == "unsubscribe":
        api.ok("POST", "/v2/contacts/unsubscribe", {"email": ALICE})
    elif how == "suppress":
        api.ok("PUT", "/v2/contacts/suppress-contacts", [{"email": ALICE}])
    elif how == "v3":
        body = {"channelProperties": {"email": {"status": "unsubscribed"}}}
        api.ok("PATCH", f"/contacts/v3/email/{ALICE}", body)
    else:
        api.control.call("POST", "suppress", {"email": ALICE, "reason": how})


@pytest.mark.parametrize(
    "how", ["unsubscribe", "suppress", "v3", "SoftBounced", "DirectComplaint", "NotAllowed"]
)
def test_no_write_brings_somebody_back(api: Api, how: str) -> None:
    news = api.new_list("News")
    api.ok("POST", f"/v2/address-books/{news}/contacts", {"email": ALICE})
    leave_everything(api, how)
    assert api.members(news) == set()
    before = api.contact(ALICE)["channelProperties"]["email"]["status"]

    assert api.post("/v2/contacts", {"email": ALICE}).error == "ERROR_CONTACT_SUPPRESSED"
    added = api.post(f"/v2/address-books/{news}/contacts", {"email": ALICE})
    assert (added.status, added.error) == (400, "ERROR_CONTACT_SUPPRESSED")

    properties = {"email": {"optInType": "verifiedDouble", "emailType": "html"}}
    report = api.import_v3(
        row(ALICE, lists=[news], dataFields={"FIRSTNAME": "Alicia"}, channelProperties=properties)
    )
    assert report["summary"]["updatedContacts"] == 1
    api.ok("PATCH", f"/contacts/v3/email/{ALICE}", {"lists": [news], "channelProperties": properties})
    api.ok("PUT", f"/contacts/v3/email/{ALICE}", {"identifiers": {"email": ALICE}, "lists": [news]})
    started = api.ok(
        "POST", "/v2/contacts/import-collection", {"contacts": [{"email": ALICE}], "addressBookIds": [news]}
    )
    api.control.advance(60)
    assert api.ok("GET", f"/v2/contacts/import/{started['id']}/report")["newContacts"] == 0

    after = api.contact(ALICE)
    assert after["channelProperties"]["email"]["status"] == before
    assert after["lists"] == []
    assert api.members(news) == set()


def test_a_v3_import_updates_data_of_a_suppressed_contact_or_fails_by_setting(api: Api) -> None:
    api.new_contact(ALICE)
    api.ok("POST", "/v2/contacts/unsubscribe", {"email": ALICE})
    api.import_v3(row(ALICE, dataFields={"FIRSTNAME": "Alicia"}))
    assert api.contact(ALICE)["dataFields"]["FIRSTNAME"] == "Alicia"
    api.control.settings(import_suppressed="fail")
    report = api.import_v3(row(ALICE, dataFields={"FIRSTNAME": "Nope"}))
    assert report["summary"] | {"globallySuppressed": 1, "updatedContacts": 0} == report["summary"]
    assert api.contact(ALICE)["dataFields"]["FIRSTNAME"] == "Alicia"


def test_a_v2_import_counts_the_suppressed_by_reason(api: Api) -> None:
    reasons = {
        "Unsubscribed": "unsubscribed",
        "HardBounced": "hardBounced",
        "SoftBounced": "softBounced",
        "IspComplained": "ispComplaints",
        "MailBlocked": "mailBlocked",
        "DomainSuppression": "domainSuppressed",
        "Suppressed": "suppressedContacts",
    }
    people = [{"email": f"{reason.lower()}@people.example", "status": reason} for reason in reasons]
    api.control.seed(
        contacts=people, globally_suppressed=["global@people.example"], blocked=["b@people.example"]
    )
    emails = [person["email"] for person in people] + [
        "global@people.example",
        "b@people.example",
        "new@p.example",
    ]
    body = {"contacts": [{"email": email} for email in emails]}
    started = api.ok("POST", "/v2/contacts/import-collection", body)
    api.control.advance(60)
    report = api.ok("GET", f"/v2/contacts/import/{started['id']}/report")
    counted = {name: number for name, number in report.items() if number}
    assert counted == dict.fromkeys(reasons.values(), 1) | {
        "newContacts": 1,
        "globallySuppressed": 1,
        "blocked": 1,
    }
    faults = api.get(f"/v2/contacts/import/{started['id']}/report-faults").raw.decode().splitlines()
    assert faults[0] == "Reason,Email"
    assert "Hard bounced,hardbounced@people.example" in faults
    assert "Blocker,b@people.example" in faults
    assert len(faults) == 1 + len(reasons) + 2


def test_leaving_one_list_leaves_the_others(api: Api) -> None:
    news, trails = api.new_list("News"), api.new_list("Trails")
    for list_id in (news, trails):
        api.ok("POST", f"/v2/address-books/{list_id}/contacts", {"email": ALICE})
    left = api.ok("POST", f"/v2/address-books/{news}/contacts/unsubscribe", {"email": ALICE})
    assert left["reason"] == "Unsubscribed"
    assert (api.members(news), api.members(trails)) == (set(), {ALICE})
    assert suppressed_since(api, "2020-01-01") == []
    path = f"/v2/address-books/{news}/contacts/unsubscribed-since"
    assert suppressed_since(api, "2020-01-01", path) == [(ALICE, "Unsubscribed")]
    lists = {entry["name"]: entry["status"] for entry in api.contact(ALICE)["lists"]}
    assert lists == {"News": "suppressed", "Trails": "subscribed"}
    refused = api.post(f"/v2/address-books/{news}/contacts", {"email": ALICE})
    assert refused.error == "ERROR_CONTACT_SUPPRESSEDFORADDRESSBOOK"
    api.import_v3(row(ALICE, lists=[news]))
    assert api.members(news) == set()
    assert api.ok("GET", f"/v2/address-books/{news}")["contacts"] == 0
    page = api.ok("GET", f"/contacts/v3?~listId={news}")
    assert page["_items"] == []
    # Leaving the whole account is not shown by the list.
    api.ok("POST", "/v2/contacts/unsubscribe", {"email": ALICE})
    assert suppressed_since(api, "2020-01-01", path) == []
    assert api.members(trails) == set()
    answer = api.post(f"/v2/address-books/{news}/contacts/unsubscribe", {"email": "nobody@people.example"})
    assert answer.error == "ERROR_CONTACT_NOT_FOUND"


def test_a_v2_import_into_a_list_that_somebody_left(api: Api) -> None:
    news = api.new_list("News")
    api.control.seed(contacts=[{"email": ALICE, "left_lists": ["News"]}])
    data = base64.b64encode(f"Email\n{ALICE}\n".encode()).decode()
    started = api.ok("POST", f"/v2/address-books/{news}/contacts/import", {"fileName": "a.csv", "data": data})
    api.control.advance(60)
    report = api.ok("GET", f"/v2/contacts/import/{started['id']}/report")
    assert (report["unsubscribed"], report["updatedContacts"]) == (1, 0)
    assert api.members(news) == set()


def resubscribe(api: Api, path: str, email: str = ALICE, **fields: Any) -> str:
    data = [{"key": key, "value": value} for key, value in fields.items()]
    answer = api.ok("POST", path, {"unsubscribedContact": {"email": email, "dataFields": data}})
    return str(answer["status"])


def test_resubscribe_without_a_challenge(api: Api) -> None:
    news = api.new_list("News")
    api.ok("POST", f"/v2/address-books/{news}/contacts", {"email": ALICE})
    api.ok("POST", f"/v2/address-books/{news}/contacts/unsubscribe", {"email": ALICE})
    api.ok("POST", "/v2/contacts/unsubscribe", {"email": ALICE})
    assert resubscribe(api, NO_CHALLENGE, FIRSTNAME="Alice") == "ContactAdded"
    assert api.contact(ALICE)["status"] == "subscribed"
    assert api.contact(ALICE)["dataFields"]["FIRSTNAME"] == "Alice"
    assert suppressed_since(api, "2020-01-01") == []
    # The person's own wish clears what they left list by list, so they may be added again.
    assert api.post(f"/v2/address-books/{news}/contacts", {"email": ALICE}).status == 200


def test_resubscribe_with_a_challenge_waits_for_the_click(api: Api) -> None:
    api.new_contact(ALICE)
    api.ok("POST", "/v2/contacts/unsubscribe", {"email": ALICE})
    assert resubscribe(api, "/v2/contacts/resubscribe") == "ContactChallenged"
    assert api.ok("GET", f"/v2/contacts/{ALICE}")["status"] == "PendingOptIn"
    assert suppressed_since(api, "2020-01-01") == [(ALICE, "Unsubscribed")]
    assert api.post("/v2/contacts", {"email": ALICE}).error == "ERROR_CONTACT_SUPPRESSED"
    api.control.call("POST", "confirm", {"email": ALICE})
    assert api.ok("GET", f"/v2/contacts/{ALICE}")["status"] == "Subscribed"
    assert suppressed_since(api, "2020-01-01") == []


def test_an_account_that_enforces_double_opt_in_always_challenges(api: Api) -> None:
    api.new_contact(ALICE)
    api.ok("POST", "/v2/contacts/unsubscribe", {"email": ALICE})
    api.control.settings(enforce_double_opt_in=True)
    assert resubscribe(api, NO_CHALLENGE) == "ContactChallenged"


@pytest.mark.parametrize("reason", ["IspComplained", "DomainSuppression", "SharedSuppression"])
def test_some_reasons_are_final(api: Api, reason: str) -> None:
    api.control.seed(contacts=[{"email": ALICE, "status": reason}])
    for path in (NO_CHALLENGE, "/v2/contacts/resubscribe"):
        assert resubscribe(api, path) == "ContactCannotBeUnsuppressed"
    wish = {"channelProperties": {"email": {"status": "subscribed"}}}
    refused = api.patch(f"/contacts/v3/email/{ALICE}", wish)
    assert refused.status == 400
    report = api.import_v3(row(ALICE, **wish))
    assert len(report["failures"]) == 1
    assert report["updated"] == []
    assert api.ok("GET", f"/v2/contacts/{ALICE}")["status"] == reason


def test_addresses_that_nobody_may_write_to_cannot_be_resubscribed(api: Api) -> None:
    api.control.seed(globally_suppressed=[ALICE])
    assert resubscribe(api, NO_CHALLENGE) == "ContactCannotBeUnsuppressed"
    assert api.ok("GET", "/v2/contacts/count") == 0


def test_resubscribe_to_a_list(api: Api) -> None:
    news = api.new_list("News")
    api.ok("POST", f"/v2/address-books/{news}/contacts", {"email": ALICE})
    api.ok("POST", f"/v2/address-books/{news}/contacts/unsubscribe", {"email": ALICE})
    base = f"/v2/address-books/{news}/contacts"
    assert resubscribe(api, f"{base}/resubscribe") == "ContactChallenged"
    assert api.contact(ALICE)["lists"][0]["status"] == "pending"
    assert resubscribe(api, f"{base}/resubscribe-with-no-challenge") == "ContactAdded"
    assert api.contact(ALICE)["lists"][0]["status"] == "subscribed"
    assert resubscribe(api, f"{base}/resubscribe-with-no-challenge", "new@people.example") == "ContactAdded"
    assert api.members(news) == {ALICE, "new@people.example"}
    assert api.post(f"{base}/resubscribe", {}).error == "ERROR_CONTACT_RESUBSCRIPTION_INVALID"


@pytest.mark.parametrize("challenge", [False, True])
def test_v3_status_subscribed_lifts_an_unsubscribe(api: Api, challenge: bool) -> None:
    api.new_contact(ALICE)
    api.ok("POST", "/v2/contacts/unsubscribe", {"email": ALICE})
    email: dict[str, Any] = {"status": "subscribed"}
    if challenge:
        email["resubscribeOptions"] = {"resubscribeWithNoChallenge": False, "preferredLocale": "de-DE"}
    api.import_v3(row(ALICE, channelProperties={"email": email}))
    assert api.contact(ALICE)["status"] == ("pendingOptIn" if challenge else "subscribed")
    assert len(suppressed_since(api, "2020-01-01")) == int(challenge)


def test_v3_write_of_suppressed_says_so_in_v2(api: Api) -> None:
    api.import_v3(row(ALICE, channelProperties={"email": {"status": "suppressed"}}))
    assert suppressed_since(api, "2020-01-01") == [(ALICE, "Suppressed")]
