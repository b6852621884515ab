"""What email campaigns need in Dynamics: the campaign with its totals, and a table for each of the five sets
of data about what people did with it.

Every date is a moment and so is kept as user local: in UTC, and shown to each user in their own time zone.
Rows of the five tables have no number in Dotdigital; their ids are hashes of all that makes a row the one it
is, so that writing one twice meets the same row.
"""

from __future__ import annotations

from typing import Final

from syncline.dataverse import NewColumn, NewTable
from syncline.provisioning.columns import decimal, moment, number, text, yes_no
from syncline.provisioning.parts import Key, Lookup, TablePart
from syncline.provisioning.people_columns import (
    LONGEST_ADDRESS,
    account_column,
    contact_lookup,
    dotdigital_id_column,
    lead_lookup,
)

LONGEST_NAME: Final = 200
LONGEST_CAMPAIGN_NAME: Final = 255
LONGEST_URL: Final = 2000
LONGEST_AGENT: Final = 500

_TOTALS: Final = (
    ("Sent", "Sent"),
    ("Delivered", "Delivered"),
    ("Opens", "Opens"),
    ("UniqueOpens", "Unique Opens"),
    ("Clicks", "Clicks"),
    ("UniqueClicks", "Unique Clicks"),
    ("Replies", "Replies"),
    ("Forwards", "Forwards"),
    ("PageViews", "Page Views"),
    ("Unsubscribes", "Unsubscribes"),
    ("HardBounces", "Hard Bounces"),
    ("SoftBounces", "Soft Bounces"),
    ("MailBlocks", "Mail Blocks"),
    ("Complaints", "Complaints"),
    ("Orders", "Orders"),
    ("AssistedOrders", "Assisted Orders"),
)
_RATES: Final = (
    ("PercentageDelivered", "Delivered %"),
    ("PercentageUniqueOpens", "Unique Opens %"),
    ("PercentageUniqueClicks", "Unique Clicks %"),
    ("PercentageUniqueClicksToOpens", "Clicks to Opens %"),
    ("PercentageUnsubscribes", "Unsubscribes %"),
    ("PercentageHardBounces", "Hard Bounces %"),
    ("PercentageSoftBounces", "Soft Bounces %"),
    ("ConversionRate", "Conversion Rate %"),
)
_MONEY: Final = (("Revenue", "Revenue"), ("AssistedRevenue", "Assisted Revenue"))


EMAIL_CAMPAIGN = TablePart(
    logical_name="syncline_emailcampaign",
    make=NewTable(
        schema_name="syncline_EmailCampaign",
        label="Email Campaign",
        plural="Email Campaigns",
        description="A campaign that was sent from Dotdigital, with its totals.",
        primary_name=text("Name", "Name", LONGEST_CAMPAIGN_NAME),
    ),
    columns=(
        dotdigital_id_column(),
        account_column(),
        text("Subject", "Subject", 1000),
        text("FromName", "From Name", LONGEST_NAME),
        text("FromAddress", "From Address", LONGEST_ADDRESS),
        text("CampaignType", "Type", 50, "Standard, Triggered, or what else Dotdigital calls it."),
        text("CampaignStatus", "Status", 50, "As Dotdigital tells it: Sent, Sending, Triggered…"),
        text("Tags", "Tags", 1000, "Dotdigital's tags, separated by commas."),
        yes_no("SplitTest", "Split Test"),
        yes_no("Deleted", "Deleted in Dotdigital", "What was told before stays; nothing more comes."),
        moment("SentOn", "Sent On", "When it was first sent."),
        moment("LastSentOn", "Last Sent On"),
        *(number(name, label) for name, label in _TOTALS),
        *(decimal(name, label) for name, label in _RATES),
        *(decimal(name, label, "In the currency of the Dotdigital account.") for name, label in _MONEY),
    ),
    keys=(
        Key(
            schema_name="syncline_CampaignOfAccount",
            label="Account and Dotdigital id",
            columns=("syncline_account", "syncline_dotdigitalid"),
        ),
    ),
)


