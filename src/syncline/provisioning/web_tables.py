"""What web behaviour needs in Dynamics: the visit, and the page views that it is made of.

Every date is a moment and so is kept as user local: in UTC, and shown to each user in their own time zone.
The ids of the rows are hashes of what makes each the one it is, so that writing one twice meets the same row.
"""

from __future__ import annotations

from typing import Final

from syncline.dataverse import NewColumn, NewTable
from syncline.provisioning.columns import decimal, moment, text
from syncline.provisioning.parts import Lookup, TablePart
from syncline.provisioning.people_columns import (
    LONGEST_ADDRESS,
    account_column,
    contact_lookup,
    lead_lookup,
)

LONGEST_TITLE: Final = 200
LONGEST_PAGE_URL: Final = 2000
LONGEST_SITE: Final = 255
LONGEST_BROWSER: Final = 500
LONGEST_IP: Final = 50


def _minutes(description: str) -> NewColumn:
    return decimal("DurationMinutes", "Duration (Minutes)", description)


WEB_VISIT = TablePart(
    logical_name="syncline_webvisit",
    make=NewTable(
        schema_name="syncline_WebVisit",
        label="Web Visit",
        plural="Web Visits",
        description="One visit of a person to a web site. It ends after 35 minutes without a page view.",
        primary_name=text("Name", "Name", LONGEST_TITLE, "The title of the first page, or its address."),
    ),
    columns=(
        text("Email", "E-mail", LONGEST_ADDRESS),
        NewColumn(
            schema_name="syncline_DotdigitalContactId",
            kind="whole_number",
            label="Dotdigital Contact Id",
            min_value=0,
        ),
        account_column(),
        moment("StartedOn", "Started On"),
        moment("EndedOn", "Ended On", "When the last page was opened."),
        _minutes("From the first page view to the last."),
        NewColumn(schema_name="syncline_Pages", kind="whole_number", label="Pages", min_value=0),
        text("EntryPage", "First Page", LONGEST_PAGE_URL),
        text("Site", "Site", LONGEST_SITE),
        text("UserAgent", "User Agent", LONGEST_BROWSER),
        text("IpAddress", "IP Address", LONGEST_IP),
    ),
    lookups=(contact_lookup("webvisit"), lead_lookup("webvisit")),
)

WEB_PAGE_VIEW = TablePart(
    logical_name="syncline_webpageview",
    make=NewTable(
        schema_name="syncline_WebPageView",
        label="Web Page View",
        plural="Web Page Views",
        description="One page that a person looked at during a visit.",
        primary_name=text("Name", "Name", LONGEST_TITLE, "The title of the page, or its address."),
    ),
    columns=(
        account_column(),
        text("Url", "Page", LONGEST_PAGE_URL),
        moment("ViewedOn", "Viewed On"),
        _minutes("For which the page was looked at."),
    ),
    lookups=(
        Lookup(
            column=NewColumn(schema_name="syncline_Visit", kind="text", label="Web Visit"),
            target="syncline_webvisit",
            target_key="syncline_webvisitid",
            relationship="syncline_webvisit_pageview",
        ),
    ),
)

WEB_TABLES: Final = (WEB_VISIT, WEB_PAGE_VIEW)
