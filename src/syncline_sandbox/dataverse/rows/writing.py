"""Creating, updating and deleting rows, with everything that Dataverse does along with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from syncline_sandbox.dataverse import errors
from syncline_sandbox.dataverse.organisation import BUSINESS_UNIT_ID, CURRENCY_ID, Organisation, new_id
from syncline_sandbox.dataverse.rows import computing, deleting, linking
from syncline_sandbox.dataverse.rows.facts import TableFacts, facts_of
from syncline_sandbox.dataverse.rows.payload import Payload, PayloadReader
from syncline_sandbox.dataverse.schema.model import Table
from syncline_sandbox.dataverse.security import Guard
from syncline_sandbox.dataverse.storage.database import quoted


@dataclass(frozen=True)
class WriteContext:
    """Who writes, in answer to what."""

    user_id: str
    # The application user when it writes for somebody else.
    delegate_id: str | None = None
    base_url: str = ""
    label: str = ""
    method: str = "*"
    content_ids: Mapping[str, str] = field(default_factory=dict)
    detect_duplicates: bool = False


class RowWriter:
    """Writes rows of one request, inside a transaction that the caller opens."""

    def __init__(self, organisation: Organisation, context: WriteContext) -> None:
        self.organisation = organisation
        self.database = organisation.database
        self.catalogue = organisation.catalogue
        self.context = context
        self.guard = Guard(organisation, context.user_id)
        self._payloads = PayloadReader(organisation, context.base_url, context.content_ids)
        self._now = organisation.stamp()
        self._known_facts: dict[str, TableFacts] = {}
        self._poison = organisation.faults.active("reject_record", method=context.method, label=context.label)

    # Create

    def create(
        self, table: Table, body: Mapping[str, Any], row_id: str | None = None, key_values: Any = None
    ) -> str:
        """Make a row, and the rows that come with it; returns its id."""
        self._require_message(table, "Create")
        self.guard.require(table, "Create")
        self.refuse_poison(table, body)
        payload = self._payloads.read(table, body, creating=True)
        self._make_parents(payload)
        values = {**(key_values or {}), **payload.values}
        row_id = row_id or payload.row_id or new_id()
        self._complete_new(table, values)
        self._check_required(table, values)
        if self.context.detect_duplicates:
            self._refuse_duplicate(table, values, None)
        self._insert(table, row_id, values)
        self._make_children(table, row_id, payload)
        return row_id

    def _complete_new(self, table: Table, values: dict[str, Any]) -> None:
        computing.settle_state(table, values, {}, None)
        for name, value in self._facts(table).defaults.items():
            values.setdefault(name, value)
        if "statuscode" in table.columns and values.get("statuscode") is None:
            values["statuscode"] = computing.default_status(table, int(values.get("statecode") or 0))
        computing.compute(table, values, {})
        self._settle_money(table, values, {})
        self._settle_owner(table, values, new=True)
        user = self.context.user_id
        stamps = {
            "createdon": values.get("overriddencreatedon") or self._now,
            "modifiedon": self._now,
            "createdby": user,
            "modifiedby": user,
            "createdonbehalfby": self.context.delegate_id,
            "modifiedonbehalfby": self.context.delegate_id,
        }
        values |= {name: value for name, value in stamps.items() if name in table.columns}
        if "overriddencreatedon" in values and values["overriddencreatedon"] is not None:
            # What remains in the column is the moment of the true creation.
            values["overriddencreatedon"] = self._now
        if table.is_activity and "activitytypecode" in table.columns:
            values["activitytypecode"] = table.name

    def _settle_owner(self, table: Table, values: dict[str, Any], *, new: bool) -> None:
        if "ownerid" not in table.columns:
            return
        if values.get("ownerid") is None:
            if not new:
                values.pop("ownerid", None)
                return
            values["ownerid"], values["ownerid__table"] = self.context.user_id, "systemuser"
        kind = values.get("ownerid__table") or "systemuser"
        unit = self.database.value(
            f"SELECT businessunitid FROM {quoted(kind)} WHERE {kind}id = ?", (values["ownerid"],)
        )
        values["owninguser"] = values["ownerid"] if kind == "systemuser" else None
        values["owningteam"] = values["ownerid"] if kind == "team" else None
        values["owningbusinessunit"] = unit or BUSINESS_UNIT_ID

    def _settle_money(self, table: Table, values: dict[str, Any], before: dict[str, Any]) -> None:
        """Rows with money have a currency and its rate; the base amounts follow."""
        if not self._facts(table).money & values.keys():
            return
        if "transactioncurrencyid" not in table.columns:
            computing.base_amounts(table, values, 1.0)
            return
        currency = values.get("transactioncurrencyid") or before.get("transactioncurrencyid") or CURRENCY_ID
        rate = self.database.value(
            "SELECT exchangerate FROM transactioncurrency WHERE transactioncurrencyid = ?", (currency,)
        )
        values["transactioncurrencyid"] = currency
        if "exchangerate" in table.columns:
            values["exchangerate"] = rate or 1.0
        computing.base_amounts(table, values, rate or 1.0)

    def _check_required(self, table: Table, values: dict[str, Any]) -> None:
        for name in self._facts(table).required:
            if values.get(name) is None:
                raise errors.missing_value(name, table.name)

    def _insert(self, table: Table, row_id: str, values: dict[str, Any]) -> None:
        row = {table.primary_id: row_id, **values}
        if "versionnumber" in table.columns:
            row["versionnumber"] = self.database.next_version()
        names = ", ".join(quoted(name) for name in row)
        marks = ", ".join("?" * len(row))
        try:
            self.database.execute(
                f"INSERT INTO {quoted(table.name)} ({names}) VALUES ({marks})", list(row.values())
            )
        except sqlite3.IntegrityError as error:
            raise self._violation(table, str(error)) from error

    def _violation(self, table: Table, text: str) -> errors.DataverseError:
        for key in table.keys.values():
            if all(f"{table.name}.{name}" in text for name in key.columns):
                return errors.key_violated(key.label or key.schema_name, key.columns)
        return errors.duplicate_id()

    # Update

    def update(
        self, table: Table, row_id: str, body: Mapping[str, Any], ignored: frozenset[str] = frozenset()
    ) -> None:
        """Change a row that exists. An empty payload still counts as a change, as it does in the service."""
        self._require_message(table, "Update")
        self.guard.require(table, "Write")
        self.refuse_poison(table, body)
        payload = self._payloads.read(table, body, creating=False)
        self._make_parents(payload)
        values = {name: value for name, value in payload.values.items() if name not in ignored}
        before = self.stored(table, row_id) if computing.needs_before(table, values) else {}
        for name in self._facts(table).required:
            if name in values and values[name] is None:
                raise errors.missing_value(name, table.name)
        computing.settle_state(table, values, before, row_id)
        computing.compute(table, values, before)
        self._settle_money(table, values, before)
        if "ownerid" in values:
            self._settle_owner(table, values, new=False)
        if self.context.detect_duplicates:
            self._refuse_duplicate(table, values, row_id)
        self.write(table, row_id, values)
        self._make_children(table, row_id, payload)

    def write(self, table: Table, row_id: str, values: dict[str, Any]) -> None:
        """Store values as they are, with the marks of a change."""
        row = dict(values)
        stamps = {
            "modifiedon": self._now,
            "modifiedby": self.context.user_id,
            "modifiedonbehalfby": self.context.delegate_id,
        }
        row |= {name: value for name, value in stamps.items() if name in table.columns}
        if "versionnumber" in table.columns:
            row["versionnumber"] = self.database.next_version()
        if not row:
            return
        assigned = ", ".join(f"{quoted(name)} = ?" for name in row)
        try:
            self.database.execute(
                f"UPDATE {quoted(table.name)} SET {assigned} WHERE {quoted(table.primary_id)} = ?",
                [*row.values(), row_id],
            )
        except sqlite3.IntegrityError as error:
            raise self._violation(table, str(error)) from error

    def stored(self, table: Table, row_id: str) -> dict[str, Any]:
        """The row as the store holds it; empty when there is none."""
        cursor = self.database.execute(
            f"SELECT * FROM {quoted(table.name)} WHERE {quoted(table.primary_id)} = ?", (row_id,)
        )
        found = cursor.fetchone()
        if found is None:
            return {}
        return dict(zip((item[0] for item in cursor.description), found, strict=True))

    def version(self, table: Table, row_id: str) -> int:
        return int(
            self.database.value(
                f"SELECT versionnumber FROM {quoted(table.name)} WHERE {quoted(table.primary_id)} = ?",
                (row_id,),
            )
        )

    # Delete

    def delete(self, table: Table, row_id: str) -> None:
        """Remove a row with its links; the lookups of other rows are emptied or forbid it."""
        self._require_message(table, "Delete")
        self.guard.require(table, "Delete")
        self.refuse_poison(table, {table.primary_id: row_id})
        deleting.delete(self, table, row_id)

    # Parts

    def _facts(self, table: Table) -> TableFacts:
        found = self._known_facts.get(table.name)
        if found is None:
            found = self._known_facts[table.name] = facts_of(table)
        return found

    def _require_message(self, table: Table, message: str) -> None:
        if not table.supports(message):
            raise errors.unsupported_message(message, table.name)

    def refuse_poison(self, table: Table, body: Mapping[str, Any]) -> None:
        """The fault ``reject_record``: a plug-in of this organisation refuses some records."""
        if not self._poison:
            return
        text = f"{table.set_name} " + msgspec.json.encode(dict(body)).decode()
        for fault in self._poison:
            if (fault.spec.match is None or fault.spec.match in text) and fault.strike():
                message = fault.spec.body if isinstance(fault.spec.body, str) else None
                raise errors.plugin_refused(
                    message or "An error occurred in the plug-in that guards this table."
                )

    def _refuse_duplicate(self, table: Table, values: dict[str, Any], row_id: str | None) -> None:
        """The rule that comes with a new organisation: same e-mail address, among active rows."""
        email = values.get("emailaddress1")
        if not table.duplicate_detection or email is None:
            return
        found = self.database.value(
            f"SELECT 1 FROM {quoted(table.name)} WHERE emailaddress1 = ? AND statecode = 0"
            f" AND {quoted(table.primary_id)} IS NOT ? LIMIT 1",
            (email, row_id),
        )
        if found is not None:
            error = errors.duplicate_found()
            error.status = self.organisation.settings.duplicate_status
            raise error

    def _make_parents(self, payload: Payload) -> None:
        for navigation, body in payload.new_parents:
            target = self.catalogue.tables[navigation.targets[0]]
            payload.values[navigation.column.name] = self.create(target, body)
            if navigation.column.keeps_target:
                payload.values[navigation.column.target_column] = target.name

    def _make_children(self, table: Table, row_id: str, payload: Payload) -> None:
        for navigation, bodies in payload.new_children:
            child = self.catalogue.tables[navigation.table]
            for body in bodies:
                child_id = self.create(child, body)
                linking.link(self, table, row_id, navigation, child_id)
        for navigation, addresses in payload.links:
            for address in addresses:
                linking.link_address(self, table, row_id, navigation, address)
