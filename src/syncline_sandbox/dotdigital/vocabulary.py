"""Reserved words, published limits and the words of the API. What can be switched is in settings.py."""

from __future__ import annotations

# Log-in of the one API user. Not a secret: the server listens on 127.0.0.1 and holds invented data.
API_USER = "apiuser-sandbox@apiconnector.com"
API_PASSWORD = "sandbox-password"  # noqa: S105

MAX_BODY_BYTES = 50 * 1024 * 1024

# --- Paging -----------------------------------------------------------------------------------------------
V2_MAX_SELECT = 1000
V2_DEFAULT_SELECT = 1000
V3_MAX_LIMIT = 5000
V3_DEFAULT_LIMIT = 5000
# Preference look-ups return at most this many and go on by minContactId.
PREFERENCE_LOOKUP_ROWS = 1000

# --- Data fields ------------------------------------------------------------------------------------------
FIELD_TYPES = ("String", "Numeric", "Date", "Boolean")
VISIBILITIES = ("Private", "Public")
BUILT_IN_FIELDS = (
    ("FIRSTNAME", "String"),
    ("LASTNAME", "String"),
    ("FULLNAME", "String"),
    ("GENDER", "String"),
    ("POSTCODE", "String"),
    ("LASTSUBSCRIBED", "Date"),
)
# Set by the server when a person is created or subscribed again; v2 shows it as local-looking text.
LAST_SUBSCRIBED = "LASTSUBSCRIBED"
RESERVED_FIELD_NAMES = frozenset(
    [
        "account",
        "campaign",
        "campaignid",
        "contact",
        "contact_api_id",
        "contactid",
        "email",
        "hcontactid",
        "hemail",
        "hemail256",
        "id",
        "messagecontent",
        "mobilenumberid",
        "notes",
        "unsubscribed",
        "uniquecontactid",
    ]
)
FIELD_NAME_PATTERN = r"[A-Za-z0-9_-]{1,20}"
MAX_TEXT_CHARACTERS = 1000
MAX_NUMERIC_WHOLE_DIGITS = 18
MAX_NUMERIC_FRACTION_DIGITS = 9

# --- Lists ------------------------------------------------------------------------------------------------
TEST_LIST = "Test"
ALL_CONTACTS_LIST = "All contacts"
TEST_LIST_ID = 1
ALL_CONTACTS_LIST_ID = 2
FIRST_LIST_ID = 1001
MAX_LIST_NAME_CHARACTERS = 128
MAX_LISTS_PER_ROW = 100
MAX_CONSENTS_PER_ROW = 5
MAX_DELETE_IDENTIFIERS = 5000
FIRST_CONTACT_ID = 100_001
MAX_IDENTIFIER_CHARACTERS = 256

MEMBER_SUBSCRIBED = "subscribed"
MEMBER_SUPPRESSED = "suppressed"
MEMBER_PENDING = "pending"

# --- Insight data -----------------------------------------------------------------------------------------
COLLECTION_NAME_PATTERN = r"[-A-Za-z_][-A-Za-z0-9_]{1,254}"
COLLECTION_SCOPES = ("account", "contact")
COLLECTION_TYPES = (
    "cartInsight",
    "catalog",
    "consentInsight",
    "custom",
    "easyEditorExtensions",
    "nostoEmailCampaigns",
    "orders",
    "productCategories",
    "webInsight",
    "wishList",
)
# A page holds no more, whatever limit was asked for.
MAX_INSIGHT_PAGE = 1000
MAX_DELETE_KEYS = 5000
# These limits have a reason for failing in the definition, but no number.
MAX_RECORD_KEY_CHARACTERS = 255
MAX_INSIGHT_NAME_CHARACTERS = 128
INSIGHT_NAME_PATTERN = r"[A-Za-z_][-A-Za-z0-9_]*"
MAX_INSIGHT_TEXT_CHARACTERS = 10_000
MAX_INSIGHT_NUMBER = 2**63

