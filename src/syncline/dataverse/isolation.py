"""Writing many rows so that one bad row costs one row.

The bulk message goes first, because it is the cheapest. It is all or nothing; where it refuses, the same rows
go as single requests inside batches that continue on error, and each gets its own answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from syncline.dataverse import addresses
from syncline.dataverse.batches import BatchResult, Operation
from syncline.dataverse.batching import Batching
from syncline.dataverse.bulk import Bulk
from syncline.dataverse.errors import PreconditionFailed, TooLarge
from syncline.remote import Misconfigured, Rejected, RemoteError, Retryable

ROWS_A_MESSAGE = 200
# The most that is advised for one message, for tables on which nobody's plug-ins are to be expected.
MOST_ROWS_A_MESSAGE = 1000
ROWS_A_BATCH = 50

Message = Literal["CreateMultiple", "UpdateMultiple", "UpsertMultiple"]

CONDITIONS: Final[Mapping[Message, Mapping[str, str]]] = {
    "CreateMultiple": {"If-None-Match": "*"},
    "UpdateMultiple": {"If-Match": "*"},
    "UpsertMultiple": {},
}
"""What makes a single PATCH do no more to its row than the message would (contract §2.9)."""


class RowChange(msgspec.Struct, frozen=True):
    """What to write into the row `id`."""

    id: str
    values: dict[str, Any]


class RowOutcome(msgspec.Struct, frozen=True):
    """What became of one row.

    `rejected`: `code` and `reason` say why. `deferred`: not known to be written, for a cause that passes;
    send it again after `after_s`.
    """

    id: str
    state: Literal["done", "rejected", "deferred"]
    code: str = ""
    reason: str = ""
    after_s: float | None = None


class Isolation(Bulk, Batching):
    """Every way of writing here is harmless when repeated."""

    def update_isolated(self, set_: str, table: str, changes: Sequence[RowChange]) -> list[RowOutcome]:
        """Change existing rows; one outcome per row, in order. Raises only `Misconfigured`."""
        return self._isolated("UpdateMultiple", set_, table, changes)

    def create_isolated(
        self, set_: str, table: str, changes: Sequence[RowChange], *, at_a_time: int = ROWS_A_MESSAGE
    ) -> list[RowOutcome]:
        """New rows under ids of our choice; else like `upsert_isolated`. A row that is there already is left
        as it is, whatever it holds, and counts as done: an earlier attempt made it.
        """
        return self._isolated("CreateMultiple", set_, table, changes, at_a_time)

    def upsert_isolated(
        self, set_: str, table: str, changes: Sequence[RowChange], *, at_a_time: int = ROWS_A_MESSAGE
    ) -> list[RowOutcome]:
        """Change or create rows under ids of our choice; else like `update_isolated`.

        `at_a_time`: rows in one message. Each may cost a plug-in's time on a table that customers extend, so
        take more only for tables of our own.
        """
        return self._isolated("UpsertMultiple", set_, table, changes, at_a_time)

    def _isolated(
        self,
        message: Message,
        set_: str,
        table: str,
        changes: Sequence[RowChange],
        at_a_time: int = ROWS_A_MESSAGE,
    ) -> list[RowOutcome]:
        outcomes: list[RowOutcome] = []
        for chunk in chunks(changes, at_a_time):
            try:
                outcomes += self._chunk(message, set_, table, chunk)
            except Retryable as error:
                # Patience is at its end: what follows would only wait as long again.
                return outcomes + [deferred(change.id, error) for change in changes[len(outcomes) :]]
        return outcomes

    def _chunk(self, message: Message, set_: str, table: str, chunk: Sequence[RowChange]) -> list[RowOutcome]:
        if not self.supports(table, message):
            return self._one_by_one(message, set_, chunk)
        try:
            self._send_multiple(message, set_, table, chunk)
        except RemoteError as error:
            if _asks_for_less(error) and len(chunk) > 1:
                half = len(chunk) // 2
                first = self._chunk(message, set_, table, chunk[:half])
                return first + self._chunk(message, set_, table, chunk[half:])
            if isinstance(error, Retryable):
                raise
            outcomes = self._one_by_one(message, set_, chunk)
            exists = isinstance(error, PreconditionFailed)
            if not exists and all(outcome.state == "done" for outcome in outcomes):
                # No row was at fault, so it was the message itself: ask anew whether this table takes it.
                self._supported.pop((table, message), None)
            return outcomes
        return [RowOutcome(change.id, "done") for change in chunk]

    def _send_multiple(self, message: Message, set_: str, table: str, chunk: Sequence[RowChange]) -> None:
        rows = [(change.id, change.values) for change in chunk]
        match message:
            case "CreateMultiple":
                self.create_multiple_once(set_, table, rows)
            case "UpdateMultiple":
                self.update_multiple(set_, table, rows)
            case "UpsertMultiple":
                self.upsert_multiple(set_, table, rows)

    def _one_by_one(self, message: Message, set_: str, chunk: Sequence[RowChange]) -> list[RowOutcome]:
        condition = CONDITIONS[message]
        outcomes: list[RowOutcome] = []
        for part in chunks(chunk, ROWS_A_BATCH):
            operations = []
            for change in part:
                address = addresses.row(set_, change.id)
                operations.append(Operation("PATCH", address, change.values, condition, record=address))
            results = self.batch(operations)
            outcomes += [
                RowOutcome(change.id, "done") if _exists(message, result) else outcome(change.id, result)
                for change, result in zip(part, results, strict=True)
            ]
        return outcomes


def _exists(message: Message, result: BatchResult) -> bool:
    """Whether a row that was to be made is there already."""
    return message == "CreateMultiple" and isinstance(result.error, PreconditionFailed)


# The codes of a 404 that is about the route and not about a row (contract §2.3).
NO_ROUTE = frozenset({"", "0x0", "0x8006088a", "0x80060888"})


def outcome(id_: str, result: BatchResult) -> RowOutcome:
    """What one answer inside a batch means for its row."""
    error = result.error
    if error is None:
        return RowOutcome(id_, "done")
    # A plain 500 that is still there in a request of its own is held, or it would be sent again for ever.
    if isinstance(error, Retryable) and error.status != 500:
        return deferred(id_, error)
    reason = error.reason if isinstance(error, Rejected) else error.message
    if isinstance(error, Misconfigured):
        reason = f"{reason} {error.what_to_do}"
    return RowOutcome(id_, "rejected", error.code, reason)


def deferred(id_: str, error: Retryable) -> RowOutcome:
    return RowOutcome(id_, "deferred", error.code, error.message, error.after_s)


def chunks(rows: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _asks_for_less(error: RemoteError) -> bool:
    """Too large for the service, or too slow for the time-out: half of it may pass."""
    return isinstance(error, TooLarge) or (isinstance(error, Retryable) and error.never_repeat)
