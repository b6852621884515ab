"""Insight data: records of the account or of single contacts, in collections (v3; contract §9).

An import answers at once and ends later; that it has ended does not mean that every record was taken. A
record's key is unique in its collection, whoever owns the record. An account without the feature raises
FeatureOff.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal
from urllib.parse import quote

import msgspec

from syncline.dotdigital import dates, words
from syncline.dotdigital.errors import TooLarge
from syncline.dotdigital.limits import HIGH, LOW
from syncline.dotdigital.marker_pages import MarkedPage
from syncline.dotdigital.session import Answer, Call, OnSession, call_to
from syncline.remote import Permanent

# The vendor publishes no limit of an import, so these are modest. Of a deletion it does.
INSIGHT_MAX_RECORDS: Final = 5000
INSIGHT_MAX_BYTES: Final = 10_000_000
MOST_DELETED_A_CALL: Final = 5000
# A page holds no more than this, though the service takes a limit of 5,000.
MOST_RECORDS_A_PAGE: Final = 1000

COLLECTION_NAME: Final = re.compile(r"[-A-Za-z_][-A-Za-z0-9_]{1,254}")
WEB_INSIGHT: Final = "webInsight"
"""The type of the collection that Dotdigital's own script fills, and nobody else may write to."""

_ROOT: Final = "/insightData/v3"
_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")

Scope = Literal["account", "contact"]


class InsightCollection(msgspec.Struct, frozen=True, rename="camel"):
    """`type`: custom, orders, webInsight, …; `scope`: account or contact, empty where it is not told."""

    name: str = msgspec.field(name="collectionName")
    type: str = msgspec.field(name="collectionType", default="")
    scope: str = msgspec.field(name="collectionScope", default="")
    records: int = msgspec.field(name="recordCount", default=0)


class InsightRecord(msgspec.Struct, frozen=True):
    """A record as it is read. `contact_id`: whose it is, None in a collection of the account."""

    key: str
    values: dict[str, Any] = msgspec.field(name="json", default_factory=dict)
    created: str = ""
    updated: str = ""
    contact_id: int | None = msgspec.field(name="ownerContactId", default=None)

    @property
    def updated_on(self) -> datetime | None:
        return dates.parsed(self.updated)


class InsightPage(msgspec.Struct, frozen=True):
    """Up to 1,000 records; `next_marker` may be stored, None on the last page."""

    records: list[InsightRecord]
    next_marker: str | None


class InsightFailure(msgspec.Struct, frozen=True, rename="camel"):
    """A record that was not stored. `reason` is Dotdigital's code, such as ContactIdDoesNotExist."""

    key: str = ""
    reason: str = msgspec.field(name="failureReason", default="")
    sent_details: list[str] | None = msgspec.field(name="details", default=None)

    @property
    def words(self) -> str:
        """Why, in Dotdigital's words, or its code where it has none."""
        return "; ".join(self.sent_details or []) or self.reason


class InsightReport(Answer, rename="camel"):
    """How an import stands. `status`: NotStarted, Processing, Finished or Failed."""

    import_id: str = ""
    status: str = ""
    # As they come: absent until the import has ended; the properties below are what callers use.
    sent_summary: dict[str, int] | None = msgspec.field(name="summary", default=None)
    sent_failures: list[InsightFailure] | None = msgspec.field(name="failures", default=None)

    def __post_init__(self) -> None:
        self.status = words.job_status(self.status)

    @property
    def summary(self) -> dict[str, int]:
        """The vendor's own counts: totalRecords, totalImported, totalRejected."""
        return self.sent_summary or {}

    @property
    def failures(self) -> list[InsightFailure]:
        return self.sent_failures or []

    @property
    def finished(self) -> bool:
        """It has come to an end, good or bad."""
        return self.status not in ("NotFinished", "NotStarted", "Processing")

    @property
    def succeeded(self) -> bool:
        """It has come to its end; single records may still have failed."""
        return self.status == "Finished"


class _Started(Answer, rename="camel"):
    import_id: str = ""


class _Deleted(Answer, rename="camel"):
    not_found: list[str] | None = None


