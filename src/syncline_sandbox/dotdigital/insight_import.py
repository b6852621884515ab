"""The bulk import of insight data: record by record, good ones stored though others fail."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from syncline_sandbox.dotdigital import insight
from syncline_sandbox.dotdigital.account import Account
from syncline_sandbox.dotdigital.errors import V3Error
from syncline_sandbox.dotdigital.identifiers import find_by_identifier
from syncline_sandbox.dotdigital.insight import CONTACT, Collection, NewRecord
from syncline_sandbox.dotdigital.insight_shape import Misfit, fitted
from syncline_sandbox.dotdigital.jobs import FINISHED, Job, Outcome
from syncline_sandbox.dotdigital.v3_bodies import CONTACT_ID, EMAIL
from syncline_sandbox.dotdigital.vocabulary import MAX_RECORD_KEY_CHARACTERS

ROUTE = "PUT /insightData/v3/import"
_NOBODY = {CONTACT_ID: "ContactIdDoesNotExist", EMAIL: "ContactEmailDoesNotExist"}


class Identity(msgspec.Struct, gc=False):
    identifier: str
    value: str | int | None = None


class Row(msgspec.Struct, gc=False):
    """upsertInsightRecord."""

    key: str
    json: dict[str, Any]
    contactIdentity: Identity | None = None  # noqa: N815 - the API's name


class ImportEnvelope(msgspec.Struct):
    """The body of an import with its records left unread, so that a bad one fails alone."""

    collectionName: str  # noqa: N815
    collectionScope: str  # noqa: N815
    collectionType: str  # noqa: N815
    records: Annotated[list[msgspec.Raw], Meta()]


class Import:
    """One import under way."""

    def __init__(self, account: Account, collection: Collection, now: int) -> None:
        self._account = account
        self._collection = collection
        self._shape = collection.shape
        self._now = now
        self._seen: set[str] = set()
        self._owners: dict[tuple[str, str], int | None] = {}
        self._rejects = account.faults.active("reject_record", label=ROUTE, method="PUT")
        self.failures: list[dict[str, Any]] = []

    def take(self, raw: msgspec.Raw) -> None:
        """Store one record, or note why not."""
        try:
            row = msgspec.json.decode(raw, type=Row)
        except msgspec.ValidationError as error:
            self._fail(_salvaged(raw), Misfit(_what_is_wrong(raw), str(error)))
            return
        try:
            self._store(raw, row)
        except Misfit as misfit:
            self._fail(row, misfit)

    def finish(self) -> None:
        if self._shape != self._collection.shape:
            insight.keep_shape(self._account, self._collection.name, self._shape)

    def _store(self, raw: msgspec.Raw, row: Row) -> None:
        for fault in self._rejects:
            if (fault.spec.match is None or fault.spec.match.encode() in bytes(raw)) and fault.strike():
                raise Misfit(fault.spec.code or "Unknown", "The record was refused on demand")
        if not row.key or len(row.key) > MAX_RECORD_KEY_CHARACTERS:
            raise Misfit("InvalidClientKey", "The key is empty or too long")
        owner = self._owner(row.contactIdentity) if self._collection.scope == CONTACT else None
        if row.key in self._seen:
            raise Misfit("DuplicateKey", "The import holds this key twice")
        before = insight.record(self._account, self._collection.name, row.key)
        if before is not None and before.owner != owner:
            raise Misfit("DuplicateKey", "Another contact has a record of this key in the collection")
        self._shape = fitted(self._shape, row.json)
        self._seen.add(row.key)
        insight.store(self._account, self._collection.name, NewRecord(row.key, owner, row.json), self._now)

    def _owner(self, identity: Identity | None) -> int:
        if identity is None or identity.value is None:
            raise Misfit("InvalidContactIdentifier", "The record of a contact has to name the contact")
        asked = (identity.identifier, str(identity.value))
        if asked not in self._owners:
            try:
                contact = find_by_identifier(self._account, *asked)
            except V3Error as error:
                raise Misfit("InvalidContactIdentifier", error.body["description"]) from error
            self._owners[asked] = None if contact is None else contact.id
        owner = self._owners[asked]
        if owner is None:
            reason = _NOBODY.get(identity.identifier, "InvalidContactIdentifier")
            raise Misfit(reason, f"There is no contact with this {identity.identifier}")
        return owner

    def _fail(self, row: Row, misfit: Misfit) -> None:
        owner: dict[str, Any] = {"ownerType": self._collection.scope}
        if row.contactIdentity is not None:
            owner["contactIdentity"] = {
                "identifier": row.contactIdentity.identifier,
                "value": None if row.contactIdentity.value is None else str(row.contactIdentity.value),
            }
        self.failures.append(
            {
                "collectionOwner": owner,
                "failureReason": misfit.reason,
                "details": [misfit.detail],
                "key": row.key,
                "json": row.json,
            }
        )


def carry_out(account: Account, job: Job, payload: bytes) -> Outcome:
    """Apply the import as of the moment at which it was due."""
    envelope = msgspec.json.decode(payload, type=ImportEnvelope)
    collection = insight.look_up(account, envelope.collectionName)
    if collection is None:
        # Deleted since the import was started.
        insight.make(account, envelope.collectionName, envelope.collectionScope, envelope.collectionType)
        collection = insight.find(account, envelope.collectionName)
    run = Import(account, collection, job.due or account.now_ms())
    for raw in envelope.records:
        run.take(raw)
    run.finish()
    report: dict[str, Any] = {
        "collectionName": collection.name,
        "summary": {
            "totalRecords": len(envelope.records),
            "totalImported": len(envelope.records) - len(run.failures),
            "totalRejected": len(run.failures),
        },
    }
    if run.failures:
        report["failures"] = run.failures
    return Outcome(FINISHED, msgspec.json.encode(report))


def _what_is_wrong(raw: msgspec.Raw) -> str:
    found = msgspec.json.decode(raw)
    if not isinstance(found, dict):
        return "InvalidJson"
    if not isinstance(found.get("key"), str):
        return "InvalidClientKey"
    return "InvalidJson" if not isinstance(found.get("json"), dict) else "InvalidContactIdentifier"


def _salvaged(raw: msgspec.Raw) -> Row:
    """As much of such a record as the report can tell."""
    found = msgspec.json.decode(raw)
    found = found if isinstance(found, dict) else {}
    key, json = found.get("key"), found.get("json")
    return Row(key=key if isinstance(key, str) else "", json=json if isinstance(json, dict) else {})
