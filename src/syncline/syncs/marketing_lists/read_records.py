"""Reads contacts, leads and accounts of Dynamics: everything once, then only what changed.

One delta per table serves all lists. A delta token is stamped at the last page, so after a first load one
sweep of `modifiedon` since the start closes the gap. Where change tracking is off, `modifiedon` is all there
is.
"""

from collections.abc import Iterator
from typing import Any, Final

from syncline.dataverse import ChangeTrackingOff, DeltaExpired, DeltaPage, NotFound, Page
from syncline.ledger import cursors
from syncline.mapping.catalogue import columns_fingerprint
from syncline.mapping.models import Entity
from syncline.people import store
from syncline.remote import Misconfigured
from syncline.syncs import read_ahead
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next
from syncline.syncs.marketing_lists.set_aside import set_aside
from syncline.syncs.marketing_lists.setting import ENTITY_SETS, PRIMARY_IDS, Setting
from syncline.syncs.marketing_lists.stage_records import stage_records

_MODIFIED: Final = "modified:"
"""A cursor that begins so is a `modifiedon` mark and not a delta link: the table's change tracking is off."""


def source(entity: str) -> str:
    return f"dataverse:{entity}"


def _fingerprint(setting: Setting, entity: str) -> str:
    return columns_fingerprint(setting.columns(entity))


def read_records(context: RunContext, setting: Setting) -> Next | None:
    """One page of one table."""
    position = context.position
    pending = position.get("tables_to_read")
    if pending is None:
        pending = list(setting.entities)
        context.save_position(tables_to_read=pending)
    if not pending:
        return None
    entity = pending[0]
    try:
        match position.get("reading", {}).get("way"):
            case None:
                _start(context, setting, entity)
            case "delta":
                _read_delta(context, setting, entity)
            case _:
                _read_modified(context, setting, entity)
    except DeltaExpired:
        # Dataverse keeps changes for some days only. Read everything again: rows we know as they are cost
        # nothing.
        cursors.forget(context.account, source(entity))
        tokens = {
            key: kept for key, kept in context.position.get("tokens", {}).items() if key != source(entity)
        }
        context.save_position(reading={}, tokens=tokens)
    except ChangeTrackingOff:
        context.save_position(reading={"way": "modified", "since": "", "began": context.dataverse_now()})
    except NotFound:
        if setting.has_list(entity):
            raise
        _next_table(context)  # An environment without that table: nobody in it can have a mark.
    except Misconfigured as error:
        if error.status != 403:
            raise
        _leave_table_out(context, setting, entity, f"{error}. {error.what_to_do}")
    return More()


def _leave_table_out(context: RunContext, setting: Setting, entity: str, problem: str) -> None:
    """Syncline may not read this table: its own lists wait until it may, the others go on."""
    with context.storing():
        for marketing_list in setting.lists:
            if marketing_list.entity == entity and not marketing_list.problem:
                set_aside(marketing_list, problem)
        context.save_position(left_out={**context.position.get("left_out", {}), entity: problem})
        _next_table(context)


def _start(context: RunContext, setting: Setting, entity: str) -> None:
    """Choose the way: from the stored cursor, or from the beginning."""
    tokens = context.position.get("tokens", {})
    token = (
        tokens[source(entity)][0]
        if source(entity) in tokens
        else cursors.token(context.account, source(entity), _fingerprint(setting, entity))
    )
    _touch_if_mapping_changed(context, setting, entity)
    if token.startswith(_MODIFIED):
        reading = {
            "way": "modified",
            "since": token.removeprefix(_MODIFIED),
            "began": context.dataverse_now(),
        }
    else:
        reading = {
            "way": "delta",
            "link": token,
            "first": not token,
            "began": context.dataverse_now() if not token else "",
        }
    context.save_position(reading=reading)


