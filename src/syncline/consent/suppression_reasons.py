"""Why an address is on the suppression list, in words: Dotdigital's reasons (product.md §8.4), and our own
two for an address that a person here had suppressed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

ASKED: Final = "asked"
"""A person here had the address suppressed, and Dotdigital has not said yet that it did. A full stop."""
ACCEPTED: Final = "accepted"
"""As `asked`, and Dotdigital said that it did; its own list has not been read since."""


@dataclass(frozen=True)
class SuppressionReason:
    """`is_final`: nobody may ask for such a person back, neither here nor at Dotdigital."""

    name: str
    words: str
    is_final: bool = False


REASONS: Final[Mapping[str, SuppressionReason]] = {
    "unsubscribed": SuppressionReason("Unsubscribed", "They unsubscribed from everything."),
    "suppressed": SuppressionReason("Suppressed", "Somebody at your company had them suppressed."),
    "softBounced": SuppressionReason("Soft bounces", "Several e-mails came back: a full mailbox, say."),
    "hardBounced": SuppressionReason("Hard bounce", "The address does not exist, or no longer."),
    "ispComplained": SuppressionReason(
        "Complaint to provider", "They reported an e-mail as spam to their mail provider.", is_final=True
    ),
    "directComplaint": SuppressionReason(
        "Complaint to Dotdigital", "They complained to Dotdigital about an e-mail.", is_final=True
    ),
    "mailBlocked": SuppressionReason("Mail blocked", "The receiving server refuses e-mail to them."),
    "notAllowed": SuppressionReason("Not allowed", "Dotdigital does not allow the address.", is_final=True),
    "domainSuppression": SuppressionReason(
        "Domain suppressed", "Nobody at this domain may be e-mailed.", is_final=True
    ),
    "noMxRecord": SuppressionReason("No mail server", "The domain has no server that takes e-mail."),
    ASKED: SuppressionReason(
        "Not confirmed yet",
        "Suppressed here by hand. Syncline stops for it already; Dotdigital has not confirmed it. "
        "The next Suppressions sync asks it once more.",
    ),
    ACCEPTED: SuppressionReason(
        "Suppressed", "Suppressed here by hand, and Dotdigital did so. Its list shows it with the next sync."
    ),
}


def reason_of(code: str) -> SuppressionReason:
    """A word of Dotdigital's that is not known here is shown as it is, and final: doubt is a stop."""
    return REASONS.get(code) or SuppressionReason(
        code or "Not told", "Dotdigital's own word, which Syncline does not know.", is_final=True
    )
