"""An address where it is only mentioned: in messages, notes and logs of other things, and in what waits to be
sent.

Words keep their place with `[erased]` in them. What a sync could still write to a vendor is taken out whole
instead, for a value of `[erased]` must never reach one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec
from django.db import connection
from django.db.models import Model, Q, TextField
from django.db.models.functions import Cast

from syncline.accounts.models import AdminLogEntry
from syncline.consent.models import Resubscription, Suppression
from syncline.ledger.models import Batch, Held, Outcome, PlanItem, Run, RunPart

ERASED: Final = "[erased]"

WORDS: Final[tuple[tuple[type[Model], tuple[str, ...], tuple[str, ...]], ...]] = (
    (Run, ("message", "remedy", "progress_text"), ("position", "fuse")),
    (RunPart, ("message", "notes"), ()),
    (Outcome, ("name", "detail"), ()),
    (Held, ("detail",), ()),
    (AdminLogEntry, ("action",), ("before", "after")),
    (Suppression, ("note",), ()),
    (Resubscription, ("evidence",), ()),
)
"""Tables with the columns that hold words, and those that hold JSON."""


def clear(address: str) -> dict[type[Model], int]:
    """Take every mention of the address out; how many rows held one, by table."""
    mention = _pattern(address)
    cleared = {
        table: _clear_words(table, texts, objects, address, mention) for table, texts, objects in WORDS
    }
    cleared[Outcome] += _clear_values(address, mention)
    cleared[PlanItem] = _drop_plan_items(address, mention)
    cleared[Batch] = _thin_batches(address, mention)
    return cleared


def _pattern(address: str) -> re.Pattern[str]:
    """The address by itself, not as a part of a longer one."""
    return re.compile(rf"(?<![\w.+-]){re.escape(address)}(?![\w-]|\.\w)", re.IGNORECASE)


def _clear_words(
    table: type[Model],
    texts: tuple[str, ...],
    objects: tuple[str, ...],
    address: str,
    mention: re.Pattern[str],
) -> int:
    told = 0
    for row in _mentioning(table, texts, objects, address):
        changes = {name: mention.sub(ERASED, getattr(row, name)) for name in texts}
        changes |= {name: _without(getattr(row, name), mention) for name in objects}
        if any(getattr(row, name) != value for name, value in changes.items()):
            table._default_manager.filter(pk=row.pk).update(**changes)
            told += 1
    return told


def _mentioning(
    table: type[Model], texts: Iterable[str], objects: Iterable[str], address: str
) -> Iterable[Any]:
    """Rows in which the address may be. JSON of Django's own holds what is not ASCII as escapes."""
    as_text = {f"{name}_text": Cast(name, TextField()) for name in objects}
    wanted = Q()
    for name in (*texts, *as_text):
        for spelling in {address, json.dumps(address)[1:-1]}:
            wanted |= Q(**{f"{name}__icontains": spelling})
    found: Iterable[Any] = table._default_manager.annotate(**as_text).filter(wanted).iterator(chunk_size=500)
    return found


def _without(value: Any, mention: re.Pattern[str]) -> Any:
    """The same JSON value with the address taken out of its texts and names."""
    if isinstance(value, str):
        return mention.sub(ERASED, value)
    if isinstance(value, list):
        return [_without(one, mention) for one in value]
    if isinstance(value, dict):
        return {mention.sub(ERASED, name): _without(one, mention) for name, one in value.items()}
    return value


def _clear_values(address: str, mention: re.Pattern[str]) -> int:
    """Old and new values of other people's records: an undo would write them back, so none are left."""
    mentioning = Q(fields__icontains=address) | Q(lost__icontains=address)
    found = Outcome.objects.filter(mentioning).values_list("pk", "fields", "lost").iterator(chunk_size=500)
    told = [pk for pk, fields, lost in found if mention.search(fields) or mention.search(lost)]
    for start in range(0, len(told), 500):
        Outcome.objects.filter(pk__in=told[start : start + 500]).update(fields="{}", lost="{}")
    return len(told)


def _drop_plan_items(address: str, mention: re.Pattern[str]) -> int:
    """Decisions about other people that have the address in them are not carried out: make a new plan."""
    return PlanItem.objects.filter(pk__in=list(_holding(PlanItem, address, mention))).delete()[0]


def _thin_batches(address: str, mention: re.Pattern[str]) -> int:
    """Batches of runs that have ended, with what is about this person left out."""
    held = _holding(Batch, address, mention)
    for pk, payload in held.items():
        kept = [one for one in _RAW(payload) if not mention.search(bytes(one).decode())]
        Batch.objects.filter(pk=pk).update(payload=msgspec.json.encode(kept), size=len(kept))
    return len(held)


_RAW: Final[Callable[[bytes], list[msgspec.Raw]]] = msgspec.json.Decoder(list[msgspec.Raw]).decode


def _holding(table: type[Model], address: str, mention: re.Pattern[str]) -> dict[int, bytes]:
    """Key → payload of the rows whose payload holds the address."""
    where = (
        "instr(payload, %s) > 0" if connection.vendor == "sqlite" else "position(%s::bytea IN payload) > 0"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, payload FROM {table._meta.db_table} WHERE {where}",  # noqa: S608
            [address.encode()],
        )
        rows = {pk: bytes(payload) for pk, payload in cursor.fetchall()}
    return {pk: payload for pk, payload in rows.items() if mention.search(payload.decode())}
