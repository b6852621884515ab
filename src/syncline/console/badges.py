"""Every status and outcome that the console shows: its words, its icon, and the tone of its colour."""

from dataclasses import dataclass
from typing import Literal

from syncline.ledger.models import RunStatus

Tone = Literal["neutral", "brand", "success", "warning", "danger"]


@dataclass(frozen=True)
class Badge:
    words: str
    icon: str
    tone: Tone


BADGES: dict[str, Badge] = {
    # Runs and their parts, as the Sync Audit names them.
    RunStatus.QUEUED: Badge("Added to Queue", "clock", "neutral"),
    RunStatus.RUNNING: Badge("In Progress", "running", "brand"),
    RunStatus.COMPLETED: Badge("Completed", "success", "success"),
    RunStatus.COMPLETED_WITH_ERRORS: Badge("Completed With Errors", "warning", "warning"),
    RunStatus.FAILED: Badge("Failed", "error", "danger"),
    RunStatus.CANCELLED: Badge("Cancelled", "cancelled", "neutral"),
    RunStatus.WAITING: Badge("Waiting For Approval", "fuse", "warning"),
    # The Scheduled Sync Settings' own three words.
    "live_none": Badge("None", "none", "neutral"),
    "live_queued": Badge("Added to Queue", "clock", "neutral"),
    "live_running": Badge("Synchronising In Progress", "running", "brand"),
    # Records.
    "planned": Badge("Planned", "plan", "brand"),
    "created": Badge("Created", "success", "success"),
    "updated": Badge("Updated", "success", "success"),
    "removed": Badge("Removed", "none", "neutral"),
    "unchanged": Badge("Unchanged", "none", "neutral"),
    "skipped": Badge("Skipped", "prohibited", "neutral"),
    "rejected": Badge("Rejected", "error", "danger"),
    # Why?
    "why_passes": Badge("Passes", "success", "success"),
    "why_stops": Badge("Stops here", "error", "danger"),
    # Marketing lists.
    "list_activated": Badge("Activated", "success", "success"),
    "list_not_activated": Badge("Not activated", "none", "neutral"),
    "list_manual_only": Badge("Manual Sync Only", "lock", "neutral"),
    "list_gone": Badge("Gone from Dynamics", "prohibited", "warning"),
    # Email campaigns.
    "campaign_deleted": Badge("Deleted in Dotdigital", "prohibited", "neutral"),
    "data_set_in_step": Badge("Carried over", "success", "success"),
    "data_set_waiting": Badge("Waits for the next run", "clock", "neutral"),
    "data_set_failed": Badge("Failed", "error", "danger"),
    "data_set_off": Badge("Not at this level", "none", "neutral"),
    "campaign_problem": Badge("Problem", "error", "danger"),
    # Forms.
    "form_deleted": Badge("Deleted in Dotdigital", "prohibited", "neutral"),
    "form_problem": Badge("Problem", "error", "danger"),
    # Accounts.
    "account_active": Badge("Active", "success", "success"),
    "account_disabled": Badge("Disabled", "prohibited", "neutral"),
    "account_default": Badge("Default", "star", "brand"),
    # How a plan stands.
    "plan_waiting": Badge("Waiting for approval", "clock", "warning"),
    "plan_approved": Badge("Approved", "success", "success"),
    "plan_discarded": Badge("Discarded", "cancelled", "neutral"),
    "plan_too_old": Badge("Too old", "history", "neutral"),
    "plan_nothing": Badge("Nothing to do", "none", "neutral"),
    # Email Data Labels.
    "label_in_dotdigital": Badge("In Dotdigital", "success", "success"),
    "label_waiting": Badge("Waiting for the label sync", "clock", "brand"),
    "label_refused": Badge("Refused", "error", "danger"),
    # Data Mappings.
    "mapping_broken": Badge("Cannot be used", "error", "danger"),
    "to_dotdigital": Badge("To Dotdigital", "outward", "neutral"),
    "to_dynamics": Badge("To Dynamics", "inward", "neutral"),
    "both": Badge("Both ways", "both-ways", "neutral"),
    # What a run is for.
    "purpose_plan": Badge("Plan", "plan", "brand"),
    "purpose_fuse": Badge("Fuse tripped", "fuse", "warning"),
    "purpose_execute": Badge("Approved plan", "success", "brand"),
    "purpose_undo": Badge("Undo", "undo", "brand"),
    "purpose_drift": Badge("Drift audit", "compare", "brand"),
    # What a plan would do to a record.
    "plan_create": Badge("Create", "add", "success"),
    "plan_update": Badge("Update", "edit", "brand"),
    "plan_remove": Badge("Take out", "none", "warning"),
    "plan_skipped": Badge("Left out", "prohibited", "neutral"),
    "plan_rejected": Badge("Cannot be carried over", "error", "danger"),
    "plan_unchanged": Badge("In step", "success", "neutral"),
}


def badge_of(code: str) -> Badge:
    """The badge of a stored code; a code that has none yet is shown as it is."""
    return BADGES.get(code) or Badge(code.replace("_", " ").capitalize(), "info", "neutral")
