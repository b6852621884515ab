"""The v3 bulk import: when it ends, what it stores, what it tells."""

from __future__ import annotations

from typing import Any

import pytest

from .api import Api, row
from .test_v3_contacts import CONSENT

ALICE = "alice@people.example"
PATH = "/contacts/v3/import"


def codes(report: dict[str, Any]) -> list[str]:
    return [failure["failureCode"] for failed in report["failures"] for failure in failed["failures"]]


def test_nothing_is_visible_before_the_import_ends(api: Api) -> None:
    api.control.set_clock("2031-01-01T00:00:00Z")
    api.control.settings(import_delay_s=10, import_delay_per_row_s=5)
    started = api.put(PATH, {"contacts": [row(ALICE), row("bob@people.example")]})
    assert started.status == 202
    path = f"{PATH}/{started.json['importId']}"
    assert api.ok("GET", path) == {"importId": started.json["importId"], "status": "NotFinished"}
    api.control.advance(17)
    assert api.ok("GET", path)["status"] == "NotFinished"
    assert api.ok("GET", "/v2/contacts/count") == 0
    api.control.advance(5)
    report = api.ok("GET", path)
    assert report["status"] == "Finished"
    assert report["summary"] == {
        "newContacts": 2,
        "updatedContacts": 0,
        "globallySuppressed": 0,
        "invalidEntries": 0,
        "duplicateIdentifiers": 0,
    }
    # It happened when it was due, not when somebody asked.
    assert api.contact(ALICE)["created"].startswith("2031-01-01T00:00:20")
    api.control.advance(86_400)
    assert api.ok("GET", path) == report


def test_without_delay_the_next_call_sees_it(api: Api) -> None:
    api.control.settings(import_delay_s=0, import_delay_per_row_s=0)
    api.ok("PUT", PATH, {"contacts": [row(ALICE)]})
    assert api.contact(ALICE)["status"] == "subscribed"


def test_good_rows_are_stored_though_others_fail(api: Api) -> None:
    api.new_contact("old@people.example")
    bad = "bob@emailsim@io.com"
    report = api.import_v3(
        row("New@People.example", dataFields={"firstName": "Neo"}),
        row("old@people.example"),
        row(bad),
        row("NEW@people.example", dataFields={"FIRSTNAME": "Late"}),
        row("x@people.example", dataFields={"NOSUCH": 1}),
        {"matchIdentifier": "email", "identifiers": {"email": "y@people.example"}, "lists": "none"},
        {"matchIdentifier": "email"},
        {"identifiers": {"email": "z@people.example"}},
        {"matchIdentifier": "nosuch", "identifiers": {"nosuch": "1"}},
        {"matchIdentifier": "email", "identifiers": {"mobileNumber": "447123123123"}},
    )
    assert report["status"] == "Finished"
    assert [entry["identifiers"] for entry in report["created"]] == [{"email": "new@people.example"}]
    assert [entry["identifiers"] for entry in report["updated"]] == [{"email": "old@people.example"}]
    assert codes(report) == [
        "invalidEmail",
        "duplicateIdentifier",
        "apiSchemaViolation",
        "apiSchemaViolation",
        "apiSchemaViolation",
        "apiSchemaViolation",
        "invalidMatchIdentifier",
        "noValidIdentifiers",
    ]
    failed = report["failures"][0]
    assert (failed["matchIdentifier"], failed["identifiers"]) == ("email", {"email": bad})
    assert (report["summary"]["duplicateIdentifiers"], report["summary"]["invalidEntries"]) == (1, 7)
    assert api.contact("new@people.example")["dataFields"]["FIRSTNAME"] == "Neo"
    assert api.ok("GET", "/v2/contacts/count") == 2


@pytest.mark.parametrize(
    ("option", "first", "last"),
    [("overwrite", None, "New"), ("overwriteIfNotEmpty", "Old", "New"), ("overwriteIfEmpty", "Old", "Old")],
)
def test_merge_options(api: Api, option: str, first: str | None, last: str) -> None:
    api.new_contact(ALICE, FIRSTNAME="Old", LASTNAME="Old")
    api.import_v3(
        row(ALICE, dataFields={"FIRSTNAME": None, "LASTNAME": "New", "POSTCODE": "P"}), merge=option
    )
    fields = api.contact(ALICE)["dataFields"]
    assert (fields["FIRSTNAME"], fields["LASTNAME"], fields["POSTCODE"]) == (first, last, "P")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"[", "contacts:badJson"),
        ({}, "contacts:badRequest"),
        ({"contacts": []}, "contacts:badRequest"),
        ({"contacts": "all"}, "contacts:badRequest"),
        ({"contacts": [row(ALICE)], "mergeOption": "overwrite-if-empty"}, "contacts:badRequest"),
    ],
)
def test_bodies_that_start_nothing(api: Api, body: Any, code: str) -> None:
    answer = api.put(PATH, body)
    assert (answer.status, answer.error) == (400, code)


