"""Rows that Dynamics refused and that somebody replays: once more, as they were to be written."""

from collections import Counter
from typing import Any, Final

import msgspec

from syncline.campaigns import activities
from syncline.campaigns.models import Campaign, HeldActivity
from syncline.ledger import outcomes
from syncline.syncs.campaigns.data_sets import BY_NAME
from syncline.syncs.campaigns.linking import links_of
from syncline.syncs.campaigns.parts import fail_data_set, part_of
from syncline.syncs.campaigns.write_rows import DataSetFailedError, Owed, settle_rows, write_rows
from syncline.syncs.context import RunContext
from syncline.syncs.contract import More, Next, Wait
from syncline.syncs.marketing_lists.setting import Setting

PAGE: Final = 1000
_columns = msgspec.json.Decoder(dict[str, Any]).decode


def try_held(context: RunContext, setting: Setting) -> Next | None:
    """One page of the rows that are to be tried again, of one set of data of one campaign."""
    del setting
    due = activities.due_again(context.account.pk, PAGE)
    if not due:
        return None
    first = due[0]
    rows = [row for row in due if (row.campaign_key, row.data_set) == (first.campaign_key, first.data_set)]
    campaign = Campaign.objects.select_related("account").get(pk=first.campaign_key)
    part = part_of(context, campaign)
    try:
        told = write_rows(context, campaign, BY_NAME[first.data_set], _owed(context, rows))
    except DataSetFailedError as error:
        with context.storing():
            activities.leave_held(context.account.pk, [row.row_id for row in rows])
            fail_data_set(part, first.data_set, str(error))
        return More()
    put_off = [one.answer.after_s or 5.0 for one in told if one.answer.state == "deferred"]
    done = sum(one.answer.state == "done" for one in told)
    with context.storing():
        refused = settle_rows(context, campaign, part.pk, BY_NAME[first.data_set], told)
        outcomes.record(context.run, refused, context.now())
        outcomes.count(context.run, Counter({(part.pk, "created"): done}))
    return Wait(max(put_off)) if put_off else More()


def _owed(context: RunContext, rows: list[HeldActivity]) -> list[Owed]:
    links = links_of(context, sorted({row.person_key for row in rows}))
    return [
        Owed(row.row_id, row.person_key, row.contact_id, _columns(row.columns), links.get(row.person_key))
        for row in rows
    ]
