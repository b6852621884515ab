"""Campaigns: what there is, their figures, and what becomes of a deleted one."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox_process import ControlRefused

from .api import Api

ALICE, BOB, CAROL = "alice@people.example", "bob@people.example", "carol@people.example"
MONDAY, TUESDAY, WEDNESDAY = "2026-03-02T09:00:00Z", "2026-03-03T09:00:00Z", "2026-03-04T09:00:00Z"


@pytest.fixture
def api(api: Api) -> Api:
    """Three contacts, on the Thursday after."""
    api.control.set_clock("2026-03-05T12:00:00Z")
    api.control.seed(contacts=[{"email": email} for email in (ALICE, BOB, CAROL)])
    return api


def campaign(api: Api, name: str = "Spring", **parts: Any) -> int:
    return int(api.control.seed(campaigns=[{"name": name, **parts}])["campaigns"][0])


def to_all(sent: str = MONDAY, *, html: bool = True) -> list[dict[str, Any]]:
    return [{"to": [ALICE, BOB, CAROL], "sent": sent, "html": html}]


def names(api: Api, path: str) -> list[str]:
    return [row["name"] for row in api.ok("GET", path)]


def test_a_campaign_is_shown_with_its_content_alone_and_without_it_in_lists(api: Api) -> None:
    made = campaign(api, subject="Spring is here", html="<b>Hi</b>", plain="Hi", tags=["Season"])
    one = api.ok("GET", f"/v2/campaigns/{made}")
    assert (one["subject"], one["htmlContent"], one["plainTextContent"]) == (
        "Spring is here",
        "<b>Hi</b>",
        "Hi",
    )
    assert one["fromAddress"]["email"] == "hello@northwind-outdoor.example"
    assert (one["status"], one["isSplitTest"]) == ("Unsent", False)
    listed = api.ok("GET", "/v2/campaigns")[0]
    assert (listed["id"], listed["htmlContent"], listed["plainTextContent"]) == (made, None, None)
    assert listed["type"] == "Standard"
    detailed = api.ok("GET", f"/v2/campaigns/{made}/with-details")
    assert detailed["tags"] == [{"name": "Season"}]
    assert detailed["sentDate"] == "0001-01-01T00:00:00Z"


def test_an_unknown_campaign_is_not_found_by_any_call(api: Api) -> None:
    for call in ("", "/with-details", "/summary", "/split-test", "/address-books", "/activities", "/clicks",
                 "/activities/since-date/2026-01-01", "/opens", "/page-views/since-date/2026-01-01",
                 "/roi-details/since-date/2026-01-01", "/social-bookmark-views", "/hard-bouncing-contacts",
                 "/revenue/since-date/2026-01-01", "/activities/5", "/activities/5/replies"):  # fmt: skip
        answer = api.get(f"/v2/campaigns/99{call}")
        assert (answer.status, answer.error) == (404, "ERROR_CAMPAIGN_NOT_FOUND"), call
    assert api.get(f"/v2/campaigns/{2**70}").error == "ERROR_CAMPAIGN_NOT_FOUND"


def test_a_deleted_campaign_is_gone_from_all_reads(api: Api) -> None:
    kept = campaign(api, "Kept", sends=to_all())
    for remove in (
        lambda number: api.control.call("DELETE", f"campaigns/{number}"),
        lambda number: api.ok("DELETE", f"/v2/campaigns/{number}"),
    ):
        made = campaign(
            api, sends=to_all(), activity=[{"email": ALICE, "kind": "open", "at": "2026-03-20T09:00:00Z"}]
        )
        remove(made)
        assert api.get(f"/v2/campaigns/{made}/activities").error == "ERROR_CAMPAIGN_NOT_FOUND"
        assert names(api, "/v2/campaigns/with-activity-since/2026-01-01") == ["Kept"]
    with pytest.raises(ControlRefused, match="no campaign"):
        api.control.call("DELETE", f"campaigns/{made}")
    api.control.set_clock("2026-03-21T09:00:00Z")
    assert [row["campaignId"] for row in metrics(api, MONDAY, "2026-03-22")] == [kept]


def test_with_activity_since_shows_sent_campaigns_that_something_happened_to(api: Api) -> None:
    campaign(api, "Never sent")
    campaign(api, "Sent on Monday", sends=to_all())
    campaign(
        api,
        "Clicked on Wednesday",
        sends=to_all(),
        activity=[{"email": BOB, "kind": "click", "at": WEDNESDAY}],
    )
    since = "/v2/campaigns/with-activity-since/"
    assert sorted(names(api, since + MONDAY)) == ["Clicked on Wednesday", "Sent on Monday"]
    assert names(api, since + TUESDAY) == ["Clicked on Wednesday"]
    assert names(api, since + WEDNESDAY) == ["Clicked on Wednesday"]
    assert names(api, since + "2026-03-04T09:00:00.001Z") == []
    assert api.get(since + "yesterday").error == "ERROR_PARAMETER_INVALID"


def test_campaigns_are_filtered_by_type_tags_status_and_dates(api: Api) -> None:
    campaign(api, "Sent", sends=to_all(), tags=["Season", "Shop"])
    campaign(api, "Waiting", scheduled="2026-04-01T09:00:00Z", tags=["Season"])
    campaign(api, "Welcome", type="Triggered", sends=to_all(TUESDAY))
    base = "/v2/campaigns/filtered?"
    assert names(api, base + "~type=Triggered") == ["Welcome"]
    assert sorted(names(api, base + "~tags=season")) == ["Sent", "Waiting"]
    assert names(api, base + "~tags=Season&~tags=Shop") == ["Sent"]
    assert sorted(names(api, base + "~statuses=Sent&~statuses=Triggered")) == ["Sent", "Welcome"]
    assert names(api, base + f"~sentDate={TUESDAY}") == ["Welcome"]
    assert names(api, base + "~scheduledDateFrom=2026-03-31&~scheduledDateTo=2026-04-02") == ["Waiting"]
    assert names(api, base + "~scheduledDateTo=2026-03-31") == []
    waiting = next(row for row in api.ok("GET", base) if row["name"] == "Waiting")
    assert (waiting["tags"], waiting["sentDate"]) == (["Season"], None)
    assert waiting["scheduledDate"].startswith("2026-04-01T09:00:00")
    for wrong in ("~type=Odd", "~statuses=Gone", "~sentDate=soon", "select=0", "select=1001", "skip=-1"):
        assert api.get(base + wrong).error == "ERROR_PARAMETER_INVALID", wrong


def test_pages_shift_while_they_are_read_unless_told_otherwise(api: Api) -> None:
    made = [campaign(api, name, sends=to_all(MONDAY), created=MONDAY) for name in ("A", "B", "C")]
    assert names(api, "/v2/campaigns?select=2") == ["C", "B"]
    api.control.seed(campaigns=[{"id": made[0], "activity": [{"email": ALICE, "kind": "open"}]}])
    assert names(api, "/v2/campaigns?select=2&skip=2") == ["B"]
    api.control.settings(v2_order="id")
    assert names(api, "/v2/campaigns") == ["A", "B", "C"]


def test_lists_that_a_campaign_went_to(api: Api) -> None:
    made = campaign(api, lists=["News"], sends=to_all())
    campaign(api, "Other", sends=to_all())
    shown = api.ok("GET", f"/v2/campaigns/{made}/address-books")
    assert [(row["name"], row["contacts"]) for row in shown] == [("News", 0)]
    assert names(api, f"/v2/address-books/{shown[0]['id']}/campaigns") == ["Spring"]
    assert api.get("/v2/address-books/9999/campaigns").error == "ERROR_ADDRESSBOOK_NOT_FOUND"


def test_a_split_test_tells_its_versions(api: Api) -> None:
    version = {
        "subjectLine": "A",
        "fromName": "N",
        "fromAddress": "n@n.example",
        "htmlContent": "<p>",
        "plainTextContent": "p",
        "version": "A",
        "winningVersion": True,
        "resultsActual": 12,
        "resultsPercentage": 40,
    }
    made = campaign(api, split_test={"options": ["Subject"], "versions": [version], "metric": "Clicks"})
    assert api.ok("GET", f"/v2/campaigns/{made}")["isSplitTest"] is True
    assert api.ok("GET", f"/v2/campaigns/{made}/with-details")["splitTestOptions"] == ["Subject"]
    assert api.ok("GET", f"/v2/campaigns/{made}/split-test") == {
        "versions": [version],
        "splitTestWinnerMetric": "Clicks",
    }
    assert api.get(f"/v2/campaigns/{campaign(api)}/split-test").error == "ERROR_CAMPAIGN_INVALID"


def busy(api: Api) -> int:
    """Sent to three as HTML and to one as text, with something of everything."""
    return campaign(
        api,
        sends=[*to_all(), {"to": [ALICE], "sent": TUESDAY, "html": False}],
        activity=[
            {"email": ALICE, "kind": "open", "at": "2026-03-02T10:00:00Z"},
            {"email": ALICE, "kind": "open", "at": "2026-03-02T11:00:00Z"},
            {"email": ALICE, "kind": "click", "at": "2026-03-02T11:01:00Z"},
            {"email": ALICE, "kind": "open", "at": "2026-03-03T10:00:00Z"},
            {"email": ALICE, "kind": "order", "at": "2026-03-03T10:00:00Z", "value": 1250.5},
            {"email": ALICE, "kind": "order", "at": TUESDAY, "value": 20.0, "assisted": True},
            {"email": BOB, "kind": "hardBounce", "at": MONDAY},
            {"email": CAROL, "kind": "softBounce", "at": MONDAY},
        ],
    )


def test_the_summary_counts_both_parts_and_all(api: Api) -> None:
    made = busy(api)
    summary = api.ok("GET", f"/v2/campaigns/{made}/summary")
    assert summary["dateSent"] == "2026-03-03T09:00:00.000Z"
    for name, html, text in (("Sent", 3, 1), ("Opens", 2, 1), ("Clicks", 1, 0), ("HardBounces", 1, 0),
                             ("SoftBounces", 1, 0), ("Delivered", 1, 1)):  # fmt: skip
        counted = [summary[f"num{part}{name}"] for part in ("", "Text", "Total")]
        assert counted == [html, text, html + text], name
    assert (summary["numUniqueOpens"], summary["numTotalUniqueOpens"]) == (1, 2)
    assert "numTotalForwards" not in summary
    assert summary["percentageDelivered"] == 0.5
    assert summary["percentageOpens"] == 1.5
    assert summary["percentageHardBounces"] == 0.25
    assert summary["percentageSoftBounces"] == 0.5
    assert (summary["revenue"], summary["assistedRevenue"]) == ("£1,250.50", "£20.00")
    assert (summary["numOrders"], summary["numAssistedOrders"]) == (1, 1)


def test_a_summary_follows_new_activity_and_one_of_an_unsent_campaign_is_empty(api: Api) -> None:
    made = busy(api)
    before = api.ok("GET", f"/v2/campaigns/{made}/summary")["numTotalOpens"]
    api.control.seed(campaigns=[{"id": made, "activity": [{"email": ALICE, "kind": "open"}]}])
    assert api.ok("GET", f"/v2/campaigns/{made}/summary")["numTotalOpens"] == before + 1
    empty = api.ok("GET", f"/v2/campaigns/{campaign(api)}/summary")
    assert (empty["numTotalSent"], empty["percentageOpens"]) == (0, 0)


def metrics(api: Api, start: str, end: str) -> list[dict[str, Any]]:
    return list(api.ok("GET", f"/v2/campaigns/metrics?startDate={start}&endDate={end}"))


def test_metrics_show_campaigns_with_activity_between_two_moments(api: Api) -> None:
    made = busy(api)
    api.control.seed(
        campaigns=[{"id": made, "activity": [{"email": ALICE, "kind": "open", "at": "2026-03-05T10:00:00Z"}]}]
    )
    assert metrics(api, "2026-02-01", "2026-03-01") == []
    assert metrics(api, WEDNESDAY, "2026-03-04T20:00:00Z") == []
    row = metrics(api, TUESDAY, "2026-03-03T20:00:00Z")[0]
    assert (row["campaignId"], row["campaignName"], row["campaignType"]) == (made, "Spring", "Standard")
    assert row["dateSent"] == "2026-03-02T09:00:00.000Z"
    assert row["lastDateSent"] == "2026-03-03T09:00:00.000Z"
    assert (row["sent"], row["opens"], row["uniqueOpens"], row["hardBounces"]) == (4, 4, 2, 1)
    assert (row["percentageDelivered"], row["revenue"], row["orders"]) == (50, 1250.5, 1)
    api.control.settings(metrics_count="window")
    row = metrics(api, TUESDAY, "2026-03-03T20:00:00Z")[0]
    assert (row["sent"], row["opens"], row["uniqueOpens"], row["hardBounces"]) == (1, 1, 1, 0)


@pytest.mark.parametrize(
    "query", ["", "startDate=2026-01-01", "startDate=2026-02-01&endDate=2026-01-01", "startDate=x&endDate=y"]
)
def test_metrics_need_two_dates_in_order(api: Api, query: str) -> None:
    assert api.get(f"/v2/campaigns/metrics?{query}").error == "ERROR_PARAMETER_INVALID"


def test_revenue_of_a_campaign_since_a_date_and_of_one_person(api: Api) -> None:
    made = busy(api)
    since = api.ok("GET", f"/v2/campaigns/{made}/revenue/since-date/2026-03-03")
    assert (since["campaignID"], since["revenue"], since["numOrders"], since["currency"]) == (
        made,
        1250.5,
        1,
        "GBP",
    )
    assert api.ok("GET", f"/v2/campaigns/{made}/revenue/since-date/2026-03-04")["numOrders"] == 0
    bob = api.ok("GET", f"/v2/contacts/{BOB}")["id"]
    assert api.ok("GET", f"/v2/campaigns/{made}/activities/{bob}/revenue")["revenue"] == 0


def test_from_addresses_are_listed_once(api: Api) -> None:
    for _ in range(2):
        campaign(api, from_address="sale@northwind-outdoor.example")
    listed = [row["email"] for row in api.ok("GET", "/v2/custom-from-addresses")]
    assert listed == ["hello@northwind-outdoor.example", "sale@northwind-outdoor.example"]


def test_figures_survive_a_snapshot(api: Api) -> None:
    made = busy(api)
    before = api.ok("GET", f"/v2/campaigns/{made}/summary")
    api.control.snapshot("busy")
    api.control.seed(campaigns=[{"id": made, "activity": [{"email": ALICE, "kind": "open"}]}])
    assert api.ok("GET", f"/v2/campaigns/{made}/summary") != before
    api.control.restore("busy")
    assert api.ok("GET", f"/v2/campaigns/{made}/summary") == before


def test_figures_do_not_outlive_a_reset(api: Api) -> None:
    """Numbers begin anew, and another campaign with the number and as many changes is still another one."""
    figures = []
    for kind in ("open", "click"):
        api.control.reset("empty")
        api.control.seed(contacts=[{"email": ALICE}])
        happened = [{"email": ALICE, "kind": kind, "at": TUESDAY}]
        made = campaign(api, sends=[{"to": [ALICE], "sent": MONDAY}], activity=happened)
        summary = api.ok("GET", f"/v2/campaigns/{made}/summary")
        figures.append((made, summary["numTotalOpens"], summary["numTotalClicks"]))
    assert figures == [(made, 1, 0), (made, 0, 1)]
