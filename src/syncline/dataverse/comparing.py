"""Changing rows that are still as they were read (contract §2.9): nobody else's change is ever overwritten.

The bulk messages take no version of a row, so these go by batch, each row with its own answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from syncline.dataverse import addresses
from syncline.dataverse.batches import BatchResult, Operation
from syncline.dataverse.batching import Batching
from syncline.dataverse.errors import PreconditionFailed
from syncline.dataverse.isolation import ROWS_A_MESSAGE, RowOutcome, chunks, deferred, outcome
from syncline.remote import Retryable


class ComparedChange(msgspec.Struct, frozen=True):
    """What to write into the row `id` while it is the one that `etag` names."""

    id: str
    etag: str
    values: dict[str, Any]


class Comparing(Batching):
    def update_unchanged(self, set_: str, changes: Sequence[ComparedChange]) -> list[RowOutcome]:
        """Change existing rows; one outcome per row, in order. Raises only `Misconfigured`.

        A row that has another version by now is left alone and deferred for 0 seconds: read it again. After a
        lost answer that other version may be our own change.
        """
        outcomes: list[RowOutcome] = []
        for part in chunks(changes, ROWS_A_MESSAGE):
            try:
                results = self.batch([_operation(set_, change) for change in part])
            except Retryable as error:
                return outcomes + [deferred(change.id, error) for change in changes[len(outcomes) :]]
            outcomes += [_answer(change.id, result) for change, result in zip(part, results, strict=True)]
        return outcomes


def _operation(set_: str, change: ComparedChange) -> Operation:
    address = addresses.row(set_, change.id)
    return Operation("PATCH", address, change.values, {"If-Match": change.etag}, record=address)


def _answer(id_: str, result: BatchResult) -> RowOutcome:
    if isinstance(result.error, PreconditionFailed):
        return RowOutcome(id_, "deferred", result.error.code, result.error.message, after_s=0.0)
    return outcome(id_, result)
