"""Reads the names that mapped lookup columns stand for. Nothing is read where no lookup is mapped.

It comes after the records: a row that one of them points at was there before, so its name is found.
"""

from typing import Any, Final

from syncline.dataverse import ChangeTrackingOff, Dataverse, DeltaExpired, NotFound
from syncline.ledger import cursors
from syncline.mapping.models import CrmField
from syncline.people import store
from syncline.remote import Misconfigured
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next
from syncline.syncs.marketing_lists.setting import Setting

_UNTRACKED: Final = "untracked"


def read_lookups(context: RunContext, setting: Setting) -> Next | None:
    """One page of one table that mapped lookups point at: everything once, then only what changed."""
    position = context.position
    pending = position.get("lookup_tables")
    if pending is None:
        pending = _tables(context, setting)
        context.save_position(lookup_tables=pending)
    if not pending:
        return None
    try:
        _read_page(context, setting, pending[0])
    except DeltaExpired:
        cursors.forget(context.account, _source(pending[0]))
        context.save_position(lookup_page=None)
    except NotFound:
        # A table that this environment does not have: no lookup can point at one of its rows.
        context.save_position(lookup_tables=pending[1:], lookup_page=None)
    except Misconfigured as error:
        if error.status != 403:
            raise
        note = f"Names of the table {pending[0]} were left out: {error}. {error.what_to_do}"
        notes = [*position.get("notes", []), note]
        context.save_position(lookup_tables=pending[1:], lookup_page=None, notes=notes)
    return More()


def _tables(context: RunContext, setting: Setting) -> list[str]:
    mapped = {
        (entity, rule.write_column)
        for entity, rules in setting.fields.items()
        for rule in rules
        if rule.is_lookup
    }
    rows = CrmField.objects.filter(account=context.account, logical_name__in={column for _, column in mapped})
    return sorted(
        {target for row in rows if (row.entity, row.logical_name) in mapped for target in row.targets}
    )


def _source(table: str) -> str:
    return f"names:{table}"[:64]


def _read_page(context: RunContext, setting: Setting, table_name: str) -> None:
    table = context.dataverse.table(table_name)
    kept = cursors.token(context.account, _source(table_name))
    link = context.position.get("lookup_page") or kept
    rows, next_page, cursor = _fetch(context.dataverse, table.set_name, table.primary_name, link)
    names = {
        row[table.primary_id]: (row.get(table.primary_name) or "").replace("\0", "\ufffd") for row in rows
    }
    account_id = context.account.pk
    with context.storing():
        known = store.lookup_names(account_id, list(names))
        for record_id, name in names.items():
            if record_id in known and known[record_id] != name:
                for entity in setting.entities:
                    store.touch(account_id, store.keys_mentioning(account_id, entity, record_id))
        store.save_lookup_names(account_id, table_name, [(key, name[:400]) for key, name in names.items()])
        if next_page:
            context.save_position(lookup_page=next_page)
            return
        if not kept:
            # Whoever was settled before these names could be read is looked at again.
            for entity in setting.entities:
                store.touch_records(account_id, entity)
        tokens = {**context.position.get("tokens", {}), _source(table_name): [cursor, ""]}
        rest = context.position["lookup_tables"][1:]
        context.save_position(lookup_tables=rest, lookup_page=None, tokens=tokens)


def _fetch(
    client: Dataverse, set_name: str, name_column: str, link: str
) -> tuple[list[dict[str, Any]], str | None, str]:
    """(rows, link of the next page, cursor). Without change tracking the names are read in full every
    time.
    """
    if not link.startswith(_UNTRACKED):
        try:
            pages = client.delta_from(link) if link else client.delta(set_name, (name_column,))
            page = next(pages)
        except ChangeTrackingOff:
            link = _UNTRACKED
        else:
            return page.rows, page.next_link, page.delta_link or ""
    inner = link.removeprefix(_UNTRACKED)
    plain = next(client.pages_from(inner) if inner else client.pages(set_name, select=(name_column,)))
    return plain.rows, _UNTRACKED + plain.next_link if plain.next_link else None, _UNTRACKED
