"""What Dynamics holds of consent beside its contacts and leads: the suppression records that Syncline keeps
there, and the CRM suppression list as last read.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import QuerySet

from syncline.consent.models import CrmSuppressed, ListUnsubscriber, Suppression, WrittenSuppression


class Written(NamedTuple):
    """A suppression record in Dynamics (`models.WrittenSuppression`)."""

    person_key: str
    record_id: str
    list_id: int
    entity: str
    reason: str
    since: datetime
    recorded: bool
    marked: bool


def written_about(
    account_id: int, keys: Sequence[str], list_ids: Collection[int] | None = None
) -> list[Written]:
    """The records kept of these people: of these lists where any are named, else of the whole account."""
    rows = WrittenSuppression.objects.filter(account_id=account_id, person_key__in=keys)
    rows = rows.filter(list_id=0) if list_ids is None else rows.filter(list_id__in=list_ids)
    return [Written(*row) for row in rows.order_by("person_key").values_list(*Written._fields)]


def count_told(account_id: int, keys: Sequence[str]) -> dict[str, int]:
    """Address → contacts and leads that hold its suppression in Dynamics: a mark of ours, or a record."""
    told: dict[str, int] = {}
    for row in written_about(account_id, keys):
        told[row.person_key] = told.get(row.person_key, 0) + 1
    return told


def keep_written(account_id: int, rows: Sequence[Written]) -> None:
    WrittenSuppression.objects.bulk_create(
        [WrittenSuppression(account_id=account_id, **row._asdict()) for row in rows],
        update_conflicts=True,
        unique_fields=["account_id", "person_key", "record_id", "list_id"],
        update_fields=["entity", "reason", "since", "recorded", "marked"],
    )


def strike(account_id: int, person_key: str, record_id: str, list_id: int) -> None:
    """The record is gone in Dynamics."""
    rows = _of_records([account_id], [record_id]).filter(person_key=person_key, list_id=list_id)
    rows.update(recorded=False)
    rows.filter(marked=False).delete()


def clear_marks(account_ids: Collection[int], record_ids: Collection[str]) -> None:
    """Do Not Bulk Email of these records is not ours any more: we cleared it, or somebody did. Whoever sets
    it next does so for a reason of their own.
    """
    rows = _of_records(account_ids, record_ids)
    rows.update(marked=False)
    rows.filter(recorded=False).delete()


def _of_records(account_ids: Collection[int], record_ids: Collection[str]) -> QuerySet[WrittenSuppression]:
    return WrittenSuppression.objects.filter(account_id__in=account_ids, record_id__in=record_ids)


def marked_by_any(account_ids: Collection[int], keys: Sequence[str]) -> dict[str, set[str]]:
    """Address → records whose Do Not Bulk Email was set for one of these accounts."""
    rows = WrittenSuppression.objects.filter(account_id__in=account_ids, person_key__in=keys, marked=True)
    found: dict[str, set[str]] = {}
    for key, record_id in rows.values_list("person_key", "record_id"):
        found.setdefault(key, set()).add(record_id)
    return found


class Entry(NamedTuple):
    """An address on the CRM suppression list (`models.CrmSuppressed`)."""

    row_id: str
    person_key: str
    told: bool
    names_account: bool


def entries_of(account_id: int, keys: Sequence[str]) -> list[Entry]:
    rows = CrmSuppressed.objects.filter(account_id=account_id, person_key__in=keys).order_by("row_id")
    return [Entry(*row) for row in rows.values_list(*Entry._fields)]


def told_by_all(account_ids: Collection[int], row_ids: Collection[str]) -> set[str]:
    """Those entries of which each of these accounts has told its Dotdigital."""
    told = CrmSuppressed.objects.filter(account_id__in=account_ids, row_id__in=row_ids, told=True)
    by = Counter(told.values_list("row_id", flat=True))
    return {row_id for row_id in row_ids if by[row_id] == len(account_ids)}


def keep_entries(
    account_id: int, rows: Sequence[tuple[str, str, bool]], seen_in: int, *, told: bool = False
) -> list[str]:
    """Store entries, (row id, person key, whether it names this account) each. Returns the people concerned:
    who is new there, and whose row has another address now.

    `told`: Dotdigital suppresses them, for that is why they were put there.
    """
    stored = CrmSuppressed.objects.filter(account_id=account_id, row_id__in=[row_id for row_id, *_ in rows])
    known = {
        row_id: (key, heard) for row_id, key, heard in stored.values_list("row_id", "person_key", "told")
    }
    CrmSuppressed.objects.bulk_create(
        [
            CrmSuppressed(
                account_id=account_id,
                row_id=row_id,
                person_key=key,
                # An entry whose address was changed by hand is a new one.
                told=told or known.get(row_id) == (key, True),
                names_account=names_account,
                seen_in=seen_in,
            )
            for row_id, key, names_account in rows
        ],
        update_conflicts=True,
        unique_fields=["account_id", "row_id"],
        update_fields=["person_key", "told", "names_account", "seen_in"],
    )
    before = {row_id: key for row_id, (key, _) in known.items()}
    changed = [(key, before.get(row_id)) for row_id, key, _ in rows if before.get(row_id) != key]
    return [key for pair in changed for key in pair if key]


def drop_entries(account_id: int, row_ids: Sequence[str]) -> list[str]:
    """Forget entries that are gone in Dynamics. Returns the people they were about."""
    if not row_ids:
        return []
    rows = CrmSuppressed.objects.filter(account_id=account_id, row_id__in=row_ids)
    keys = list(rows.values_list("person_key", flat=True))
    rows.delete()
    return keys


def drop_unseen_entries(account_id: int, seen_in: int, limit: int) -> list[str]:
    """After a reading of the whole list: forget some of what it did not see. Returns the people concerned,
    one an entry; fewer than `limit`: that was all.
    """
    unseen = CrmSuppressed.objects.filter(account_id=account_id).exclude(seen_in=seen_in)
    return drop_entries(account_id, list(unseen.values_list("row_id", flat=True)[:limit]))


def mark_told(account_id: int, keys: Sequence[str]) -> None:
    """Dotdigital suppresses these addresses: should it stop to, they have come back by themselves."""
    CrmSuppressed.objects.filter(account_id=account_id, person_key__in=keys, told=False).update(told=True)


def unheard_after(account_id: int, after: str, limit: int) -> list[str]:
    """The next addresses of which Dotdigital has not been told."""
    rows = CrmSuppressed.objects.filter(account_id=account_id, told=False, person_key__gt=after)
    return list(rows.order_by("person_key").values_list("person_key", flat=True).distinct()[:limit])


def suppressed_by_any(account_ids: Collection[int], keys: Sequence[str]) -> set[str]:
    """Those of the addresses that any of these accounts suppresses."""
    rows = Suppression.objects.filter(account_id__in=account_ids, person_key__in=keys)
    return set(rows.values_list("person_key", flat=True))


def note_leavers(list_id: int, rows: Sequence[tuple[str, datetime]]) -> None:
    """Who left a Dotdigital list and when, as Dotdigital tells it."""
    ListUnsubscriber.objects.bulk_create(
        [ListUnsubscriber(list_id=list_id, person_key=key, since=since) for key, since in dict(rows).items()],
        update_conflicts=True,
        unique_fields=["list_id", "person_key"],
        update_fields=["since"],
    )


def left_at(list_ids: Collection[int], keys: Sequence[str]) -> dict[tuple[int, str], datetime]:
    rows = ListUnsubscriber.objects.filter(list_id__in=list_ids, person_key__in=keys)
    return {
        (list_id, key): since for list_id, key, since in rows.values_list("list_id", "person_key", "since")
    }


def suppressed_since(account_id: int, keys: Sequence[str]) -> dict[str, datetime]:
    rows = Suppression.objects.filter(account_id=account_id, person_key__in=keys)
    return dict(rows.values_list("person_key", "since"))
