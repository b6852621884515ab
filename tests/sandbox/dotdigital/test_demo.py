"""The demo account."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from syncline_sandbox.dotdigital.mail_clients import PRIVACY_PROXY, SCANNER
from syncline_sandbox.people import people

from .api import Api

SUPPRESSED = (5, 17, 29, 41, 53, 65, 77, 89, 101, 113)


def test_the_demo_account_is_believable(api: Api) -> None:
    api.control.reset("demo")
    everybody = list(people(820))
    here = [person.email.lower() for person in everybody[:120] + everybody[760:]]
    items = api.ok("GET", "/contacts/v3?include=lists%7CchannelProperties&data-fields=%5B%5BALL%5D%5D")[
        "_items"
    ]
    assert {item["identifiers"]["email"] for item in items} == set(here)
    removed = api.ok("GET", "/v2/contacts/suppressed-since/2000-01-01")
    assert {row["suppressedContact"]["email"] for row in removed} == {here[number] for number in SUPPRESSED}
    assert len({row["reason"] for row in removed}) == 8
    lists = {entry["name"]: entry for entry in api.ok("GET", "/v2/address-books")}
    assert {"Test", "All contacts", "Newsletter", "Trail News"} <= set(lists)
    assert lists["All contacts"]["contacts"] == 170
    assert lists["Newsletter"]["contacts"] == 110
    assert len(api.ok("GET", "/v2/data-fields")) == 16
    assert [segment["contacts"] > 0 for segment in api.ok("GET", "/v2/segments")] == [True, True]
    left = api.ok(
        "GET", f"/v2/address-books/{lists['Winter sale 2024']['id']}/contacts/unsubscribed-since/2000-01-01"
    )
    assert left


def sent_campaigns(api: Api) -> list[dict[str, Any]]:
    """The oldest first."""
    found = api.ok("GET", "/v2/campaigns/filtered?~statuses=Sent")
    return sorted(found, key=lambda row: str(row["sentDate"]))


def test_the_demo_campaigns_tell_of_four_months(api: Api) -> None:
    api.control.reset("demo")
    sent = sent_campaigns(api)
    now = datetime.fromisoformat(api.control.now())
    ages = [(now - datetime.fromisoformat(row["sentDate"])).days for row in sent]
    assert len(sent) >= 18
    assert 110 < ages[0] < 120
    assert ages[-1] < 4
    assert all(before - after < 16 for before, after in pairwise(ages))
    for row in sent:
        summary = api.ok("GET", f"/v2/campaigns/{row['id']}/summary")
        assert summary["numTotalSent"] > 20, row["name"]
        assert 0.1 < summary["percentageUniqueOpens"] <= 0.95, row["name"]
    totals = [api.ok("GET", f"/v2/campaigns/{row['id']}/summary") for row in sent]
    for name in ("Clicks", "PageViews", "SoftBounces", "Unsubscribes", "HardBounces", "IspComplaints"):
        assert sum(total[f"numTotal{name}"] for total in totals) > 0, name
    assert sum(total["numOrders"] for total in totals) > 0


def test_each_campaign_of_the_demo_runs_its_course(api: Api) -> None:
    api.control.reset("demo")
    api.control.settings(rate_scheme="off")
    by_day = Counter[int]()
    machines = Counter[str]()
    for row in sent_campaigns(api):
        one, sent = f"/v2/campaigns/{row['id']}", datetime.fromisoformat(row["sentDate"])
        total = api.ok("GET", f"{one}/summary")
        for unique, every in (("UniqueOpens", "TotalOpens"), ("RecipientsClicked", "TotalClicks")):
            assert 0 < total[f"num{unique}"] <= total[f"num{every}"], row["name"]
        assert total["numRecipientsClicked"] <= total["numUniqueOpens"] <= total["numTotalDelivered"]
        back = sum(total[f"numTotal{name}"] for name in ("HardBounces", "SoftBounces"))
        assert total["numTotalDelivered"] + back <= total["numTotalSent"]
        for opened in api.ok("GET", f"{one}/opens"):
            by_day[(datetime.fromisoformat(opened["dateOpened"]) - sent).days] += 1
            machines[opened["mailClient"]] += 1
    # More than half of a campaign happens on its first day, and less each day for a week.
    assert by_day[0] > sum(number for day, number in by_day.items() if day)
    assert by_day[0] > by_day[1] > by_day[2] + by_day[3] > by_day[5] + by_day[6] > 0
    assert {PRIVACY_PROXY.name, SCANNER.name} < machines.keys()


def test_whoever_is_suppressed_in_the_demo_left_through_a_campaign(api: Api) -> None:
    api.control.reset("demo")
    left = {"unsubscribed": set[str](), "hardBounced": set[str]()}
    for row in sent_campaigns(api):
        for summary in api.ok("GET", f"/v2/campaigns/{row['id']}/activities"):
            for flag, who in left.items():
                if summary[flag]:
                    who.add(summary["email"])
    reasons: dict[str, set[str]] = {"Unsubscribed": set(), "HardBounced": set()}
    for row in api.ok("GET", "/v2/contacts/suppressed-since/2000-01-01"):
        reasons.setdefault(row["reason"], set()).add(row["suppressedContact"]["email"])
    assert left == {"unsubscribed": reasons["Unsubscribed"], "hardBounced": reasons["HardBounced"]}


def test_the_demo_goes_on_as_time_passes(api: Api) -> None:
    api.control.reset("demo")
    api.control.settings(rate_scheme="off")
    before = {row["id"] for row in sent_campaigns(api)}
    waiting = api.ok("GET", f"/v2/campaigns/filtered?~scheduledDateFrom={api.control.now()}")
    assert len(waiting) == 3
    since = api.control.now()
    api.control.advance(timedelta(days=20).total_seconds())
    assert {row["id"] for row in sent_campaigns(api)} - before == {row["id"] for row in waiting}
    active = api.ok("GET", f"/v2/campaigns/with-activity-since/{since}")
    assert {row["id"] for row in waiting} < {row["id"] for row in active}
