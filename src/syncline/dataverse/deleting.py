"""Deleting many rows (contract §3.5: DeleteMultiple is for elastic tables only, so it goes by batch)."""

from __future__ import annotations

from collections.abc import Sequence

from syncline.dataverse import addresses
from syncline.dataverse.batches import BatchResult, Operation
from syncline.dataverse.batching import Batching
from syncline.dataverse.errors import NotFound
from syncline.dataverse.isolation import NO_ROUTE, RowOutcome, chunks, deferred, outcome
from syncline.remote import Retryable

# A fifth of what a batch may hold: the service adds up the time of all, and gives up after two minutes.
DELETIONS_A_BATCH = 200


class Deleting(Batching):
    def delete_isolated(self, set_: str, ids: Sequence[str]) -> list[RowOutcome]:
        """Delete rows; one outcome per id, in order. A row that is gone already is done.

        Harmless when repeated. Raises only `Misconfigured`.
        """
        outcomes: list[RowOutcome] = []
        for part in chunks(ids, DELETIONS_A_BATCH):
            rows = [addresses.row(set_, id_) for id_ in part]
            try:
                results = self.batch([Operation("DELETE", row, record=row) for row in rows])
            except Retryable as error:
                return outcomes + [deferred(id_, error) for id_ in ids[len(outcomes) :]]
            outcomes += [_deleted(id_, result) for id_, result in zip(part, results, strict=True)]
        return outcomes


def _deleted(id_: str, result: BatchResult) -> RowOutcome:
    """A table that is not there is told from a row that is not there by the code alone."""
    gone = isinstance(result.error, NotFound) and result.error.code not in NO_ROUTE
    return RowOutcome(id_, "done") if gone else outcome(id_, result)
