"""CreateMultiple, UpdateMultiple, UpsertMultiple: many rows at once, all or nothing (contract §3.5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from syncline.dataverse import addresses
from syncline.dataverse.addresses import Key
from syncline.dataverse.session import Call, OnSession
from syncline.remote import Misconfigured, Permanent

Message = Literal["CreateMultiple", "UpdateMultiple", "UpsertMultiple"]


class _Ids(msgspec.Struct):
    ids: list[str] = msgspec.field(name="Ids", default_factory=list)


class _Found(msgspec.Struct):
    value: list[dict[str, Any]]


class Bulk(OnSession):
    """Any refused row rolls back the whole call; `Isolation` is what finds it."""

    _supported: dict[tuple[str, str], bool]

    def supports(self, table: str, message: Message) -> bool:
        """Whether `message` may be used on `table`; asked once, and yes where it may not be asked."""
        key = (table, message)
        if key not in self._supported:
            self._supported[key] = self._probe(table, message)
        return self._supported[key]

    def _probe(self, table: str, message: Message) -> bool:
        wanted = (
            f"sdkmessageid/name eq {addresses.text_literal(message)}"
            f" and primaryobjecttypecode eq {addresses.text_literal(addresses.name(table))}"
        )
        path = addresses.query("sdkmessagefilters", select=["sdkmessagefilterid"], filter_=wanted)
        try:
            return bool(self._session.get(path, _Found).value)
        except (Permanent, Misconfigured):
            # The list of messages itself may be closed to us; the call will tell.
            return True

    def create_multiple(self, set_: str, table: str, rows: Sequence[dict[str, Any]]) -> list[str]:
        """Ids in the order of `rows`. Not repeated after a lost answer."""
        targets = [{"@odata.type": _type(table), **row} for row in rows]
        call = self._multiple("CreateMultiple", set_, targets, repeatable=False)
        return self._session.decoded(call, _Ids).ids

    def create_multiple_once(self, set_: str, table: str, rows: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """New rows under ids of our choice, given as (id, columns). `PreconditionFailed`, and nothing is
        written, where one of them is there already; so it is repeated after a lost answer.
        """
        key = f"{addresses.name(table)}id"
        targets = [{"@odata.type": _type(table), key: id_, **row} for id_, row in rows]
        self._session.send(self._multiple("CreateMultiple", set_, targets))

    def update_multiple(self, set_: str, table: str, rows: Sequence[tuple[str, dict[str, Any]]]) -> None:
        """Change existing rows, given as (id, changed columns)."""
        self._session.send(self._multiple("UpdateMultiple", set_, _addressed(set_, table, rows)))

    def upsert_multiple(self, set_: str, table: str, rows: Sequence[tuple[Key, dict[str, Any]]]) -> None:
        """Change or create rows, given as (key, columns); key columns must not be in the columns as well."""
        self._session.send(self._multiple("UpsertMultiple", set_, _addressed(set_, table, rows)))

    def _multiple(
        self, message: Message, set_: str, targets: list[dict[str, Any]], *, repeatable: bool = True
    ) -> Call:
        return Call(
            method="POST",
            path=f"{addresses.name(set_)}/Microsoft.Dynamics.CRM.{message}",
            body={"Targets": targets},
            record=f"one of {len(targets)} rows of {set_}",
            repeatable=repeatable,
            repeat_timeouts=False,
        )


def _addressed(set_: str, table: str, rows: Sequence[tuple[Key, dict[str, Any]]]) -> list[dict[str, Any]]:
    kind = _type(table)
    return [{"@odata.type": kind, "@odata.id": addresses.row(set_, key), **row} for key, row in rows]


def _type(table: str) -> str:
    return f"Microsoft.Dynamics.CRM.{addresses.name(table)}"
