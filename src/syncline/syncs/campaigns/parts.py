"""The audit's row for each campaign of a run, and what it says where something went wrong."""

from syncline.campaigns.models import Campaign
from syncline.ledger.models import RunPart, RunStatus
from syncline.ledger.outcomes import OutcomeRow
from syncline.syncs.campaigns.campaign_rows import CAMPAIGN_TABLE
from syncline.syncs.context import RunContext
from syncline.syncs.derived_ids import derived_id
from syncline.syncs.messages import Told, tell

AUDIT_TYPE = "CampaignStatistics"
ENTITY = "campaign"
"""How the audit names a campaign's own row."""


def part_of(context: RunContext, campaign: Campaign) -> RunPart:
    part, _ = RunPart.objects.get_or_create(
        run=context.run,
        audit_type=AUDIT_TYPE,
        reference=campaign.pk,
        defaults={"name": campaign.name[:200]},
    )
    return part


def id_in_dynamics(campaign: Campaign) -> str:
    return derived_id(campaign.account, CAMPAIGN_TABLE, str(campaign.campaign_id))


def fail_campaign(part: RunPart) -> None:
    """Dynamics did not take the campaign itself, so nothing of it is synced."""
    told = tell("campaign_null")
    part.status, part.message_code, part.message = RunStatus.FAILED, told.code, told.text
    part.save(update_fields=["status", "message_code", "message"])


def fail_data_set(part: RunPart, data_set: str, why: str) -> None:
    """One set of data did not come through; the part says so of each that did not."""
    told = tell(data_set)
    part.status, part.message_code = RunStatus.COMPLETED_WITH_ERRORS, told.code
    part.message = "\n".join([*part.message.splitlines(), told.text])
    part.notes = "\n".join([*part.notes.splitlines(), f"{data_set}: {why}"])
    part.save(update_fields=["status", "message_code", "message", "notes"])


def outcome_of(
    campaign: Campaign, part: RunPart, result: str, action: str, *, fields: str = "{}"
) -> OutcomeRow:
    """Of the campaign's own row."""
    return OutcomeRow(
        part_id=part.pk,
        person_key=campaign.name[:320],
        name=campaign.name[:200],
        entity=ENTITY,
        record_id=id_in_dynamics(campaign),
        side="dynamics",
        result=result,
        action=action,
        fields=fields,
    )


def failures(context: RunContext) -> Told | None:
    """The message of the run where anything failed: that of the first campaign that has one."""
    part = RunPart.objects.filter(run=context.run).exclude(message_code="").order_by("pk").first()
    return tell(part.message_code) if part else None
