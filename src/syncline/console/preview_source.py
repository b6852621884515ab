"""The rows that the preview shows: five that the syncs know, or straight from Dynamics where they do not know
what is asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec

from syncline.accounts.models import EmailAccount
from syncline.console.preview_cells import Sample
from syncline.console.preview_live import ADDRESS, read_rows
from syncline.ledger import cursors
from syncline.mapping.catalogue import MappedField, columns_fingerprint
from syncline.mapping.models import Entity
from syncline.people import store
from syncline.people.facts import person_key
from syncline.remote import RemoteError
from syncline.syncs.marketing_lists.read_contacts import CONTACTS
from syncline.syncs.marketing_lists.setting import PRIMARY_IDS, PRIMARY_NAMES, Setting

SHOWN: Final = 5
LOOKED_AT: Final = 200
"""Known rows from which the most telling are chosen."""


@dataclass(frozen=True, kw_only=True)
class Samples:
    """Up to five rows, and where they come from."""

    rows: tuple[Sample, ...]
    read_live: bool = False
    """Whether they were read from Dynamics just now."""
    problem: str = ""
    """Why Dynamics could not be read; empty where it could, or was not asked."""
    remedy: str = ""


class _Kept(NamedTuple):
    record_id: str
    key: str
    name: str
    columns: Mapping[str, Any]


def samples_for(account: EmailAccount, entity: Entity, mapped: Sequence[MappedField]) -> Samples:
    kept = [
        _Kept(record_id, key, name, msgspec.json.decode(columns))
        for record_id, key, name, columns in store.sample_records(account.pk, entity, LOOKED_AT)
    ]
    remotes = _remotes(account, [row.key for row in kept])
    chosen = most_telling(kept, remotes, mapped)
    rows = tuple(_from_mirror(account, chosen, mapped, remotes))
    columns = {column for row in kept for column in row.columns}
    if rows and all(_is_known(one, columns, rows[0].looked_up) for one in mapped):
        return Samples(rows=rows)
    return _read_live(account, entity, mapped, [row.record_id for row in chosen], rows)


def _is_known(
    mapped: MappedField, columns: Collection[str], looked_up: Mapping[str, Mapping[str, Any]]
) -> bool:
    """Whether a sync has read what the mapping needs; a column that nobody has a value in counts as not."""
    if mapped.column not in columns:
        return False
    return not mapped.is_lookup or any(mapped.looked_up in row for row in looked_up.values())


def most_telling(
    kept: Iterable[_Kept], remotes: Mapping[str, object], mapped: Sequence[MappedField]
) -> list[_Kept]:
    """Rows with many of the mapped columns filled first, and among those the ones that Dotdigital knows."""
    columns = {one.column for one in mapped}

    def rank(row: _Kept) -> tuple[int, bool]:
        return -len(columns & row.columns.keys()), row.key not in remotes

    return sorted(kept, key=rank)[:SHOWN]


def labels_read(account: EmailAccount) -> frozenset[str]:
    """The labels that the last list sync read from Dotdigital; none where the mappings were changed since."""
    labels = Setting(account).labels
    is_current = cursors.token(account, CONTACTS, columns_fingerprint(labels))
    return frozenset(labels) if is_current else frozenset()


def _remotes(account: EmailAccount, keys: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """Person key → label → value, for those whom Dotdigital knows."""
    found = store.persons(account.pk, list(dict.fromkeys(keys)))
    return {key: msgspec.json.decode(row[3]) for key, row in found.items() if row[2]}


def _from_mirror(
    account: EmailAccount,
    chosen: Sequence[_Kept],
    mapped: Sequence[MappedField],
    remotes: Mapping[str, Mapping[str, Any]],
) -> Iterable[Sample]:
    lookups = {one.column for one in mapped if one.is_lookup}
    ids = {row.columns[column] for row in chosen for column in lookups if column in row.columns}
    looked_up = {
        record_id: {"": name}
        | {f"{table}.{column}": value for column, value in msgspec.json.decode(values).items()}
        for record_id, (table, name, values) in store.looked_up(account.pk, sorted(ids)).items()
    }
    for row in chosen:
        yield Sample(
            name=row.name,
            address=row.key,
            columns=row.columns,
            looked_up=looked_up,
            remote=remotes.get(row.key),
        )


def _read_live(
    account: EmailAccount,
    entity: Entity,
    mapped: Sequence[MappedField],
    record_ids: Sequence[str],
    known: tuple[Sample, ...],
) -> Samples:
    """The same rows from Dynamics; what was known of them where it cannot be read."""
    try:
        rows, looked_up = read_rows(account, entity, mapped, record_ids, SHOWN)
    except RemoteError as error:
        return Samples(rows=known, problem=str(error), remedy=error.what_to_do)
    keys = [person_key(row.get(ADDRESS), row[PRIMARY_IDS[entity]]) for row in rows]
    remotes = _remotes(account, keys)
    samples = [
        Sample(
            name=row.get(PRIMARY_NAMES[entity]) or "",
            address=key,
            columns=row,
            looked_up=looked_up,
            remote=remotes.get(key),
        )
        for key, row in zip(keys, rows, strict=True)
    ]
    return Samples(rows=tuple(samples), read_live=True)
