"""The gate that every write to a person passes. It only ever says no; nothing here can opt anybody in.

When the two sides disagree the more restrictive one wins, and any doubt is a stop (product.md §8). `why`
walks all gates for the explanation that a person reads; `permit` stops at the first that is shut. Both read
the same table, so what is explained is what is done.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

RECEIVES_MAIL: Final = frozenset({"", "subscribed"})
"""E-mail statuses (lower case) that leave somebody as they are: subscribed, or not known to Dotdigital
yet.
"""

MOVED: Final = "moved"
"""Our own mark for an address whose Dotdigital contact was given another address there."""

DELETED: Final = "deleted"
"""Dotdigital's word for a deleted contact, and our mark for one that an import no longer found."""


class Standing(NamedTuple):
    """Everything known about one address that bears on whether it may be written to."""

    address: str
    """Trimmed and lower-cased; begins with `@` where the Dynamics record has no address at all."""
    do_not_bulk_email: bool = False
    """Any Dynamics record with this address says so. `donotbulkemail = true` means do not send."""
    do_not_email: bool = False
    status: str = ""
    """Dotdigital's e-mail status in lower case; empty when Dotdigital does not know the address."""
    suppressed_for: str = ""
    """Reason on Dotdigital's suppression list; empty when the address is not on it."""
    opted_out_as: str = ""
    """A former address of the same person that had opted out when the address was changed."""
    erased: bool = False
    """The person was erased here and had opted out before: see `consent.erased`."""
    on_crm_list: bool = False
    """The address is on the CRM suppression list of Dynamics."""


@dataclass(frozen=True, slots=True)
class Gate:
    """One question: `open_for` is True where the person may pass."""

    code: str
    question: str
    open_for: Callable[[Standing], bool]


GATES: Final = (
    Gate("no_address", "Has an e-mail address", lambda s: not s.address.startswith("@")),
    Gate("invalid_address", "The address is well formed", lambda s: is_deliverable(s.address)),
    Gate("do_not_bulk_email", "Dynamics allows bulk e-mail", lambda s: not s.do_not_bulk_email),
    Gate("do_not_email", "Dynamics allows e-mail", lambda s: not s.do_not_email),
    Gate("suppressed", "Not on Dotdigital's suppression list", lambda s: not s.suppressed_for),
    Gate("on_crm_list", "Not on the CRM suppression list of Dynamics", lambda s: not s.on_crm_list),
    Gate("address_moved", "The Dotdigital contact still has this address", lambda s: s.status != MOVED),
    Gate("deleted_there", "The contact has not been deleted in Dotdigital", lambda s: s.status != DELETED),
    Gate("not_subscribed", "Dotdigital may mail the contact", lambda s: s.status in RECEIVES_MAIL),
    Gate("opted_out_before", "Had not opted out under a former address", lambda s: not s.opted_out_as),
    Gate("erased", "Had not opted out before being erased here", lambda s: not s.erased),
)


class Permit:
    """Proof that an address passed every gate. Only `permit` makes one, and no import row is built without
    one.
    """

    __slots__ = ("address",)

    def __init__(self, address: str, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("Permits are given by consent.gate.permit alone")
        self.address = address


_SEAL: Final = object()


def permit(standing: Standing) -> Permit | str:
    """A permit, or the code of the first gate that is shut."""
    for gate in GATES:
        if not gate.open_for(standing):
            return gate.code
    return Permit(standing.address, _SEAL)


def why(standing: Standing) -> list[tuple[Gate, bool]]:
    """Every gate in order, and whether it is open for this person."""
    return [(gate, gate.open_for(standing)) for gate in GATES]


MAX_ADDRESS: Final = 254
"""Longest address that mail can be sent to (RFC 5321)."""


_USUAL: Final = re.compile(
    r"[a-z0-9_+-]+(\.[a-z0-9_+-]+)*@[a-z0-9]+(-+[a-z0-9]+)*(\.[a-z0-9]+(-+[a-z0-9]+)*)+"
)


def is_deliverable(address: str) -> bool:
    """Whether an address could be an address at all. Dotdigital has the last word; this spares it the
    hopeless.
    """
    if len(address) <= 64 and _USUAL.fullmatch(address):
        return True
    local, at, domain = address.rpartition("@")
    if not at or not local or len(address) > MAX_ADDRESS or len(local) > 64 or "@" in local:
        return False
    if "." not in domain or domain.startswith((".", "-")) or domain.endswith((".", "-")) or ".." in domain:
        return False
    if local.startswith(".") or local.endswith(".") or ".." in local:
        return False
    return address.isprintable() and not any(character in address for character in ' ,;:<>()[]\\"')
