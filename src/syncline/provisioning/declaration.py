"""What Syncline needs inside Dynamics, as data. A new need is a new line in one of the modules named here.

Everything stands under one publisher, so that its names begin with `syncline_`, and in one solution, so that
it can be moved and removed as one.
"""

from __future__ import annotations

from syncline.provisioning.campaign_tables import CAMPAIGN_TABLES
from syncline.provisioning.consent_tables import (
    ADDED_BY,
    CONTACT,
    LEAD,
    OPT_IN_TYPES,
    SUPPRESSED_EMAIL,
    SUPPRESSION,
    SUPPRESSION_REASONS,
)
from syncline.provisioning.form_tables import FORM_TABLES
from syncline.provisioning.list_tables import MARKETING_LIST, MEMBERSHIP_ACTIONS, NOTE_STATUSES, SYNC_NOTE
from syncline.provisioning.parts import (
    OPTION_PREFIX,
    PREFIX,
    Declaration,
    Key,
    Lookup,
    Publisher,
    Solution,
    TablePart,
    logical,
    option,
)
from syncline.provisioning.preference_tables import CONTACT_PREFERENCE, PREFERENCE, PREFERENCE_CATEGORY
from syncline.provisioning.web_tables import WEB_TABLES

__all__ = [
    "ADDED_BY",
    "CAMPAIGN_TABLES",
    "CONTACT",
    "CONTACT_PREFERENCE",
    "DECLARATION",
    "FORM_TABLES",
    "LEAD",
    "MARKETING_LIST",
    "MEMBERSHIP_ACTIONS",
    "NOTE_STATUSES",
    "OPTION_PREFIX",
    "OPT_IN_TYPES",
    "PREFERENCE",
    "PREFERENCE_CATEGORY",
    "PREFIX",
    "SUPPRESSED_EMAIL",
    "SUPPRESSION",
    "SUPPRESSION_REASONS",
    "SYNC_NOTE",
    "WEB_TABLES",
    "Declaration",
    "Key",
    "Lookup",
    "Publisher",
    "Solution",
    "TablePart",
    "logical",
    "option",
]

DECLARATION = Declaration(
    publisher=Publisher(
        unique_name="syncline", friendly_name="Syncline", prefix=PREFIX, option_prefix=OPTION_PREFIX
    ),
    solution=Solution(unique_name="Syncline", friendly_name="Syncline", version="0.7.0.0"),
    # A table stands behind those that its lookups point at.
    tables=(
        MARKETING_LIST,
        CONTACT,
        LEAD,
        SYNC_NOTE,
        SUPPRESSION,
        SUPPRESSED_EMAIL,
        PREFERENCE_CATEGORY,
        PREFERENCE,
        CONTACT_PREFERENCE,
        *CAMPAIGN_TABLES,
        *FORM_TABLES,
        *WEB_TABLES,
    ),
)
