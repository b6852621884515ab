"""Subscription statuses: v2's words are stored, v3's are told from them."""

from __future__ import annotations

SUBSCRIBED = "Subscribed"
UNSUBSCRIBED = "Unsubscribed"
SUPPRESSED = "Suppressed"
PENDING = "PendingOptIn"
# A contact without an e-mail address; not one of v2's words, for v2 never shows such a contact.
NO_SUBSCRIPTION = "NoSubscription"

# The reasons that suppressed-since gives.
SUPPRESSION_REASONS = [
    "Unsubscribed",
    "SoftBounced",
    "HardBounced",
    "IspComplained",
    "MailBlocked",
    "DirectComplaint",
    "Suppressed",
    "NotAllowed",
    "DomainSuppression",
    "NoMxRecord",
    "SharedSuppression",
]

# No resubscribe lifts these.
FINAL_REASONS = frozenset(("SharedSuppression", "DomainSuppression", "IspComplained"))

# v2's word to v3's e-mail channel status. The definitions give no table; pairs whose words differ are
# assumed.
EMAIL_STATUS_V3 = {
    "Subscribed": "subscribed",
    "Unsubscribed": "unsubscribed",
    "SoftBounced": "softBounced",
    "HardBounced": "hardBounced",
    "IspComplained": "ispComplained",
    "MailBlocked": "blockedlocalpart",
    "PendingOptIn": "pendingOptIn",
    "DirectComplaint": "directComplaint",
    "Deleted": "deleted",
    "SharedSuppression": "sharedsuppression",
    "Suppressed": "suppressed",
    "NotAllowed": "suppressed",
    "DomainSuppression": "domainSuppressed",
    "NoMxRecord": "domainSuppressed",
    "NoSubscription": "noSubscription",
}

# The contact's overall status in v3; every other reason reads "suppressed".
CONTACT_STATUS_V3 = {
    "Subscribed": "subscribed",
    "Unsubscribed": "unsubscribed",
    "PendingOptIn": "pendingOptIn",
    "Deleted": "deleted",
    "NoSubscription": "noSubscription",
}

# v2 import: the counter in the report and the reason in the fault file, by the contact's status.
V2_IMPORT_REFUSALS = {
    "Unsubscribed": ("unsubscribed", "Unsubscribed"),
    "SoftBounced": ("softBounced", "Soft bounced"),
    "HardBounced": ("hardBounced", "Hard bounced"),
    "IspComplained": ("ispComplaints", "Complained to ISP"),
    "DirectComplaint": ("ispComplaints", "Complained to ISP"),
    "MailBlocked": ("mailBlocked", "Mail blocked"),
    "DomainSuppression": ("domainSuppressed", "Suppressed by Domain"),
    "NoMxRecord": ("domainSuppressed", "Suppressed by Domain"),
    "SharedSuppression": ("globallySuppressed", "Globally Suppressed"),
    "PendingOptIn": ("pendingDoubleOptin", "Pending optin"),
    "Suppressed": ("suppressedContacts", "Failures"),
    "NotAllowed": ("suppressedContacts", "Failures"),
}


def contact_status_v3(status: str) -> str:
    return CONTACT_STATUS_V3.get(status, "suppressed")
