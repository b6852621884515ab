"""A client of the Dotdigital API (v3 where it exists, v2 for the rest).

It knows nothing of Syncline, Django or a database. Give `Dotdigital` an `Account`; what it raises is drawn in
`syncline.dotdigital.errors`. Section numbers in comments are those of the API contract that the client was
written from.
"""

from syncline.dotdigital.account import REGIONS, Account, allowed_host, region_url
from syncline.dotdigital.account_info import AccountInfo
from syncline.dotdigital.address_books import MOST_REMOVALS_A_CALL, AddressBook
from syncline.dotdigital.campaign_activity import BookmarkViews, Click, PageView, RoiDetail, SendSummary
from syncline.dotdigital.campaigns import BEFORE_EVERYTHING, Campaign, CampaignMetrics, OffsetPage
from syncline.dotdigital.client import Dotdigital
from syncline.dotdigital.contacts import (
    ALL_DATA_FIELDS,
    Channels,
    Contact,
    ContactPage,
    EmailChannel,
    ListStatus,
    PreferenceState,
)
from syncline.dotdigital.data_fields import DataField, DataFieldDeletion
from syncline.dotdigital.errors import FeatureOff, NotFound, TooLarge, TooManyImports
from syncline.dotdigital.forms import MOST_FORM_ROWS, Choice, Form, FormResponse, GivenAnswer, Question
from syncline.dotdigital.imports import (
    IMPORT_MAX_BYTES,
    IMPORT_MAX_ROWS,
    MOST_ACTIVE_IMPORTS,
    Consent,
    Imported,
    ImportFailure,
    ImportReport,
    ImportRow,
    Reason,
    encode_row,
)
from syncline.dotdigital.insight_data import (
    COLLECTION_NAME,
    INSIGHT_MAX_BYTES,
    INSIGHT_MAX_RECORDS,
    MOST_DELETED_A_CALL,
    WEB_INSIGHT,
    InsightCollection,
    InsightFailure,
    InsightPage,
    InsightRecord,
    InsightReport,
    encode_record,
)
from syncline.dotdigital.limits import TierLimiter
from syncline.dotdigital.preferences import Preference, PreferenceChoice, PreferenceChoices
from syncline.dotdigital.scores import Score, ScorePage
from syncline.dotdigital.suppressions import Suppression, SuppressionPage, SuppressResult
from syncline.remote import Limiter, Misconfigured, Patience, Permanent, Rejected, RemoteError, Retryable

__all__ = [
    "ALL_DATA_FIELDS",
    "BEFORE_EVERYTHING",
    "COLLECTION_NAME",
    "IMPORT_MAX_BYTES",
    "IMPORT_MAX_ROWS",
    "INSIGHT_MAX_BYTES",
    "INSIGHT_MAX_RECORDS",
    "MOST_ACTIVE_IMPORTS",
    "MOST_DELETED_A_CALL",
    "MOST_FORM_ROWS",
    "MOST_REMOVALS_A_CALL",
    "REGIONS",
    "WEB_INSIGHT",
    "Account",
    "AccountInfo",
    "AddressBook",
    "BookmarkViews",
    "Campaign",
    "CampaignMetrics",
    "Channels",
    "Choice",
    "Click",
    "Consent",
    "Contact",
    "ContactPage",
    "DataField",
    "DataFieldDeletion",
    "Dotdigital",
    "EmailChannel",
    "FeatureOff",
    "Form",
    "FormResponse",
    "GivenAnswer",
    "ImportFailure",
    "ImportReport",
    "ImportRow",
    "Imported",
    "InsightCollection",
    "InsightFailure",
    "InsightPage",
    "InsightRecord",
    "InsightReport",
    "Limiter",
    "ListStatus",
    "Misconfigured",
    "NotFound",
    "OffsetPage",
    "PageView",
    "Patience",
    "Permanent",
    "Preference",
    "PreferenceChoice",
    "PreferenceChoices",
    "PreferenceState",
    "Question",
    "Reason",
    "Rejected",
    "RemoteError",
    "Retryable",
    "RoiDetail",
    "Score",
    "ScorePage",
    "SendSummary",
    "SuppressResult",
    "Suppression",
    "SuppressionPage",
    "TierLimiter",
    "TooLarge",
    "TooManyImports",
    "allowed_host",
    "encode_record",
    "encode_row",
    "region_url",
]