# --- Campaigns --------------------------------------------------------------------------------------------
FIRST_CAMPAIGN_ID = 3501
MAX_CAMPAIGN_NAME_CHARACTERS = 255
DEFAULT_FROM_ADDRESS = "hello@northwind-outdoor.example"
CAMPAIGN_TYPES = ("Standard", "Triggered")
CAMPAIGN_STATUSES = (
    "Unsent",
    "Sending",
    "Sent",
    "Paused",
    "Cancelled",
    "RequiresSystemApproval",
    "RequiresSMSApproval",
    "RequiresWorkflowApproval",
    "Triggered",
)
# The account's currency, as account-info names it and as summaries write it.
CURRENCY = "GBP"
CURRENCY_SIGN = "£"
SEND_WAITING = ("NotSent", "Scheduled", "Sending")
SPLIT_TEST_METRICS = ("Opens", "Clicks", "ROI")
REPLY_ACTIONS = ("Unset", "WebMailForward", "Webmail", "Delete")

# --- People -----------------------------------------------------------------------------------------------
OPT_IN_TYPES = ("Unknown", "Single", "Double", "VerifiedDouble")
EMAIL_TYPES = ("PlainText", "Html")
V3_EMAIL_STATUS_WRITE = ("subscribed", "unsubscribed", "suppressed")
V3_CHANNEL_STATUS_WRITE = ("noSubscription", "subscribed", "unsubscribed", "suppressed")
LOCALES = frozenset(
    [
        "cs-CS",
        "da-DA",
        "de-DE",
        "el-EL",
        "en-EN",
        "es-ES",
        "es",
        "fi-FI",
        "fr-FR",
        "hu-HU",
        "it-IT",
        "nl-NL",
        "nb-NO",
        "pl-PL",
        "pt-PT",
        "ru-RU",
        "se-SE",
        "sk-SK",
        "tr-TR",
        "zh-CN",
    ]
)
CONSENT_KEYS = ("TEXT", "DATETIMECONSENTED", "URL", "IPADDRESS", "USERAGENT")
CONSENT_COLUMNS = {
    "consenttext": "text",
    "consenturl": "url",
    "consentdatetime": "dateTimeConsented",
    "consentip": "ipAddress",
    "consentuseragent": "userAgent",
}

# --- Merge options: v2 number, v2 name, v3 body, v3 query -------------------------------------------------
OVERWRITE = "overwrite"
OVERWRITE_IF_NOT_EMPTY = "overwriteIfNotEmpty"
OVERWRITE_IF_EMPTY = "overwriteIfEmpty"
V2_MERGE_OPTIONS = {
    "0": OVERWRITE,
    "overwrite": OVERWRITE,
    "1": OVERWRITE_IF_NOT_EMPTY,
    "onlyoverwriteifnotempty": OVERWRITE_IF_NOT_EMPTY,
    "2": OVERWRITE_IF_EMPTY,
    "onlyoverwriteifcontactdatanotpopulated": OVERWRITE_IF_EMPTY,
}
V3_QUERY_MERGE_OPTIONS = {
    "overwrite": OVERWRITE,
    "overwrite-if-not-empty": OVERWRITE_IF_NOT_EMPTY,
    "overwrite-if-empty": OVERWRITE_IF_EMPTY,
}
V3_BODY_MERGE_OPTIONS = (OVERWRITE, OVERWRITE_IF_NOT_EMPTY, OVERWRITE_IF_EMPTY)

# --- Imports ----------------------------------------------------------------------------------------------
# An import that the quality check refuses: a list or an address with this word in it, or too many role or
# invalid addresses. The vendor's criteria are secret; these are ours.
WATCHDOG_WORD = "watchdog"
ROLE_LOCAL_PARTS = frozenset(
    [
        "abuse",
        "admin",
        "administrator",
        "billing",
        "contact",
        "enquiries",
        "help",
        "hostmaster",
        "info",
        "marketing",
        "noreply",
        "no-reply",
        "office",
        "postmaster",
        "root",
        "sales",
        "security",
        "spam",
        "support",
        "webmaster",
    ]
)
FAULT_REPORT_DAYS = 7
EMPTY_DATE = "0001-01-01T00:00:00Z"