def test_unknown_imports(api: Api) -> None:
    unknown = api.get(f"{PATH}/af4ac4bc-e1e7-4817-8a66-73fb59e91ce6")
    assert (unknown.status, unknown.error) == (404, "contacts:importNotFound")
    assert api.get(f"{PATH}/123646").error == "contacts:invalidId"
    assert api.post(PATH, {"contacts": [row(ALICE)]}).status == 405


def test_the_26th_active_import_is_refused(api: Api) -> None:
    for number in range(25):
        assert api.put(PATH, {"contacts": [row(f"p{number}@many.example")]}).status == 202
    refused = api.put(PATH, {"contacts": [row(ALICE)]})
    assert (refused.status, refused.error) == (429, "contacts:tooManyActiveImports")
    api.control.advance(60)
    assert api.put(PATH, {"contacts": [row(ALICE)]}).status == 202


def test_matching_by_contact_id_may_change_the_address(api: Api) -> None:
    alice = api.new_contact(ALICE)
    report = api.import_v3(
        {
            "matchIdentifier": "contactId",
            "identifiers": {"contactId": alice, "email": "Alice2@people.example"},
        },
        {"matchIdentifier": "contactId", "identifiers": {"contactId": 5, "email": "ghost@people.example"}},
        row(ALICE),
    )
    assert report["updated"] == [{"contactId": alice, "identifiers": {"email": "alice2@people.example"}}]
    assert codes(report) == ["invalidContactId"]
    assert report["failures"][0]["contactId"] == 5
    # The address given up is free for somebody new in the same import.
    assert report["created"][0]["contactId"] != alice
    assert api.ok("GET", "/v2/contacts/count") == 2


def test_matching_by_number_and_custom_identifier(api: Api) -> None:
    api.control.seed(custom_identifiers=["crmId"])
    report = api.import_v3(
        {"matchIdentifier": "crmId", "identifiers": {"crmId": "C1", "email": ALICE}},
        {
            "matchIdentifier": "mobileNumber",
            "identifiers": {"mobileNumber": "+447123123123", "email": "b@p.example"},
        },
    )
    assert report["summary"]["newContacts"] == 2
    report = api.import_v3(
        {"matchIdentifier": "crmId", "identifiers": {"crmId": "C1", "email": "alice2@people.example"}},
        {
            "matchIdentifier": "mobileNumber",
            "identifiers": {"mobileNumber": "447123123123"},
            "dataFields": {"FIRSTNAME": "B"},
        },
    )
    assert report["summary"]["updatedContacts"] == 2
    moved = api.contact("alice2@people.example")
    assert moved["identifiers"] == {"email": "alice2@people.example", "crmId": "C1"}
    assert api.contact("b@p.example")["dataFields"]["FIRSTNAME"] == "B"


def test_no_two_contacts_share_an_identifier(api: Api) -> None:
    alice, bob = api.new_contact(ALICE), api.new_contact("bob@people.example")
    report = api.import_v3(
        {"matchIdentifier": "contactId", "identifiers": {"contactId": alice, "email": "bob@people.example"}}
    )
    assert codes(report) == ["duplicate"]
    assert (report["created"], report["updated"]) == ([], [])
    assert api.contact("bob@people.example")["contactId"] == bob


def test_what_cannot_be_attached_is_told_and_the_contact_stored(api: Api) -> None:
    news = api.new_list("News")
    report = api.import_v3(
        row(ALICE, lists=[news, 4711]),
        row("bob@people.example", consentRecords=[{"text": "only"}]),
        row("carol@people.example", preferences=[{"id": 4711, "isOptedIn": True}]),
        row("dave@people.example", lists=[1]),
        row("eve@people.example", consentRecords=[CONSENT], lists=[2]),
    )
    assert report["summary"]["newContacts"] == 5
    assert codes(report) == [
        "invalidAddressBookIds",
        "consentRecordsNotApplied",
        "invalidPreferenceIds",
        "invalidAddressBookIds",
    ]
    assert report["failures"][0]["contactId"] == report["created"][0]["contactId"]
    assert api.members(news) == {ALICE}
    assert len(api.contact("eve@people.example")["consentRecords"]) == 1


