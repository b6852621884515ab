"""Records of a run: filtered, page by page, and as CSV."""

from __future__ import annotations

import csv
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from api.conftest import items
from console.world import Past, make_outcome
from syncline.ledger.records import STREAMED_AT_A_TIME


def records_of(past: Past) -> str:
    return f"/api/v1/runs/{past.run.key}/records"


def test_a_record_is_told_field_by_field(viewer: Client, past: Past) -> None:
    bob = items(viewer.get(records_of(past), {"address": "bob@contoso.example"}))[0]
    assert bob["fields"] == [{"name": "LASTNAME", "old": "Bobb", "new": "Bobson"}]
    assert (bob["result"], bob["list_name"], bob["list_id"]) == (
        "updated",
        "Newsletter",
        past.newsletter.reference,
    )


def test_why_somebody_was_left_out_is_told_in_words(viewer: Client, past: Past) -> None:
    dave = items(viewer.get(records_of(past), {"reason": "suppressed"}))[0]
    assert dave["address"] == "dave@contoso.example"
    assert dave["reason"]["words"] == "The address is on Dotdigital's suppression list."
    assert dave["reason"]["remedy"]


def test_a_conflict_tells_whose_value_lost(viewer: Client, past: Past) -> None:
    make_outcome(past.run, None, "eve@contoso.example", "updated", lost='{"POSTCODE": ["dotdigital", "E1"]}')
    eve = items(viewer.get(records_of(past), {"address": "eve@"}))[0]
    assert eve["lost"] == [{"name": "POSTCODE", "side": "dotdigital", "value": "E1"}]


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ({"result": "created"}, ["alice"]),
        ({"address": "B"}, ["bob"]),
        ({"address": " Alice@Contoso.example "}, ["alice"]),
        ({"side": "dynamics"}, ["frank"]),
        ({"action": "remove"}, ["frank"]),
        ({"action": "remove", "side": "dotdigital"}, []),
        ({}, ["alice", "bob", "dave", "poison", "carol", "frank"]),
    ],
)
def test_they_can_be_filtered(question: dict[str, str], found: list[str], viewer: Client, past: Past) -> None:
    make_outcome(past.run, None, "frank@contoso.example", "planned", side="dynamics", action="remove")
    rows = items(viewer.get(records_of(past), question))
    assert [row["address"].partition("@")[0] for row in rows] == found


def test_page_by_page_none_is_left_out_and_none_comes_twice(viewer: Client, past: Past) -> None:
    seen, after = [], ""
    while after is not None:
        answer = viewer.get(records_of(past), {"limit": 2, "after": after}).json()
        seen += [row["id"] for row in answer["items"]]
        after = answer["next"]
    assert seen == [outcome.pk for outcome in past.outcomes]


def test_a_record_without_an_address_has_none(viewer: Client, past: Past) -> None:
    make_outcome(past.run, None, "", "skipped", name="Grace")
    grace = items(viewer.get(records_of(past)))[-1]
    assert (grace["address"], grace["name"]) == (None, "Grace")


class TestExport:
    def lines(self, viewer: Client, past: Past, **question: str) -> list[dict[str, str]]:
        answer = viewer.get(records_of(past) + ".csv", question)
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"] == f'attachment; filename="run-{past.run.pk}.csv"'
        text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        return list(csv.DictReader(io.StringIO(text)))

    def test_one_line_a_record(self, viewer: Client, past: Past) -> None:
        lines = self.lines(viewer, past)
        assert len(lines) == 5
        assert lines[1]["address"] == "bob@contoso.example"
        assert lines[1]["fields"] == "LASTNAME: Bobb → Bobson"
        assert lines[3]["detail"] == "The postcode is too long."

    def test_filtered_like_the_pages(self, viewer: Client, past: Past) -> None:
        assert [line["address"] for line in self.lines(viewer, past, result="skipped")] == [
            "dave@contoso.example"
        ]

    def test_nothing_in_it_is_a_formula(self, viewer: Client, past: Past) -> None:
        make_outcome(past.run, None, "=cmd@contoso.example", "created", name="+1 Mallory")
        last = self.lines(viewer, past)[-1]
        assert (last["address"], last["name"]) == ("'=cmd@contoso.example", "'+1 Mallory")

    def test_it_reads_a_thousand_at_a_time(self, viewer: Client, past: Past) -> None:
        many = STREAMED_AT_A_TIME * 2
        for number in range(many):
            make_outcome(past.run, None, f"p{number:05}@contoso.example", "created")
        answer = viewer.get(records_of(past) + ".csv", {"result": "created"})
        with CaptureQueriesContext(connection) as queries:
            body = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
        assert body.count(b"\r\n") == many + 2  # And Alice, and the head.
        assert len(queries) == 4  # Three pages that hold something, and one that does not.
