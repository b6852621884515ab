"""That the definitions themselves are reachable, and how much of them is served."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from .api import Api
from .definitions import definitions

# Topics that later versions of the sandbox bring; until then they are unknown routes.
LATER = re.compile(
    r"POST .*split-test|attachments|prepared-for|program|transactional-data|templates|"
    r"image|/document|/sms|/v2/accounts|/email|ecommerce|products|landing-page|workflow"
)


def test_every_described_operation_of_these_topics_is_served(api: Api) -> None:
    judge = definitions()
    if judge is None:
        pytest.skip("the vendor's definitions are not here: set SYNCLINE_CONTRACTS to their folder")
    api.definitions = None
    api.control.settings(rate_scheme="off")
    missing = []
    for method, template in sorted(judge.operations()):
        if LATER.search(f"{method} {template}"):
            continue
        path = template.replace("{date}", "2020-01-01").replace("{sinceDate}", "2020-01-01")
        path = re.sub(
            r"\{\w*([Ii]mportId|[Dd]eletionRequestId|deleteId)\}",
            "af4ac4bc-e1e7-4817-8a66-73fb59e91ce6",
            path,
        )
        path = re.sub(r"\{\w*[Ee]mail\}|\{value\}", "nobody@people.example", path).replace(
            "{identifier}", "email"
        )
        path = re.sub(r"\{\w+\}", "1", path)
        answer = api.call(method, path, {} if method in ("POST", "PUT", "PATCH") else None)
        if answer.status in (404, 405) and b"ERROR_" not in answer.raw and b"errorCode" not in answer.raw:
            missing.append((method, template))
    assert missing == []


JUNK: tuple[Any, ...] = (
    None,
    [],
    {},
    "text",
    5,
    [None, [], {}, "x", 7, -1, 2**70, True],
    [
        {"id": None},
        {"id": []},
        {"id": 2**70},
        {"id": "x", "email": 5},
        {"contactId": []},
        {"email": {}},
        {"a": 1, "b": 2},
    ],
    {"email": [], "dataFields": "x", "optInType": 5, "name": {}, "type": [], "contacts": {}},
    {"contact": [], "consentFields": [None, {"fields": 5}], "preferences": [None]},
    {"contact": {"email": "a@p.example"}, "consentFields": [{"fields": [{"key": None}]}], "preferences": {}},
    {"contacts": [None, 5, {"email": None}, {"email": 5, "dataFields": [None]}], "addressBookIds": "x"},
    {"contacts": [None, 5, {"identifiers": [], "lists": [[]]}, {"matchIdentifier": 5}], "mergeOption": None},
    {"contacts": [{"email": "a@p.example", "consentFields": 5, "mobileNumberId": []}], "mergeOption": {}},
    {
        "identifiers": {"email": {}, "mobileNumber": [], "contactId": {}, "x": 5},
        "dataFields": {"FIRSTNAME": {}},
    },
    {
        "identifiers": {"contactId": -1},
        "channelProperties": {"email": None, "sms": None},
        "consentRecords": 5,
    },
    {
        "identifiers": {"email": "a@p.example"},
        "lists": [2**70],
        "preferences": [{"id": 2**70, "isOptedIn": True}],
    },
    {"unsubscribedContact": {"email": None}, "fileName": 5, "data": [], "privateName": {}, "categoryId": []},
    {"privateName": "x", "categoryId": 2**70, "order": {}, "isPreference": "x", "isPublic": []},
)


def test_no_junk_brings_it_down(api: Api) -> None:
    """Whatever is sent, a call is answered with its own words, never with a server error."""
    judge = definitions()
    if judge is None:
        pytest.skip("the vendor's definitions are not here: set SYNCLINE_CONTRACTS to their folder")
    api.definitions = None
    api.control.settings(
        rate_scheme="off",
        import_delay_s=0,
        import_delay_per_row_s=0,
        delete_delay_s=0,
        max_active_imports=10**6,
    )
    contact = api.new_contact("a@p.example")
    list_id = api.new_list("News")
    broken = []
    for method, template in sorted(judge.operations()):
        if LATER.search(template) or method in ("GET", "DELETE"):
            continue
        path = template.replace("{mergeOption}", "0").replace("{identifier}", "email")
        path = re.sub(r"\{\w*[Ee]mail\}|\{value\}", "a@p.example", path)
        path = re.sub(r"(address-books/)\{\w+\}", rf"\g<1>{list_id}", path)
        path = re.sub(r"\{\w+\}", str(contact), path)
        for body in JUNK:
            answer = api.call(method, path, json.dumps(body).encode())
            if answer.status >= 500:
                broken.append((method, path, body))
    # Whatever was started has to end well too.
    api.control.advance(100)
    assert api.get("/v2/server-time").status == 200
    assert broken == []


@pytest.mark.parametrize(
    "path", ["/v2/contacts/{}", "/v2/address-books/{}/contacts", "/contacts/v3/contactId/{}"]
)
@pytest.mark.parametrize("value", ["0", "-1", "9" * 40, "%F0%9F%9A%B2", "%00", "a%2Fb", "' OR 1=1 --"])
def test_no_odd_path_brings_it_down(api: Api, path: str, value: str) -> None:
    assert 400 <= api.get(path.format(value.replace(" ", "%20"))).status < 500
