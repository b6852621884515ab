"""Every sync type, one line each, in the order in which the page shows them."""

from typing import Final

from syncline.syncs import (
    crm_metadata,
    email_campaigns,
    insight,
    labels,
    lists_in,
    lists_out,
    marketing_preferences,
    opt_in,
    pages_and_forms,
    scoring,
    suppressions,
    unsubscribers,
    web_behaviour,
)
from syncline.syncs.contract import SyncType

_TYPES: Final = (
    SyncType(
        key="campaigns",
        name="Email campaigns",
        description="Campaigns that were sent and their totals, and what each person did with those that are "
        "synced in detail.",
        audit_type="CampaignStatistics",
        lane="rows",
        default_interval="4h",
        plannable=False,
        step=email_campaigns.step,
    ),
    SyncType(
        key="lists_out",
        name="Two-way marketing list sync",
        description="Marketing lists to Dotdigital lists, after taking over what is newer there.",
        audit_type="MarketingListsDataOut",
        lane="people",
        default_interval="4h",
        step=lists_out.step,
    ),
    SyncType(
        key="lists_in",
        name="Address books to Dynamics",
        description="Dotdigital lists to marketing lists: who is new there, and what has changed.",
        audit_type="MarketingListsDataIn",
        lane="people",
        default_interval="1h",
        step=lists_in.step,
    ),
    SyncType(
        key="labels",
        name="Data field labels",
        description="New Dotdigital data fields become labels, and new labels become Dotdigital data fields.",
        audit_type="DataFieldLabels",
        lane="people",
        default_interval="1d",
        step=labels.step,
    ),
    SyncType(
        key="suppressions",
        name="Suppressions",
        description="Addresses on the suppression list of Dotdigital update contacts and leads with the same "
        "address; addresses on the CRM suppression list are suppressed in Dotdigital.",
        audit_type="Suppressions",
        lane="people",
        default_interval="1h",
        step=suppressions.step,
    ),
    SyncType(
        key="unsubscribers",
        name="Unsubscribers",
        description="Contacts who unsubscribed from a list are taken out of the marketing list, and a "
        "suppression record is kept against the contact or lead and the list.",
        audit_type="Unsubscribers",
        lane="people",
        default_interval="1h",
        step=unsubscribers.step,
    ),
    SyncType(
        key="crm_metadata",
        name="CRM metadata",
        description="Refreshes the columns of contacts, leads and accounts that can be mapped.",
        audit_type="CrmMetadata",
        lane="rows",
        default_interval="1d",
        step=crm_metadata.step,
    ),
    SyncType(
        key="opt_in",
        name="Opt-in status to Dynamics",
        description="How people agreed to be mailed, as Dotdigital knows it, into the field Opt-in Type of "
        "contacts and leads. A value there is only ever raised.",
        audit_type="OptInStatus",
        lane="people",
        step=opt_in.step,
    ),
    SyncType(
        key="forms",
        name="Forms",
        description="Pages and forms of Dotdigital: forms, their questions, and what people answered.",
        audit_type="Forms",
        lane="people",
        default_interval="1h",
        plannable=False,
        step=pages_and_forms.step,
    ),
    SyncType(
        key="web_behaviour",
        name="Web behavior tracking",
        description="Visits to web sites with the pages that were looked at, as the tracking script of "
        "Dotdigital records them, to the contact or lead.",
        audit_type="WebBehaviour",
        lane="rows",
        default_interval="4h",
        plannable=False,
        step=web_behaviour.step,
    ),
    SyncType(
        key="scoring",
        name="Contact scoring",
        description="Contact scoring data from Dotdigital contacts to Dynamics contacts and leads.",
        audit_type="ContactScoring",
        lane="people",
        step=scoring.step,
    ),
    SyncType(
        key="preferences",
        name="Marketing preferences",
        description="What people chose to be told about, in Dotdigital and on contacts and leads that were "
        "ever in a list. The later choice counts.",
        audit_type="MarketingPreferences",
        lane="people",
        step=marketing_preferences.step,
    ),
    SyncType(
        key="insight",
        name="Insight data",
        description="Rows of chosen Dynamics tables into insight data of Dotdigital: active rows of people "
        "who are subscribed, with the columns that were chosen.",
        audit_type="InsightData",
        lane="rows",
        step=insight.step,
    ),
)

SYNC_TYPES: Final[dict[str, SyncType]] = {sync_type.key: sync_type for sync_type in _TYPES}
