"""What the Sync Audit's Message column says: the published messages word for word, and our own beside them.

Each has a meaning and a remedy, so that nobody has to ask what to do. Texts marked published come from the
product description's list of common error messages.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Message:
    """One message: `text` may hold `{0}`, filled when the message is recorded."""

    text: str
    meaning: str
    remedy: str
    of_one: str = ""
    """The text where `{0}` is 1, if it reads differently then."""


def _data_set(name: str) -> Message:
    return Message(
        f"{name} have failed to sync for this Email Campaign",
        "One data set of the campaign could not be carried over; the others were.",
        "Run the Email campaigns sync again. If it fails twice, look at the records it lists.",
    )


MESSAGES: dict[str, Message] = {
    # Published.
    "datafield_invalid": Message(
        "ERROR_DATAFIELD_INVALID - Failed to sync dataLabel {0} to Dotdigital",
        "Dotdigital refused this data label: its name or type is not allowed there.",
        "Rename the label (at most 20 letters, digits, - and _; no reserved name) or give it the type "
        "that Dotdigital "
        "already has for that name, then run Data field labels again.",
    ),
    "campaign_null": Message(
        "The CrmEmailCampaign was null. Sync aborted",
        "The campaign could not be added or updated in Dynamics.",
        "Check that Syncline may write campaigns in Dynamics, then run Email campaigns again.",
    ),
    "EmailSendSummaries": _data_set("EmailSendSummaries"),
    "EmailClicks": _data_set("EmailClicks"),
    "SocialNetworkBookmarks": _data_set("SocialNetworkBookmarks"),
    "RoiDetails": _data_set("RoiDetails"),
    "PageViews": _data_set("PageViews"),
    "account_mismatch": Message(
        "Marketing List EmailAccount Id does not match CrmEmailAccountId",
        "The marketing list belongs to another email account than the one being synced.",
        "Open the list in Dynamics and choose the right account, or sync it from the account it belongs to.",
    ),
    "list_null": Message(
        "CrmMarketingList is null. Sync aborted",
        "The marketing list could not be read: it was deleted, or Syncline may not see it.",
        "Check that the list still exists and that Syncline's application user may read it.",
    ),
    "feature_off": Message(
        "Feature is not activated in Dotdigital",
        "The Dotdigital account does not have this feature.",
        "Ask Dotdigital to activate it, or set this sync to Manual only.",
    ),
    "labels_failed": Message(
        "Marketing list sync didn't start as Data Label sync failed",
        "Labels go before lists, so that no value is sent to a field that does not exist. The labels failed.",
        "Look at the Data field labels run just before this one, mend what it says, and run the list sync "
        "again.",
    ),
    "no_consent_tables": Message(
        "Dynamics has no tables for suppressions yet",
        "Do Not Bulk Email was set where it had to be; suppression records and the CRM suppression list were "
        "left out.",
        "Let an operator run `syncline provision` for this account; the next run writes what is missing.",
    ),
    "no_opt_in_column": Message(
        "Dynamics has no column Opt-in Type on {0} yet",
        "The opt-in type goes into a column that Syncline adds to contacts and leads. Nothing was carried "
        "over.",
        "Let an operator run `syncline provision` for this account, then run this sync again.",
    ),
    "no_preference_tables": Message(
        "Dynamics has no tables of marketing preferences yet",
        "What people chose goes into tables that Syncline adds. Nothing was carried over.",
        "Let an operator run `syncline provision` for this account, then run this sync again.",
    ),
    "preferences_refused": Message(
        "Dynamics did not take the marketing preferences of Dotdigital: {0}",
        "What people chose can only be kept once the preferences themselves are there. Nothing was carried "
        "over.",
        "Mend what Dynamics names, then run this sync again.",
    ),
    "no_score_columns": Message(
        "Dynamics has no columns for scores on {0} yet",
        "Scores go into columns that Syncline adds to contacts and leads. Nothing was carried over.",
        "Let an operator run `syncline provision` for this account, then run this sync again.",
    ),
    "no_form_tables": Message(
        "Dynamics did not take the forms. Sync aborted",
        "Forms, questions, options, responses and answers go into tables of Syncline's in Dynamics, and the "
        "table of forms is missing there or may not be written.",
        "Let an operator run `syncline provision` for this account, then run Forms again.",
    ),
    "form_failed": Message(
        "{0} have failed to sync for this form",
        "This part of the form could not be carried over; the others were.",
        "Look at the notes of the form. What is missing comes with the next run once that is mended.",
    ),
    "no_insight_tables": Message(
        "No table has been chosen for insight data",
        "Rows go to Dotdigital from tables that somebody chose, and there is none.",
        "Choose one on the page Insight Data, or set this sync to Manual only.",
    ),
    "insight_table_failed": Message(
        "{0}",
        "This table could not be carried over; the others were.",
        "{1}",
    ),
    "no_web_collection": Message(
        "Dotdigital has no collection of web behaviour",
        "Page views are read from the collection of insight data that Dotdigital's tracking script fills, "
        "and there is none.",
        "Put the tracking script on the web site. If the collection is there under a name of its own, say so "
        "with `syncline behaviour`.",
    ),
    "no_named_web_collection": Message(
        "Dotdigital has no collection {0} of contacts",
        "Page views are read from the collection that is set for this account, and it is not there.",
        "Correct the name with `syncline behaviour`, or leave it empty to use the one that the tracking "
        "script fills.",
    ),
    "web_names_unknown": Message(
        "The records of {0} have no time in a field {1}. Their fields: {2}",
        "What a record of web behaviour calls its values is not published, so the names can be set for each "
        "account.",
        "Say which field holds what with `syncline behaviour ACCOUNT --field viewed_on=NAME`, then run "
        "this sync again.",
    ),
    "web_table_failed": Message(
        "{0} have failed to sync",
        "Dynamics has no such table, or Syncline may not write it. What was read is kept here.",
        "The next run writes what is missing.",
    ),
    "nothing_new": Message(
        "No new objects to sync",
        "Neither side has changed since the last run.",
        "Nothing to do.",
    ),
    "internal_error": Message(
        "Internal server error",
        "Something went wrong that Syncline did not foresee. What was settled before stays settled.",
        "Run the sync again. If it fails the same way, send the run's number to whoever runs this "
        "installation.",
    ),
    # Our own.
    "cancelled": Message(
        "Cancelled by {0}",
        "The run stopped at its next safe point. What had been delivered stays delivered and is recorded.",
        "Press Sync Now to go on; nothing is lost.",
    ),
    "account_disabled": Message(
        "The account is disabled",
        "No sync runs for a disabled account.",
        "Enable the account, then run the sync again.",
    ),
    "misconfigured": Message(
        "{0}",
        "One side refused the connection or the request as it is set up.",
        "{1}",
    ),
    "unavailable": Message(
        "{0}",
        "One side did not answer for too long.",
        "Nothing was lost. The next run goes on from here; if it keeps failing, run the doctor command "
        "for this account.",
    ),
    "some_rejected": Message(
        "{0} of {1} records were not accepted",
        "Every other record arrived. The ones that did not are listed with the reason.",
        "Look at the rejected records of the run, and mend them where they live. They go along again "
        "when they change.",
        of_one="{0} of {1} records was not accepted",
    ),
    "list_problem": Message(
        "{0}",
        "This list could not be synced; the others were.",
        "{1}",
    ),
    "fuse_tripped": Message(
        "{0}",
        "The run would have changed more than this account's fuse allows, so it wrote nothing and waits. "
        "What it would do is kept as a plan.",
        "Look at the plan. Approve it if that is meant, or discard it and mend what is wrong. Until then no "
        "sync of this type is started by its schedule.",
    ),
    "changed_since_plan": Message(
        "{0} records were left out, for they have changed since the plan was made",
        "Everything else was done as approved. What changed in between is never written on the strength of "
        "an older approval.",
        "Nothing to do: the next sync decides about them afresh. To look first, make a new plan.",
        of_one="{0} record was left out, for it has changed since the plan was made",
    ),
    "manual_only": Message(
        "Manual Sync Only: left out of scheduled syncs",
        "The list was not used for 90 days, or somebody set it so.",
        "Sync the list by hand, which switches this off, or change its settings.",
    ),
    "turned_manual": Message(
        "Manual Sync Only from now on: {0}",
        "These lists were not used for 90 days: nobody came or went, was synced by hand, or had settings "
        "changed. Scheduled syncs leave them out.",
        "Nothing to do. To have one synced again, sync it by hand.",
    ),
    "drift_found": Message(
        "Compared in full: {0} differed from what Syncline knew",
        "Both sides were read from beginning to end, whatever the change feeds had told.",
        "Look at the plan: it holds what would be repaired. Approve it, and that is done.",
    ),
    "metadata_changed": Message(
        "{0}",
        "The columns that can be mapped have changed in Dynamics.",
        "Look at the mappings of this account.",
    ),
}


@dataclass(frozen=True)
class Told:
    """A message as stored with a run: its code, and its text and remedy with the blanks filled."""

    code: str
    text: str
    remedy: str


def tell(code: str, *values: object) -> Told:
    message = MESSAGES[code]
    text = message.of_one if message.of_one and values[:1] == (1,) else message.text
    return Told(code, text.format(*values), message.remedy.format(*values) if values else message.remedy)


def explain(code: str) -> Message | None:
    """The catalogue entry of a stored code, or None for a run without a message."""
    return MESSAGES.get(code)