def _touch_if_mapping_changed(context: RunContext, setting: Setting, entity: str) -> None:
    """With another mapping the same rows may be decided otherwise, so everybody is looked at again."""
    account = context.account
    # Not the setting about open leads and active contacts: it holds for what is decided from then on.
    fingerprint = f"{setting.fingerprints.get(entity, '')} {account.record_priority}"
    key = f"mapping:{entity}"
    if setting.has_list(entity) and cursors.token(context.account, key) != fingerprint:
        store.touch_records(context.account.pk, entity)
        tokens = {**context.position.get("tokens", {}), key: [fingerprint, ""]}
        context.save_position(tokens=tokens)


def _read_delta(context: RunContext, setting: Setting, entity: str) -> None:
    reading = context.position["reading"]
    page = _delta_page(context, setting, entity, reading["link"])
    with context.storing():
        stage_records(context, setting, entity, page.rows, in_full=reading["first"])
        store.touch(
            context.account.pk,
            store.delete_crm_records(context.account.pk, entity, page.deleted) if page.deleted else [],
        )
        _show(context, entity, len(page.rows))
        if page.next_link:
            context.save_position(reading={**reading, "link": page.next_link})
            return
        _settle_token(context, setting, entity, page.delta_link or "")
        if reading["first"]:
            context.save_position(reading={"way": "sweep", "since": reading["began"]})
        else:
            _next_table(context)


def _delta_page(context: RunContext, setting: Setting, entity: str, link: str) -> DeltaPage:
    client = context.dataverse

    def fetch(link: str) -> DeltaPage:
        return next(client.delta_from(link))

    if link:
        return read_ahead.page_at(context.account.pk, link, fetch, _next_link)
    page = next(client.delta(ENTITY_SETS[Entity(entity)], setting.columns(entity)))
    read_ahead.start(context.account.pk, page.next_link, fetch)
    return page


def _next_link(page: DeltaPage) -> str | None:
    return page.next_link


def _read_modified(context: RunContext, setting: Setting, entity: str) -> None:
    """Rows changed since a moment: the sweep after a first load, or the only way where change tracking is
    off.
    """
    reading = context.position["reading"]
    page = next(_modified_pages(context, setting, entity, reading))
    in_full = reading["way"] == "sweep" or not reading["since"]
    with context.storing():
        stage_records(context, setting, entity, page.rows, in_full=in_full)
        _show(context, entity, len(page.rows))
        if page.next_link:
            context.save_position(reading={**reading, "link": page.next_link})
            return
        if in_full:
            store.forget_unseen_records(context.account.pk, entity, context.run.pk)
        if reading["way"] == "modified":
            _settle_token(context, setting, entity, _MODIFIED + reading["began"])
        _next_table(context)


def _modified_pages(
    context: RunContext, setting: Setting, entity: str, reading: dict[str, Any]
) -> Iterator[Page]:
    if reading.get("link"):
        return context.dataverse.pages_from(reading["link"])
    key = PRIMARY_IDS[Entity(entity)]
    return context.dataverse.pages(
        ENTITY_SETS[Entity(entity)],
        select=setting.columns(entity),
        filter=f"modifiedon ge {reading['since']}" if reading["since"] else None,
        orderby=("modifiedon asc", f"{key} asc"),
    )


def _settle_token(context: RunContext, setting: Setting, entity: str, token: str) -> None:
    """Keep the new token with the run; it becomes the account's cursor when everything read has been
    settled.
    """
    tokens = {**context.position.get("tokens", {}), source(entity): [token, _fingerprint(setting, entity)]}
    context.save_position(tokens=tokens)


def _next_table(context: RunContext) -> None:
    context.save_position(tables_to_read=context.position["tables_to_read"][1:], reading={})


def _show(context: RunContext, entity: str, rows: int) -> None:
    read = context.position.get("records_read", 0) + rows
    context.save_position(records_read=read)
    context.show(f"Reading {ENTITY_SETS[Entity(entity)]} from Dynamics", read)
