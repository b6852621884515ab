"""Links rows of people whom Dynamics did not know when their rows were written, once it knows them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final

from syncline.campaigns.activities import STORE
from syncline.campaigns.row_store import GONE, RowStore, Unlinked
from syncline.dataverse import RowChange, RowOutcome
from syncline.ledger import outcomes
from syncline.syncs.campaigns.closed_tables import NOT_THERE, closed
from syncline.syncs.campaigns.data_sets import BY_NAME
from syncline.syncs.campaigns.linking import Link, links_of
from syncline.syncs.campaigns.write_rows import Target
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next, Wait
from syncline.syncs.marketing_lists.setting import Setting

PAGE: Final = 1000


def link_people(context: RunContext, setting: Setting) -> Next | None:
    """One page of rows about campaigns whose people are known by now."""
    del setting
    return link_rows(context, STORE, BY_NAME)


def link_rows(context: RunContext, store: RowStore, targets: Mapping[str, Target]) -> Next | None:
    """The same for any rows; `targets`: where those of each set of data are."""
    after = context.position.get("linked_after", "")
    rows = store.unlinked(context.account.pk, after, PAGE)
    if not rows:
        return None
    links = links_of(context, sorted({row.person_key for row in rows}))
    linkable = sorted((row for row in rows if row.person_key in links), key=_data_set)
    answers: dict[str, RowOutcome] = {}
    for name, group in groupby(linkable, key=_data_set):
        answers |= _write(context, targets[name], list(group), links)
    put_off = [one.after_s or 5.0 for one in answers.values() if one.state == "deferred"]
    with context.storing():
        linked = _linked(context, linkable, links, answers, targets)
        store.link(context.account.pk, linked)
        if not put_off:
            context.save_position(linked_after=rows[-1].row_id)
    return Wait(max(put_off)) if put_off else More()


def _data_set(row: Unlinked) -> str:
    return row.data_set


def _write(
    context: RunContext, target: Target, rows: Sequence[Unlinked], links: Mapping[str, Link]
) -> dict[str, RowOutcome]:
    """Only rows that are there are changed. A table that is shut to us keeps its rows for a later run."""
    changes = [RowChange(row.row_id, dict(links[row.person_key].columns)) for row in rows]
    answers = context.dataverse.update_isolated(target.entity_set, target.table, changes)
    return {} if closed(answers) else {one.id: one for one in answers}


def _linked(
    context: RunContext,
    rows: Sequence[Unlinked],
    links: Mapping[str, Link],
    answers: Mapping[str, RowOutcome],
    targets: Mapping[str, Target],
) -> list[tuple[str, str]]:
    """(row id, record id) of what has been settled.

    A row that Dynamics no longer has is not asked for again; one that it refuses otherwise is tried again in
    the next run, for the record that it points at may be gone.
    """
    linked, tally = [], Counter[tuple[int | None, str]]()
    for row in rows:
        answer = answers.get(row.row_id)
        if answer is None:
            continue
        if answer.state == "done":
            linked.append((row.row_id, links[row.person_key].record_id))
            tally[None, "updated"] += 1
        elif _is_gone(targets[row.data_set], answer):
            linked.append((row.row_id, GONE))
            tally[None, "skipped"] += 1
    outcomes.count(context.run, tally)
    return linked


def _is_gone(target: Target, answer: RowOutcome) -> bool:
    """Whether Dynamics says that the row itself is not there; of the record it would name another table."""
    missing = answer.state == "rejected" and answer.code.lower() == NOT_THERE
    return missing and target.table in answer.reason
