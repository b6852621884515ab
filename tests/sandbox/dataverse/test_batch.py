"""$batch (contract §3.4)."""

from __future__ import annotations

import json
from typing import Any

import httpx2
import pytest

from .api import Api

CRLF, LF = "\r\n", "\n"


def request(method: str, url: str, body: Any = None, end: str = CRLF, head: str = "", **headers: str) -> str:
    """One part of a batch."""
    lines = ["Content-Type: application/http", "Content-Transfer-Encoding: binary", *filter(None, [head]), ""]
    lines.append(f"{method} {url} HTTP/1.1")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body is not None:
        lines += ["Content-Type: application/json; type=entry", "", json.dumps(body)]
    else:
        lines.append("")
    return end.join(lines) + end


def change_set(*parts: str, end: str = CRLF) -> str:
    inner = "".join(f"--changeset_c{end}{part}" for part in parts)
    return f'Content-Type: multipart/mixed; boundary="changeset_c"{end}{end}{inner}--changeset_c--{end}'


def send(
    api: Api,
    *parts: str,
    end: str = CRLF,
    content_type: str = "multipart/mixed; boundary=batch_b",
    **headers: str,
) -> httpx2.Response:
    text = "".join(f"--batch_b{end}{part}" for part in parts) + f"--batch_b--{end}"
    sent = {"Content-Type": content_type} | {name.replace("_", "-"): value for name, value in headers.items()}
    return api.call("POST", "$batch", text.encode(), sent)


def parts_of(answer: httpx2.Response) -> list[str]:
    """The parts of an answer, by its own boundary; exact line ends."""
    kind = answer.headers["Content-Type"]
    assert kind.startswith("multipart/mixed; boundary=batchresponse_")
    boundary = kind.partition("boundary=")[2]
    text = answer.text
    assert text.endswith(f"--{boundary}--\r\n")
    assert "\n" not in text.replace("\r\n", "")
    return text.split(f"--{boundary}")[1:-1]


def statuses(answer: httpx2.Response) -> list[int]:
    return [int(line.split()[1]) for line in answer.text.split("\r\n") if line.startswith("HTTP/1.1")]


def test_reads_and_writes_in_one_batch(api: Api, people: dict[str, str]) -> None:
    answer = send(
        api,
        request("GET", "contacts?$select=firstname&$filter=firstname eq 'Bob'", Accept="application/json"),
        request("POST", f"{api.root}contacts", {"firstname": "Dan"}),
        request("DELETE", f"/api/data/v9.2/contacts({people['Bob']})"),
    )
    assert answer.status_code == 200
    assert statuses(answer) == [200, 204, 204]
    assert '"firstname":"Bob"' in parts_of(answer)[0]
    assert f"OData-EntityId: {api.root}contacts(" in parts_of(answer)[1]
    assert api.names("firstname ne null") == ["Alice", "Carla", "Dan"]


def test_a_change_set_is_atomic_and_answers_one_error(api: Api) -> None:
    answer = send(
        api,
        change_set(
            request("POST", "contacts", {"firstname": "A"}, head="Content-ID: 1"),
            request("POST", "contacts", {"nonsense": 1}, head="Content-ID: 2"),
        ),
    )
    assert answer.status_code == 400
    assert statuses(answer) == [400]
    assert api.values("contacts") == []


def test_content_ids_refer_to_what_was_made(api: Api) -> None:
    answer = send(
        api,
        change_set(
            request("POST", "contacts", {"firstname": "Pia"}, head="Content-ID: 1"),
            request(
                "POST", "accounts", {"name": "A", "primarycontactid@odata.bind": "$1"}, head="Content-ID: 2"
            ),
            request("PATCH", "$1", {"jobtitle": "Chief"}, head="Content-ID: 3"),
        ),
    )
    assert statuses(answer) == [204, 204, 204]
    assert "Content-ID: 2" in answer.text
    row = api.values("accounts?$select=name&$expand=primarycontactid($select=firstname,jobtitle)")[0]
    assert (row["primarycontactid"]["firstname"], row["primarycontactid"]["jobtitle"]) == ("Pia", "Chief")


