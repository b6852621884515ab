"""Reads the rows that mapped lookups point at: their names, and the columns that are mapped through a lookup.

Nothing is read where no lookup is mapped. It comes after the records: a row that one of them points at was
there before, so it is found.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from syncline.dataverse import ChangeTrackingOff, Dataverse, DeltaExpired, NotFound
from syncline.ledger import cursors
from syncline.mapping.catalogue import columns_fingerprint
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
    if pending == []:
        return None
    wanted = _wanted(context, setting)
    if pending is None:
        context.save_position(lookup_tables=sorted(wanted))
        return More() if wanted else None
    if pending[0] not in wanted:  # Its mapping was removed while the run was under way.
        context.save_position(lookup_tables=pending[1:], lookup_page=None)
        return More()
    try:
        _read_page(context, pending[0], wanted[pending[0]])
    except DeltaExpired:
        cursors.forget(context.account, _source(pending[0]))
        context.save_position(lookup_page=None)
    except NotFound:
        # A table that this environment does not have: no lookup can point at one of its rows.
        context.save_position(lookup_tables=pending[1:], lookup_page=None)
    except Misconfigured as error:
        if error.status != 403:
            raise
        note = (
            f"What mappings read from the table {pending[0]} was left out, and labels stay as they are: "
            f"{error}. {error.what_to_do}"
        )
        notes = [*position.get("notes", []), note]
        context.save_position(lookup_tables=pending[1:], lookup_page=None, notes=notes)
    return More()


class _Wanted(NamedTuple):
    """What is read of one table that mapped lookups point at, besides the names of its rows."""

    columns: tuple[str, ...]
    lookups: dict[str, set[str]]
    """Table of people → its columns that point there."""

    @property
    def fingerprint(self) -> str:
        """Changes when other columns have to be read. Empty for names alone, as it was before there were
        columns.
        """
        return columns_fingerprint(self.columns) if self.columns else ""


def _wanted(context: RunContext, setting: Setting) -> dict[str, _Wanted]:
    """By table: those that a lookup is looked through to, and all those that a mapped lookup may point at."""
    columns: dict[str, set[str]] = defaultdict(set)
    lookups: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    targets = _targets(context, setting)
    for entity, rules in setting.fields.items():
        for rule in rules:
            if rule.looked_up:
                table, _, column = rule.looked_up.partition(".")
                columns[table].add(column)
                lookups[table][entity].add(rule.column)
            elif rule.is_lookup:
                for table in targets.get((entity, rule.write_column), ()):
                    lookups[table][entity].add(rule.column)
    return {
        table: _Wanted(tuple(sorted(columns[table])), dict(pointing)) for table, pointing in lookups.items()
    }


def _targets(context: RunContext, setting: Setting) -> dict[tuple[str, str], list[str]]:
    """(table, lookup column) → the tables that it may point at, for mapped lookups."""
    names = {
        rule.write_column
        for rules in setting.fields.values()
        for rule in rules
        if rule.is_lookup and not rule.looked_up
    }
    rows = CrmField.objects.filter(account=context.account, logical_name__in=names) if names else ()
    return {(row.entity, row.logical_name): row.targets for row in rows}


def _source(table: str) -> str:
    return f"names:{table}"[:64]


def _read_page(context: RunContext, table_name: str, wanted: _Wanted) -> None:
    table = context.dataverse.table(table_name)
    kept = cursors.token(context.account, _source(table_name), wanted.fingerprint)
    link = context.position.get("lookup_page") or kept
    select = tuple(dict.fromkeys((table.primary_name, *wanted.columns)))
    rows, next_page, cursor = _fetch(context.dataverse, table.set_name, select, link)
    fresh = {
        row[table.primary_id]: (
            (row.get(table.primary_name) or "").replace("\0", "\ufffd")[:400],
            store.to_json({column: row.get(column) for column in wanted.columns}),
        )
        for row in rows
    }
    with context.storing():
        _keep(context, table_name, wanted, fresh)
        if next_page:
            context.save_position(lookup_page=next_page)
            return
        if not kept:
            # Whoever was settled before these rows could be read is looked at again.
            for entity in wanted.lookups:
                store.touch_records(context.account.pk, entity)
        tokens = {
            **context.position.get("tokens", {}),
            _source(table_name): [cursor, wanted.fingerprint],
        }
        rest = context.position["lookup_tables"][1:]
        context.save_position(lookup_tables=rest, lookup_page=None, tokens=tokens)


def _keep(context: RunContext, table: str, wanted: _Wanted, fresh: Mapping[str, tuple[str, str]]) -> None:
    """Store rows as Dynamics holds them, and touch the people who point at one that has changed."""
    account_id = context.account.pk
    known = store.looked_up(account_id, list(fresh))
    new = {id_: row for id_, row in fresh.items() if id_ not in known or known[id_] != (table, *row)}
    changed = new.keys() & known.keys()
    if changed:
        for entity, lookups in wanted.lookups.items():
            store.touch(account_id, store.keys_pointing_at(account_id, entity, lookups, changed))
    store.save_looked_up(account_id, table, [(id_, *row) for id_, row in new.items()])


def _fetch(
    client: Dataverse, set_name: str, select: tuple[str, ...], link: str
) -> tuple[list[dict[str, Any]], str | None, str]:
    """(rows, link of the next page, cursor). Without change tracking the rows are read in full every time."""
    if not link.startswith(_UNTRACKED):
        try:
            pages = client.delta_from(link) if link else client.delta(set_name, select)
            page = next(pages)
        except ChangeTrackingOff:
            link = _UNTRACKED
        else:
            return page.rows, page.next_link, page.delta_link or ""
    inner = link.removeprefix(_UNTRACKED)
    plain = next(client.pages_from(inner) if inner else client.pages(set_name, select=select))
    return plain.rows, _UNTRACKED + plain.next_link if plain.next_link else None, _UNTRACKED
