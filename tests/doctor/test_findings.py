"""How single findings are judged, and how a chain of them ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from syncline.doctor.checks import Check, chain
from syncline.doctor.clocks import judged
from syncline.doctor.dotdigital_checks import budget, region
from syncline.doctor.reaching import reach
from syncline.dotdigital import AccountInfo
from syncline.remote import Misconfigured

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)


def ok(name: str) -> Check:
    return Check(side="dataverse", name=name, state="ok", detail="fine")


def refused() -> Check:
    raise Misconfigured("The secret is wrong", "Make a new one.")


def test_a_refusal_becomes_a_finding_and_ends_the_chain() -> None:
    links = [("first", lambda: ok("first")), ("second", refused), ("third", lambda: ok("third"))]
    found = list(chain("dataverse", links, also=["tables"]))
    assert [check.state for check in found] == ["ok", "fail", "skipped"]
    assert (found[1].detail, found[1].remedy) == ("The secret is wrong", "Make a new one.")
    assert "third, tables" in found[2].detail
    assert "second" in found[2].detail


def test_a_warning_does_not_end_it() -> None:
    warning = Check(side="dotdigital", name="w", state="warn", detail="d", remedy="r")
    assert len(list(chain("dotdigital", [("w", lambda: warning), ("x", lambda: ok("x"))]))) == 2


@pytest.mark.parametrize(("apart_s", "state"), [(5, "ok"), (61, "warn"), (301, "fail")])
def test_clocks_are_judged_by_their_widest_gap(apart_s: int, state: str) -> None:
    late = NOON + timedelta(seconds=apart_s)
    check = judged({"this machine": NOON, "Dotdigital": NOON, "Dataverse": late})
    assert check.state == state
    if state != "ok":
        assert "Dataverse" in check.detail


@pytest.mark.parametrize(
    ("used", "left", "state"), [("15", "1985", "ok"), ("1900", "100", "warn"), ("", "", "ok")]
)
def test_a_nearly_used_up_budget_is_a_warning(used: str, left: str, state: str) -> None:
    info = AccountInfo(1, {"apicallsinlasthour": used, "apicallsremaining": left})
    assert budget(info).state == state


def test_another_region_is_named_with_the_address_to_set() -> None:
    info = AccountInfo(1, {"apiendpoint": "https://r2-api.dotdigital.com/"})
    check = region("https://r1-api.dotdigital.com", info)
    assert check.state == "fail"
    assert "https://r2-api.dotdigital.com" in check.remedy
    assert region("https://r2-api.dotdigital.com", info).state == "ok"


def test_a_name_that_is_not_there_is_told_from_a_server_that_does_not_answer() -> None:
    assert "not known to DNS" in reach("dataverse", "n", "https://nowhere.invalid").detail
    # Port 9 (discard) is closed on a machine that runs nothing on it.
    assert "does not answer" in reach("dataverse", "n", "http://127.0.0.1:9").detail
