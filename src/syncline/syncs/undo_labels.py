"""Undoing a run of data field labels: nothing is taken back, and each label says why."""

from syncline.ledger import outcomes, written
from syncline.ledger.outcomes import OutcomeRow
from syncline.ledger.written import Written
from syncline.syncs.context import RunContext


def undo_labels(context: RunContext) -> None:
    """A data field cannot be unmade without the values in it, and a label here would only come again with the
    next sync.
    """
    undone = context.run.subject
    if undone is None:
        return
    rows = [_stays(row) for row in written.of_run(undone)]
    with context.storing():
        outcomes.record(context.run, rows, context.now())


def _stays(row: Written) -> OutcomeRow:
    return OutcomeRow(
        part_id=None,
        person_key=row.person_key,
        name=row.name,
        entity="",
        record_id="",
        side=row.side,
        result="skipped",
        action="none",
        reason="label_stays",
    )
