"""Misbehaviour on demand, and the journal."""

from __future__ import annotations

import httpx2
import pytest

from .api import Api, error_of, message_of
from .test_batch import request, send, statuses
from .test_lists import add_many, make_list, member


def test_a_status(api: Api) -> None:
    api.control.fault("status", route="GET /contacts", status=503, retry_after_s=3, times=2)
    answers = [api.get("contacts") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert answers[0].headers["Retry-After"] == "3"
    assert answers[0].json()["error"]["code"] == "0x80040216"


def test_a_connection_cut_before_the_effect(api: Api) -> None:
    api.control.fault("cut", route="POST /contacts")
    with pytest.raises(httpx2.TransportError):
        api.post("contacts", {"firstname": "A"})
    assert api.values("contacts") == []


def test_an_answer_lost_after_the_effect(api: Api) -> None:
    api.control.fault("lost_answer", route="POST /contacts")
    with pytest.raises(httpx2.TransportError):
        api.post("contacts", {"firstname": "A"})
    assert api.names("firstname ne null") == ["A"]


def test_a_torn_page(api: Api, people: dict[str, str]) -> None:
    api.control.fault("torn_page", route="GET /contacts")
    with pytest.raises(httpx2.TransportError):
        api.get("contacts")
    assert len(api.values("contacts")) == 3


def test_a_token_that_expires_in_the_middle(api: Api) -> None:
    api.control.fault("expired_token", route="GET /contacts", after=1)
    assert [api.get("contacts").status_code for _ in range(3)] == [200, 401, 200]


def test_a_poison_record_fails_like_a_plug_in(api: Api) -> None:
    api.control.fault("reject_record", match="poison", times=None, body="No poison here, please.")
    answer = api.post("contacts", {"lastname": "poison"})
    assert error_of(answer) == (400, "0x80040265")
    assert message_of(answer) == "No poison here, please."
    assert api.post("contacts", {"lastname": "honey"}).status_code == 204


def test_a_poison_record_spoils_a_bulk_message_but_only_its_own_part_of_a_batch(api: Api) -> None:
    api.control.fault("reject_record", match="poison", times=None)
    kind = {"@odata.type": "Microsoft.Dynamics.CRM.contact"}
    rows = [{"lastname": name} for name in ("one", "poison", "three")]
    body = {"Targets": [{**kind, **row} for row in rows]}
    assert error_of(api.post("contacts/Microsoft.Dynamics.CRM.CreateMultiple", body)) == (400, "0x80040265")
    assert api.values("contacts") == []
    parts = [request("POST", "contacts", row) for row in rows]
    assert statuses(send(api, *parts, Prefer="odata.continue-on-error")) == [204, 400, 204]
    assert api.names("lastname ne null", column="lastname") == ["one", "three"]


def test_a_member_can_be_refused(api: Api, people: dict[str, str]) -> None:
    made = make_list(api)
    api.control.fault("reject_record", match=people["Bob"], times=None)
    assert error_of(add_many(api, made, member(people["Alice"]), member(people["Bob"]))) == (
        400,
        "0x80040265",
    )
    assert add_many(api, made, member(people["Alice"])).status_code == 204
    answer = api.post(f"lists({made})/Microsoft.Dynamics.CRM.AddMemberList", {"EntityId": people["Bob"]})
    assert error_of(answer) == (400, "0x80040265")


def test_faults_find_routes_by_their_labels(api: Api, people: dict[str, str]) -> None:
    api.control.fault("status", route="PATCH /contacts({key})", status=500)
    assert api.patch(f"contacts({people['Alice']})", {}).status_code == 500
    api.control.fault("status", route="*AddMemberList", status=500)
    path = f"lists({make_list(api)})/Microsoft.Dynamics.CRM.AddMemberList"
    assert api.post(path, {"EntityId": people["Alice"]}).status_code == 500
    api.control.fault("status", route="/{tenant}/oauth2/v2.0/token", status=503)
    assert api.ask_token().status_code == 503


def test_the_journal_counts_calls_rows_and_bytes(api: Api, people: dict[str, str]) -> None:
    api.control.clear_journal()
    api.get("contacts")
    api.get(f"contacts({people['Bob']})?$select=fullname")
    api.get(f"contacts({people['Bob']})/parentcustomerid_account")
    kind = {"@odata.type": "Microsoft.Dynamics.CRM.contact"}
    api.post("contacts/Microsoft.Dynamics.CRM.CreateMultiple", {"Targets": [kind, kind]})
    routes = api.control.journal()["routes"]
    assert routes["GET /contacts"]["rows"] == 3
    assert routes["GET /contacts({key})"]["calls"] == 1
    assert routes["GET /contacts({key})/parentcustomerid_account"]["statuses"] == {"200": 1}
    assert routes["POST /contacts/Microsoft.Dynamics.CRM.CreateMultiple"]["rows"] == 2
    assert routes["GET /contacts"]["bytes_out"] > 1000
