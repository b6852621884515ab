"""The believable course of a campaign, and the one that is large enough for a bench."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from .api import Api
from .test_campaigns import campaign

SENT = "2026-03-02T09:00:00Z"
PEOPLE = 2000
# Much larger shares than in life, so that two thousand people show everything.
RATES = {
    "unsubscribe": 0.05,
    "complain": 0.02,
    "hard_bounce": 0.03,
    "buy": 0.3,
    "bookmark": 0.1,
    "reply": 0.1,
}


@pytest.fixture
def api(api: Api) -> Api:
    """Two thousand people on a list, three weeks after the campaign."""
    api.control.settings(rate_scheme="off")
    api.control.set_clock("2026-03-23T09:00:00Z")
    api.control.seed(count=PEOPLE, list="News", domain="people.example")
    return api


def course(api: Api, name: str = "Spring", sent: str = SENT, **parts: Any) -> int:
    return campaign(
        api, name, lists=["News"], sends=[{"sent": sent}], course={"rates": RATES, **parts}, created=sent
    )


def rows(api: Api, made: int, call: str) -> list[dict[str, Any]]:
    """All of a list, page by page."""
    found: list[dict[str, Any]] = []
    while page := api.ok("GET", f"/v2/campaigns/{made}/{call}?select=1000&skip={len(found)}"):
        found += page
    return found


def after(text: str) -> timedelta:
    return datetime.fromisoformat(text) - datetime.fromisoformat(SENT)


def test_a_campaign_runs_as_campaigns_do(api: Api) -> None:
    made = course(api)
    summary = api.ok("GET", f"/v2/campaigns/{made}/summary")
    assert summary["numTotalSent"] == PEOPLE
    assert 0.2 < summary["percentageUniqueOpens"] < 0.6
    assert 0.02 < summary["percentageUsersClicked"] < 0.2
    assert summary["numOrders"] > 0
    for name in ("HardBounces", "SoftBounces", "Unsubscribes", "IspComplaints", "Replies", "PageViews"):
        assert 0 < summary[f"numTotal{name}"] < PEOPLE, name
    for call in ("social-bookmark-views", "roi-details/since-date/2026-01-01", "clicks-with-groups"):
        assert rows(api, made, call), call


def test_opens_decay_over_the_days(api: Api) -> None:
    opened = rows(api, course(api), "opens")
    days = Counter(after(row["dateOpened"]).days for row in opened)
    assert days[0] > 2 * days[1] > 2 * days[4] > 0
    assert sum(days[day] for day in range(7, 21)) > 0
    assert all(after(row["dateOpened"]) > timedelta(0) for row in opened)


def test_a_fifth_of_the_readers_come_within_the_hour_and_half_on_the_first_morning(api: Api) -> None:
    made = course(api, rates={"privacy": 0.0, "scanned": 0.0})
    first: dict[int, timedelta] = {}
    for row in rows(api, made, "opens"):
        moment = after(row["dateOpened"])
        first[row["contactId"]] = min(moment, first.get(row["contactId"], moment))
    took = sorted(first.values())
    assert 0.12 < sum(one < timedelta(hours=1) for one in took) / len(took) < 0.3
    assert timedelta(hours=3) < took[len(took) // 2] < timedelta(hours=9)
    assert timedelta(days=3) < took[len(took) * 95 // 100] < timedelta(days=14)


def test_nobody_clicks_before_the_mail_was_opened_and_nobody_reads_what_bounced(api: Api) -> None:
    made = course(api)
    summaries = {row["contactId"]: row for row in rows(api, made, "activities")}
    for click in rows(api, made, "clicks"):
        assert click["dateClicked"] > summaries[click["contactId"]]["dateFirstOpened"]
    bounced = [row for row in summaries.values() if row["hardBounced"] or row["softBounced"]]
    assert bounced
    assert not any(row["numOpens"] or row["numClicks"] for row in bounced)


def test_counters_of_rows_and_of_the_campaign_agree_with_the_acts(api: Api) -> None:
    made = course(api)
    summaries = rows(api, made, "activities")
    counted = {"opens": "numOpens", "clicks": "numClicks", "page-views/since-date/2026-01-01": "numPageViews"}
    for call, name in counted.items():
        acts = Counter(row["contactId"] for row in rows(api, made, call))
        assert {row["contactId"]: row[name] for row in summaries if row[name]} == dict(acts), call


def test_a_scanner_follows_every_link_within_seconds_of_the_mail(api: Api) -> None:
    links = [{"url": f"https://shop.example/{n}"} for n in range(4)]
    made = course(api, links=links, rates={"scanned": 1.0, "open": 0.0})
    clicked: dict[int, list[timedelta]] = {}
    for row in rows(api, made, "clicks"):
        clicked.setdefault(row["contactId"], []).append(after(row["dateClicked"]))
    assert len(clicked) > PEOPLE / 2
    for moments in clicked.values():
        assert len(moments) == len(links)
        assert max(moments) < timedelta(seconds=20)
    assert len({row["userAgent"] for row in rows(api, made, "clicks")}) == 1


def test_a_course_is_the_same_every_time_and_another_with_another_seed(api: Api) -> None:
    found = []
    for seed in (7, 7, 8):
        api.control.reset("empty")
        api.control.settings(rate_scheme="off")
        api.control.set_clock("2026-03-23T09:00:00Z")
        api.control.seed(count=200, list="News", domain="people.example")
        found.append(rows(api, course(api, seed=seed), "opens"))
    assert found[0] == found[1]
    assert found[0] != found[2]


def test_who_left_is_suppressed_and_not_sent_the_next_one(api: Api) -> None:
    first = course(api)
    gone = {row["contactId"] for row in rows(api, first, "activities") if row["unsubscribed"]}
    listed = {
        row["suppressedContact"]["id"]
        for row in api.ok("GET", "/v2/contacts/suppressed-since/2026-01-01")
        if row["reason"] == "Unsubscribed"
    }
    assert gone == listed
    second = course(api, "Easter", "2026-03-22T09:00:00Z")
    assert gone.isdisjoint({row["contactId"] for row in rows(api, second, "activities")})
    assert len(rows(api, second, "activities")) > PEOPLE / 2


def test_campaigns_that_are_loaded_together_run_in_the_order_of_time(api: Api) -> None:
    made = api.control.seed(
        campaigns=[
            {"name": "Later", "lists": ["News"], "sends": [{"sent": "2026-03-22T09:00:00Z"}]},
            {"name": "Earlier", "lists": ["News"], "sends": [{"sent": SENT}], "course": {"rates": RATES}},
        ]
    )["campaigns"]
    gone = {row["contactId"] for row in rows(api, made[1], "activities") if row["hardBounced"]}
    assert gone
    assert gone.isdisjoint({row["contactId"] for row in rows(api, made[0], "activities")})


def test_a_campaign_of_tomorrow_goes_out_tomorrow_and_people_go_on_for_days(api: Api) -> None:
    made = course(api, "Tomorrow", "2026-03-24T09:00:00Z")
    assert api.ok("GET", f"/v2/campaigns/{made}")["status"] == "Unsent"
    assert rows(api, made, "activities") == []
    counts = []
    for day in (24, 25, 28):
        api.control.set_clock(f"2026-03-{day}T20:00:00Z")
        counts.append(len(rows(api, made, "opens")))
    assert 0 < counts[0] < counts[1] < counts[2]
    assert api.ok("GET", f"/v2/campaigns/{made}")["status"] == "Sent"
    new = rows(api, made, "activities/since-date/2026-03-26T00:00:00Z")
    assert 0 < len(new) < PEOPLE / 4


def bulk(api: Api, **numbers: Any) -> int:
    return campaign(api, "Bulk", created=SENT, bulk={"sends": 5000, **numbers})


def test_a_bulk_campaign_holds_exactly_what_was_asked_for(api: Api) -> None:
    made = bulk(api, opens=2500, clicks=1500, page_views=300, roi=25, bookmarks=5)
    summary = api.ok("GET", f"/v2/campaigns/{made}/summary")
    assert [summary[f"numTotal{name}"] for name in ("Sent", "Opens", "Clicks", "PageViews")] == [
        5000,
        2500,
        1500,
        300,
    ]
    summaries = rows(api, made, "activities")
    assert len({row["contactId"] for row in summaries}) == 5000
    for call, name, count in (("opens", "numOpens", 2500), ("clicks", "numClicks", 1500)):
        acts = rows(api, made, call)
        assert len(acts) == count
        assert Counter(row["contactId"] for row in acts) == Counter(
            {row["contactId"]: row[name] for row in summaries if row[name]}
        )
    assert len(rows(api, made, "roi-details/since-date/2026-01-01")) == 25
    assert sum(row["numViews"] for row in rows(api, made, "social-bookmark-views")) == 5
    late = rows(api, made, "activities/since-date/2026-03-05")
    assert 0 < len(late) < 2500


def test_a_bulk_campaign_may_go_to_a_list_of_contacts(api: Api) -> None:
    made = bulk(api, to_list="News", clicks=10)
    found = rows(api, made, "activities")
    assert len(found) == PEOPLE
    contact = api.ok("GET", f"/v2/contacts/{found[0]['contactId']}")
    assert contact["email"] == found[0]["email"]


@pytest.mark.parametrize("order", ["changed", "id"])
def test_long_lists_are_paged_the_same_whether_read_on_or_begun_anywhere(api: Api, order: str) -> None:
    api.control.settings(v2_order=order)
    made = bulk(api, clicks=3000)
    for call in ("activities", "clicks"):
        whole = rows(api, made, call)
        for skip in (4000, 0, 2000, 1000, 2000):
            page = api.ok("GET", f"/v2/campaigns/{made}/{call}?select=1000&skip={skip}")
            assert page == whole[skip : skip + 1000]


def test_a_write_between_two_pages_shifts_them(api: Api) -> None:
    made = bulk(api)
    api.control.seed(count=1, first=9000, domain="people.example")
    first = api.ok("GET", f"/v2/campaigns/{made}/activities?select=1000")
    newcomer = {"to": ["contact9000@people.example"]}
    api.control.seed(campaigns=[{"id": made, "sends": [newcomer]}])
    second = api.ok("GET", f"/v2/campaigns/{made}/activities?select=1000&skip=1000")
    assert second[0] == first[-1]
