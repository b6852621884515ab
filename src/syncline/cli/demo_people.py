"""What people do in a demo between two syncs: edits through each vendor's own address, as their programs make
them, past Syncline; and a look afterwards at what each side holds.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

from syncline.ledger.models import Outcome, Run

NEW_POSTCODE: Final = "CA12 5JR"
SENTENCE: Final = "Please ring twice, the bell is broken"
"""Longer than the 20 characters that Dynamics has for a postcode."""


ON_THE_TELEPHONE: Final = "Asked on the telephone not to be mailed"
BY_HAND: Final = {
    "grace.hughes@coast-to-coast-ltd.example": ON_THE_TELEPHONE,
    "oliver.whitfield@fjaell-fell.example": "Changed jobs, and the address is somebody else's now",
    "poppy.okafor@riverbend-canoes.example": ON_THE_TELEPHONE,
}
"""A lead and two contacts who are in Dynamics only, and why colleagues put them on the suppression list."""


@dataclass(frozen=True)
class Person:
    """A member of the list who is in Dynamics and in Dotdigital."""

    name: str
    address: str
    contact_id: str


@dataclass(frozen=True)
class Story:
    """Something that somebody did, told before the sync; and what should have become of it, told after."""

    told: str
    outcome: str
    came_true: Callable[[], bool]


class Dynamics:
    """Dynamics as a colleague's program uses it."""

    def __init__(self, ready: dict[str, Any]) -> None:
        self._url = f"{ready['base_url']}/api/data/v9.2"
        form = {
            "grant_type": "client_credentials",
            "client_id": ready["client_id"],
            "client_secret": ready["client_secret"],
            "scope": f"{ready['base_url']}/.default",
        }
        told = _call("POST", ready["token_url"], urlencode(form).encode(), {})
        self._headers = {"Authorization": f"Bearer {told['access_token']}"}

    def suppress(self, address: str, why: str) -> None:
        """Put an address on the CRM suppression list, as a form of Dynamics would."""
        row = {
            "syncline_email": address,
            "syncline_otherreason": why,
            "syncline_suppressedon": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        }
        _call("POST", f"{self._url}/syncline_suppressedemails", json.dumps(row).encode(), self._headers)

    def contact(self, person: Person) -> dict[str, Any]:
        return _call("GET", f"{self._url}/contacts({person.contact_id})", None, self._headers)

    def change(self, person: Person, **columns: str) -> None:
        url = f"{self._url}/contacts({person.contact_id})"
        _call("PATCH", url, json.dumps(columns).encode(), {**self._headers, "If-Match": "*"})


class Dotdigital:
    """Dotdigital as its own forms and pages use it."""

    def __init__(self, ready: dict[str, Any]) -> None:
        self._url = ready["base_url"]
        login = b64encode(f"{ready['api_user']}:{ready['api_password']}".encode()).decode()
        self._headers = {"Authorization": f"Basic {login}"}

    def values(self, person: Person) -> dict[str, Any]:
        fields: dict[str, Any] = self._contact(person)["dataFields"]
        return fields

    def status(self, person: Person) -> str:
        return str(self._contact(person)["channelProperties"]["email"]["status"])

    def change(self, person: Person, **fields: str) -> None:
        self._send("PATCH", self._path(person), {"dataFields": fields})

    def unsubscribe(self, person: Person) -> None:
        self._send("POST", "/v2/contacts/unsubscribe", {"email": person.address})

    def _contact(self, person: Person) -> dict[str, Any]:
        return _call("GET", self._url + self._path(person), None, self._headers)

    def _path(self, person: Person) -> str:
        return f"/contacts/v3/email/{quote(person.address)}"

    def _send(self, method: str, path: str, body: dict[str, Any]) -> None:
        _call(method, self._url + path, json.dumps(body).encode(), self._headers)


def members(run: Run, marketing_list: str, wanted: int) -> list[Person]:
    """Contacts of a list that the run brought in step, and whose names fit any screen."""
    rows = Outcome.objects.filter(
        run=run, part__name=marketing_list, side="dotdigital", entity="contact", reason="",
        result__in=("created", "unchanged"),
    ).order_by("person_key")  # fmt: skip
    found = [Person(row.name, row.person_key, row.record_id) for row in rows if row.name.isascii()]
    return found[:: max(1, len(found) // wanted)][:wanted]


def a_day(dynamics: Dynamics, dotdigital: Dotdigital, people: list[Person]) -> list[Story]:
    """Four people, four things done, none of them through Syncline."""
    married, moved, leaver, chatty = people
    last_name = f"{married.name.split()[-1]}-Lindqvist"
    dynamics.change(married, lastname=last_name)
    dotdigital.change(moved, POSTCODE=NEW_POSTCODE)
    dotdigital.unsubscribe(leaver)
    dotdigital.change(chatty, POSTCODE=SENTENCE)
    before = dynamics.contact(chatty)["address1_postalcode"]
    return [
        Story(
            f"In Dynamics, a colleague enters {married.name}'s new last name: {last_name}.",
            f"{married.name}'s new name is in Dotdigital.",
            lambda: dotdigital.values(married)["LASTNAME"] == last_name,
        ),
        Story(
            f"In Dotdigital, {moved.name} fills in a form: the postcode is {NEW_POSTCODE} now.",
            f"{moved.name}'s new postcode is in Dynamics.",
            lambda: dynamics.contact(moved)["address1_postalcode"] == NEW_POSTCODE,
        ),
        Story(
            f"In Dotdigital, {leaver.name} unsubscribes.",
            f"{leaver.name} stays unsubscribed, though still a member of the list in Dynamics.",
            lambda: dotdigital.status(leaver) == "unsubscribed",
        ),
        Story(
            f'In Dotdigital, {chatty.name} writes "{SENTENCE}" where the postcode goes.',
            f"Dynamics has no room for {chatty.name}'s sentence: that one value is held, with its reason; "
            "the postcode in Dynamics is as it was.",
            lambda: dynamics.contact(chatty)["address1_postalcode"] == before,
        ),
    ]


def _call(method: str, url: str, body: bytes | None, headers: dict[str, str]) -> dict[str, Any]:
    json_body = {} if "Authorization" not in headers else {"Content-Type": "application/json"}
    request = Request(url, body, {**headers, **json_body}, method=method)  # noqa: S310 - the sandbox
    with urlopen(request, timeout=30) as answer:  # noqa: S310 - the sandbox
        text = answer.read()
    told: dict[str, Any] = json.loads(text) if text else {}
    return told
