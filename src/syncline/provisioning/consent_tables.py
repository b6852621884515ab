"""What consent needs in Dynamics: suppression records, the CRM suppression list and the opt-in type.

No table here has a key over an address: `+`, `%` and `&` break the URLs of such keys. Rows have ids of ours
instead, which are hashes, so that writing one twice meets the same row.
"""

from __future__ import annotations

from typing import Final

from syncline.dataverse import NewColumn, NewTable
from syncline.provisioning.parts import TablePart, option
from syncline.provisioning.people_columns import (
    LONGEST_ADDRESS,
    account_column,
    contact_lookup,
    lead_lookup,
    list_lookup,
)
from syncline.provisioning.score_columns import SCORE_COLUMNS

SUPPRESSION_REASONS: Final = {
    "Unsubscribed": option(1),
    "SoftBounced": option(2),
    "HardBounced": option(3),
    "IspComplained": option(4),
    "MailBlocked": option(5),
    "DirectComplaint": option(6),
    "Suppressed": option(7),
    "NotAllowed": option(8),
    "DomainSuppression": option(9),
    "NoMxRecord": option(10),
}
"""Dotdigital's word → value of `syncline_reason`. Any other word goes into `syncline_otherreason`."""

REASON_LABELS: Final = {
    "Unsubscribed": "Unsubscribed",
    "SoftBounced": "Soft bounced",
    "HardBounced": "Hard bounced",
    "IspComplained": "Complained to the provider",
    "MailBlocked": "Mail blocked",
    "DirectComplaint": "Complained directly",
    "Suppressed": "Suppressed",
    "NotAllowed": "Not allowed",
    "DomainSuppression": "Domain suppressed",
    "NoMxRecord": "Domain takes no mail",
}
"""The same ten words for people."""

OPT_IN_TYPES: Final = {
    "Unknown": option(1),
    "Single": option(2),
    "Double": option(3),
    "VerifiedDouble": option(4),
}
"""Dotdigital's word → value of `syncline_optintype`. The greater is the stronger."""

OPT_IN_LABELS: Final = {
    OPT_IN_TYPES["Unknown"]: "Unknown",
    OPT_IN_TYPES["Single"]: "Single",
    OPT_IN_TYPES["Double"]: "Double",
    OPT_IN_TYPES["VerifiedDouble"]: "Verified double",
}
"""The same values for people."""

BY_HAND: Final = option(1)
BY_SYNCLINE: Final = option(2)
ADDED_BY: Final = ((BY_HAND, "By hand"), (BY_SYNCLINE, "Syncline"))
"""Who put an address on the CRM suppression list. A blank counts as by hand."""

_OPT_IN_TYPE = NewColumn(
    schema_name="syncline_OptInType",
    kind="choice",
    label="Opt-in Type",
    description="How this person agreed to be mailed, by the strongest of all email accounts.",
    options=tuple(OPT_IN_LABELS.items()),
)

CONTACT = TablePart(logical_name="contact", columns=(_OPT_IN_TYPE, *SCORE_COLUMNS))
LEAD = TablePart(logical_name="lead", columns=(_OPT_IN_TYPE, *SCORE_COLUMNS), required=False)

_REASON = (
    NewColumn(
        schema_name="syncline_Reason",
        kind="choice",
        label="Reason",
        options=tuple((value, REASON_LABELS[word]) for word, value in SUPPRESSION_REASONS.items()),
    ),
    NewColumn(
        schema_name="syncline_OtherReason",
        kind="text",
        label="Other Reason",
        description="The reason in words, where it is none of the choices.",
        max_length=200,
    ),
    NewColumn(schema_name="syncline_SuppressedOn", kind="date_time", label="Suppressed On"),
)

SUPPRESSION = TablePart(
    logical_name="syncline_suppression",
    make=NewTable(
        schema_name="syncline_Suppression",
        label="Suppression",
        plural="Suppressions",
        description="That a contact or lead is not to be mailed: by an account, or as a member of a list.",
        primary_name=NewColumn(
            schema_name="syncline_Name",
            kind="text",
            label="Name",
            description="The reason in words.",
            max_length=200,
        ),
    ),
    columns=(
        NewColumn(schema_name="syncline_Email", kind="text", label="E-mail", max_length=LONGEST_ADDRESS),
        *_REASON,
        account_column(),
        NewColumn(
            schema_name="syncline_AccountName",
            kind="text",
            label="Email Account Name",
            description="What the email account was called when this was written.",
            max_length=200,
        ),
    ),
    lookups=(contact_lookup("suppression"), lead_lookup("suppression"), list_lookup("suppression")),
)

SUPPRESSED_EMAIL = TablePart(
    logical_name="syncline_suppressedemail",
    make=NewTable(
        schema_name="syncline_SuppressedEmail",
        label="Suppressed E-mail",
        plural="CRM Suppression List",
        description="The CRM suppression list: addresses that are not to be mailed.",
        primary_name=NewColumn(
            schema_name="syncline_Email", kind="text", label="E-mail", max_length=LONGEST_ADDRESS
        ),
        track_changes=True,
    ),
    columns=(
        *_REASON,
        NewColumn(
            schema_name="syncline_AddedBy",
            kind="choice",
            label="Added By",
            options=ADDED_BY,
            default=BY_HAND,
        ),
        account_column("Connector key of the email account; blank for every account of this environment."),
    ),
)
