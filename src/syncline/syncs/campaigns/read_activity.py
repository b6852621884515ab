"""What people did with each Detailed campaign, set by set of data, a page at a time.

Each set has a cursor of its own, and fails alone. Only campaigns to which anything happened since a set was
last carried over are asked about.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F, Q

from syncline.accounts.campaign_levels import CampaignLevel
from syncline.campaigns import activities
from syncline.campaigns.models import Campaign, DataSetCursor, has_level
from syncline.consent import erased
from syncline.dotdigital import NotFound, OffsetPage
from syncline.ledger import outcomes
from syncline.syncs.campaigns.activity_rows import ActivityRow, without_name
from syncline.syncs.campaigns.campaign_rows import digest_of
from syncline.syncs.campaigns.data_sets import DATA_SETS, DataSet
from syncline.syncs.campaigns.linking import links_of_rows
from syncline.syncs.campaigns.parts import fail_data_set, part_of
from syncline.syncs.campaigns.read_campaigns import delete_campaign
from syncline.syncs.campaigns.reading import ask, moment_of
from syncline.syncs.campaigns.write_rows import DataSetFailedError, Owed, settle_rows, write_rows
from syncline.syncs.context import CLOCKS_DIFFER_BY, RunContext
from syncline.syncs.contract import More, Next, Wait
from syncline.syncs.derived_ids import derived_id
from syncline.syncs.marketing_lists.setting import Setting


def sync_activity(context: RunContext, setting: Setting) -> Next | None:
    """One page of one set of data of one campaign."""
    del setting
    at = context.position.get("at")
    campaign = _campaign(context, at["campaign"]) if at else None
    if at is None or campaign is None:
        return _next_campaign(context)
    if at["set"] == len(DATA_SETS):
        return _close_campaign(context, campaign)
    data_set = DATA_SETS[at["set"]]
    cursor, _ = DataSetCursor.objects.get_or_create(campaign=campaign, data_set=data_set.name)
    if not _is_due(campaign, cursor):
        return _next_set(context)
    try:
        page = _read(context, campaign, data_set, cursor, at["skip"])
        return _carry_over(context, campaign, cursor, data_set, page)
    except NotFound as error:
        return _campaign_gone(context, campaign, cursor, error)
    except DataSetFailedError as error:
        return _fail(context, campaign, cursor, str(error))


def _detailed(context: RunContext) -> Any:
    """Campaigns that are synced in detail, and that Dynamics knows."""
    rows = Campaign.objects.filter(has_level(CampaignLevel.DETAILED), account=context.account, deleted=False)
    return rows.exclude(told_digest="").select_related("account")


def _campaign(context: RunContext, pk: int) -> Campaign | None:
    """None where its level was changed meanwhile, or it was deleted."""
    found: Campaign | None = _detailed(context).filter(pk=pk).first()
    return found


def _next_campaign(context: RunContext) -> Next | None:
    after = context.position.get("campaign_after", 0)
    behind = Q(settled_to=None) | Q(settled_to__lt=F("active_at"))
    campaign = _detailed(context).filter(behind, active_at__isnull=False, pk__gt=after).order_by("pk").first()
    if campaign is None:
        return None
    context.save_position(at={"campaign": campaign.pk, "set": 0, "skip": 0}, campaign_after=campaign.pk)
    context.show(f"Reading what people did with {campaign.name}"[:200], context.run.progress_done)
    return More()


def _is_due(campaign: Campaign, cursor: DataSetCursor) -> bool:
    return cursor.read_to is None or campaign.active_at is None or cursor.read_to < campaign.active_at


def _next_set(context: RunContext) -> Next:
    at = context.position["at"]
    context.save_position(at={**at, "set": at["set"] + 1, "skip": 0})
    return More()


def _close_campaign(context: RunContext, campaign: Campaign) -> Next:
    """All sets have had their turn. The campaign is behind as long as one of them is."""
    cursors = list(campaign.cursors.all())
    ends = [one.read_to for one in cursors if one.read_to is not None]
    campaign.settled_to = min(ends) if len(ends) == len(DATA_SETS) else None
    campaign.problem = " ".join(f"{one.data_set}: {one.problem}" for one in cursors if one.problem)
    campaign.synced_at = context.now()
    with context.storing():
        campaign.save(update_fields=["settled_to", "problem", "synced_at"])
        context.save_position(at=None)
    return More()


def _read(
    context: RunContext, campaign: Campaign, data_set: DataSet, cursor: DataSetCursor, skip: int
) -> OffsetPage[Any]:
    since = cursor.read_to - CLOCKS_DIFFER_BY if cursor.read_to else None
    return ask(context, lambda: next(data_set.read(context.dotdigital, campaign.campaign_id, since, skip)))


def _carry_over(
    context: RunContext, campaign: Campaign, cursor: DataSetCursor, data_set: DataSet, page: OffsetPage[Any]
) -> Next:
    rows = _rows(context, campaign, data_set, page)
    known = activities.known(context.account.pk, list(rows))
    owed = _owed(context, rows, known)
    told = write_rows(context, campaign, data_set, owed) if owed else []
    put_off = [one.answer.after_s or 5.0 for one in told if one.answer.state == "deferred"]
    with context.storing():
        tally: Counter[str] = Counter(
            "created" if one.owed.is_new else "updated" for one in told if one.answer.state == "done"
        )
        if rows:
            part = part_of(context, campaign)
            refused = settle_rows(context, campaign, part.pk, data_set, told)
            if not put_off:
                tally["unchanged"] = len(rows) - len(owed)
            outcomes.record(context.run, refused, context.now())
            outcomes.count(
                context.run, Counter({(part.pk, result): number for result, number in tally.items()})
            )
        if not put_off:
            _move_on(context, cursor, page.next_skip)
    context.show(context.run.progress_text, context.run.progress_done + len(rows))
    return Wait(max(put_off)) if put_off else More()


def _rows(
    context: RunContext, campaign: Campaign, data_set: DataSet, page: OffsetPage[Any]
) -> dict[str, ActivityRow]:
    """By the id that each has in Dynamics. Who was erased here and had opted out leaves no trace again."""
    made = [data_set.make(told, campaign.name) for told in page.rows]
    if erased.anybody():
        stopped = erased.stopped(context.account.pk, {row.person_key for row in made})
        made = [row for row in made if row.person_key not in stopped]
    return {
        derived_id(context.account, data_set.table, f"{campaign.campaign_id}/{row.natural_key}"): row
        for row in made
    }


def _owed(
    context: RunContext, rows: Mapping[str, ActivityRow], known: Mapping[str, activities.Known]
) -> Sequence[Owed]:
    """The rows that Dynamics does not hold as they are."""
    fresh = {
        row_id: row
        for row_id, row in rows.items()
        if row_id not in known or known[row_id].digest != digest_of(without_name(row.columns), 8)
    }
    to_link = [row for row_id, row in fresh.items() if row_id not in known or not known[row_id].record_id]
    links = links_of_rows(context, to_link) if to_link else {}
    owed = []
    for row_id, row in fresh.items():
        linked_to = known[row_id].record_id if row_id in known else ""
        link = None if linked_to else links.get(row.person_key)
        owed.append(
            Owed(row_id, row.person_key, row.contact_id, row.columns, link, linked_to, row_id not in known)
        )
    return owed


def _move_on(context: RunContext, cursor: DataSetCursor, next_skip: int | None) -> None:
    """To the next page; after the last one the set is carried over up to when the run began."""
    at = context.position["at"]
    if next_skip is not None:
        context.save_position(at={**at, "skip": next_skip})
        return
    cursor.read_to, cursor.problem = moment_of(context, "began"), ""
    cursor.save(update_fields=["read_to", "problem"])
    context.save_position(at={**at, "set": at["set"] + 1, "skip": 0})


def _fail(context: RunContext, campaign: Campaign, cursor: DataSetCursor, why: str) -> Next:
    """The cursor stays where it is, so that the next run takes this set up again."""
    with context.storing():
        cursor.problem = why
        cursor.save(update_fields=["problem"])
        fail_data_set(part_of(context, campaign), cursor.data_set, why)
        return _next_set(context)


def _campaign_gone(context: RunContext, campaign: Campaign, cursor: DataSetCursor, error: NotFound) -> Next:
    """Deleted in Dotdigital since the run began; or only this call does not know it."""
    try:
        context.dotdigital.get_campaign(campaign.campaign_id)
    except NotFound:
        with context.storing():
            delete_campaign(campaign)
            context.save_position(at=None)
        return More()
    return _fail(context, campaign, cursor, str(error))
