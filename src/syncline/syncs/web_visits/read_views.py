"""Reads page views and keeps them here as visits. Nothing is written to Dynamics before that is stored, so
whoever takes a run over writes the same rows.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from syncline.consent import erased
from syncline.dotdigital import NotFound
from syncline.dotdigital.insight_data import InsightRecord
from syncline.ledger import outcomes
from syncline.ledger.models import RunStatus
from syncline.people import store as people
from syncline.people.facts import NO_ADDRESS
from syncline.syncs.campaigns.campaign_rows import digest_of
from syncline.syncs.campaigns.reading import moment_of
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Done, More, Next
from syncline.syncs.derived_ids import derived_id
from syncline.syncs.ending import end
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.messages import tell
from syncline.syncs.web_visits.rows import PAGE_VIEW, Read, read, sum_up, view_columns
from syncline.web_behaviour import store
from syncline.web_behaviour.models import WebPageView, WebVisit
from syncline.web_behaviour.visits import Seen, Stretch, assign

MOST_NAMES_TOLD: Final = 20


def read_views(context: RunContext, setting: Setting) -> Next | None:
    """One page of what was recorded or changed since the last run."""
    del setting
    position = context.position
    if position.get("views_read"):
        return None
    since = None if position["is_first"] else moment_of(context, "happened_since")
    try:
        page = next(
            context.dotdigital.insight_records(
                position["collection"], modified_since=since, marker=position.get("marker")
            )
        )
    except NotFound:
        end(context.run, RunStatus.FAILED, tell("no_named_web_collection", position["collection"]))
        return Done()
    names = position["names"]
    told = [(record, read(record.values, names)) for record in page.records]
    legible = [(record, said) for record, said in told if said is not None and record.contact_id]
    if page.records and not legible and not position.get("records_read"):
        there = sorted({name for record in page.records for name in record.values})[:MOST_NAMES_TOLD]
        values = (position["collection"], names["viewed_on"], ", ".join(there) or "none")
        end(context.run, RunStatus.FAILED, tell("web_names_unknown", *values))
        return Done()
    number = position.get("records_read", 0) + len(page.records)
    with context.storing():
        _keep(context, legible)
        outcomes.count(context.run, Counter({(None, "skipped"): len(told) - len(legible)}))
        context.save_position(
            marker=page.next_marker, views_read=page.next_marker is None, records_read=number
        )
    context.show("Reading what people looked at", number)
    return More()


def _keep(context: RunContext, records: Sequence[tuple[InsightRecord, Read]]) -> None:
    if not records:
        return
    account_id = context.account.pk
    keys = _keys(account_id, {record.contact_id or 0 for record, _ in records})
    stopped = erased.stopped(account_id, set(keys.values())) if erased.anybody() else set()
    rows = {
        derived_id(context.account, PAGE_VIEW, f"{context.position['collection']}/{record.key}"): (
            record.contact_id or 0,
            said,
        )
        for record, said in records
        if keys[record.contact_id or 0] not in stopped
    }
    if not rows:
        return
    known = store.views_known(account_id, list(rows))
    contacts = {contact_id for contact_id, _ in rows.values()}
    moments = [said.at for _, said in rows.values()]
    visits = store.visits_near(account_id, contacts, min(moments), max(moments))
    by_contact: dict[int, list[WebVisit]] = {}
    for visit in visits:
        by_contact.setdefault(visit.contact_id, []).append(visit)
    placed = {row_id: view.visit_row for row_id, view in known.items()}
    for contact_id in sorted(contacts):
        stretches = [
            Stretch(one.row_id, one.started_at, one.ended_at) for one in by_contact.get(contact_id, [])
        ]
        fresh = [
            Seen(row_id, said.at)
            for row_id, (owner, said) in rows.items()
            if owner == contact_id and row_id not in known
        ]
        placed |= assign(stretches, fresh)
    store.save_views(_views(account_id, rows, placed, keys))
    _sum_up(account_id, {placed[row_id]: owner for row_id, (owner, _) in rows.items()}, keys)


def _keys(account_id: int, contact_ids: Collection[int]) -> dict[int, str]:
    """Contact → key of the person, as far as it is known here; else the number of the contact."""
    return {
        **{number: f"{NO_ADDRESS}{number}" for number in contact_ids},
        **store.keys_seen(account_id, contact_ids),
        **people.keys_of_contacts(account_id, sorted(contact_ids)),
    }


def _views(
    account_id: int,
    rows: Mapping[str, tuple[int, Read]],
    placed: Mapping[str, str],
    keys: Mapping[int, str],
) -> list[WebPageView]:
    made = []
    for row_id, (contact_id, said) in rows.items():
        view = WebPageView(
            account_id=account_id,
            row_id=row_id,
            person_key=keys[contact_id],
            visit_row=placed[row_id],
            viewed_at=said.at,
            title=said.title,
            url=said.url,
            minutes=said.minutes,
            site=said.site,
            user_agent=said.user_agent,
            ip=said.ip,
        )
        view.digest = digest_of(view_columns(view), 8)
        made.append(view)
    return made


def _sum_up(account_id: int, touched: Mapping[str, int], keys: Mapping[int, str]) -> None:
    """Visits of which a page view came or changed."""
    by_visit: dict[str, list[WebPageView]] = {}
    for view in store.views_of(account_id, list(touched)):
        by_visit.setdefault(view.visit_row, []).append(view)
    made = []
    for row_id, views in by_visit.items():
        contact_id = touched[row_id]
        visit = WebVisit(
            account_id=account_id,
            row_id=row_id,
            contact_id=contact_id,
            person_key=keys[contact_id],
        )
        sum_up(visit, views)
        made.append(visit)
    store.save_visits(made)
