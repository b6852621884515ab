"""Tells Dynamics of campaigns: who sent what when, and what it came to."""

from collections.abc import Sequence
from typing import Any, Final

from django.db.models import QuerySet

from syncline.accounts.campaign_levels import CampaignLevel
from syncline.campaigns.models import IS_OWED, Campaign, has_level
from syncline.dataverse import MOST_ROWS_A_MESSAGE, RowChange, RowOutcome
from syncline.ledger import outcomes
from syncline.ledger.models import RunStatus
from syncline.people.store import to_json
from syncline.syncs.campaigns.campaign_rows import CAMPAIGN_TABLE, CAMPAIGNS
from syncline.syncs.campaigns.closed_tables import closed, remedy_for
from syncline.syncs.campaigns.parts import fail_campaign, id_in_dynamics, outcome_of, part_of
from syncline.syncs.context import RunContext
from syncline.syncs.contract import Done, More, Next, Wait
from syncline.syncs.ending import end
from syncline.syncs.marketing_lists.setting import Setting
from syncline.syncs.messages import Told, tell

PAGE: Final = 1000
REFUSED: Final = "campaign_refused"


def write_campaigns(context: RunContext, setting: Setting) -> Next | None:
    """One page of campaigns of which Dynamics knows otherwise, or nothing."""
    del setting
    owed = list(_owed(context)[:PAGE])
    if not owed:
        return None
    changes = [RowChange(id_in_dynamics(one), _columns(context, one)) for one in owed]
    answers = context.dataverse.upsert_isolated(
        CAMPAIGNS, CAMPAIGN_TABLE, changes, at_a_time=MOST_ROWS_A_MESSAGE
    )
    if shut := closed(answers):
        told = tell("campaign_null")
        end(context.run, RunStatus.FAILED, Told(told.code, told.text, remedy_for(shut, CAMPAIGN_TABLE)))
        return Done()
    with context.storing():
        _settle(context, owed, answers)
    waits = [answer.after_s or 5.0 for answer in answers if answer.state == "deferred"]
    return Wait(max(waits)) if waits else More()


def _owed(context: RunContext) -> QuerySet[Campaign]:
    """Campaigns that went out, and that this run has not been refused yet."""
    rows = Campaign.objects.filter(IS_OWED, account=context.account, active_at__isnull=False)
    levels = has_level(CampaignLevel.SUMMARY, CampaignLevel.DETAILED)
    return rows.filter(levels).exclude(refused_in=context.run.pk).select_related("account").order_by("pk")


def _columns(context: RunContext, campaign: Campaign) -> dict[str, Any]:
    return {
        **campaign.columns,
        "syncline_account": str(context.account.connector_key),
        "syncline_dotdigitalid": campaign.campaign_id,
    }


def _settle(context: RunContext, owed: Sequence[Campaign], answers: Sequence[RowOutcome]) -> None:
    rows = []
    for campaign, answer in zip(owed, answers, strict=True):
        action = "update" if campaign.told_digest else "create"
        part = part_of(context, campaign)
        if answer.state == "done":
            rows.append(outcome_of(campaign, part, f"{action}d", action, fields=_fields(campaign)))
            campaign.told, campaign.told_digest = campaign.columns, campaign.digest
            campaign.problem, campaign.synced_at = "", context.now()
        elif answer.state == "rejected":
            campaign.problem, campaign.refused_in = answer.reason, context.run.pk
            fail_campaign(part)
            refused = outcome_of(campaign, part, "rejected", action)
            rows.append(refused._replace(reason=REFUSED, detail=answer.reason, vendor_code=answer.code[:64]))
        campaign.save(update_fields=["told", "told_digest", "problem", "synced_at", "refused_in"])
    outcomes.record(context.run, rows, context.now())


def _fields(campaign: Campaign) -> str:
    """Column → [as it was told, as it is told now], of what differs."""
    before, now = campaign.told, campaign.columns
    return to_json({name: [before.get(name), new] for name, new in now.items() if before.get(name) != new})