def test_an_undeclared_content_id(api: Api) -> None:
    answer = send(api, change_set(request("PATCH", "$7", {"jobtitle": "x"}, head="Content-ID: 1")))
    assert "Content-ID Reference: '$7' does not exist in the batch context." in answer.text


def test_the_first_failure_ends_the_batch(api: Api) -> None:
    parts = (
        request("POST", "contacts", {"firstname": "A"}),
        request("POST", "contacts", {"nonsense": 1}),
        request("POST", "contacts", {"firstname": "C"}),
    )
    stopped = send(api, *parts)
    assert (stopped.status_code, statuses(stopped)) == (400, [204, 400])
    assert api.names("firstname ne null") == ["A"]
    going_on = send(api, *parts, Prefer="odata.continue-on-error")
    assert (going_on.status_code, statuses(going_on)) == (200, [204, 400, 204])


@pytest.mark.parametrize(
    "content_type",
    [
        'multipart/mixed; boundary="batch_b"',
        "multipart/mixed;boundary=batch_b",
        "multipart/mixed; boundary=batch_b",
    ],
)
def test_the_boundary_in_every_notation(api: Api, content_type: str) -> None:
    answer = send(api, request("POST", "contacts", {"firstname": "A"}), content_type=content_type)
    assert statuses(answer) == [204]


def test_a_leading_line_break_is_taken(api: Api) -> None:
    text = f"\r\n--batch_b\r\n{request('GET', 'WhoAmI')}--batch_b--\r\n"
    answer = api.call("POST", "$batch", text.encode(), {"Content-Type": "multipart/mixed; boundary=batch_b"})
    assert statuses(answer) == [200]


def test_bare_line_feeds_are_taken_unless_strict(api: Api) -> None:
    parts = (
        request("POST", "contacts", {"firstname": "A"}, end=LF),
        change_set(request("POST", "contacts", {"firstname": "B"}, end=LF, head="Content-ID: 1"), end=LF),
    )
    assert statuses(send(api, *parts, end=LF)) == [204, 204]
    api.control.settings(strict_crlf=True)
    refused = send(api, *parts, end=LF)
    assert refused.status_code == 400
    assert refused.json()["error"] == {"code": "0x80048d19", "message": "Stream was not readable."}
    assert statuses(send(api, request("POST", "contacts", {"firstname": "C"}))) == [204]


def test_what_a_batch_may_not_hold(api: Api) -> None:
    assert statuses(send(api, request("POST", "$batch", {}))) == [400]
    assert statuses(send(api, change_set(request("GET", "contacts", head="Content-ID: 1")))) == [400]
    assert send(api, *[request("GET", "WhoAmI")] * 1001).status_code == 400
    assert send(api, *[request("GET", "WhoAmI")] * 1000).status_code == 200
    assert send(api, content_type="application/json").status_code == 400


def test_a_part_has_its_own_preferences(api: Api) -> None:
    part = request("POST", "contacts?$select=firstname", {"firstname": "A"}, Prefer="return=representation")
    answer = send(api, part)
    assert statuses(answer) == [201]
    assert '"firstname":"A"' in answer.text


def test_a_long_fetch_goes_in_a_batch(api: Api, people: dict[str, str]) -> None:
    values = "".join(f"<value>nobody{number}</value>" for number in range(2000))
    fetch = (
        '<fetch><entity name="contact"><attribute name="firstname" /><filter>'
        f'<condition attribute="firstname" operator="in"><value>Bob</value>{values}</condition>'
        "</filter></entity></fetch>"
    )
    answer = send(api, request("GET", f"contacts?fetchXml={fetch}"))
    assert '"firstname":"Bob"' in answer.text


def test_the_journal_counts_the_operations(api: Api) -> None:
    api.control.clear_journal()
    send(api, request("GET", "WhoAmI"), change_set(*[request("POST", "contacts", {})] * 3))
    tally = api.control.journal()["routes"]["POST /$batch"]
    assert (tally["calls"], tally["rows"]) == (1, 4)
