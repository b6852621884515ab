"""Reads a table of ours in Dynamics: all of it once, then what changed.

With change tracking off, rows that are gone are found only by reading all of them.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from syncline.dataverse import ChangeTrackingOff, DeltaExpired, NotFound, Page
from syncline.ledger import cursors
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next

GONE_AT_A_TIME: Final = 5000
"""Rows forgotten in a step."""

_MODIFIED: Final = "modified:"
"""A cursor that begins so is a `modifiedon` mark and not a delta link: change tracking was off."""


class TableReading(NamedTuple):
    """A table and what is done with its rows."""

    name: str
    """Where the run keeps how far it is: under `name`, and `name_read` once it is through."""
    table: str
    set_: str
    columns: Sequence[str]
    kept: str
    """What is kept of a row. A cursor from when that was less is none: all of the table is read again."""
    stage: Callable[[RunContext, list[dict[str, Any]]], None]
    drop: Callable[[RunContext, Sequence[str]], None]
    """Rows with these ids are gone."""
    forget: Callable[[RunContext, int], int]
    """The whole table was read: forget up to so many rows that were not among it; how many there were."""
    absent: Callable[[RunContext], Next]
    """Dynamics has no such table."""

    @property
    def source(self) -> str:
        return f"dataverse:{self.table}"


def read_table(context: RunContext, reading: TableReading, *, reads_all: bool) -> Next | None:
    """One page, or one batch of what a reading of the whole table did not find any more.

    `reads_all`: whether rows that are gone matter to this run even where only reading all of them tells.
    """
    position = context.position
    if position.get(f"{reading.name}_read"):
        return None
    try:
        match position.get(reading.name, {}).get("way"):
            case None:
                token = cursors.token(context.account, reading.source, reading.kept)
                _begin(context, reading, "" if token.startswith(_MODIFIED) else token)
            case "delta":
                _read_delta(context, reading)
            case "modified":
                _read_modified(context, reading)
            case _:
                _forget_gone(context, reading)
    except DeltaExpired:
        _begin(context, reading, "")
    except NotFound:
        return reading.absent(context)
    except ChangeTrackingOff:
        _go_without_tracking(context, reading, reads_all)
    return More()


def _begin(context: RunContext, reading: TableReading, link: str) -> None:
    """From a delta link, or from the beginning."""
    began = "" if link else context.dataverse_now()
    context.save_position(**{reading.name: {"way": "delta", "link": link, "began": began}})


def _read_delta(context: RunContext, reading: TableReading) -> None:
    at = context.position[reading.name]
    client, link = context.dataverse, at["link"]
    page = next(client.delta_from(link) if link else client.delta(reading.set_, reading.columns))
    with context.storing():
        reading.stage(context, page.rows)
        reading.drop(context, page.deleted)
        if page.next_link:
            context.save_position(**{reading.name: {**at, "link": page.next_link}})
        elif at["began"]:
            # The delta link is stamped at the last page: what was entered on one that had been read before is
            # found by when it was.
            since, token = at["began"], page.delta_link or ""
            sweep = {"way": "modified", "since": since, "link": "", "in_full": True, "token": token}
            context.save_position(**{reading.name: sweep})
        else:
            _settle(context, reading, page.delta_link or "")


def _go_without_tracking(context: RunContext, reading: TableReading, reads_all: bool) -> None:
    token = cursors.token(context.account, reading.source, reading.kept)
    in_full = reads_all or not token.startswith(_MODIFIED)
    context.save_position(
        **{
            reading.name: {
                "way": "modified",
                "since": "" if in_full else token.removeprefix(_MODIFIED),
                "link": "",
                "in_full": in_full,
                "token": _MODIFIED + context.dataverse_now(),
            }
        }
    )


def _read_modified(context: RunContext, reading: TableReading) -> None:
    """Rows made or changed since a moment, or all."""
    at = context.position[reading.name]
    page = next(_modified_pages(context, reading, at))
    with context.storing():
        reading.stage(context, page.rows)
        if page.next_link:
            context.save_position(**{reading.name: {**at, "link": page.next_link}})
        elif at["in_full"]:
            context.save_position(**{reading.name: {"way": "forget", "token": at["token"]}})
        else:
            _settle(context, reading, at["token"])


def _modified_pages(context: RunContext, reading: TableReading, at: dict[str, Any]) -> Iterator[Page]:
    if at["link"]:
        return context.dataverse.pages_from(at["link"])
    return context.dataverse.pages(
        reading.set_,
        select=reading.columns,
        filter=f"modifiedon ge {at['since']}" if at["since"] else None,
        orderby=("modifiedon asc", f"{reading.table}id asc"),
    )


def _forget_gone(context: RunContext, reading: TableReading) -> None:
    with context.storing():
        if reading.forget(context, GONE_AT_A_TIME) < GONE_AT_A_TIME:
            _settle(context, reading, context.position[reading.name]["token"])


def _settle(context: RunContext, reading: TableReading, token: str) -> None:
    """Keep the new token with the run; it becomes the account's cursor when everything read is settled."""
    tokens = {**context.position.get("tokens", {}), reading.source: [token, reading.kept]}
    context.save_position(**{reading.name: {}, f"{reading.name}_read": True, "tokens": tokens})
