"""A decision as a row of Dotdigital's bulk import."""

from collections.abc import Mapping

from syncline.consent.gate import Permit
from syncline.dotdigital import ImportRow, encode_row
from syncline.syncs.marketing_lists.decisions import Decision


def import_row(permit: Permit, decision: Decision, books: Mapping[int, int]) -> bytes:
    """The row, encoded. It needs the permit: there is no other way to an import.

    It carries no subscription status, so that Dotdigital keeps the one it has (contract §13, rules 7 and 13).
    A contact that is known goes by its id: a changed address moves it, and one that was deleted there is not
    made again (rule 21). `books`: marketing list → Dotdigital list.
    """
    if permit.address != decision.key:
        raise ValueError("The permit is for another address")
    return encode_row(
        ImportRow(
            email=decision.key,
            contact_id=decision.contact_id,
            match="email" if decision.contact_id is None else "contactId",
            data_fields=decision.send,
            lists=[books[list_id] for list_id in decision.joins if list_id in books],
        )
    )
