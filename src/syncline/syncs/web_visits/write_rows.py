"""Tells Dynamics of visits, then of their page views, 1,000 a call. Visits of people whom Dynamics does not
know wait here until it does.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db.models import Exists, OuterRef

from syncline.dataverse import MOST_ROWS_A_MESSAGE, RowChange, RowOutcome
from syncline.ledger import outcomes
from syncline.ledger.outcomes import OutcomeRow
from syncline.people.models import CrmRecord
from syncline.people.store import to_json
from syncline.syncs.campaigns.campaign_rows import Columns
from syncline.syncs.campaigns.closed_tables import NOT_THERE, closed, remedy_for
from syncline.syncs.campaigns.linking import Link, links_of
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next, Wait
from syncline.syncs.marketing_lists.parts import hold, let_go
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.web_visits.parts import PAGE_VIEWS, VISITS, fail_part, part_of
from syncline.syncs.web_visits.rows import PAGE_VIEW, VISIT, view_columns, visit_columns
from syncline.web_behaviour import store
from syncline.web_behaviour.models import IS_OWED, WebPageView, WebVisit

SYNC_TYPE: Final = "web_behaviour"
REFUSED: Final = "web_row_refused"
PAGE: Final = 1000

Row = WebVisit | WebPageView


def write_visits(context: RunContext, setting: Setting) -> Next | None:
    """One page of the visits of people whom Dynamics knows."""
    del setting
    known = CrmRecord.objects.filter(
        account_id=OuterRef("account_id"),
        person_key=OuterRef("person_key"),
        entity__in=("contact", "lead"),
    )
    rows = _owed(context, WebVisit, VISITS, Exists(known))
    if not rows:
        return None
    links = links_of(context, sorted({row.person_key for row in rows}))
    linked = {row.row_id: links[row.person_key] for row in rows if row.person_key in links}
    changes = [(row, _visit_as_sent(row, linked[row.row_id])) for row in rows if row.row_id in linked]
    return _write(context, VISITS, VISIT, changes, rows[-1].row_id, linked)


def write_views(context: RunContext, setting: Setting) -> Next | None:
    """One page of the page views whose visit is in Dynamics."""
    del setting
    told = WebVisit.objects.filter(account_id=OuterRef("account_id"), row_id=OuterRef("visit_row"))
    rows = _owed(context, WebPageView, PAGE_VIEWS, Exists(told.exclude(told_digest="")))
    if not rows:
        return None
    changes = [(row, view_columns(row)) for row in rows]
    return _write(context, PAGE_VIEWS, PAGE_VIEW, changes, rows[-1].row_id, {})


def _owed(context: RunContext, table: Any, what: str, ready: Exists) -> list[Any]:
    after = context.position.get(what, "")
    if after is None:
        return []
    rows = table.objects.filter(IS_OWED, ready, account_id=context.account.pk, row_id__gt=after)
    return list(rows.order_by("row_id")[:PAGE])


def _visit_as_sent(visit: WebVisit, link: Link) -> Columns:
    return {**visit_columns(visit), **link.columns}


def _write(
    context: RunContext,
    what: str,
    table: str,
    changes: Sequence[tuple[Row, Columns]],
    last: str,
    links: Mapping[str, Link],
) -> Next:
    about = {"syncline_account": str(context.account.connector_key)}
    answers = context.dataverse.upsert_isolated(
        f"{table}s",
        table,
        [RowChange(row.row_id, {**columns, **about}) for row, columns in changes],
        at_a_time=MOST_ROWS_A_MESSAGE,
    )
    if shut := closed(answers):
        with context.storing():
            fail_part(context, what, remedy_for(shut, table))
            context.save_position(**{what: None})
        return More()
    told = list(zip(changes, answers, strict=True))
    put_off = [answer.after_s or 5.0 for _, answer in told if answer.state == "deferred"]
    with context.storing():
        part = part_of(context, what)
        rows = [
            _settle(part.pk, row, columns, answer, links.get(row.row_id))
            for (row, columns), answer in told
            if answer.state == "done" or _is_refusal(answer, links.get(row.row_id))
        ]
        outcomes.record(context.run, rows, context.now())
        hold(context, SYNC_TYPE, rows)
        done = {row.person_key for row in rows if row.result != "rejected"}
        if done:
            let_go(context, SYNC_TYPE, sorted(done - store.people_held(context.account.pk, done)))
        if not put_off:
            context.save_position(**{what: last})
    context.show(f"Writing {what.lower()}", context.run.progress_done + len(rows))
    return Wait(max(put_off)) if put_off else More()


def _is_refusal(answer: RowOutcome, link: Link | None) -> bool:
    """A record that Dynamics deleted since we last read it refuses nothing: the visit waits for the next
    one, as that of anybody whom Dynamics does not know.
    """
    if answer.state != "rejected":
        return False
    return not (link is not None and answer.code.lower() == NOT_THERE)


def _settle(part_id: int, row: Row, columns: Columns, answer: RowOutcome, link: Link | None) -> OutcomeRow:
    """Keep what Dynamics holds by now, or refused; what the audit says of it."""
    action = "update" if row.told_digest else "create"
    done = answer.state == "done"
    changes = {"told_digest": row.digest, "refused_digest": ""} if done else {"refused_digest": row.digest}
    if done and link is not None:
        changes["record_id"] = link.record_id
    type(row)._default_manager.filter(account_id=row.account_id, row_id=row.row_id).update(**changes)
    return OutcomeRow(
        part_id=part_id,
        person_key=row.person_key,
        name=str(columns["syncline_name"]),
        entity="",
        record_id=row.row_id,
        side="dynamics",
        result=f"{action}d" if done else "rejected",
        action=action,
        reason="" if done else REFUSED,
        detail="" if done else answer.reason,
        vendor_code="" if done else answer.code[:64],
        fields="{}" if done else to_json({name: [None, value] for name, value in columns.items()}),
    )
