"""Campaigns, their totals, and what people did with them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from sandbox_process import Control
from syncline.dotdigital import (
    BEFORE_EVERYTHING,
    BookmarkViews,
    Click,
    Dotdigital,
    NotFound,
    OffsetPage,
    Permanent,
    RoiDetail,
)

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
TUESDAY = datetime(2026, 3, 3, 9, tzinfo=UTC)
NOW = datetime(2026, 3, 5, 12, tzinfo=UTC)
ALICE, BOB = "alice@example.com", "bob@example.com"


@pytest.fixture
def campaign_id(control: Control) -> int:
    """Spring went to Alice and Bob on Monday; a draft went to nobody."""
    control.set_clock("2026-03-05T12:00:00Z")
    control.seed(contacts=[{"email": ALICE}, {"email": BOB}])
    spring, _ = control.seed(
        campaigns=[
            {
                "name": "Spring",
                "subject": "Spring is here",
                "tags": ["Season", "Club"],
                "sends": [{"to": [ALICE, BOB], "sent": "2026-03-02T09:00:00Z"}],
                "activity": [
                    {"email": ALICE, "kind": "open", "at": "2026-03-02T10:00:00Z", "ipAddress": "192.0.2.1"},
                    did("click", "2026-03-02T10:01:00.25Z", url="https://shop.example/?a=1", keyword="shoes"),
                    did("click", "2026-03-03T10:01:00Z", url="https://shop.example/?a=1"),
                    did("pageView", "2026-03-03T10:02:00Z", url="https://shop.example/shoes"),
                    did("roi", "2026-03-03T10:03:00Z", markerName="Basket", dataType="Numeric", value=19.5),
                    did("bookmark", "2026-03-03T10:04:00Z", bookmarkName="Twitter"),
                    did("order", "2026-03-03T10:05:00Z", value=19.5),
                    {"email": BOB, "kind": "unsubscribe", "at": "2026-03-03T11:00:00Z"},
                ],
            },
            {"name": "Draft"},
        ]
    )["campaigns"]
    return int(spring)


def did(kind: str, at: str, **details: Any) -> dict[str, Any]:
    return {"email": ALICE, "kind": kind, "at": at, **details}


def every(pages: Iterable[OffsetPage[Any]]) -> list[Any]:
    return [row for page in pages for row in page.rows]


def test_all_campaigns_are_told_sent_or_not(client: Dotdigital, campaign_id: int) -> None:
    found = {one.name: one for one in every(client.campaigns())}
    assert set(found) == {"Spring", "Draft"}
    spring = found["Spring"]
    assert (spring.id, spring.subject, spring.status) == (campaign_id, "Spring is here", "Sent")
    assert (spring.type, spring.tags, spring.sent_on) == ("Standard", ("Season", "Club"), MONDAY)
    assert (found["Draft"].status, found["Draft"].sent_on) == ("Unsent", None)


def test_one_campaign_is_told_by_its_id(client: Dotdigital, campaign_id: int) -> None:
    assert client.get_campaign(campaign_id).name == "Spring"
    with pytest.raises(NotFound):
        client.get_campaign(campaign_id + 1000)


def test_only_campaigns_to_which_anything_happened_are_active(client: Dotdigital, campaign_id: int) -> None:
    assert [one.id for one in every(client.campaigns_active_since(TUESDAY))] == [campaign_id]
    assert every(client.campaigns_active_since(NOW)) == []


def test_totals_are_numbers_whatever_they_come_as(client: Dotdigital, campaign_id: int) -> None:
    (found,) = every(client.campaign_metrics(BEFORE_EVERYTHING, NOW))
    assert (found.campaign_id, found.name, found.sent_on) == (campaign_id, "Spring", MONDAY)
    assert (found.sent, found.delivered, found.opens, found.clicks) == (2, 2, 1, 2)
    assert (found.unique_clicks, found.unsubscribes, found.page_views, found.orders) == (1, 1, 1, 1)
    assert found.revenue == Decimal("19.5")
    assert found.percentage_unique_opens == 50


def test_a_send_has_its_totals_and_no_date_that_never_was(client: Dotdigital, campaign_id: int) -> None:
    found = {one.email: one for one in every(client.send_summaries(campaign_id, None))}
    alice, bob = found[ALICE], found[BOB]
    assert (alice.sent_on, alice.opens, alice.clicks, alice.first_open_ip) == (MONDAY, 1, 2, "192.0.2.1")
    assert alice.first_opened_on == datetime(2026, 3, 2, 10, tzinfo=UTC)
    assert (bob.first_opened_on, bob.last_opened_on, bob.unsubscribed) == (None, None, True)
    later = every(client.send_summaries(campaign_id, datetime(2026, 3, 3, 10, 30, tzinfo=UTC)))
    assert [one.email for one in later] == [BOB]


def test_clicks_keep_what_tells_them_apart(client: Dotdigital, campaign_id: int) -> None:
    found: list[Click] = every(client.campaign_clicks(campaign_id, None))
    first = min(found, key=lambda one: str(one.clicked_on))
    assert (first.url, first.keyword) == ("https://shop.example/?a=1", "shoes")
    assert first.clicked_on == datetime(2026, 3, 2, 10, 1, 0, 250_000, tzinfo=UTC)
    assert len(found) == 2
    assert len(every(client.campaign_clicks(campaign_id, TUESDAY))) == 1


@pytest.mark.parametrize("since", [None, MONDAY])
def test_page_views_and_roi_are_told_from_the_beginning_too(
    client: Dotdigital, campaign_id: int, since: datetime | None
) -> None:
    (view,) = every(client.page_views(campaign_id, since))
    assert (view.email, view.url) == (ALICE, "https://shop.example/shoes")
    (roi,) = every(client.roi_details(campaign_id, since))
    assert isinstance(roi, RoiDetail)
    assert (roi.marker, roi.data_type, roi.value) == ("Basket", "Numeric", "19.5")
    assert every(client.page_views(campaign_id, NOW)) == every(client.roi_details(campaign_id, NOW)) == []


def test_bookmarks_are_told_without_a_date(client: Dotdigital, campaign_id: int) -> None:
    (found,) = every(client.bookmark_views(campaign_id))
    assert isinstance(found, BookmarkViews)
    assert (found.email, found.bookmark, found.views) == (ALICE, "Twitter", 1)


def test_a_deleted_campaign_is_not_found_in_any_way(
    client: Dotdigital, control: Control, campaign_id: int
) -> None:
    control.call("DELETE", f"campaigns/{campaign_id}")
    for pages in (
        client.send_summaries(campaign_id, None),
        client.campaign_clicks(campaign_id, MONDAY),
        client.bookmark_views(campaign_id),
        client.roi_details(campaign_id, None),
        client.page_views(campaign_id, None),
    ):
        with pytest.raises(NotFound):
            next(iter(pages))
    assert [one.name for one in every(client.campaigns())] == ["Draft"]


def test_nobody_is_missed_where_somebody_reads_between_two_pages(
    client: Dotdigital, control: Control
) -> None:
    """Pages run by last change: whoever opens meanwhile moves to the front, and comes with the next reading;
    everybody else comes with this one, and a reading goes on from the offset that was kept.
    """
    control.set_clock("2026-03-05T12:00:00Z")
    people = [f"p{number}@example.com" for number in range(1_500)]
    control.seed(contacts=[{"email": email} for email in people])
    (made,) = control.seed(
        campaigns=[{"name": "Big", "sends": [{"to": people, "sent": "2026-03-02T09:00:00Z"}]}]
    )["campaigns"]
    first = next(client.send_summaries(made, None))
    opened = sorted(set(people) - {one.email for one in first.rows})[:20]
    control.seed(
        campaigns=[
            {
                "id": made,
                "activity": [
                    {"email": email, "kind": "open", "at": "2026-03-05T11:59:00Z"} for email in opened
                ],
            }
        ]
    )
    assert first.next_skip is not None
    rest = every(client.send_summaries(made, None, skip=first.next_skip))
    since = every(client.send_summaries(made, datetime(2026, 3, 5, 11, 50, tzinfo=UTC)))
    assert {one.email for one in [*first.rows, *rest, *since]} == set(people)
    assert {one.email for one in since} == set(opened)


def test_an_answer_that_is_no_list_is_an_error(
    client: Dotdigital, control: Control, campaign_id: int
) -> None:
    control.fault("status", route="GET /v2/campaigns/*/clicks", status=200, body={"rows": []})
    with pytest.raises(Permanent):
        next(client.campaign_clicks(campaign_id, None))