def test_lists_add_and_never_remove(api: Api) -> None:
    news, trails = api.new_list("News"), api.new_list("Trails")
    api.import_v3(row(ALICE, lists=[news]))
    api.import_v3(row(ALICE, lists=[trails]))
    assert [entry["id"] for entry in api.contact(ALICE)["lists"]] == [news, trails]


def test_banned_addresses(api: Api) -> None:
    api.control.seed(
        globally_suppressed=["g@p.example"], suppressed_domains=["evil.example"], blocked=["b@p.example"]
    )
    report = api.import_v3(row("g@p.example"), row("x@evil.example"), row("b@p.example"))
    assert codes(report) == ["globallySuppressed", "suppressedByDomain", "blocker"]
    assert report["summary"]["globallySuppressed"] == 1
    assert api.ok("GET", "/v2/contacts/count") == 0


@pytest.mark.parametrize("trigger", ["address", "list", "share"])
def test_the_watchdog_rejects_the_whole_import(api: Api, trigger: str) -> None:
    list_id = api.new_list("Watchdog bait" if trigger == "list" else "News")
    rows = [row(f"person{n}@people.example", lists=[list_id]) for n in range(60)]
    if trigger == "address":
        rows.append(row("the.watchdog@people.example"))
    elif trigger == "share":
        rows += [row(f"info@shop{n}.example") for n in range(40)]
    report = api.import_v3(*rows)
    assert report["status"] == "RejectedByWatchdog"
    assert set(report) == {"importId", "status"}
    assert api.ok("GET", "/v2/contacts/count") == 0


def test_a_small_import_with_a_bad_row_is_no_matter_for_the_watchdog(api: Api) -> None:
    assert api.import_v3(row(ALICE), row("broken"))["status"] == "Finished"


def test_the_contact_limit_refuses_the_whole_import(api: Api) -> None:
    api.new_contact(ALICE)
    api.control.settings(contact_limit=2)
    report = api.import_v3(row(ALICE), row("b@p.example"), row("c@p.example"))
    assert report["status"] == "ExceedsAllowedContactLimit"
    assert api.ok("GET", "/v2/contacts/count") == 1
    assert api.import_v3(row(ALICE), row("b@p.example"))["status"] == "Finished"


def test_faults_decide_how_an_import_ends(api: Api) -> None:
    for kind, status in (
        ("import_failed", "Failed"),
        ("import_rejected", "RejectedByWatchdog"),
        ("import_over_limit", "ExceedsAllowedContactLimit"),
        ("import_stuck", "NotFinished"),
    ):
        api.control.fault(kind, route=f"PUT {PATH}")
        assert api.import_v3(row(ALICE))["status"] == status
        assert api.ok("GET", "/v2/contacts/count") == 0
    assert api.import_v3(row(ALICE))["status"] == "Finished"
    api.control.call("POST", "finish-jobs")


def test_one_record_is_rejected_on_demand(api: Api) -> None:
    api.control.fault("reject_record", match=ALICE, code="invalidContact")
    report = api.import_v3(row("b@p.example"), row(ALICE))
    assert codes(report) == ["invalidContact"]
    assert report["failures"][0]["identifiers"] == {"email": ALICE}
    assert api.import_v3(row(ALICE))["summary"]["newContacts"] == 1


def test_a_large_import_with_every_kind_of_text(api: Api) -> None:
    names = ["Jürgen", "O'Brien", "שלום", "🏔️ Max", 'quo"ted', "new\nline", "back\\slash", ""]
    rows = [row(f"p{n}@many.example", dataFields={"FIRSTNAME": names[n % len(names)]}) for n in range(3000)]
    report = api.import_v3(*rows)
    assert report["summary"]["newContacts"] == 3000
    items = api.ok("GET", "/contacts/v3?data-fields=FIRSTNAME")["_items"]
    assert [item["dataFields"]["FIRSTNAME"] for item in items[: len(names)]] == names
    assert [item["contactId"] for item in items] == [entry["contactId"] for entry in report["created"]]
