"""Scores of contacts."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest

from sandbox_process import ControlRefused

from .api import Api

ALICE, BOB, CAROL = "alice@people.example", "bob@people.example", "carol@people.example"
BEGIN = "2026-03-02T10:00:00Z"
DAY_S = 86_400


@pytest.fixture
def scored(api: Api) -> Api:
    """Alice is hot since the first of March, Bob cold since the second; Carol was never scored."""
    api.control.set_clock(BEGIN)
    api.control.seed(
        contacts=[{"email": ALICE, "lists": ["News"]}, {"email": BOB}, {"email": CAROL, "lists": ["News"]}],
        scores=[
            {"email": ALICE, "engagement": 70, "suitability": 90, "modified": "2026-03-01T03:00:00Z"},
            {"email": BOB, "engagement": 1, "suitability": 3, "modified": "2026-03-02T03:00:00Z"},
        ],
    )
    return api


def who(rows: list[dict[str, Any]]) -> list[str]:
    return [row["email"] for row in rows]


def test_a_score_is_told_with_both_parts_and_its_word(scored: Api) -> None:
    by_address = scored.ok("GET", f"/v2/contacts/{ALICE}/score")
    assert by_address == {
        "contactId": by_address["contactId"],
        "email": ALICE,
        "dateModified": "2026-03-01T03:00:00.000Z",
        "scoreLabel": "Hot",
        "score": 80,
        "engagement": 70,
        "suitability": 90,
    }
    assert scored.ok("GET", f"/v2/contacts/{by_address['contactId']}/score") == by_address


def test_an_account_words_its_own_scale(scored: Api) -> None:
    scored.control.seed(scores=[{"email": CAROL, "score": 55, "label": "Lukewarm"}])
    carol = scored.ok("GET", f"/v2/contacts/{CAROL}/score")
    assert (carol["score"], carol["scoreLabel"], carol["engagement"]) == (55, "Lukewarm", 0)
    with pytest.raises(ControlRefused, match="nobody"):
        scored.control.seed(scores=[{"email": "nobody@people.example"}])


def test_pages_run_by_last_change_and_leave_out_whoever_has_no_score(scored: Api) -> None:
    assert who(scored.ok("GET", "/v2/contacts/score")) == [BOB, ALICE]
    assert who(scored.ok("GET", "/v2/contacts/score?select=1")) == [BOB]
    assert who(scored.ok("GET", "/v2/contacts/score?select=1&skip=1")) == [ALICE]
    assert scored.ok("GET", "/v2/contacts/score?select=1&skip=2") == []
    scored.control.settings(v2_order="id")
    assert who(scored.ok("GET", "/v2/contacts/score")) == [ALICE, BOB]
    for wrong in ("select=1001", "select=0", "select=x", "skip=-1"):
        answer = scored.get(f"/v2/contacts/score?{wrong}")
        assert (answer.status, answer.error) == (400, "ERROR_PARAMETER_INVALID")


def test_modified_since_goes_by_the_date_of_the_score(scored: Api) -> None:
    path = "/v2/contacts/score/modified-since"
    assert who(scored.ok("GET", f"{path}/2026-03-01T03:00:00Z")) == [BOB, ALICE]
    assert who(scored.ok("GET", f"{path}/2026-03-01T03:00:00.001Z")) == [BOB]
    assert scored.ok("GET", f"{path}/2026-03-03") == []
    assert scored.get(f"{path}/yesterday").error == "ERROR_PARAMETER_INVALID"


def test_scores_of_a_list_and_of_a_segment(scored: Api) -> None:
    news = next(entry["id"] for entry in scored.ok("GET", "/v2/address-books") if entry["name"] == "News")
    assert who(scored.ok("GET", f"/v2/address-books/{news}/contacts/score")) == [ALICE]
    segment = scored.control.seed(segments=[{"name": "Everybody"}])["segments"]["Everybody"]
    assert who(scored.ok("GET", f"/v2/address-books/{segment}/contacts/score?select=1")) == [BOB]
    assert scored.get("/v2/address-books/4711/contacts/score").error == "ERROR_ADDRESSBOOK_NOT_FOUND"


def test_whoever_has_no_score_or_is_unknown_is_not_found(scored: Api) -> None:
    for person in (CAROL, "nobody@people.example", "4711"):
        answer = scored.get(f"/v2/contacts/{person}/score")
        assert (answer.status, answer.error) == (404, "ERROR_CONTACT_NOT_FOUND")


def test_a_score_goes_with_its_contact(scored: Api) -> None:
    bob = scored.ok("GET", f"/v2/contacts/{BOB}/score")["contactId"]
    scored.delete(f"/v2/contacts/{bob}")
    assert who(scored.ok("GET", "/v2/contacts/score")) == [ALICE]


def test_without_the_feature_every_call_is_refused(scored: Api) -> None:
    scored.control.settings(scoring=False)
    for path in (
        "/v2/contacts/score",
        "/v2/contacts/score/modified-since/2026-03-01",
        f"/v2/contacts/{ALICE}/score",
        "/v2/address-books/2/contacts/score",
    ):
        answer = scored.get(path)
        assert (answer.status, answer.error) == (403, "ERROR_FEATURENOTACTIVE"), path


def test_the_invented_spread_is_believable_and_the_same_again(api: Api) -> None:
    def spread() -> list[dict[str, Any]]:
        api.control.reset()
        api.control.set_clock(BEGIN)
        api.control.seed(count=900, score_everybody={"seed": 11})
        return list(api.ok("GET", "/v2/contacts/score"))

    rows = spread()
    assert len(rows) == 900
    words = Counter(row["scoreLabel"] for row in rows)
    assert words["Warm"] > words["Hot"] > 5
    assert words["Cool"] > words["Cold"] > 5
    assert sum(row["engagement"] < 35 for row in rows) > 500
    ages = {(datetime.fromisoformat(BEGIN) - datetime.fromisoformat(row["dateModified"])) for row in rows}
    assert timedelta(0) < min(ages)
    assert timedelta(25) < max(ages) < timedelta(31)
    assert spread() == rows


def test_a_night_scores_what_people_did(api: Api) -> None:
    api.control.set_clock(BEGIN)
    api.control.settings(scores_recalculated=True)
    api.control.seed(
        contacts=[{"email": ALICE}, {"email": BOB}],
        campaigns=[
            {
                "name": "Spring",
                "sends": [{"to": [ALICE, BOB], "sent": "2026-03-02T09:00:00Z"}],
                "activity": [
                    {"email": ALICE, "kind": "open", "at": "2026-03-02T09:20:00Z"},
                    {"email": ALICE, "kind": "click", "at": "2026-03-02T09:21:00Z"},
                ],
            }
        ],
    )
    assert api.ok("GET", "/v2/contacts/score") == []
    api.control.advance(DAY_S)
    alice, bob = (api.ok("GET", f"/v2/contacts/{who}/score") for who in (ALICE, BOB))
    assert (alice["engagement"], bob["engagement"]) == (13, 0)
    assert alice["dateModified"] == bob["dateModified"] == "2026-03-03T03:00:00.000Z"
    api.control.advance(60 * DAY_S)
    faded, unchanged = (api.ok("GET", f"/v2/contacts/{who}/score") for who in (ALICE, BOB))
    assert 0 < faded["engagement"] < 13
    assert (faded["suitability"], faded["dateModified"]) == (alice["suitability"], "2026-05-02T03:00:00.000Z")
    assert unchanged == bob


def test_nights_pass_without_a_score_where_the_account_is_not_set_to_it(scored: Api) -> None:
    before = scored.ok("GET", "/v2/contacts/score")
    scored.control.advance(3 * DAY_S)
    assert scored.ok("GET", "/v2/contacts/score") == before


def test_the_demo_account_has_scores(api: Api) -> None:
    api.control.reset("demo")
    rows = api.ok("GET", "/v2/contacts/score")
    assert len(rows) == 180
    assert len({row["scoreLabel"] for row in rows}) >= 3
    assert max(row["engagement"] for row in rows) > 40
