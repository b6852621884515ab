"""Making campaigns and sending them."""

from __future__ import annotations

from typing import Any

import pytest

from .api import Api
from .test_campaigns import ALICE, BOB, CAROL, campaign, to_all

THURSDAY = "2026-03-05T12:00:00Z"


@pytest.fixture
def api(api: Api) -> Api:
    api.control.set_clock(THURSDAY)
    api.control.seed(
        contacts=[
            {"email": ALICE, "lists": ["News"]},
            {"email": BOB, "lists": ["News"]},
            {"email": CAROL, "status": "Unsubscribed"},
        ]
    )
    return api


def draft(**parts: Any) -> dict[str, Any]:
    content = {"htmlContent": "<p>Hi</p>", "plainTextContent": "Hi"}
    return {"name": "Spring", "subject": "Spring is here", "fromName": "Northwind", **content, **parts}


def news(api: Api) -> int:
    return next(int(row["id"]) for row in api.ok("GET", "/v2/address-books") if row["name"] == "News")


def sent_to(api: Api, number: int) -> set[str]:
    return {row["email"] for row in api.ok("GET", f"/v2/campaigns/{number}/activities")}


def state(api: Api, number: int) -> str:
    return str(api.ok("GET", f"/v2/campaigns/{number}")["status"])


def test_a_campaign_is_made_changed_and_copied(api: Api) -> None:
    made = api.ok("POST", "/v2/campaigns", draft(replyAction="Delete"))
    assert (made["status"], made["type"], made["replyAction"]) == ("Unsent", "Standard", "Delete")
    changed = api.ok("PUT", f"/v2/campaigns/{made['id']}", draft(name="Summer"))
    assert (changed["id"], changed["name"]) == (made["id"], "Summer")
    copied = api.ok("POST", f"/v2/campaigns/{made['id']}/copy")
    assert (copied["name"], copied["subject"]) == ("Copy of Summer", "Spring is here")
    triggered = api.ok("POST", "/v2/campaigns", draft(type="Triggered"))
    assert (triggered["status"], triggered["type"]) == ("Triggered", "Triggered")


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"name": "x" * 256}, {"subject": None}, {"htmlContent": 5}, {"replyAction": "Shout"},
     {"fromAddress": {"email": "stranger@people.example"}}],
)  # fmt: skip
def test_a_campaign_that_lacks_something_is_refused(api: Api, wrong: dict[str, Any]) -> None:
    assert api.post("/v2/campaigns", draft(**wrong)).error == "ERROR_CAMPAIGN_INVALID"
    assert api.ok("GET", "/v2/campaigns") == []


def test_what_was_sent_cannot_be_changed(api: Api) -> None:
    made = campaign(api, sends=to_all())
    assert api.put(f"/v2/campaigns/{made}", draft()).error == "ERROR_CAMPAIGN_READONLY"


def test_a_send_at_once_is_sending_and_then_sent_to_whoever_may_be_mailed(api: Api) -> None:
    made = campaign(api)
    started = api.ok("POST", "/v2/campaigns/send", {"campaignId": made, "addressBookIds": [news(api)]})
    assert (started["status"], started["addressBookIds"]) == ("Sending", [news(api)])
    assert state(api, made) == "Sending"
    assert sent_to(api, made) == set()
    api.control.advance(5)
    looked = api.ok("GET", f"/v2/campaigns/send/{started['id']}")
    assert (looked["status"], looked["addressBookIds"], looked["campaignId"]) == ("Sent", None, made)
    assert state(api, made) == "Sent"
    assert sent_to(api, made) == {ALICE, BOB}
    assert [row["name"] for row in api.ok("GET", f"/v2/campaigns/{made}/address-books")] == ["News"]


def test_a_scheduled_send_goes_to_whoever_is_on_the_list_then(api: Api) -> None:
    made = campaign(api)
    order = {"campaignID": made, "addressBookIDs": [news(api)], "sendDate": "2026-03-06T09:00:00Z"}
    started = api.ok("POST", "/v2/campaigns/send", order)
    assert started["status"] == "Scheduled"
    assert state(api, made) == "Unsent"
    scheduled = api.ok("GET", "/v2/campaigns/filtered?~scheduledDateFrom=2026-03-06")
    assert [row["id"] for row in scheduled] == [made]
    api.ok("POST", "/v2/contacts/unsubscribe", {"email": BOB})
    api.ok("POST", f"/v2/address-books/{news(api)}/contacts", {"email": "dan@people.example"})
    api.control.set_clock("2026-03-06T10:00:00Z")
    assert sent_to(api, made) == {ALICE, "dan@people.example"}
    row = api.ok("GET", f"/v2/campaigns/{made}/activities")[0]
    assert row["dateSent"] == "2026-03-06T09:00:00.000Z"
    assert api.ok("GET", f"/v2/campaigns/send/{started['id']}")["status"] == "Sent"


