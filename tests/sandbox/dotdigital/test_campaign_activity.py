"""What people did with a campaign, and what time and the people themselves make of it."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox_process import ControlRefused

from .api import Api
from .test_campaigns import ALICE, BOB, CAROL, MONDAY, TUESDAY, WEDNESDAY, campaign, to_all

NEVER = "0001-01-01T00:00:00Z"


@pytest.fixture
def api(api: Api) -> Api:
    """Three contacts, on the Thursday after."""
    api.control.set_clock("2026-03-05T12:00:00Z")
    api.control.seed(contacts=[{"email": email} for email in (ALICE, BOB, CAROL)])
    return api


def did(email: str, kind: str, at: str, **details: Any) -> dict[str, Any]:
    return {"email": email, "kind": kind, "at": at, **details}


def rows(api: Api, made: int, call: str) -> list[dict[str, Any]]:
    return list(api.ok("GET", f"/v2/campaigns/{made}/{call}"))


def people(found: list[dict[str, Any]]) -> list[str]:
    return [row["email"] for row in found]


def contact_id(api: Api, email: str) -> int:
    return int(api.ok("GET", f"/v2/contacts/{email}")["id"])


def test_everybody_who_was_sent_it_has_a_row_with_totals(api: Api) -> None:
    made = campaign(
        api,
        sends=to_all(),
        activity=[
            did(ALICE, "open", "2026-03-02T11:00:00Z", ipAddress="192.0.2.2"),
            did(ALICE, "open", "2026-03-02T10:00:00Z", ipAddress="192.0.2.1"),
            did(ALICE, "click", "2026-03-02T11:30:00Z"),
            did(ALICE, "pageView", "2026-03-02T11:31:00Z"),
            did(ALICE, "forward", "2026-03-02T11:32:00Z"),
            did(ALICE, "estimatedForward", "2026-03-02T11:33:00Z"),
            did(ALICE, "reply", "2026-03-02T11:34:00Z", message="Thanks"),
            did(BOB, "softBounce", MONDAY),
        ],
    )
    found = {row["email"]: row for row in rows(api, made, "activities")}
    assert set(found) == {ALICE, BOB, CAROL}
    assert found[ALICE] == {
        "contactId": contact_id(api, ALICE),
        "email": ALICE,
        "numOpens": 2,
        "numPageViews": 1,
        "numClicks": 1,
        "numForwards": 1,
        "numEstimatedForwards": 1,
        "numReplies": 1,
        "dateSent": "2026-03-02T09:00:00.000Z",
        "dateFirstOpened": "2026-03-02T10:00:00.000Z",
        "dateLastOpened": "2026-03-02T11:00:00.000Z",
        "firstOpenIp": "192.0.2.1",
        "unsubscribed": False,
        "softBounced": False,
        "hardBounced": False,
    }
    carol = found[CAROL]
    assert (carol["numOpens"], carol["dateFirstOpened"], carol["dateLastOpened"]) == (0, NEVER, NEVER)
    assert found[BOB]["softBounced"] is True
    assert api.ok("GET", f"/v2/contacts/{BOB}")["status"] == "Subscribed"
    assert api.ok("GET", f"/v2/campaigns/{made}/activities/{contact_id(api, ALICE)}") == found[ALICE]


def test_since_a_date_only_the_active_come_with_totals_for_life(api: Api) -> None:
    made = campaign(
        api,
        sends=to_all(),
        activity=[
            did(ALICE, "open", "2026-03-02T10:00:00Z"),
            did(ALICE, "click", WEDNESDAY),
            did(BOB, "open", "2026-03-02T10:00:00Z"),
        ],
    )
    since = rows(api, made, f"activities/since-date/{WEDNESDAY}")
    assert [(row["email"], row["numOpens"], row["numClicks"]) for row in since] == [(ALICE, 1, 1)]
    assert len(rows(api, made, f"activities/since-date/{MONDAY}")) == 3
    assert rows(api, made, "activities/since-date/2026-03-04T09:00:00.001Z") == []
    assert api.get(f"/v2/campaigns/{made}/activities/since-date/never").error == "ERROR_PARAMETER_INVALID"


def test_a_second_send_to_the_same_person_is_a_row_of_its_own(api: Api) -> None:
    made = campaign(
        api,
        sends=[{"to": [ALICE], "sent": MONDAY}, {"to": [ALICE], "sent": WEDNESDAY}],
        activity=[
            did(ALICE, "open", TUESDAY),
            did(ALICE, "open", "2026-03-04T10:00:00Z"),
            did(ALICE, "click", "2026-03-04T10:01:00Z"),
        ],
    )
    found = sorted(rows(api, made, "activities"), key=lambda row: str(row["dateSent"]))
    assert [(row["dateSent"][:10], row["numOpens"], row["numClicks"]) for row in found] == [
        ("2026-03-02", 1, 0),
        ("2026-03-04", 1, 1),
    ]
    assert len(rows(api, made, f"activities/{contact_id(api, ALICE)}/opens")) == 2


def test_clicks_opens_page_views_and_roi_say_what_the_vendor_says(api: Api) -> None:
    clicked = {
        "url": "https://shop.example/boots",
        "ipAddress": "192.0.2.9",
        "userAgent": "Agent/1",
        "keyword": "boots",
    }
    group = {"name": "Shoes", "dateCreated": "2026-01-01T00:00:00.000Z"}
    made = campaign(
        api,
        sends=to_all(),
        activity=[
            did(ALICE, "click", TUESDAY, groups=[group], **clicked),
            did(ALICE, "open", TUESDAY, mailClient="Apple Mail", mailClientVersion="16", isForward=True),
            did(ALICE, "pageView", TUESDAY, url="https://shop.example/boots"),
            did(ALICE, "roi", TUESDAY, markerName="Total", value=12.5),
            did(ALICE, "reply", TUESDAY, message="Nice", subject="RE: Spring"),
        ],
    )
    who = {"contactId": contact_id(api, ALICE), "email": ALICE}
    at = "2026-03-03T09:00:00.000Z"
    assert rows(api, made, "clicks") == [{**who, **clicked, "dateClicked": at}]
    assert rows(api, made, "clicks-with-groups") == [{**who, **clicked, "dateClicked": at, "groups": [group]}]
    opened = rows(api, made, "opens")[0]
    assert (opened["mailClient"], opened["isForward"], opened["dateOpened"]) == ("Apple Mail", True, at)
    assert rows(api, made, "page-views/since-date/2026-03-01") == [
        {**who, "url": "https://shop.example/boots", "dateViewed": at}
    ]
    assert rows(api, made, "roi-details/since-date/2026-03-01") == [
        {**who, "markerName": "Total", "dataType": "Numeric", "value": 12.5, "dateEntered": at}
    ]
    reply = rows(api, made, f"activities/{who['contactId']}/replies")[0]
    assert (reply["fromAddress"], reply["message"], reply["replyType"]) == (ALICE, "Nice", "Reply")


@pytest.mark.parametrize("call", ["clicks", "clicks-with-groups", "opens", "page-views", "roi-details"])
def test_acts_since_a_date_are_those_at_it_and_after(api: Api, call: str) -> None:
    kind = {"clicks": "click", "clicks-with-groups": "click", "opens": "open", "page-views": "pageView"}
    act = kind.get(call, "roi")
    made = campaign(
        api,
        sends=to_all(),
        activity=[did(ALICE, act, MONDAY), did(BOB, act, TUESDAY), did(CAROL, act, WEDNESDAY)],
    )
    assert people(rows(api, made, f"{call}/since-date/{TUESDAY}")) == [CAROL, BOB]
    assert people(rows(api, made, f"activities/{contact_id(api, BOB)}/{call}")) == [BOB]


def test_page_views_and_roi_have_no_form_without_a_date_and_bookmarks_none_with_one(api: Api) -> None:
    made = campaign(api, sends=to_all())
    for call in ("page-views", "roi-details", "social-bookmark-views/since-date/2026-01-01"):
        answer = api.get(f"/v2/campaigns/{made}/{call}")
        assert answer.status == 404
        assert answer.error != "ERROR_CAMPAIGN_NOT_FOUND"


def test_bookmarks_are_counted_by_person_and_name_without_a_date(api: Api) -> None:
    made = campaign(
        api,
        sends=to_all(),
        activity=[
            did(ALICE, "bookmark", MONDAY),
            did(ALICE, "bookmark", TUESDAY),
            did(BOB, "bookmark", TUESDAY, bookmarkName="LinkedIn"),
        ],
    )
    found = rows(api, made, "social-bookmark-views")
    alice = {"contactId": contact_id(api, ALICE), "email": ALICE, "bookmarkName": "Facebook", "numViews": 2}
    assert alice in found
    assert len(found) == 2
    assert rows(api, made, f"activities/{alice['contactId']}/social-bookmark-views") == [alice]


def test_rows_shift_between_two_pages_when_somebody_acts(api: Api) -> None:
    made = campaign(
        api,
        sends=to_all(),
        activity=[did(ALICE, "open", "2026-03-02T10:00:00Z"), did(BOB, "open", "2026-03-02T11:00:00Z")],
    )
    first = people(rows(api, made, "activities?select=2"))
    assert first == [BOB, ALICE]
    api.control.seed(campaigns=[{"id": made, "activity": [did(CAROL, "click", WEDNESDAY)]}])
    assert people(rows(api, made, "activities?select=2&skip=2")) == [ALICE]
    api.control.settings(v2_order="id")
    assert people(rows(api, made, "activities")) == [ALICE, BOB, CAROL]


def test_who_was_not_sent_it_is_not_found(api: Api) -> None:
    made = campaign(api, sends=[{"to": [ALICE], "sent": MONDAY}])
    refused = api.get(f"/v2/campaigns/{made}/activities/{contact_id(api, BOB)}")
    assert (refused.status, refused.error) == (404, "ERROR_CONTACT_NOT_FOUND")
    assert rows(api, made, f"activities/{contact_id(api, BOB)}/clicks") == []
    assert api.get(f"/v2/campaigns/{made}/activities/{2**70}").error == "ERROR_CONTACT_NOT_FOUND"


def test_activity_to_come_happens_when_its_moment_has_come(api: Api) -> None:
    made = campaign(
        api,
        sends=to_all(),
        activity=[did(ALICE, "open", "2026-03-06T08:00:00Z"), did(ALICE, "click", "2026-03-07T08:00:00Z")],
    )
    assert rows(api, made, "opens") == []
    assert rows(api, made, "activities/since-date/2026-03-05") == []
    api.control.set_clock("2026-03-06T09:00:00Z")
    assert people(rows(api, made, "opens")) == [ALICE]
    since = rows(api, made, "activities/since-date/2026-03-06")
    assert [(row["email"], row["numOpens"], row["numClicks"]) for row in since] == [(ALICE, 1, 0)]
    api.control.set_clock("2026-03-08T09:00:00Z")
    assert rows(api, made, "clicks")[0]["dateClicked"] == "2026-03-07T08:00:00.000Z"
    assert rows(api, made, "activities/since-date/2026-03-07")[0]["numOpens"] == 1


@pytest.mark.parametrize(
    ("kind", "reason", "flag"),
    [
        ("unsubscribe", "Unsubscribed", "unsubscribed"),
        ("hardBounce", "HardBounced", "hardBounced"),
        ("complaint", "IspComplained", None),
    ],
)
def test_leaving_through_a_campaign_suppresses_and_ends_memberships(
    api: Api, kind: str, reason: str, flag: str | None
) -> None:
    news = api.new_list("News")
    api.ok("POST", f"/v2/address-books/{news}/contacts", {"email": ALICE})
    made = campaign(api, sends=to_all(), activity=[did(ALICE, kind, "2026-03-06T08:00:00Z")])
    assert api.members(news) == {ALICE}
    api.control.set_clock("2026-03-07T00:00:00Z")
    gone = api.ok("GET", "/v2/contacts/suppressed-since/2026-03-05")
    assert [(row["suppressedContact"]["email"], row["reason"], row["dateRemoved"][:19]) for row in gone] == [
        (ALICE, reason, "2026-03-06T08:00:00")
    ]
    assert api.members(news) == set()
    row = next(row for row in rows(api, made, "activities") if row["email"] == ALICE)
    assert flag is None or row[flag] is True
    bouncing = people(rows(api, made, "hard-bouncing-contacts"))
    assert bouncing == ([ALICE] if kind == "hardBounce" else [])


def test_rows_of_a_campaign_outlive_the_contact(api: Api) -> None:
    made = campaign(
        api, sends=to_all(), activity=[did(ALICE, "click", TUESDAY), did(ALICE, "hardBounce", TUESDAY)]
    )
    known = contact_id(api, ALICE)
    api.ok("DELETE", f"/v2/contacts/{known}")
    assert rows(api, made, "clicks")[0]["contactId"] == known
    assert ALICE in people(rows(api, made, "activities"))
    assert rows(api, made, "hard-bouncing-contacts") == []
    api.control.seed(contacts=[{"email": "dan@people.example"}])


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"sends": [{"to": ["nobody@people.example"]}]}, "no contact"),
        ({"sends": [{"to": [ALICE], "sent": "2027-01-01"}]}, "future"),
        ({"activity": [did(ALICE, "open", TUESDAY)]}, "had not been sent"),
        ({"sends": to_all(), "activity": [did(ALICE, "wink", TUESDAY)]}, "activity is one of"),
        ({"sends": to_all(), "activity": [did(ALICE, "open", TUESDAY, colour="red")]}, "not colour"),
        ({"sends": to_all(), "activity": [did(ALICE, "open", "soon")]}, "soon"),
        ({"status": "Lost"}, "Lost"),
        ({"id": 7}, "ERROR_CAMPAIGN_NOT_FOUND"),
    ],
)
def test_a_wrong_seed_is_refused_as_a_whole(api: Api, parts: dict[str, Any], why: str) -> None:
    with pytest.raises(ControlRefused, match=why):
        campaign(api, **parts)
    assert api.ok("GET", "/v2/campaigns") == []


@pytest.mark.parametrize(
    "call",
    ["activities", "clicks", "opens", "social-bookmark-views", "hard-bouncing-contacts",
     "page-views/since-date/2026-01-01", "roi-details/since-date/2026-01-01"],
)  # fmt: skip
def test_pages_hold_at_most_a_thousand_and_belong_to_the_low_tier(api: Api, call: str) -> None:
    made = campaign(api, sends=to_all())
    answer = api.get(f"/v2/campaigns/{made}/{call}")
    assert answer.headers["x-ratelimit-scope"] == "lowCallRate"
    for wrong in ("select=0", "select=1001", "skip=-1", "skip=x"):
        assert api.get(f"/v2/campaigns/{made}/{call}?{wrong}").error == "ERROR_PARAMETER_INVALID", wrong