class _Page(MarkedPage):
    items: list[InsightRecord] = msgspec.field(name="_items", default_factory=list)


def encode_record(key: str, values: Mapping[str, Any] | msgspec.Raw, contact_id: int | None = None) -> bytes:
    """A record as it is sent; its length is what it adds to a body (and one byte for a comma). The values may
    be given encoded.
    """
    record: dict[str, Any] = {"key": key, "json": values}
    if contact_id is not None:
        record["contactIdentity"] = {"identifier": "contactId", "value": str(contact_id)}
    return _ENCODER.encode(record)


class InsightData(OnSession):
    def insight_collections(self) -> list[InsightCollection]:
        """All collections of the account and of its contacts."""
        call = call_to("GET", f"{_ROOT}/collections", tier=HIGH)
        return self._session.decoded(call, list[InsightCollection])

    def import_insight(
        self,
        collection: str,
        records: Sequence[bytes],
        *,
        scope: Scope = "contact",
        type_: str = "custom",
    ) -> str:
        """Start an import of encoded records; its id. A collection that is missing is made.

        Keep within `INSIGHT_MAX_RECORDS` and `INSIGHT_MAX_BYTES`. A record of the same key and contact is
        replaced as a whole, so after a lost answer it is sent again.
        """
        if not records:
            raise Permanent("An import needs at least one record")
        if len(records) > INSIGHT_MAX_RECORDS:
            raise TooLarge(
                f"An import of {len(records)} records is over the {INSIGHT_MAX_RECORDS} sent at once"
            )
        head = {"collectionName": collection, "collectionScope": scope, "collectionType": type_}
        body = _ENCODER.encode(head)[:-1] + b',"records":[%s]}' % b",".join(records)
        call = call_to("PUT", f"{_ROOT}/import", body=body, tier=LOW)
        started = self._session.decoded(call, _Started)
        if not started.import_id:
            raise Permanent(f"PUT {_ROOT}/import: the answer names no import")
        return started.import_id

    def insight_import_report(self, import_id: str) -> InsightReport:
        """Status and, once it has ended, which records were not taken. Raises `NotFound`."""
        path = f"{_ROOT}/import/{quote(import_id, safe='')}"
        return self._session.decoded(
            call_to("GET", path, route=f"{_ROOT}/import/{{id}}", tier=HIGH), InsightReport
        )

    def insight_records(
        self,
        collection: str,
        *,
        scope: Scope = "contact",
        modified_since: datetime | None = None,
        marker: str | None = None,
    ) -> Iterator[InsightPage]:
        """Records of all contacts, or of the account, in ascending order. To resume, give the stored marker
        and the same filter. Raises `NotFound` for a collection that is not there.
        """
        params = {"limit": str(MOST_RECORDS_A_PAGE)}
        if modified_since is not None:
            params["~modified"] = dates.for_filter(modified_since)
        place = "contacts" if scope == "contact" else "account"
        path = f"{_ROOT}/{place}/{quote(collection, safe='')}"
        while True:
            if marker is not None:
                params["marker"] = marker
            page = self._session.decoded(call_to("GET", path, params=dict(params), tier=LOW), _Page)
            marker = page.next_marker
            yield InsightPage(page.items, marker)
            if marker is None:
                return

    def delete_insight_records(self, collection: str, contact_id: int, keys: Sequence[str]) -> list[str]:
        """Remove records of one contact, up to 5,000; the keys that were not there. Harmless when repeated.

        Raises `NotFound` where the contact or the collection is gone, and the records with it.
        """
        if not 1 <= len(keys) <= MOST_DELETED_A_CALL:
            raise Permanent(f"A deletion takes from 1 to {MOST_DELETED_A_CALL} keys, not {len(keys)}")
        name = quote(collection, safe="")
        call = Call(
            method="DELETE",
            path=f"{_ROOT}/contacts/contactId/{contact_id}/{name}/deleteRecords",
            route=f"{_ROOT}/contacts/contactId/…/{name}/deleteRecords",
            body={"keys": list(keys)},
            tier=LOW,
        )
        return self._session.decoded(call, _Deleted).not_found or []
