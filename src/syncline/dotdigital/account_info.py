"""Who we are to Dotdigital, and what time it is there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from syncline.dotdigital import dates
from syncline.dotdigital.session import OnSession, call_to
from syncline.dotdigital.words import folded
from syncline.remote import Permanent


class AccountInfo(msgspec.Struct, frozen=True):
    """The account's properties by lower-case name. The vendor gives every value as text (contract §1.2)."""

    id: int
    properties: dict[str, str]

    @property
    def name(self) -> str:
        return self.properties.get("name", "")

    @property
    def main_email(self) -> str:
        return self.properties.get("mainemail", "")

    @property
    def api_endpoint(self) -> str:
        """The address of the account's own region, without the slash that the vendor ends it with."""
        return self.properties.get("apiendpoint", "").rstrip("/")

    @property
    def calls_in_last_hour(self) -> int | None:
        return _whole(self.properties.get("apicallsinlasthour"))

    @property
    def calls_remaining(self) -> int | None:
        return _whole(self.properties.get("apicallsremaining"))

    @property
    def time_zone(self) -> str:
        return self.properties.get("timezoneiana", "")


class AccountCalls(OnSession):
    def account_info(self) -> AccountInfo:
        """Answered by region r1 for the accounts of every region."""
        found: dict[str, Any] = folded(self._session.json(call_to("GET", "/v2/account-info")))
        properties = [folded(entry) for entry in found.get("properties") or []]
        values = {str(entry["name"]).lower(): str(entry.get("value") or "") for entry in properties}
        return AccountInfo(id=int(found.get("id") or 0), properties=values)

    def server_time(self) -> datetime:
        """Dotdigital's own time, UTC. Take the mark of a "since" from here, before the pass begins."""
        found = self._session.json(call_to("GET", "/v2/server-time"))
        moment = dates.parsed(found)
        if moment is None:
            raise Permanent(f"GET /v2/server-time: {found!r} is not a time")
        return moment


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.strip().lstrip("-").isdigit() else None
