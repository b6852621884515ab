"""A decision as a row of Dotdigital's bulk import."""

from collections.abc import Mapping

from syncline.consent.gate import Permit
from syncline.dotdigital import ImportRow, encode_row
from syncline.syncs.lists_out.decisions import Decision


def import_row(permit: Permit, decision: Decision, books: Mapping[int, int]) -> bytes:
    """The row, encoded. It needs the permit: there is no other way to an import.

    It carries no subscription status, so that Dotdigital keeps the one it has (contract §13, rules 7 and 13).
    `books`: marketing list → Dotdigital list.
    """
    if permit.address != decision.key:
        raise ValueError("The permit is for another address")
    moved = bool(decision.moved_from) and decision.contact_id is not None
    return encode_row(
        ImportRow(
            email=decision.key,
            contact_id=decision.contact_id if moved else None,
            match="contactId" if moved else "email",
            data_fields=decision.send,
            lists=[books[list_id] for list_id in decision.joins if list_id in books],
        )
    )
