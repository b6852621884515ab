"""Reads which campaigns there are, which of them anything happened to, and what they came to.

Three lists of the account, each of a call for 1,000 campaigns: a campaign to which nothing happened costs no
call of its own.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from syncline.campaigns.models import Campaign
from syncline.dotdigital import BEFORE_EVERYTHING, CampaignMetrics, NotFound
from syncline.dotdigital import Campaign as Told
from syncline.syncs.campaigns.campaign_rows import digest_of, header_columns, total_columns
from syncline.syncs.campaigns.reading import go_on, moment_of, next_page, note_beginning
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next
from syncline.syncs.marketing_lists.setting import Setting

_ONLY_IN_FULL: Final = ("syncline_campaigntype", "syncline_tags")

SOURCE: Final = "dotdigital:campaigns"
"""Up to when it is known which campaigns anything happened to."""


def begin(context: RunContext, setting: Setting) -> Next | None:
    del setting
    note_beginning(context, SOURCE)
    return None


def read_list(context: RunContext, setting: Setting) -> Next | None:
    """One page of all campaigns, sent or not."""
    del setting
    page = next_page(context, "list", context.dotdigital.campaigns(skip=context.position.get("list", 0)))
    if page is None:
        return None
    with context.storing():
        _keep_headers(context, page.rows, in_full=True)
        go_on(context, "list", page.next_skip)
    return More()


def look_for_missing(context: RunContext, setting: Setting) -> Next | None:
    """One campaign that the list did not show: a row may have slipped between two pages, so it is asked for
    by itself before it counts as deleted.
    """
    del setting
    known = Campaign.objects.filter(account=context.account, deleted=False)
    missing = known.exclude(seen_in=context.run.pk).order_by("pk").first()
    if missing is None:
        return None
    try:
        found = context.dotdigital.get_campaign(missing.campaign_id)
    except NotFound:
        with context.storing():
            delete_campaign(missing)
        return More()
    with context.storing():
        _keep_headers(context, [found], in_full=False)
    return More()


def read_active(context: RunContext, setting: Setting) -> Next | None:
    """One page of the campaigns to which anything happened since the last run."""
    del setting
    since = moment_of(context, "happened_since")
    skip = context.position.get("active", 0)
    page = next_page(context, "active", context.dotdigital.campaigns_active_since(since, skip=skip))
    if page is None:
        return None
    with context.storing():
        _keep_headers(context, page.rows, in_full=False)
        these = [one.id for one in page.rows]
        known = Campaign.objects.filter(account=context.account, campaign_id__in=these)
        known.update(active_at=moment_of(context, "began"))
        active = context.position.get("active_campaigns", 0) + len(these)
        context.save_position(active_campaigns=active)
        go_on(context, "active", page.next_skip)
    context.show("Reading campaigns from Dotdigital", active)
    return More()


def read_metrics(context: RunContext, setting: Setting) -> Next | None:
    """One page of totals. Nothing is asked where nothing happened to any campaign."""
    del setting
    if not context.position.get("active_campaigns"):
        return None
    skip = context.position.get("metrics", 0)
    # Of all time, for it is not documented whether the totals are those of the stretch that is asked for.
    until = moment_of(context, "began") + timedelta(days=1)
    pages = context.dotdigital.campaign_metrics(BEFORE_EVERYTHING, until, skip=skip)
    page = next_page(context, "metrics", pages)
    if page is None:
        return None
    with context.storing():
        _keep_totals(context, page.rows)
        go_on(context, "metrics", page.next_skip)
    return More()


def _keep_headers(context: RunContext, told: Sequence[Told], *, in_full: bool) -> None:
    """`in_full`: whether the call tells type and tags as well; else what is known of those stays."""
    known = _known(context, [one.id for one in told])
    for one in told:
        row = known.get(one.id) or Campaign(account=context.account, campaign_id=one.id)
        columns = header_columns(one)
        if not in_full:
            columns |= {name: row.header[name] for name in _ONLY_IN_FULL if name in row.header}
        row.header, row.name, row.deleted = columns, columns["syncline_name"], False
        row.sent_at = row.sent_at or one.sent_on
        _store(row)
    rows = Campaign.objects.filter(account=context.account, campaign_id__in=[one.id for one in told])
    rows.update(seen_in=context.run.pk)


def _keep_totals(context: RunContext, told: Sequence[CampaignMetrics]) -> None:
    known = _known(context, [one.campaign_id for one in told])
    for one in told:
        if row := known.get(one.campaign_id):
            row.totals = total_columns(one)
            row.sent_at = one.sent_on or row.sent_at
            _store(row)


def _known(context: RunContext, ids: Sequence[int]) -> dict[int, Campaign]:
    rows = Campaign.objects.filter(account=context.account, campaign_id__in=ids)
    return {row.campaign_id: row for row in rows}


def delete_campaign(row: Campaign) -> None:
    """It is no longer in Dotdigital. One that Dynamics was never told of leaves no trace."""
    if not row.told_digest:
        row.delete()
        return
    row.deleted = True
    _store(row)


def _store(row: Campaign) -> None:
    """Never the level: somebody may have set that since the row was read."""
    digest = digest_of(row.columns)
    if row.pk is None:
        row.digest = digest
        row.save()
    elif row.digest != digest:
        row.digest = digest
        row.save(update_fields=["name", "header", "totals", "sent_at", "deleted", "digest"])