def _data_set(
    name: str, label: str, plural: str, description: str, primary: NewColumn, *columns: NewColumn
) -> TablePart:
    short = name.lower()
    return TablePart(
        logical_name=f"syncline_{short}",
        make=NewTable(
            schema_name=f"syncline_{name}",
            label=label,
            plural=plural,
            description=description,
            primary_name=primary,
        ),
        columns=(
            text("Email", "E-mail", LONGEST_ADDRESS),
            number("DotdigitalContactId", "Dotdigital Contact Id"),
            account_column(),
            *columns,
        ),
        lookups=(
            Lookup(
                column=NewColumn(schema_name="syncline_Campaign", kind="text", label="Email Campaign"),
                target="syncline_emailcampaign",
                target_key="syncline_emailcampaignid",
                relationship=f"syncline_campaign_{short}",
            ),
            contact_lookup(short),
            lead_lookup(short),
        ),
    )


EMAIL_SEND = _data_set(
    "EmailSend",
    "Email Send",
    "Email Sends",
    "One send of a campaign to one person, and what came of it since.",
    text("Name", "Name", LONGEST_CAMPAIGN_NAME, "What the campaign was called when this was written."),
    moment("SentOn", "Sent On"),
    moment("FirstOpenedOn", "First Opened On"),
    moment("LastOpenedOn", "Last Opened On"),
    number("Opens", "Opens"),
    number("Clicks", "Clicks"),
    number("PageViews", "Page Views"),
    number("Forwards", "Forwards"),
    number("EstimatedForwards", "Estimated Forwards"),
    number("Replies", "Replies"),
    text("FirstOpenIp", "First Open IP Address", 50),
    yes_no("Unsubscribed", "Unsubscribed"),
    yes_no("SoftBounced", "Soft Bounced"),
    yes_no("HardBounced", "Hard Bounced"),
)

EMAIL_CLICK = _data_set(
    "EmailClick",
    "Email Click",
    "Email Clicks",
    "One click on a link of a campaign.",
    text("Name", "Name", LONGEST_NAME, "The beginning of the link."),
    text("Url", "Link", LONGEST_URL),
    text("Keyword", "Keyword", LONGEST_NAME),
    moment("ClickedOn", "Clicked On"),
    text("IpAddress", "IP Address", 50),
    text("UserAgent", "User Agent", LONGEST_AGENT),
)

SOCIAL_BOOKMARK = _data_set(
    "SocialBookmark",
    "Social Network Bookmark",
    "Social Network Bookmarks",
    "How often one person's share of a campaign on one social network was looked at, without a date.",
    text("Name", "Name", LONGEST_NAME, "The network."),
    number("Views", "Views"),
)

ROI_DETAIL = _data_set(
    "RoiDetail",
    "ROI Detail",
    "ROI Details",
    "What one person did on the website after a click, as its ROI markers tell.",
    text("Name", "Name", LONGEST_NAME, "The marker."),
    text("DataType", "Data Type", 20, "String, Numeric, Date or Boolean."),
    text("Value", "Value", LONGEST_URL, "As text, whatever its type."),
    decimal("Amount", "Amount", "The value of a Numeric marker."),
    moment("EnteredOn", "Entered On"),
)

PAGE_VIEW = _data_set(
    "CampaignPageView",
    "Campaign Page View",
    "Campaign Page Views",
    "One page that a person looked at after a click.",
    text("Name", "Name", LONGEST_NAME, "The beginning of the page's address."),
    text("Url", "Page", LONGEST_URL),
    moment("ViewedOn", "Viewed On"),
)

CAMPAIGN_TABLES: Final = (
    EMAIL_CAMPAIGN,
    EMAIL_SEND,
    EMAIL_CLICK,
    SOCIAL_BOOKMARK,
    ROI_DETAIL,
    PAGE_VIEW,
)