def test_people_who_are_named_are_sent_it_and_nobody_who_left(api: Api) -> None:
    made = campaign(api)
    ids = [api.ok("GET", f"/v2/contacts/{email}")["id"] for email in (ALICE, CAROL)]
    api.ok("POST", "/v2/campaigns/send", {"campaignId": made, "contactIds": ids})
    api.control.advance(5)
    assert sent_to(api, made) == {ALICE}


def test_neither_lists_nor_people_means_everybody(api: Api) -> None:
    made = campaign(api)
    api.ok("POST", "/v2/campaigns/send", {"campaignId": made})
    api.control.advance(5)
    assert sent_to(api, made) == {ALICE, BOB}


def test_an_optimised_send_waits_for_the_best_time(api: Api) -> None:
    made = campaign(api)
    body = {"campaignId": made, "addressBookIds": [news(api)]}
    started = api.ok("POST", "/v2/campaigns/send-time-optimised", body)
    assert (started["status"], state(api, made)) == ("NotSent", "Unsent")
    api.control.advance(24 * 3600)
    assert sent_to(api, made) == {ALICE, BOB}


def test_a_triggered_campaign_stays_triggered(api: Api) -> None:
    made = campaign(api, type="Triggered")
    api.ok("POST", "/v2/campaigns/send", {"campaignId": made, "addressBookIds": [news(api)]})
    api.control.advance(5)
    assert (state(api, made), sent_to(api, made)) == ("Triggered", {ALICE, BOB})


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "ERROR_CAMPAIGN_SEND_INVALID"),
        ({"campaignId": "x"}, "ERROR_CAMPAIGN_SEND_INVALID"),
        ({"campaignId": 99}, "ERROR_CAMPAIGN_NOT_FOUND"),
        ({"addressBookIds": [9999]}, "ERROR_CAMPAIGN_SEND_INVALID"),
        ({"contactIds": [1]}, "ERROR_CAMPAIGN_SEND_INVALID"),
        ({"contactIds": [2**40]}, "ERROR_CAMPAIGN_SEND_INVALID"),
        ({"sendDate": "soon"}, "ERROR_CAMPAIGN_SEND_INVALID"),
        ({"splitTestOptions": {"testMetric": "Luck"}}, "ERROR_CAMPAIGN_SEND_INVALID"),
    ],
)
def test_a_wrong_send_is_refused(api: Api, body: dict[str, Any], code: str) -> None:
    made = campaign(api)
    whole = body if not body or "campaignId" in body else {"campaignId": made, **body}
    assert api.post("/v2/campaigns/send", whole).error == code
    assert state(api, made) == "Unsent"


def test_some_states_and_spent_credits_forbid_a_send(api: Api) -> None:
    waiting = campaign(api, status="RequiresWorkflowApproval")
    assert api.post("/v2/campaigns/send", {"campaignId": waiting}).error == "ERROR_CAMPAIGN_SENDNOTPERMITTED"
    api.control.settings(send_credits=1)
    made = campaign(api)
    assert api.post("/v2/campaigns/send", {"campaignId": made}).error == "ERROR_SEND_LIMITEXCEEDED"


def test_an_unknown_send_is_not_found(api: Api) -> None:
    assert api.get("/v2/campaigns/send/842d81e8-c619-457f-bb77-ab6c4a17da39").status == 404


@pytest.mark.parametrize("react", [False, True])
def test_people_react_to_what_was_sent_through_the_api_when_they_are_set_to(api: Api, react: bool) -> None:
    api.control.settings(people_react=react)
    api.control.seed(count=200, list="News")
    made = campaign(api)
    api.ok("POST", "/v2/campaigns/send", {"campaignId": made, "addressBookIds": [news(api)]})
    api.control.advance(14 * 86400)
    assert bool(api.ok("GET", f"/v2/campaigns/{made}/opens")) is react
