"""Reads the chosen tables of Dynamics: everything once, then only what changed where Dynamics keeps track of
it. Where it does not, all active rows are read each time and held against what is known of them.

A row that has been read is kept here, and whatever sets it apart from what Dotdigital has is still to be
done. So a cursor moves as soon as its last page is kept.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Final

import msgspec

from syncline.dataverse import ChangeTrackingOff, DeltaExpired, DeltaPage, NotFound, Page
from syncline.insight import staging
from syncline.insight.models import InsightTable
from syncline.insight.staging import Staged
from syncline.insight.values import key_in_row, record_of
from syncline.ledger import cursors, outcomes
from syncline.ledger.models import Purpose
from syncline.remote import Misconfigured, Permanent
from syncline.syncs import read_ahead
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next
from syncline.syncs.insight_data.tables import each_table, fail_table, part_of
from syncline.syncs.marketing_lists.setting import Setting

_STATE: Final = "statecode"
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)
_encode = msgspec.json.Encoder(order="deterministic").encode


def read_rows(context: RunContext, setting: Setting) -> Next | None:
    """One page of one table."""
    del setting
    return each_table(context, "read", _read)


def source(table: InsightTable) -> str:
    return f"dataverse:insight:{table.pk}"


def fingerprint(table: InsightTable) -> str:
    """Changes when the same rows would make other records, so that all of them have to be read again."""
    basis = [table.table, table.lookup, table.columns, table.kinds, table.has_state]
    return blake2b(_encode(basis), digest_size=16).hexdigest()


def _read(context: RunContext, table: InsightTable) -> Next | None:
    reading = context.position.get("reading", {})
    if reading.get("basis", fingerprint(table)) != fingerprint(table):
        # Somebody chose other columns meanwhile, of which the pages so far tell nothing.
        context.save_position(reading={})
        return More()
    try:
        match reading.get("way"):
            case None:
                _start(context, table)
            case "delta":
                _read_delta(context, table, reading)
            case "done":
                context.save_position(reading={})
                return None
            case _:
                _read_page(context, table, reading)
    except DeltaExpired:
        cursors.forget(context.account, source(table))
        context.save_position(reading={})
    except ChangeTrackingOff:
        context.save_position(reading={"way": "full", "basis": fingerprint(table)})
    except NotFound as error:
        _leave_out(context, table, str(error), "Choose the table and its columns anew.")
    except Misconfigured as error:
        if error.status != 403:
            raise
        _leave_out(context, table, str(error), error.what_to_do)
    except Permanent as error:
        if error.status != 400:
            raise
        # Dynamics refuses the question as a whole where one of its columns is gone.
        _leave_out(context, table, str(error), "See which columns the table has, and choose them anew.")
        # The next run looks them up first, and so can say which one it is.
        InsightTable.objects.filter(pk=table.pk).update(read_at=_LONG_AGO)
    return More()


def _leave_out(context: RunContext, table: InsightTable, why: str, what_to_do: str) -> None:
    with context.storing():
        fail_table(context, table, why, what_to_do)
        context.save_position(reading={})


def _start(context: RunContext, table: InsightTable) -> None:
    if not table.tracked:
        context.save_position(reading={"way": "full", "basis": fingerprint(table)})
        return
    token = cursors.token(context.account, source(table), fingerprint(table))
    began = "" if token else context.dataverse_now()
    reading = {"way": "delta", "link": token, "began": began, "basis": fingerprint(table)}
    context.save_position(reading=reading)


def _read_delta(context: RunContext, table: InsightTable, reading: Mapping[str, Any]) -> None:
    page = _delta_page(context, table, reading["link"])
    first = bool(reading["began"])
    with context.storing():
        _keep(context, table, page.rows, in_full=first)
        staging.retire(table.pk, context.run.pk, page.deleted)
        if page.next_link:
            context.save_position(reading={**reading, "link": page.next_link})
        elif first:
            # The link is stamped when the last page is read: what changed before that is swept up.
            sweep = {"way": "sweep", "since": reading["began"], "token": page.delta_link or ""}
            context.save_position(reading={**sweep, "basis": reading["basis"]})
        else:
            _end(context, table, page.delta_link or "")


def _delta_page(context: RunContext, table: InsightTable, link: str) -> DeltaPage:
    client = context.dataverse

    def fetch(link: str) -> DeltaPage:
        return next(client.delta_from(link))

    if link:
        return read_ahead.page_at(context.account.pk, link, fetch, _next_link)
    page = next(client.delta(table.set_name, _columns(table)))
    read_ahead.start(context.account.pk, page.next_link, fetch)
    return page


def _next_link(page: DeltaPage | Page) -> str | None:
    return page.next_link


def _read_page(context: RunContext, table: InsightTable, reading: Mapping[str, Any]) -> None:
    """A page of the whole table, or of the sweep after a first reading."""
    page = _page(context, table, reading)
    with context.storing():
        _keep(context, table, page.rows, in_full=True, counted=reading["way"] == "full")
        if page.next_link:
            context.save_position(reading={**reading, "link": page.next_link})
            return
        staging.retire_unseen(table.pk, context.run.pk)
        _end(context, table, reading.get("token", ""))


def _page(context: RunContext, table: InsightTable, reading: Mapping[str, Any]) -> Page:
    client = context.dataverse

    def fetch(link: str) -> Page:
        return next(client.pages_from(link))

    if reading.get("link"):
        return read_ahead.page_at(context.account.pk, reading["link"], fetch, _next_link)
    if reading["way"] == "sweep":
        wanted: str | None = f"modifiedon ge {reading['since']}"
    else:
        wanted = f"{_STATE} eq 0" if table.has_state else None
    page = next(
        client.pages(
            table.set_name, select=_columns(table), filter=wanted, orderby=(f"{table.primary_id} asc",)
        )
    )
    read_ahead.start(context.account.pk, page.next_link, fetch)
    return page


def _end(context: RunContext, table: InsightTable, token: str) -> None:
    if token:
        cursors.move(context.account, source(table), token, fingerprint(table))
    context.save_position(reading={"way": "done"})


def _columns(table: InsightTable) -> list[str]:
    named = {key_in_row(name, table.kinds[name]) for name in table.columns}
    own = {table.primary_id, _lookup_key(table)}
    own |= {table.primary_name} if table.primary_name else set()
    own |= {_STATE} if table.has_state else set()
    return sorted(named | own)


def _lookup_key(table: InsightTable) -> str:
    return table.lookup if table.lookup == table.primary_id else f"_{table.lookup}_value"


def _keep(
    context: RunContext,
    table: InsightTable,
    found: Sequence[Mapping[str, Any]],
    *,
    in_full: bool,
    counted: bool = True,
) -> None:
    staged = [_staged(table, row) for row in found]
    known = staging.stage(table.pk, context.account.pk, context.run.pk, staged, in_full=in_full)
    if counted and known and context.run.purpose == Purpose.SYNC:
        outcomes.count(context.run, Counter({(part_of(context, table).pk, "unchanged"): known}))
    read = context.position.get("rows_read", 0) + len(found)
    context.save_position(rows_read=read)
    context.show(f"Reading {table.set_name} from Dynamics", read)


def _staged(table: InsightTable, row: Mapping[str, Any]) -> Staged:
    return Staged(
        str(row[table.primary_id]),
        str(row.get(_lookup_key(table)) or ""),
        str(row.get(table.primary_name) or "")[:200],
        not table.has_state or row.get(_STATE) == 0,
        record_of(row, table.columns, table.kinds),
    )
